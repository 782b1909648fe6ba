package jwtauth

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

const (
	keysFresh   = 10 * time.Minute // a key that was withdrawn is believed no longer than this
	keysUsable  = time.Hour        // unless the issuer doesn't answer: then no longer than this
	keysRetry   = 30 * time.Second // between two fetches, whatever the reason
	keysTimeout = 5 * time.Second
	keysMax     = 256 << 10 // bytes of a key set
	keysCount   = 64        // keys of a key set
	rsaBits     = 2048      // shorter RSA keys are refused (RFC 7518, section 3.3)
)

// errUnknownKey is a key id that the issuer's key set doesn't hold.
var errUnknownKey = errors.New("the key id is not in the issuer's key set")

// keys is the issuer's key set, fetched on demand.
type keys struct {
	url    string
	client *http.Client
	now    func() time.Time

	mu    sync.Mutex // held while fetching: whoever comes meanwhile waits for the same answer
	set   map[string]jwt.Keyfunc
	at    time.Time // of the set
	tried time.Time // of the last fetch, successful or not
	err   error     // of the last fetch
}

// find gives the key that a token names. It fetches the key set where it has
// none, where it is old, and where it doesn't hold the key, and never sooner
// than keysRetry after the last fetch.
//
// Where the issuer doesn't answer, the keys that are known go on being used for
// a while: its outage needn't be ours. After that nobody gets in, which is a
// keysError rather than a refusal.
func (k *keys) find(ctx context.Context, t *jwt.Token) (any, error) {
	kid, _ := t.Header["kid"].(string)
	if kid == "" {
		return nil, errors.New("the token names no key")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	fresh := k.set != nil && now.Before(k.at.Add(keysFresh))
	key, known := k.set[kid]
	if (!fresh || !known) && !now.Before(k.tried.Add(keysRetry)) {
		k.tried = now
		var set map[string]jwt.Keyfunc
		if set, k.err = k.fetch(ctx); k.err == nil {
			k.set, k.at, fresh = set, now, true
		}
		key, known = k.set[kid]
	}
	switch {
	case !now.Before(k.at.Add(keysUsable)):
		return nil, &keysError{cause: k.err}
	case !known:
		return nil, errUnknownKey
	}
	return strong(key, t)
}

// keysError says that the issuer's keys can't be had.
type keysError struct{ cause error }

func (e *keysError) Error() string {
	return fmt.Sprintf("the issuer's keys can't be had: %v", e.cause)
}

func (e *keysError) Unwrap() error { return e.cause }

// fetch gets the key set, bounded in time, bytes and keys.
func (k *keys) fetch(ctx context.Context) (map[string]jwt.Keyfunc, error) {
	// Not the caller's deadline alone: one impatient caller must not make the
	// fetch fail for everybody who waits for it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keysTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, k.url, nil)
	if err != nil {
		return nil, fmt.Errorf("fetching the key set: %w", err)
	}
	resp, err := k.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetching the key set: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetching the key set: answered %d", resp.StatusCode)
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, keysMax+1))
	if err != nil {
		return nil, fmt.Errorf("reading the key set: %w", err)
	}
	if len(raw) > keysMax {
		return nil, fmt.Errorf("the key set is over %d bytes", keysMax)
	}
	return parseKeys(raw)
}

// parseKeys reads a key set. Keys that aren't for verifying signatures of the
// accepted algorithms, or can't be read, are left out one by one: an issuer may
// publish kinds that are no business of ours.
func parseKeys(raw []byte) (map[string]jwt.Keyfunc, error) {
	var doc struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("reading the key set: %w", err)
	}
	if len(doc.Keys) > keysCount {
		return nil, fmt.Errorf("the key set holds %d keys, at most %d are read", len(doc.Keys), keysCount)
	}
	set := make(map[string]jwt.Keyfunc, len(doc.Keys))
	for _, one := range doc.Keys {
		var head struct {
			Kid string `json:"kid"`
			Kty string `json:"kty"`
			Use string `json:"use"`
		}
		if json.Unmarshal(one, &head) != nil || head.Kid == "" || head.Use != "" && head.Use != "sig" || head.Kty != "RSA" && head.Kty != "EC" {
			continue
		}
		kf, err := keyfunc.NewJWKJSON(one)
		if err != nil {
			continue
		}
		set[head.Kid] = kf.Keyfunc
	}
	if len(set) == 0 {
		return nil, errors.New("the key set holds no key that can be used")
	}
	return set, nil
}

// strong resolves the key and refuses one that is too weak or of the wrong
// curve, which the signature check alone would not notice.
func strong(find jwt.Keyfunc, t *jwt.Token) (any, error) {
	key, err := find(t)
	if err != nil {
		return nil, fmt.Errorf("resolving the key: %w", err)
	}
	switch k := key.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < rsaBits {
			return nil, fmt.Errorf("the RSA key has %d bits, fewer than %d", k.N.BitLen(), rsaBits)
		}
	case *ecdsa.PublicKey:
		if k.Curve != elliptic.P256() {
			return nil, errors.New("the EC key is not on P-256, ES256's curve")
		}
	default:
		return nil, fmt.Errorf("a key of kind %T verifies nothing here", key)
	}
	return key, nil
}
