package accounts

import (
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// authRequest is a checked authorization request.
type authRequest struct {
	client      Client
	redirectURI string
	state       string
	nonce       string
	scopes      []string // canonical, sorted
	challenge   string
	method      string // plain or S256; empty without PKCE
	offline     bool
	included    bool // include_granted_scopes=true
	loginHint   string
	prompt      []string
}

func (a authRequest) prompts(p string) bool { return slices.Contains(a.prompt, p) }

// refusal is an authorization error that is shown to the person as a page.
// There is no callback: Google does not redirect to an address that it could
// not check, nor for the other errors listed here. Source:
// https://developers.google.com/identity/protocols/oauth2/web-server#authorization-errors
type refusal struct {
	status int
	code   string // as Google prints it: "Error 400: redirect_uri_mismatch"
	detail string
}

func invalidRequest(detail string) *refusal {
	return &refusal{http.StatusBadRequest, "invalid_request", detail}
}

// authParams are the parameters an authorization request may carry; the
// consent form sends them back in hidden fields.
var authParams = []string{
	"client_id", "redirect_uri", "response_type", "scope", "state", "nonce",
	"code_challenge", "code_challenge_method", "access_type", "prompt",
	"include_granted_scopes", "login_hint",
}

// RFC 7636 section 4.1: 43 to 128 unreserved characters.
var pkceValue = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`)

// parseAuth checks an authorization request. The order matters: until client
// and redirect URI are known to belong together nothing may be sent anywhere.
func (s *Server) parseAuth(v url.Values) (authRequest, *refusal) {
	for _, p := range authParams {
		if len(v[p]) > 1 {
			return authRequest{}, invalidRequest("OAuth 2 parameters can only have a single value: " + p)
		}
	}
	a := authRequest{
		redirectURI: v.Get("redirect_uri"),
		state:       v.Get("state"),
		nonce:       v.Get("nonce"),
		scopes:      parseScopes(v.Get("scope")),
		included:    v.Get("include_granted_scopes") == "true",
		loginHint:   v.Get("login_hint"),
		prompt:      strings.Fields(v.Get("prompt")),
	}
	if v.Get("client_id") == "" {
		return a, invalidRequest("Missing required parameter: client_id")
	}
	s.mu.Lock()
	c, ok := s.state.Clients[v.Get("client_id")]
	s.mu.Unlock()
	switch {
	case !ok:
		return a, &refusal{http.StatusUnauthorized, "invalid_client", "The OAuth client was not found."}
	case c.Deleted:
		return a, &refusal{http.StatusUnauthorized, "deleted_client", "The OAuth client was deleted."}
	case a.redirectURI == "":
		return a, invalidRequest("Missing required parameter: redirect_uri")
	case !c.allowsRedirect(a.redirectURI):
		return a, &refusal{http.StatusBadRequest, "redirect_uri_mismatch",
			"The redirect URI in the request, " + a.redirectURI + ", does not match the ones authorized for the OAuth client."}
	}
	a.client = c
	return a, a.parseRest(v)
}

// parseRest checks what does not concern the client.
func (a *authRequest) parseRest(v url.Values) *refusal {
	switch v.Get("response_type") {
	case "code":
	case "":
		return invalidRequest("Required parameter is missing: response_type")
	default:
		return &refusal{http.StatusBadRequest, "unsupported_response_type", "Invalid response_type: " + v.Get("response_type")}
	}
	if len(a.scopes) == 0 {
		return invalidRequest("Missing required parameter: scope")
	}
	for _, sc := range a.scopes {
		if _, ok := scopeText(sc); !ok {
			return &refusal{http.StatusBadRequest, "invalid_scope", "Some requested scopes cannot be shown: [" + sc + "]"}
		}
	}
	switch v.Get("access_type") {
	case "offline":
		a.offline = true
	case "", "online":
	default:
		return invalidRequest("Invalid parameter value for access_type: " + v.Get("access_type"))
	}
	for _, p := range a.prompt {
		if !slices.Contains([]string{"none", "consent", "select_account"}, p) || (p == "none" && len(a.prompt) > 1) {
			return invalidRequest("Invalid parameter value for prompt: " + v.Get("prompt"))
		}
	}
	return a.parsePKCE(v.Get("code_challenge"), v.Get("code_challenge_method"))
}

// parsePKCE accepts plain as Google does (its discovery document lists plain
// and S256), and takes a challenge without a method for plain, RFC 7636 4.3.
func (a *authRequest) parsePKCE(challenge, method string) *refusal {
	if challenge == "" {
		if method != "" {
			return invalidRequest("Missing required parameter: code_challenge")
		}
		return nil
	}
	if method == "" {
		method = "plain"
	}
	if method != "plain" && method != "S256" {
		return invalidRequest("Invalid parameter value for code_challenge_method: " + method)
	}
	if !pkceValue.MatchString(challenge) {
		return invalidRequest("Invalid parameter value for code_challenge")
	}
	a.challenge, a.method = challenge, method
	return nil
}

// allowsRedirect compares exactly, except for loopback URIs where the client
// allows them all, as the local run's client does.
func (c Client) allowsRedirect(uri string) bool {
	if slices.Contains(c.RedirectURIs, uri) {
		return true
	}
	u, err := url.Parse(uri)
	if !c.AnyLoopback || err != nil || u.Fragment != "" || u.User != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || (ip != nil && ip.IsLoopback())
}
