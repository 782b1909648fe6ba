package main

import (
	"errors"
	"fmt"
	"io"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/seal"
)

type resealCommand struct {
	Account string `arg:"" optional:"" help:"Only this account's; without it, everybody's."`
}

type resealedAnswer struct {
	Resealed int      `json:"resealed"`
	Gone     int      `json:"gone_meanwhile"`
	Failed   []string `json:"failed"` // accounts
}

// Run seals stored tokens anew under today's data key, wrapped by the key that
// is configured now. Where tokens are renewed meanwhile they are sealed anew by
// that. Killed half way, it is run again.
func (s *resealCommand) Run(c *call) error {
	if c.wrapper == nil {
		return errors.New("KMS_KEY_ID is missing")
	}
	tokens := connect.Tokens{
		Credentials: c.db.Credentials, Now: c.now,
		Vault: &connect.Vault{Sealer: seal.New(c.wrapper, c.db.Credentials, c.now)},
	}
	a := resealedAnswer{Failed: []string{}}
	err := c.operator.Credentials(c, func(cred integration.Credential) error {
		if s.Account != "" && cred.Key.Account != s.Account {
			return nil
		}
		err := tokens.Reseal(c, cred.Key, cred.Generation)
		switch {
		case fault.Is(err, fault.NotFound):
			a.Gone++
		case err != nil:
			a.Failed = append(a.Failed, cred.Key.Account)
			c.progress("account %s, generation %s: %s", cred.Key.Account, cred.Generation, plain(err))
		default:
			a.Resealed++
		}
		if n := a.Resealed + a.Gone + len(a.Failed); n%100 == 0 {
			c.progress("%d credentials looked at …", n)
		}
		return c.Err()
	})
	if err != nil {
		return fmt.Errorf("after %d credentials: %w", a.Resealed, err)
	}
	if err := c.say(a); err != nil {
		return err
	}
	if len(a.Failed) > 0 {
		return fmt.Errorf("%d credentials could not be sealed anew and are as they were", len(a.Failed))
	}
	return nil
}

func (a resealedAnswer) text(w io.Writer) {
	fmt.Fprintf(w, "Sealed %d credentials anew; %d were destroyed meanwhile.\n", a.Resealed, a.Gone)
}
