package connect_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/fault"
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
