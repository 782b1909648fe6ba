package oauth

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"aura.example/integrations/shared/fault"
)

// skew is how far Google's clock and ours may differ. An id token lives for an
// hour and is read within seconds of being made, so this decides only between
// clocks, never about old tokens.
const skew = time.Minute

// claims are the members of an id token that are read here.
type claims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience audience `json:"aud"`
	Party    string   `json:"azp"`
	Expires  int64    `json:"exp"` // seconds since 1970
	Nonce    string   `json:"nonce"`
	Email    string   `json:"email"`
}

// audience is one name or a list of names (OpenID Connect Core, section 2).
type audience []string

// UnmarshalJSON implements json.Unmarshaler.
func (a *audience) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		return json.Unmarshal(b, (*[]string)(a))
	}
	var one string
	if err := json.Unmarshal(b, &one); err != nil {
		return err
	}
	*a = audience{one}
	return nil
}

// identify reads an id token that came from the token endpoint and checks that
// it is about this sign-in: who issued it, for whom, until when, for which
// nonce. Invalid otherwise.
//
// The signature is not checked: "If the ID Token is received via direct
// communication between the Client and the Token Endpoint […] the TLS server
// validation MAY be used to validate the issuer in place of checking the token
// signature" (OpenID Connect Core 1.0, section 3.1.3.7, item 6). Config.Check
// sees to it that the communication is TLS, or stays on this machine. So this
// function must never be given an id token from anywhere else.
//
// The identity is sub. The e-mail can change and be given to somebody else; it
// is for people to read.
func (a *Authorizer) identify(raw, nonce string) (claims, error) {
	c, err := decodeIDToken(raw)
	if err == nil {
		err = a.check(c, nonce)
	}
	if err != nil {
		return claims{}, fault.Wrap(fault.Invalid, "identity_refused", "Google's answer didn't prove who signed in.", err)
	}
	return c, nil
}

func decodeIDToken(raw string) (claims, error) {
	if raw == "" {
		return claims{}, errors.New("the answer has no id token")
	}
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return claims{}, fmt.Errorf("the id token has %d parts instead of 3", len(parts))
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return claims{}, errors.New("the id token's payload isn't base64url")
	}
	var c claims
	if err := json.Unmarshal(body, &c); err != nil {
		// The decoder's error quotes what it choked on, so it stays here.
		return claims{}, errors.New("the id token's payload isn't a set of claims")
	}
	return c, nil
}

// check applies section 3.1.3.7, items 2 to 5, 9 and 11, and the presence of a
// subject (section 2: at most 255 ASCII characters).
func (a *Authorizer) check(c claims, nonce string) error {
	switch {
	case !slices.Contains(a.issuers, c.Issuer):
		return errors.New("the id token has another issuer")
	case !slices.Contains(c.Audience, a.conf.ClientID):
		return errors.New("the id token is for another client")
	case len(c.Audience) > 1 && c.Party == "":
		return errors.New("the id token is for several clients and doesn't say which one asked")
	case c.Party != "" && c.Party != a.conf.ClientID:
		return errors.New("the id token was asked for by another client")
	case !a.now().Before(time.Unix(c.Expires, 0).Add(skew)):
		return errors.New("the id token has expired")
	case nonce == "" || subtle.ConstantTimeCompare([]byte(c.Nonce), []byte(nonce)) != 1:
		return errors.New("the id token belongs to another sign-in")
	case c.Subject == "" || len(c.Subject) > 255:
		return errors.New("the id token has no usable subject")
	}
	return nil
}
