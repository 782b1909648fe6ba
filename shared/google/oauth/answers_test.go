package oauth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/google/oauth"
)

var old = connect.Token{Access: "canary-old-access", Refresh: "canary-old-refresh"}

// answering is an Authorizer whose token and revocation endpoints answer so.
func answering(t *testing.T, h http.HandlerFunc) *oauth.Authorizer {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return authorizer(t, srv.URL, func() time.Time { return moment })
}

func says(status int, contentType, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

const js = "application/json; charset=utf-8"

// TestTokenEndpointAnswers is the table of what a refusal means, answer by
// answer. Every body holds a canary that no error may repeat.
func TestTokenEndpointAnswers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		answer http.HandlerFunc
		kind   fault.Kind
		code   string
		after  time.Duration
	}{
		{"invalid_grant", says(400, js, `{"error":"invalid_grant","error_description":"canary"}`), fault.CredentialGone, "grant_refused", 0},
		{"invalid_rapt", says(400, js, `{"error":"invalid_grant","error_subtype":"invalid_rapt","error_description":"canary"}`), fault.CredentialGone, "grant_refused", 0},
		{"admin_policy_enforced", says(400, js, `{"error":"admin_policy_enforced"}`), fault.CredentialGone, "policy_refused", 0},
		{"policy_enforced", says(400, js, `{"error":"policy_enforced"}`), fault.CredentialGone, "policy_refused", 0},
		{"invalid_client", says(401, js, `{"error":"invalid_client","error_description":"canary"}`), fault.Operator, "client_refused", 0},
		{"deleted_client", says(401, js, `{"error":"deleted_client"}`), fault.Operator, "client_refused", 0},
		{"unauthorized_client", says(401, js, `{"error":"unauthorized_client"}`), fault.Operator, "client_refused", 0},
		{"invalid_request", says(400, js, `{"error":"invalid_request","error_description":"client_secret is missing."}`), fault.Operator, "client_refused", 0},
		{"redirect_uri_mismatch", says(400, js, `{"error":"redirect_uri_mismatch"}`), fault.Operator, "client_refused", 0},
		{"an error nobody has a name for", says(400, js, `{"error":"new_thing"}`), fault.Refused, "provider_refused", 0},
		{"an error that is no code", says(400, js, `{"error":"canary <b>"}`), fault.Refused, "provider_refused", 0},
		{"an error with success", says(200, js, `{"error":"invalid_grant"}`), fault.CredentialGone, "grant_refused", 0},
		{"429", says(429, js, `{"error":"rate_limit_exceeded"}`, "Retry-After", "9"), fault.Transient, "provider_unavailable", 9 * time.Second},
		{"500 that speaks of the grant", says(500, js, `{"error":"invalid_grant"}`), fault.Transient, "provider_unavailable", 0},
		{"503 as a page", says(503, "text/html", "<h1>canary</h1>", "Retry-After", "30"), fault.Transient, "provider_unavailable", 30 * time.Second},
		{"400 as a page", says(400, "text/html", "<h1>canary</h1>"), fault.Transient, "provider_unreadable", 0},
		{"404 as text", says(404, "text/plain", "canary"), fault.Transient, "provider_unreadable", 0},
		{"a redirect", says(307, "text/html", "canary", "Location", "http://127.0.0.1:9/elsewhere"), fault.Transient, "provider_unreadable", 0},
		{"success as a page", says(200, "text/html", "<h1>canary</h1>"), fault.Transient, "provider_unreadable", 0},
		{"success without a token", says(200, js, `{"refresh_token":"canary"}`), fault.Transient, "provider_unreadable", 0},
		{"success cut short", says(200, js, `{"access_token":"canary`), fault.Transient, "provider_unreadable", 0},
		{"a body that breaks off", says(200, js, `{"access_token":"canary`, "Content-Length", "400"), fault.Transient, "provider_unreadable", 0},
		{"another kind of token", says(200, js, `{"access_token":"canary","token_type":"mac","expires_in":60}`), fault.Refused, "token_type_unknown", 0},
		{"more than anybody sends", says(200, js, "{}", "Content-Length", "99999999999"), fault.Refused, "answer_too_large", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := answering(t, tc.answer)
			_, refreshing := a.Refresh(t.Context(), old)
			_, exchanging := a.Exchange(t.Context(), "canary-code", verifier, callback, nonce)
			for _, err := range []error{refreshing, exchanging} {
				f := fault.Of(err)
				if f == nil || f.Kind != tc.kind || f.Code != tc.code || f.RetryAfter != tc.after {
					t.Errorf("%v, want %s %s after %v", err, tc.kind, tc.code, tc.after)
					continue
				}
				if s := err.Error() + f.Message; strings.Contains(s, "canary") {
					t.Errorf("repeats what it shouldn't: %s", s)
				}
				var original *oauth2.RetrieveError
				if errors.As(err, &original) {
					t.Error("the original is in the chain, and prints the body to whoever logs it")
				}
			}
		})
	}
}

// TestOneRequestACode: guessing how a client signs in would send a code twice,
// and the second time it is used up.
func TestOneRequestACode(t *testing.T) {
	t.Parallel()
	var forms []url.Values
	a := answering(t, func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		forms = append(forms, r.PostForm)
		if r.Header.Get("Authorization") != "" {
			t.Error("signs in by header")
		}
		says(401, js, `{"error":"invalid_client"}`)(w, r)
	})
	_, err := a.Exchange(t.Context(), "the-code", verifier, callback, nonce)
	if len(forms) != 1 || !fault.Is(err, fault.Operator) {
		t.Fatalf("%d requests: %v", len(forms), err)
	}
	for name, want := range map[string]string{
		"grant_type": "authorization_code", "code": "the-code", "code_verifier": verifier, "redirect_uri": callback,
		"client_id": clientID, "client_secret": secret,
	} {
		if got := forms[0].Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// A grant that ends within the hour is none: nothing could sync at night.
func TestExchangeNeedsARefreshToken(t *testing.T) {
	t.Parallel()
	a := answering(t, says(200, js, `{"access_token":"canary","expires_in":3599,"token_type":"Bearer","id_token":"a.b.c"}`))
	_, err := a.Exchange(t.Context(), "code", verifier, callback, nonce)
	if !fault.Is(err, fault.CredentialGone) || fault.CodeOf(err) != "refresh_token_missing" {
		t.Errorf("%v", err)
	}
}

// A subtype is for logs only, but there it is what tells a policy from a
// revocation.
func TestSubtypeIsLogged(t *testing.T) {
	t.Parallel()
	a := answering(t, says(400, js, `{"error":"invalid_grant","error_subtype":"invalid_rapt"}`))
	if _, err := a.Refresh(t.Context(), old); err == nil || !strings.Contains(err.Error(), "400 invalid_grant (invalid_rapt)") {
		t.Errorf("%v", err)
	}
}

// hops fails every request with the same error.
type hops struct{ err error }

func (h hops) RoundTrip(*http.Request) (*http.Response, error) { return nil, h.err }

func TestErrorsOfTheWay(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		err  error
		kind fault.Kind
	}{
		{"no connection", errors.New("connection refused"), fault.Transient},
		{"a refusal wrapped on its way", &oauth2.RetrieveError{Response: &http.Response{StatusCode: 400}, ErrorCode: "invalid_grant", Body: []byte("{}")}, fault.CredentialGone},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := google.Defaults()
			c.ClientID, c.ClientSecret = clientID, secret
			c.HTTPClient = &http.Client{Transport: hops{tc.err}}
			a, err := oauth.New(c, time.Now)
			if err != nil {
				t.Fatal(err)
			}
			_, err = a.Refresh(t.Context(), old)
			if fault.KindOf(err) != tc.kind {
				t.Errorf("%v, want %s", err, tc.kind)
			}
			revoking := a.Revoke(t.Context(), old)
			if !fault.Is(revoking, fault.Transient) {
				t.Errorf("revoking: %v", revoking)
			}
			var address *url.Error
			if errors.As(err, &address) || errors.As(revoking, &address) {
				t.Errorf("the address is in the chain: %v, %v", err, revoking)
			}
		})
	}
}

func TestCancelledCallsSaySo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a := answering(t, says(200, js, "{}"))
	_, err := a.Refresh(ctx, old)
	if !errors.Is(err, context.Canceled) || !fault.Is(err, fault.Transient) {
		t.Errorf("refresh: %v", err)
	}
	if err := a.Revoke(ctx, old); !errors.Is(err, context.Canceled) || !fault.Is(err, fault.Transient) {
		t.Errorf("revoke: %v", err)
	}
}

func TestExpiryIsAlwaysSet(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, body string
		want       time.Duration
	}{
		{"as announced", `{"access_token":"a","expires_in":3599,"token_type":"Bearer"}`, 3599 * time.Second},
		{"not announced", `{"access_token":"a","token_type":"Bearer"}`, 5 * time.Minute},
		{"announced as nothing", `{"access_token":"a","expires_in":0}`, 5 * time.Minute},
		{"announced as negative", `{"access_token":"a","expires_in":-1}`, 5 * time.Minute},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := answering(t, says(200, js, tc.body)).Refresh(t.Context(), old)
			if err != nil || !got.Expiry.Equal(moment.Add(tc.want)) {
				t.Errorf("expires %v, %v", got.Expiry, err)
			}
		})
	}
}

func TestRefreshAdoptsARotatedRefreshToken(t *testing.T) {
	t.Parallel()
	got, err := answering(t, says(200, js, `{"access_token":"a","refresh_token":"new","expires_in":60}`)).Refresh(t.Context(), old)
	if err != nil || got.Refresh != "new" {
		t.Errorf("%q %v", got.Refresh, err)
	}
}

func TestTokenCallsAreCounted(t *testing.T) {
	t.Parallel()
	a := answering(t, says(200, js, `{"access_token":"a","expires_in":60}`))
	ctx, calls := google.CountCalls(t.Context())
	if _, err := a.Refresh(ctx, old); err != nil {
		t.Fatal(err)
	}
	if err := a.Revoke(ctx, old); err != nil {
		t.Fatal(err)
	}
	if calls() != 2 {
		t.Errorf("counted %d of 2", calls())
	}
}

func TestRevokeAnswers(t *testing.T) {
	t.Parallel()
	for status, ok := range map[int]bool{200: true, 400: true, 401: false, 403: false, 307: false, 429: false, 500: false, 503: false} {
		err := answering(t, says(status, js, `{"error":"canary"}`, "Retry-After", "4", "Location", "/revoke")).Revoke(t.Context(), old)
		switch f := fault.Of(err); {
		case ok && err != nil:
			t.Errorf("%d: %v", status, err)
		case !ok && (f == nil || f.Kind != fault.Transient || f.RetryAfter != 4*time.Second):
			t.Errorf("%d: %v", status, err)
		case !ok && strings.Contains(err.Error(), "canary"):
			t.Errorf("%d repeats the body: %v", status, err)
		}
	}
}

func TestRevokeSendsTheTokenInTheBody(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		token connect.Token
		want  string
	}{
		{old, old.Refresh},
		{connect.Token{Access: "only"}, "only"},
		{connect.Token{}, ""}, // nothing to revoke, nothing sent
	} {
		var got, query string
		a := answering(t, func(_ http.ResponseWriter, r *http.Request) { got, query = r.PostFormValue("token"), r.URL.RawQuery })
		if err := a.Revoke(t.Context(), tc.token); err != nil || got != tc.want || query != "" {
			t.Errorf("sent %q in the body and %q in the query: %v", got, query, err)
		}
	}
}
