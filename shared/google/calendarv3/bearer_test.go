package calendarv3_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/google"
)

// purse is an access whose tokens are scripted; it notes what it was told was
// refused.
type purse struct {
	first, renewed string
	err            error // of the renewal
	told           []string
}

func (p *purse) access(_ context.Context, refused string) (string, error) {
	p.told = append(p.told, refused)
	if refused == "" {
		return p.first, nil
	}
	return p.renewed, p.err
}

// doorkeeper lets one token in.
func doorkeeper(good string, calls *[]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		*calls = append(*calls, r.Header.Get("Authorization"))
		if r.Header.Get("Authorization") != "Bearer "+good {
			says(401, refusal(401, "authError"), "WWW-Authenticate", `Bearer error="invalid_token"`)(w, r)
			return
		}
		says(200, lastPage)(w, r)
	}
}

func TestARefusedTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	storeDown := errors.New("the store is down")
	for _, tc := range []struct {
		name  string
		purse purse
		sent  []string
		told  []string
		kind  fault.Kind // "" where the call succeeds
		is    error
	}{
		{"a good token", purse{first: "good"}, []string{"good"}, []string{""}, "", nil},
		{"a stale one, renewed", purse{first: "stale", renewed: "good"}, []string{"stale", "good"}, []string{"", "stale"}, "", nil},
		{"refused again", purse{first: "stale", renewed: "bad"}, []string{"stale", "bad"}, []string{"", "stale"}, fault.Unauthorized, nil},
		{"nothing new to try", purse{first: "stale", renewed: "stale"}, []string{"stale"}, []string{"", "stale"}, fault.Unauthorized, nil},
		{"the grant is gone", purse{first: "stale", err: fault.New(fault.CredentialGone, "access_revoked", "")}, []string{"stale"}, []string{"", "stale"}, fault.CredentialGone, nil},
		{"the registration is wrong", purse{first: "stale", err: fault.New(fault.Operator, "client_refused", "")}, []string{"stale"}, []string{"", "stale"}, fault.Operator, nil},
		{"an error without a kind", purse{first: "stale", err: storeDown}, []string{"stale"}, []string{"", "stale"}, fault.Internal, storeDown},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			srv := httptest.NewServer(doorkeeper("good", &got))
			defer srv.Close()
			ctx, calls := google.CountCalls(t.Context())
			_, err := dial(t, config(srv.URL), tc.purse.access).Changes(ctx, calendar.Query{Calendar: primary})
			if fault.KindOf(err) != tc.kind || tc.is != nil && !errors.Is(err, tc.is) {
				t.Errorf("%v, want kind %q", err, tc.kind)
			}
			for i := range tc.sent {
				tc.sent[i] = "Bearer " + tc.sent[i]
			}
			if !slices.Equal(got, tc.sent) || !slices.Equal(tc.purse.told, tc.told) {
				t.Errorf("sent %q, told access %q", got, tc.purse.told)
			}
			if calls() != int64(len(tc.sent)) {
				t.Errorf("counted %d calls of %d", calls(), len(tc.sent))
			}
		})
	}
}

func TestWithoutATokenNothingIsSent(t *testing.T) {
	t.Parallel()
	var got []string
	srv := httptest.NewServer(doorkeeper("good", &got))
	defer srv.Close()
	gone := fault.New(fault.CredentialGone, "credentials_rejected", "")
	_, err := dial(t, config(srv.URL), func(context.Context, string) (string, error) { return "", gone }).Calendars(t.Context())
	if !fault.Is(err, fault.CredentialGone) || !errors.Is(err, gone) || len(got) != 0 {
		t.Errorf("%v after sending %q", err, got)
	}
}

// TestARedirectTakesNoTokenAlong: Google sends none; whoever does, gets nothing.
func TestARedirectTakesNoTokenAlong(t *testing.T) {
	t.Parallel()
	var got []string
	elsewhere := httptest.NewServer(doorkeeper("canary-token", &got))
	defer elsewhere.Close()
	r := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	}))
	_, err := r.Changes(t.Context(), calendar.Query{Calendar: primary})
	if !fault.Is(err, fault.Transient) || len(got) != 0 {
		t.Errorf("%v, and elsewhere got %q", err, got)
	}
}
