package calendarv3

import (
	"io"
	"net/http"

	"aura.example/integrations/shared/calendar"
)

// bearer signs each request with the access token of the account that the
// context names. Where Google refuses the token (401), it asks for a renewed
// one, naming the refused one, and sends the request once more. What comes back
// then is the answer, a second 401 too.
//
// A token can be refused within its lifetime: the user revoked it, or a key was
// rotated at Google. Waiting for its expiry would fail runs for an hour.
type bearer struct{ base http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b *bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	access, ok := r.Context().Value(accessKey{}).(calendar.Access)
	if !ok {
		closeBody(r.Body)
		return nil, errNoAccess
	}
	token, err := access(r.Context(), "")
	if err != nil {
		closeBody(r.Body)
		return nil, accessError{err}
	}
	resp, err := b.base.RoundTrip(signed(r, token))
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	again, ok := rewound(r)
	if !ok { // the body is gone; the caller gets the refusal
		return resp, nil
	}
	renewed, err := access(r.Context(), token)
	if err != nil {
		resp.Body.Close()
		closeBody(again.Body)
		return nil, accessError{err}
	}
	if renewed == token { // nothing new to try
		closeBody(again.Body)
		return resp, nil
	}
	// Read to the end, or the connection can't carry the second try.
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	return b.base.RoundTrip(signed(again, renewed))
}

// accessError tells an error of access from one of the network: both come back
// through the http.Client, and only one of them is Google's.
type accessError struct{ error }

// Unwrap gives access's own error.
func (e accessError) Unwrap() error { return e.error }

// signed is the request with a token; a RoundTripper may not change the one it
// was given.
func signed(r *http.Request, token string) *http.Request {
	out := r.Clone(r.Context())
	out.Header.Set("Authorization", "Bearer "+token)
	return out
}

// rewound is the request as it was before its body was read.
func rewound(r *http.Request) (*http.Request, bool) {
	if r.Body == nil || r.Body == http.NoBody {
		return r, true
	}
	if r.GetBody == nil {
		return nil, false
	}
	body, err := r.GetBody()
	if err != nil {
		return nil, false
	}
	out := r.Clone(r.Context())
	out.Body = body
	return out, true
}

func closeBody(b io.ReadCloser) {
	if b != nil {
		b.Close()
	}
}
