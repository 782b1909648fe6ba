package jwtauth

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"aura.example/integrations/shared/fault"
)

// keysOnce makes the keys of all tests: RSA takes a while.
var keysOnce = sync.OnceValue(func() (k struct {
	rsa, weak *rsa.PrivateKey
	ec, p384  *ecdsa.PrivateKey
}) {
	var errs [4]error
	k.rsa, errs[0] = rsa.GenerateKey(rand.Reader, 2048)
	k.weak, errs[1] = rsa.GenerateKey(rand.Reader, 1024)
	k.ec, errs[2] = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	k.p384, errs[3] = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	for _, err := range errs {
		if err != nil {
			panic(err)
		}
	}
	return k
})

// issuer publishes keys and counts how often it is asked.
type issuer struct {
	*httptest.Server
	mu      sync.Mutex
	keys    map[string]any
	body    string // instead of keys
	status  int
	fetches atomic.Int64
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	k := keysOnce()
	i := &issuer{keys: map[string]any{"rsa": &k.rsa.PublicKey, "ec": &k.ec.PublicKey, "weak": &k.weak.PublicKey, "p384": &k.p384.PublicKey}, status: 200}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		i.fetches.Add(1)
		i.mu.Lock()
		defer i.mu.Unlock()
		w.WriteHeader(i.status)
		if i.body != "" {
			_, _ = w.Write([]byte(i.body))
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": i.jwks()})
	}))
	t.Cleanup(i.Close)
	return i
}

func b64(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }

func (i *issuer) jwks() []any {
	out := []any{ // what an issuer publishes besides is no business of ours
		map[string]string{"kty": "OKP", "crv": "Ed448", "kid": "odd", "x": "AAAA"}, "nonsense",
		map[string]string{"kty": "oct", "kid": "hmac", "k": base64.RawURLEncoding.EncodeToString([]byte("a secret that everybody can read"))},
	}
	for kid, key := range i.keys {
		switch k := key.(type) {
		case *rsa.PublicKey:
			out = append(out, map[string]string{"kty": "RSA", "kid": kid, "use": "sig", "n": b64(k.N), "e": b64(big.NewInt(int64(k.E)))})
		case *ecdsa.PublicKey:
			raw, err := k.Bytes()
			if err != nil {
				panic(err)
			}
			half := (len(raw) - 1) / 2
			out = append(out, map[string]string{
				"kty": "EC", "kid": kid, "crv": k.Params().Name,
				"x": base64.RawURLEncoding.EncodeToString(raw[1 : 1+half]), "y": base64.RawURLEncoding.EncodeToString(raw[1+half:]),
			})
		}
	}
	return out
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func good() jwt.MapClaims {
	return jwt.MapClaims{
		"iss": "https://id.example.com/", "aud": []string{"other", "aura"}, "sub": "ana", "account": "acme",
		"scope": "integrations:read events:read", "iat": noon.Add(-time.Minute).Unix(), "exp": noon.Add(time.Hour).Unix(),
	}
}

func newVerifier(t *testing.T, i *issuer, now func() time.Time) *Verifier {
	t.Helper()
	v, err := New(Config{Issuer: "https://id.example.com/", Audience: "aura", KeysURL: i.URL, Client: i.Client()}, now)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// sign makes a token; header members and claims override the good ones, nil
// takes one away.
func sign(t *testing.T, method jwt.SigningMethod, key any, header, claims map[string]any) string {
	t.Helper()
	c := good()
	for k, v := range claims {
		if c[k] = v; v == nil {
			delete(c, k)
		}
	}
	tok := jwt.NewWithClaims(method, c)
	for k, v := range header {
		if tok.Header[k] = v; v == nil {
			delete(tok.Header, k)
		}
	}
	s, err := tok.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestGoodTokens(t *testing.T) {
	t.Parallel()
	i, k := newIssuer(t), keysOnce()
	v := newVerifier(t, i, func() time.Time { return noon })
	for name, token := range map[string]string{
		"RS256":                   sign(t, jwt.SigningMethodRS256, k.rsa, map[string]any{"kid": "rsa"}, nil),
		"ES256":                   sign(t, jwt.SigningMethodES256, k.ec, map[string]any{"kid": "ec"}, nil),
		"typ at+jwt":              sign(t, jwt.SigningMethodES256, k.ec, map[string]any{"kid": "ec", "typ": "at+jwt"}, nil),
		"typ application/at+jwt":  sign(t, jwt.SigningMethodES256, k.ec, map[string]any{"kid": "ec", "typ": "application/at+jwt"}, nil),
		"no typ":                  sign(t, jwt.SigningMethodES256, k.ec, map[string]any{"kid": "ec", "typ": nil}, nil),
		"one audience":            sign(t, jwt.SigningMethodES256, k.ec, map[string]any{"kid": "ec"}, map[string]any{"aud": "aura"}),
		"scopes as a list":        sign(t, jwt.SigningMethodES256, k.ec, map[string]any{"kid": "ec"}, map[string]any{"scope": []string{"integrations:read", "events:read"}}),
		"access by its token_use": sign(t, jwt.SigningMethodES256, k.ec, map[string]any{"kid": "ec"}, map[string]any{"token_use": "access"}),
		"expired within leeway":   sign(t, jwt.SigningMethodES256, k.ec, map[string]any{"kid": "ec"}, map[string]any{"exp": noon.Add(-10 * time.Second).Unix()}),
	} {
		id, err := v.Verify(context.Background(), token)
		if err != nil || id.Account != "acme" || id.User != "ana" || !id.May("integrations:read") || !id.May("events:read") || id.May("events:write") {
			t.Errorf("%s: %+v, %v", name, id, err)
		}
	}
	if n := i.fetches.Load(); n != 1 {
		t.Errorf("the keys were fetched %d times", n)
	}
}

// S11, and what else has been tried on verifiers.
func TestAttacks(t *testing.T) {
	t.Parallel()
	i, k := newIssuer(t), keysOnce()
	ec := func(claims map[string]any) string {
		return sign(t, jwt.SigningMethodES256, k.ec, map[string]any{"kid": "ec"}, claims)
	}
	whole := ec(nil)
	parts := strings.Split(whole, ".")
	pub := []byte(b64(k.rsa.N))
	embedded, err := json.Marshal(i.jwks()[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{
		"empty":                      "",
		"no token at all":            "nonsense",
		"two parts":                  parts[0] + "." + parts[1],
		"four parts":                 whole + ".AAAA",
		"no signature":               parts[0] + "." + parts[1] + ".",
		"another's signature":        parts[0] + "." + parts[1] + "." + strings.Split(ec(map[string]any{"sub": "eve"}), ".")[2],
		"changed claims":             parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"https://id.example.com/","aud":"aura","sub":"ana","account":"globex","exp":9999999999}`)) + "." + parts[2],
		"alg none":                   sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, map[string]any{"kid": "ec"}, nil),
		"alg none in capitals":       base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"NONE","kid":"ec"}`)) + "." + parts[1] + ".",
		"HS256 under the public key": sign(t, jwt.SigningMethodHS256, pub, map[string]any{"kid": "rsa"}, nil),
		"HS256 under a published":    sign(t, jwt.SigningMethodHS256, []byte("a secret that everybody can read"), map[string]any{"kid": "hmac"}, nil),
		"RS384":                      sign(t, jwt.SigningMethodRS384, k.rsa, map[string]any{"kid": "rsa"}, nil),
		"PS256":                      sign(t, jwt.SigningMethodPS256, k.rsa, map[string]any{"kid": "rsa"}, nil),
		"ES384":                      sign(t, jwt.SigningMethodES384, k.p384, map[string]any{"kid": "p384"}, nil),
		"RS256 under an EC key":      sign(t, jwt.SigningMethodRS256, k.rsa, map[string]any{"kid": "ec"}, nil),
		"a weak RSA key":             sign(t, jwt.SigningMethodRS256, k.weak, map[string]any{"kid": "weak"}, nil),
		"an unknown key":             sign(t, jwt.SigningMethodES256, k.ec, map[string]any{"kid": "ec2"}, nil),
		"no key named":               sign(t, jwt.SigningMethodES256, k.ec, nil, nil),
		"a key id of another type":   sign(t, jwt.SigningMethodES256, k.ec, map[string]any{"kid": 7}, nil),
		"its own key":                sign(t, jwt.SigningMethodES256, k.ec, map[string]any{"jwk": json.RawMessage(embedded), "jku": "https://evil.example/"}, nil),
		"demanding an extension":     sign(t, jwt.SigningMethodES256, k.ec, map[string]any{"kid": "ec", "crit": []string{"exp2"}}, nil),
		"typ of another kind":        sign(t, jwt.SigningMethodES256, k.ec, map[string]any{"kid": "ec", "typ": "logout+jwt"}, nil),
		"another issuer":             ec(map[string]any{"iss": "https://evil.example/"}),
		"issuer without its slash":   ec(map[string]any{"iss": "https://id.example.com"}),
		"no issuer":                  ec(map[string]any{"iss": nil}),
		"another audience":           ec(map[string]any{"aud": "other"}),
		"no audience":                ec(map[string]any{"aud": nil}),
		"expired":                    ec(map[string]any{"exp": noon.Add(-time.Minute).Unix()}),
		"without an expiry":          ec(map[string]any{"exp": nil}),
		"an expiry as text":          ec(map[string]any{"exp": "tomorrow"}),
		"not yet valid":              ec(map[string]any{"nbf": noon.Add(time.Minute).Unix()}),
		"issued in the future":       ec(map[string]any{"iat": noon.Add(time.Hour).Unix()}),
		"an id token by nonce":       ec(map[string]any{"nonce": "n"}),
		"an id token by at_hash":     ec(map[string]any{"at_hash": "h"}),
		"an id token by its use":     ec(map[string]any{"token_use": "id"}),
		"no account":                 ec(map[string]any{"account": nil}),
		"an empty account":           ec(map[string]any{"account": ""}),
		"an account of another type": ec(map[string]any{"account": []string{"acme"}}),
		"an account too long":        ec(map[string]any{"account": strings.Repeat("a", 129)}),
		"an account with a newline":  ec(map[string]any{"account": "acme\nglobex"}),
		"an account with blanks":     ec(map[string]any{"account": " acme"}),
		"no user":                    ec(map[string]any{"sub": nil}),
		"oversized":                  ec(map[string]any{"padding": strings.Repeat("a", MaxToken)}),
	} {
		v := newVerifier(t, i, func() time.Time { return noon })
		id, err := v.Verify(context.Background(), token)
		if !fault.Is(err, fault.Unauthenticated) || fault.CodeOf(err) != "unauthorized" || fault.Of(err).Message != Message {
			t.Errorf("%s: %+v, %v", name, id, err)
		}
	}
}

// Invented key ids must not make the function hammer the issuer; a key that is
// new at the issuer is found once the bound has passed.
func TestKeysAreFetchedNoMoreThanTheBoundAllows(t *testing.T) {
	t.Parallel()
	i, k := newIssuer(t), keysOnce()
	now := noon
	v := newVerifier(t, i, func() time.Time { return now })
	try := func(kid string) error {
		_, err := v.Verify(context.Background(), sign(t, jwt.SigningMethodES256, k.ec, map[string]any{"kid": kid}, nil))
		return err
	}
	if err := try("ec"); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if err := try("invented"); !fault.Is(err, fault.Unauthenticated) {
			t.Fatal(err)
		}
	}
	if n := i.fetches.Load(); n != 1 {
		t.Errorf("the keys were fetched %d times", n)
	}
	i.mu.Lock()
	i.keys = map[string]any{"rotated": &k.ec.PublicKey}
	i.mu.Unlock()
	if err := try("rotated"); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("before the bound has passed: %v", err)
	}
	now = now.Add(keysRetry)
	if err := try("rotated"); err != nil {
		t.Errorf("once the bound has passed: %v", err)
	}
	if err := try("ec"); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a key that was withdrawn still opens: %v", err)
	}
	now = now.Add(keysFresh)
	if err := try("rotated"); err != nil || i.fetches.Load() != 3 {
		t.Errorf("old keys are looked at again: %d fetches, %v", i.fetches.Load(), err)
	}
}

// While the issuer is down, known keys serve for a while; then nobody gets in,
// and it is said that it isn't the token's fault.
func TestAnIssuerThatIsDown(t *testing.T) {
	t.Parallel()
	i, k := newIssuer(t), keysOnce()
	now := noon
	v := newVerifier(t, i, func() time.Time { return now })
	token := sign(t, jwt.SigningMethodES256, k.ec, map[string]any{"kid": "ec"}, map[string]any{"exp": noon.Add(5 * time.Hour).Unix()})
	check := func(name string, kind fault.Kind) {
		t.Helper()
		_, err := v.Verify(context.Background(), token)
		if fault.KindOf(err) != kind {
			t.Errorf("%s: %v, want %q", name, err, kind)
		}
		if kind == fault.Unavailable && fault.Of(err).RetryAfter <= 0 {
			t.Errorf("%s: no advice when to try again", name)
		}
	}
	i.mu.Lock()
	i.status = 500
	i.mu.Unlock()
	check("down from the start", fault.Unavailable)
	i.mu.Lock()
	i.status = 200
	i.mu.Unlock()
	check("up, but the bound hasn't passed", fault.Unavailable)
	now = now.Add(keysRetry)
	check("up", "")
	i.mu.Lock()
	i.status = 500
	i.mu.Unlock()
	now = now.Add(keysFresh)
	check("down again, keys known", "")
	now = now.Add(keysUsable)
	check("down for too long", fault.Unavailable)
}

func TestKeySetsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"not JSON":         "<html>",
		"no keys":          `{"keys":[]}`,
		"other keys":       `{"keys":[{"kty":"oct","kid":"a","k":"AAAA"}]}`,
		"too many":         `{"keys":[` + strings.Repeat(`{},`, 64) + `{}]}`,
		"too large":        `{"keys":[],"padding":"` + strings.Repeat("a", keysMax) + `"}`,
		"for sealing only": `{"keys":[{"kty":"RSA","kid":"rsa","use":"enc","n":"` + b64(keysOnce().rsa.N) + `","e":"AQAB"}]}`,
	} {
		i := newIssuer(t)
		i.body = body
		v := newVerifier(t, i, func() time.Time { return noon })
		_, err := v.Verify(context.Background(), sign(t, jwt.SigningMethodRS256, keysOnce().rsa, map[string]any{"kid": "rsa"}, nil))
		if !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestConfigurationsThatAreHalfACheck(t *testing.T) {
	t.Parallel()
	whole := Config{Issuer: "i", Audience: "a", KeysURL: "https://id.example.com/keys"}
	for name, change := range map[string]func(*Config){
		"no issuer":           func(c *Config) { c.Issuer = "" },
		"no audience":         func(c *Config) { c.Audience = "" },
		"no keys":             func(c *Config) { c.KeysURL = "" },
		"keys in the clear":   func(c *Config) { c.KeysURL = "http://id.example.com/keys" },
		"keys from a file":    func(c *Config) { c.KeysURL = "file:///etc/passwd" },
		"keys from somewhere": func(c *Config) { c.KeysURL = "/keys" },
	} {
		c := whole
		change(&c)
		if _, err := New(c, time.Now); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	for _, url := range []string{"https://id.example.com/keys", "http://127.0.0.1:1/keys", "http://localhost/keys", "http://[::1]/keys"} {
		c := whole
		c.KeysURL = url
		if _, err := New(c, time.Now); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestScopesHoweverTheyCome(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		claim any
		want  []string
	}{
		{"a b", []string{"a", "b"}}, {"[a b]", []string{"a", "b"}}, {"a,b", []string{"a", "b"}}, {"", nil}, {nil, nil}, {7, nil},
		{[]any{"a", 7, "b"}, []string{"a", "b"}},
	} {
		id, err := DefaultNames().Identify(map[string]any{"account": "acme", "sub": "ana", "scope": c.claim})
		if err != nil || !slices.Equal(id.Scopes, c.want) && len(c.want)+len(id.Scopes) > 0 {
			t.Errorf("%v: %v, %v", c.claim, id.Scopes, err)
		}
	}
}

// With a prefix, only scopes that carry it count, by the rest of their names.
func TestScopesWithAPrefix(t *testing.T) {
	t.Parallel()
	n := DefaultNames()
	n.ScopePrefix = "aura/"
	id, err := n.Identify(map[string]any{"account": "acme", "sub": "ana", "scope": "openid events:read aura/events:write other/aura/events:read aura/"})
	if err != nil || !slices.Equal(id.Scopes, []string{"events:write"}) {
		t.Errorf("%q, %v", id.Scopes, err)
	}
}
