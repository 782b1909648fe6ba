package connect

import (
	"context"
	"fmt"
	"sync"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// early is how long before its expiry a token counts as expired, so that it
// doesn't expire on its way.
const early = time.Minute

// Codes of a credential that is lost (lifecycle.md: which of the two).
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
}

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
		return fault.Wrap(fault.Operator, "credential_sealed", "A stored credential could not be opened.", err)
	}
	s.stored, s.token = c, tok
	return nil
}

// renew refreshes the token and stores it on condition of the version that was
// read.
func (s *source) renew(ctx context.Context, refused string) (string, error) {
	withinLifetime := refused != "" && refused == s.token.Access && s.t.Now().Before(s.token.Expiry)
	fresh, err := s.t.Authorizers[s.key.Provider].Refresh(ctx, s.token)
	if fault.Is(err, fault.CredentialGone) {
		return s.lost(ctx, refused, withinLifetime, err)
	}
	if err != nil {
		return "", fmt.Errorf("renewing access: %w", err)
	}
	cred := *s.stored
	cred.Sealed, err = s.t.Vault.seal(ctx, s.key, s.generation, fresh)
	if err != nil {
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

// lost decides what a refused refresh means, after looking once more: a losing
// refresher must not kill a healthy connection.
func (s *source) lost(ctx context.Context, refused string, withinLifetime bool, cause error) (string, error) {
	was := s.stored.Version
	if err := s.load(ctx); err != nil {
		return "", err
	}
	if s.stored.Version != was && s.usable(refused) {
		return s.token.Access, nil
	}
	if withinLifetime {
		return "", fault.Wrap(fault.CredentialGone, CodeRevoked, integration.InfoOf(integration.ReasonCredentialsRevoked).Message, cause)
	}
	return "", fault.Wrap(fault.CredentialGone, CodeRejected, integration.MessageCredentialsExpired, cause)
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
		return fault.Wrap(fault.Operator, "credential_sealed", "A stored credential could not be opened.", err)
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
