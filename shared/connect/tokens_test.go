package connect_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/seal"
)

func TestR9FiftyConcurrentRefreshesMakeOneValidCredential(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rec := w.connected()
	w.clock.Advance(2 * time.Hour) // the first token has expired
	got := make([]string, 50)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			tok, err := w.tokens.Access(key, rec.ID)(t.Context(), "")
			if err != nil {
				t.Errorf("refresher %d: %v", i, err)
			}
			got[i] = tok
		})
	}
	wg.Wait()
	stored, err := w.tokens.Access(key, rec.ID)(t.Context(), "")
	w.must(err)
	adopted := 0
	for _, tok := range got {
		if tok == stored {
			adopted++
		}
	}
	if adopted == 0 {
		t.Error("nobody holds the credential that is stored")
	}
	before := w.provider.refreshes
	if again, err := w.tokens.Access(key, rec.ID)(t.Context(), ""); err != nil || again != stored || w.provider.refreshes != before {
		t.Errorf("the stored credential is renewed again: %v", err)
	}
}

func TestR9ALosingRefresherDoesNotKillAHealthyConnection(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rec := w.connected()
	w.clock.Advance(2 * time.Hour)
	// A provider that rotates: the second use of a refresh token is refused, and
	// somebody else was first, between our read and our refresh.
	inner := w.provider.refresh
	w.provider.refresh = func(n int, tok connect.Token) (connect.Token, error) {
		if n == 1 {
			w.provider.mu.Unlock()
			_, err := w.tokens.Access(key, rec.ID)(t.Context(), "")
			w.provider.mu.Lock()
			if err != nil {
				return connect.Token{}, err
			}
			return connect.Token{}, fault.New(fault.CredentialGone, "invalid_grant", "")
		}
		return inner(n, tok)
	}
	tok, err := w.tokens.Access(key, rec.ID)(t.Context(), "")
	if err != nil || tok != "a2" {
		t.Errorf("the loser got %q, %v; want the winner's token", tok, err)
	}
}

func TestR9ALostReplyOfARefreshSurvives(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rec := w.connected()
	w.clock.Advance(2 * time.Hour)
	inner := w.provider.refresh
	w.provider.refresh = func(n int, tok connect.Token) (connect.Token, error) {
		if n == 1 { // it took effect there; the answer never came
			_, _ = inner(n, tok)
			return connect.Token{}, fault.New(fault.Transient, "timeout", "")
		}
		return inner(n, tok)
	}
	access := w.tokens.Access(key, rec.ID)
	if _, err := access(t.Context(), ""); !fault.Is(err, fault.Transient) {
		t.Fatalf("the lost reply came as %v", err)
	}
	if tok, err := access(t.Context(), ""); err != nil || tok != "a2" {
		t.Errorf("tried again: %q, %v", tok, err)
	}
}

func TestRefusedRefreshesMeanWhatLifecycleSays(t *testing.T) {
	t.Parallel()
	gone := func(int, connect.Token) (connect.Token, error) {
		return connect.Token{}, fault.New(fault.CredentialGone, "invalid_grant", "")
	}
	for _, c := range []struct {
		name    string
		after   time.Duration
		refused string
		refresh func(int, connect.Token) (connect.Token, error)
		kind    fault.Kind
		code    string
	}{
		{"in the ordinary course", 2 * time.Hour, "", gone, fault.CredentialGone, connect.CodeRejected},
		{"after a 401 within the token's lifetime", time.Minute, "a0", gone, fault.CredentialGone, connect.CodeRevoked},
		{"after a 401 of an expired token", 2 * time.Hour, "a0", gone, fault.CredentialGone, connect.CodeRejected},
		{"our registration is refused", 2 * time.Hour, "", func(int, connect.Token) (connect.Token, error) {
			return connect.Token{}, fault.New(fault.Operator, "invalid_client", "")
		}, fault.Operator, "invalid_client"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			rec := w.connected()
			w.clock.Advance(c.after)
			w.provider.refresh = c.refresh
			_, err := w.tokens.Access(key, rec.ID)(t.Context(), c.refused)
			if !fault.Is(err, c.kind) || fault.CodeOf(err) != c.code {
				t.Errorf("%v, want %s %s", err, c.kind, c.code)
			}
		})
	}
}

func TestARefusedTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rec := w.connected()
	access := w.tokens.Access(key, rec.ID)
	first, err := access(t.Context(), "")
	w.must(err)
	var wg sync.WaitGroup
	for range 8 { // eight calls of one run were refused with the same token
		wg.Go(func() {
			if tok, err := access(t.Context(), first); err != nil || tok == first {
				t.Errorf("%q, %v", tok, err)
			}
		})
	}
	wg.Wait()
	if w.provider.refreshes != 1 {
		t.Errorf("renewed %d times, want once", w.provider.refreshes)
	}
}

// A key service that doesn't answer is no operator's matter: it passes. Only a
// ciphertext that doesn't open is.
func TestAKeyServiceThatDoesNotAnswerIsTransient(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fails error
		kind  fault.Kind
		code  string
	}{
		"no answer, in the service's words": {fault.New(fault.Transient, "key_unavailable", "x"), fault.Transient, "key_unavailable"},
		"no answer, in nobody's words":      {errors.New("connection reset"), fault.Transient, "key_unavailable"},
		"refused":                           {fault.New(fault.Operator, "key_refused", "x"), fault.Operator, "key_refused"},
		"broken":                            {seal.ErrBroken, fault.Operator, "credential_sealed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			rec := w.connected()
			w.clock.Advance(10 * time.Minute) // the unwrapped key isn't remembered that long
			down := &connect.Vault{Sealer: seal.New(failing{c.fails}, w.db.Credentials, w.clock.Now), SubjectKey: []byte("subject key")}
			tokens := &connect.Tokens{Credentials: w.db.Credentials, Vault: down, Authorizers: w.flows.Authorizers, Now: w.clock.Now}
			_, err := tokens.Access(key, rec.ID)(t.Context(), "")
			if !fault.Is(err, c.kind) || fault.CodeOf(err) != c.code {
				t.Errorf("%v, want %s %s", err, c.kind, c.code)
			}
		})
	}
}

// failing is a key service that fails.
type failing struct{ err error }

func (f failing) NewKey(context.Context, string) (plain, wrapped []byte, err error) {
	return nil, nil, f.err
}
func (f failing) Unwrap(context.Context, string, []byte) ([]byte, error) { return nil, f.err }

// A refused refresh of what is no longer stored says nothing about what is, even
// where the newer token can't be used as it is: it is renewed in its turn.
func TestR9ANewerButExpiredCredentialIsRenewedAndNotDeclaredLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rec := w.connected()
	w.clock.Advance(2 * time.Hour)
	w.provider.refresh = func(n int, tok connect.Token) (connect.Token, error) {
		switch {
		case n == 1: // somebody else is first, with a token that has expired by the time it is looked at
			w.provider.mu.Unlock()
			_, err := w.tokens.Access(key, rec.ID)(t.Context(), "")
			w.provider.mu.Lock()
			if err != nil {
				return connect.Token{}, err
			}
			return connect.Token{}, fault.New(fault.CredentialGone, "invalid_grant", "")
		case n == 2:
			return connect.Token{Access: "old", Refresh: "r1", Expiry: w.clock.Now()}, nil
		case tok.Refresh == "r1":
			return connect.Token{Access: "good", Refresh: "r2", Expiry: w.clock.Now().Add(time.Hour)}, nil
		}
		return connect.Token{}, fault.New(fault.CredentialGone, "invalid_grant", "")
	}
	if tok, err := w.tokens.Access(key, rec.ID)(t.Context(), ""); err != nil || tok != "good" {
		t.Errorf("%q, %v; want the newer credential renewed", tok, err)
	}
}

// Fifty refreshers at a provider that rotates: each refresh token is good once,
// and a second use is refused. Nobody declares the connection lost.
func TestR9FiftyRefreshersUnderRotation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rec := w.connected()
	w.clock.Advance(2 * time.Hour)
	current, used := "r0", 0
	w.provider.refresh = func(_ int, tok connect.Token) (connect.Token, error) {
		if tok.Refresh != current {
			return connect.Token{}, fault.New(fault.CredentialGone, "invalid_grant", "")
		}
		used++
		current = fmt.Sprintf("r%d", used)
		return connect.Token{Access: fmt.Sprintf("a%d", used), Refresh: current, Expiry: w.clock.Now().Add(time.Hour)}, nil
	}
	winner := &signalling{Credentials: w.db.Credentials, stored: make(chan struct{})}
	w.tokens.Credentials = winner
	w.tokens.Pause = func(ctx context.Context, _ time.Duration) error {
		select { // however slow the winner is here, it stores within a loser's looks
		case <-winner.stored:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	var lost, good atomic.Int32
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			for range 50 { // a job comes back after a transient failure
				_, err := w.tokens.Access(key, rec.ID)(t.Context(), "")
				switch {
				case err == nil:
					good.Add(1)
					return
				case fault.Is(err, fault.CredentialGone):
					lost.Add(1)
				}
			}
		})
	}
	wg.Wait()
	tok, err := w.tokens.Access(key, rec.ID)(t.Context(), "")
	if err != nil || tok != fmt.Sprintf("a%d", used) {
		t.Errorf("stored is %q after %d renewals, %v", tok, used, err)
	}
	t.Logf("R9: 50 refreshers, %d token calls, %d renewals, %d false credentials_expired", w.provider.refreshes, used, lost.Load())
	if good.Load() != 50 || lost.Load() != 0 {
		t.Errorf("%d got a token, %d times the connection was declared lost", good.Load(), lost.Load())
	}
}

// signalling tells when a renewed token was stored.
type signalling struct {
	integration.Credentials
	once   sync.Once
	stored chan struct{}
}

func (s *signalling) Refresh(ctx context.Context, c integration.Credential) (integration.Credential, error) {
	out, err := s.Credentials.Refresh(ctx, c)
	if err == nil {
		s.once.Do(func() { close(s.stored) })
	}
	return out, err
}

// A credential that is dead no longer counts among its person's living ones, and
// its reconnect does again.
func TestR16ADeadCredentialIsRetired(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rec := w.connected()
	others := func() int {
		n, err := w.db.Credentials.OthersOf(t.Context(), w.vault.SubjectOf(key.Provider, "sub-1"), key, "another generation")
		w.must(err)
		return n
	}
	if others() != 1 {
		t.Fatalf("%d live credentials at first", others())
	}
	w.clock.Advance(2 * time.Hour)
	w.provider.refresh = func(int, connect.Token) (connect.Token, error) {
		return connect.Token{}, fault.New(fault.CredentialGone, "invalid_grant", "")
	}
	if _, err := w.tokens.Access(key, rec.ID)(t.Context(), ""); fault.CodeOf(err) != connect.CodeRejected {
		t.Fatal(err)
	}
	if others() != 0 {
		t.Error("a dead credential counts as a living one")
	}
	w.authorize()
	if others() != 1 {
		t.Error("a reconnected one doesn't count")
	}
}

func TestS8ACiphertextMovedToAnotherRowDoesNotOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var alarms []string
	w.vault.Failed = func(_ context.Context, operation string, _ error) { alarms = append(alarms, operation) }
	rec := w.connected()
	cred, err := w.db.Credentials.Credential(t.Context(), key, rec.ID)
	w.must(err)
	stolen := *cred
	stolen.Key.Account = "rival"
	stolen.Generation = "01RIVAL"
	w.must(w.db.Integrations.Apply(t.Context(), rivalChange(stolen)))
	_, err = w.tokens.Access(stolen.Key, stolen.Generation)(t.Context(), "")
	if !fault.Is(err, fault.Operator) || fault.CodeOf(err) != "credential_sealed" {
		t.Errorf("a moved ciphertext gave %v", err)
	}
	if !slices.Equal(alarms, []string{"open"}) {
		t.Errorf("told of %v, want one failed opening", alarms)
	}
}

func TestResealingMovesACredentialToTodaysKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rec := w.connected()
	was, err := w.db.Credentials.Credential(t.Context(), key, rec.ID)
	w.must(err)
	w.clock.Advance(24 * time.Hour)
	w.must(w.tokens.Reseal(t.Context(), key, rec.ID))
	now, err := w.db.Credentials.Credential(t.Context(), key, rec.ID)
	w.must(err)
	if now.Sealed.KeyID == was.Sealed.KeyID || now.Version <= was.Version || now.Subject != was.Subject {
		t.Errorf("key %s then %s, version %d then %d", was.Sealed.KeyID, now.Sealed.KeyID, was.Version, now.Version)
	}
	w.clock.Advance(-24 * time.Hour) // the token hasn't expired by this clock
	if tok, err := w.tokens.Access(key, rec.ID)(t.Context(), ""); err != nil || tok != "a0" {
		t.Errorf("after resealing: %q, %v", tok, err)
	}
}
