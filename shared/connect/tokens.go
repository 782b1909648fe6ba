package connect

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/seal"
)

// early is how long before its expiry a token counts as expired, so that it
// doesn't expire on its way.
const early = time.Minute

// Codes of a credential that is lost, in one of two ways.
const (
	CodeRejected = "credentials_rejected" // refused in the ordinary course
	CodeRevoked  = "access_revoked"       // refused while still within its lifetime: somebody took it away
)

// Tokens gives out valid access tokens, renewing them where needed.
type Tokens struct {
	Credentials integration.Credentials
	Vault       *Vault
	Authorizers map[string]Authorizer
	Now         func() time.Time
	// Pause waits before a credential is looked at once more, or gives up with the
	// context. A provider that rotates refuses the old token as soon as a winner has
	// asked, a moment before that winner has stored the new one. nil looks once.
	Pause func(ctx context.Context, d time.Duration) error
}

// Whoever was refused looks so often, so far apart, for what somebody else may
// just be storing, before a connection is declared lost.
const (
	looks     = 3
	lookEvery = 500 * time.Millisecond
)

// Access makes the token source of one run. It reads the credential once, and
// again whenever somebody else may have renewed it: a losing refresher adopts
// the winner's token, and never declares a credential lost that was renewed
// meanwhile.
func (t *Tokens) Access(key integration.Key, generation string) calendar.Access {
	s := &source{t: t, key: key, generation: generation}
	return s.access
}

type source struct {
	t          *Tokens
	key        integration.Key
	generation string

	mu     sync.Mutex
	stored *integration.Credential // that token was opened from; nil before the first read
	token  Token
}

func (s *source) access(ctx context.Context, refused string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stored == nil {
		if err := s.load(ctx); err != nil {
			return "", err
		}
	}
	if s.usable(refused) {
		return s.token.Access, nil
	}
	return s.renew(ctx, refused)
}

func (s *source) usable(refused string) bool {
	return s.token.Access != "" && s.token.Access != refused && s.t.Now().Add(early).Before(s.token.Expiry)
}

// load reads and opens the stored credential.
func (s *source) load(ctx context.Context) error {
	c, err := s.t.Credentials.Credential(ctx, s.key, s.generation)
	if fault.Is(err, fault.NotFound) {
		return fault.Wrap(fault.CredentialGone, CodeRejected, integration.MessageCredentialsExpired, err)
	}
	if err != nil {
		return fmt.Errorf("reading the credential: %w", err)
	}
	tok, err := s.t.Vault.open(ctx, c)
	if err != nil {
		return unopened(err)
	}
	s.stored, s.token = c, tok
	return nil
}

// renewals bounds how often one call follows those who renew at the same time.
const renewals = 4

// renew refreshes the token and stores it on condition of the version that was
// read. A refused refresh of what is no longer stored says nothing about what
// is: then the newer credential is used, or renewed in its turn.
func (s *source) renew(ctx context.Context, refused string) (string, error) {
	for range renewals {
		revoked := refused != "" && refused == s.token.Access && s.t.Now().Before(s.token.Expiry)
		fresh, err := s.t.Authorizers[s.key.Provider].Refresh(ctx, s.token)
		if err == nil {
			return s.keep(ctx, refused, fresh)
		}
		if !fault.Is(err, fault.CredentialGone) {
			return "", fmt.Errorf("renewing access: %w", err)
		}
		newer, lerr := s.lost(ctx)
		switch {
		case lerr != nil:
			return "", lerr
		case !newer && revoked:
			return "", fault.Wrap(fault.CredentialGone, CodeRevoked, integration.InfoOf(integration.ReasonCredentialsRevoked).Message, err)
		case !newer:
			return "", fault.Wrap(fault.CredentialGone, CodeRejected, integration.MessageCredentialsExpired, err)
		case s.usable(refused):
			return s.token.Access, nil
		}
	}
	return "", fault.New(fault.Transient, "credential_contended", "The credential keeps changing.")
}

// keep stores a renewed token.
func (s *source) keep(ctx context.Context, refused string, fresh Token) (string, error) {
	cred := *s.stored
	var err error
	if cred.Sealed, err = s.t.Vault.seal(ctx, s.key, s.generation, fresh); err != nil {
		return "", fmt.Errorf("sealing the renewed token: %w", err)
	}
	stored, err := s.t.Credentials.Refresh(ctx, cred)
	if fault.Is(err, fault.Stale) { // somebody was first, or our own write's acknowledgement was lost
		if err := s.load(ctx); err != nil {
			return "", err
		}
		if s.usable(refused) {
			return s.token.Access, nil
		}
		return fresh.Access, nil // good for this run all the same
	}
	if err != nil {
		return "", fmt.Errorf("storing the renewed token: %w", err)
	}
	s.stored, s.token = &stored, fresh
	return fresh.Access, nil
}

// lost looks once more, strongly, at a credential whose refresh was refused: a
// losing refresher must not kill a healthy connection. newer says that somebody
// has stored another one meanwhile, which is loaded then.
//
// One that is dead no longer counts among its person's live ones, on the very
// condition that it is what is stored: it must not keep the grant from being
// revoked when the last living one goes.
func (s *source) lost(ctx context.Context) (newer bool, err error) {
	was := *s.stored
	for look := 0; ; look++ {
		if err := s.load(ctx); err != nil {
			return false, err
		}
		if s.stored.Version != was.Version {
			return true, nil
		}
		if s.t.Pause == nil || look == looks-1 {
			break
		}
		if err := s.t.Pause(ctx, lookEvery); err != nil {
			return false, fault.Wrap(fault.Transient, "credential_contended", "The sync ran out of time.", err)
		}
	}
	err = s.t.Credentials.Retire(ctx, was)
	if fault.Is(err, fault.Stale) {
		return true, s.load(ctx)
	}
	if err != nil {
		return false, fmt.Errorf("retiring a dead credential: %w", err)
	}
	return false, nil
}

// unopened says what it means that a credential could not be opened: broken is
// for us to mend, and an alarm; that the key service doesn't answer will pass.
func unopened(err error) error {
	if errors.Is(err, seal.ErrBroken) {
		return fault.Wrap(fault.Operator, "credential_sealed", "A stored credential could not be opened.", err)
	}
	if fault.Of(err) == nil {
		return fault.Wrap(fault.Transient, "key_unavailable", "The key service doesn't answer right now.", err)
	}
	return err
}

// Reseal seals a stored credential anew, under the key of today. It is what
// follows a key that may have leaked; a renewed token is sealed anew by itself.
// Whoever renews the token meanwhile has done the same, so that is success.
func (t *Tokens) Reseal(ctx context.Context, key integration.Key, generation string) error {
	c, err := t.Credentials.Credential(ctx, key, generation)
	if err != nil {
		return fmt.Errorf("reading the credential: %w", err)
	}
	tok, err := t.Vault.open(ctx, c)
	if err != nil {
		return unopened(err)
	}
	fresh := *c
	if fresh.Sealed, err = t.Vault.seal(ctx, key, generation, tok); err != nil {
		return fmt.Errorf("sealing the credential anew: %w", err)
	}
	if _, err := t.Credentials.Refresh(ctx, fresh); err != nil && !fault.Is(err, fault.Stale) {
		return fmt.Errorf("storing the credential: %w", err)
	}
	return nil
}
