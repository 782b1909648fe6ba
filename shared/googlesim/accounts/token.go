package accounts

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// maxBody is how much of a form is read. Nothing legal comes near it.
const maxBody = 1 << 20

// tokenError is a refusal of the token or revocation endpoint, RFC 6749
// section 5.2 with Google's extra member error_subtype. Clients must branch on
// Code: descriptions are Google's to reword, and are reworded.
type tokenError struct {
	status  int
	Code    string `json:"error"`
	Text    string `json:"error_description,omitempty"`
	URI     string `json:"error_uri,omitempty"`
	Subtype string `json:"error_subtype,omitempty"`
}

func refuse(status int, code, text string) *tokenError {
	return &tokenError{status: status, Code: code, Text: text}
}

// The descriptions are those that Google sends, as reported in public issue
// trackers; none of them is a promise.
func invalidGrant(text string) *tokenError {
	return refuse(http.StatusBadRequest, "invalid_grant", text)
}

// grantAnswer is a successful token response. A refresh answer
// carries no refresh_token, and scope is what was granted, not what was asked.
type grantAnswer struct {
	AccessToken      string `json:"access_token"`
	ExpiresIn        int    `json:"expires_in"`
	RefreshToken     string `json:"refresh_token,omitempty"`
	RefreshExpiresIn int    `json:"refresh_token_expires_in,omitempty"`
	Scope            string `json:"scope"`
	TokenType        string `json:"token_type"`
	IDToken          string `json:"id_token,omitempty"`
}

// token is the token endpoint: client first, then the grant.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	form, bad := readForm(w, r)
	if bad != nil {
		writeJSON(w, bad.status, bad)
		return
	}
	c, bad := s.authenticate(r, form)
	if bad != nil {
		if bad.status == http.StatusUnauthorized && r.Header.Get("Authorization") != "" {
			w.Header().Set("WWW-Authenticate", `Basic realm="accounts"`) // RFC 6749 5.2
		}
		writeJSON(w, bad.status, bad)
		return
	}
	var answer grantAnswer
	switch grantType := form.Get("grant_type"); grantType {
	case "authorization_code":
		answer, bad = s.exchange(c, form, baseURL(r))
	case "refresh_token":
		answer, bad = s.refresh(c, form, baseURL(r))
	case "":
		bad = refuse(http.StatusBadRequest, "invalid_request", "Missing required parameter: grant_type")
	default:
		bad = refuse(http.StatusBadRequest, "unsupported_grant_type", "Invalid grant_type: "+grantType)
	}
	if bad != nil {
		writeJSON(w, bad.status, bad)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

// readForm takes a urlencoded body and nothing else: OAuth parameters in a
// query end up in logs, and RFC 6749 forbids them there.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, *tokenError) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, refuse(http.StatusBadRequest, "invalid_request", "Bad Content-Type: application/x-www-form-urlencoded is needed")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		return nil, refuse(http.StatusBadRequest, "invalid_request", "Bad Request")
	}
	for name, values := range r.PostForm {
		if len(values) > 1 {
			return nil, refuse(http.StatusBadRequest, "invalid_request", "OAuth 2 parameters can only have a single value: "+name)
		}
	}
	return r.PostForm, nil
}

// authenticate finds the client by its id and secret, in the form or in a
// Basic header (client_secret_post, client_secret_basic).
func (s *Server) authenticate(r *http.Request, form url.Values) (Client, *tokenError) {
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if user, pass, ok := r.BasicAuth(); ok {
		// RFC 6749 2.3.1: both are form-encoded within the header.
		id, secret = unescape(user), unescape(pass)
	}
	if id == "" {
		return Client{}, refuse(http.StatusBadRequest, "invalid_request", "Could not determine client ID from request.")
	}
	s.mu.Lock()
	c, ok := s.state.Clients[id]
	s.mu.Unlock()
	switch {
	case !ok:
		return Client{}, refuse(http.StatusUnauthorized, "invalid_client", "The OAuth client was not found.")
	case c.Deleted:
		return Client{}, refuse(http.StatusUnauthorized, "deleted_client", "The OAuth client was deleted.")
	case secret == "":
		return Client{}, refuse(http.StatusBadRequest, "invalid_request", "client_secret is missing.")
	case !sameSecret(secret, c.Secret):
		return Client{}, refuse(http.StatusUnauthorized, "invalid_client", "Unauthorized")
	}
	return c, nil
}

// sameSecret compares in constant time; hashing first hides the length too.
func sameSecret(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

// writeJSON sends what RFC 6749 section 5.1 demands: never cached.
func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Pragma", "no-cache")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) // a client gone away is nobody's error
}

// baseURL is the address that the caller reached this server under, which all
// absolute URLs and the issuer are made from: one handler then works behind
// any port, and a proof may bind it to several.
func baseURL(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + strings.ToLower(r.Host)
	}
	return "http://" + strings.ToLower(r.Host)
}
