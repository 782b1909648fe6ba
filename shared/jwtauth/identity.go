package jwtauth

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"aura.example/integrations/shared/fault"
)

// Identity is who a request is from and what their token lets them do.
type Identity struct {
	Account string
	User    string
	Scopes  []string
}

// May reports whether the token grants a scope.
func (i Identity) May(scope string) bool { return slices.Contains(i.Scopes, scope) }

// Names says under which claims an issuer puts what.
type Names struct {
	Account string
	User    string
	Scope   string
	// ScopePrefix is what the issuer writes before the name of each of our scopes,
	// "" where it writes them as they are. A scope without it is somebody else's
	// and grants nothing here.
	ScopePrefix string
}

// DefaultNames are the claims of the product's own issuer.
func DefaultNames() Names { return Names{Account: "account", User: "sub", Scope: "scope"} }

// maxClaim bounds what becomes part of a key in the store.
const maxClaim = 128

// Identify reads an identity out of verified claims. It refuses a token
// without account or user, one with values that can't be anybody's, and one
// that is an id token by its claims.
func (n Names) Identify(claims map[string]any) (Identity, error) {
	if why := idToken(claims); why != "" {
		return Identity{}, refuse(why)
	}
	id := Identity{}
	for _, s := range scopes(claims[n.Scope]) {
		if ours, ok := strings.CutPrefix(s, n.ScopePrefix); ok && ours != "" {
			id.Scopes = append(id.Scopes, ours)
		}
	}
	for _, c := range []struct {
		name string
		into *string
	}{{n.Account, &id.Account}, {n.User, &id.User}} {
		v, ok := claims[c.name].(string)
		if !ok || !acceptable(v) {
			return Identity{}, refuse(fmt.Sprintf("claim %q is missing or unusable", c.name))
		}
		*c.into = v
	}
	return id, nil
}

// idToken says why claims are those of an id token, "" where they aren't.
// OpenID Connect Core 1.0 section 2 and 3.1.3.6: nonce, at_hash and c_hash are
// in id tokens only. Some issuers name the use outright.
func idToken(claims map[string]any) string {
	for _, c := range []string{"nonce", "at_hash", "c_hash"} {
		if _, ok := claims[c]; ok {
			return "an id token, by its claim " + c
		}
	}
	if use, ok := claims["token_use"]; ok && use != "access" {
		return "its token_use is not access"
	}
	return ""
}

// scopes reads RFC 8693's space-separated string, and the two ways in which a
// list may come: as JSON, and as API Gateway renders one, "[a b]".
func scopes(v any) []string {
	switch s := v.(type) {
	case string:
		s = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
		return strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' })
	case []any:
		var out []string
		for _, x := range s {
			if t, ok := x.(string); ok {
				out = append(out, t)
			}
		}
		return out
	}
	return nil
}

// acceptable holds account and user to what a key can be made of.
func acceptable(s string) bool {
	if s == "" || len(s) > maxClaim || strings.TrimSpace(s) != s {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar })
}

// refuse is the one answer to every token that isn't accepted; why is logged.
func refuse(why string) error {
	return fault.Wrap(fault.Unauthenticated, "unauthorized", Message, fmt.Errorf("token refused: %s", why))
}

// Message is what every refusal says: what to send, never what was wrong.
const Message = "Send a valid token: Authorization: Bearer …"
