// Package seal keeps tokens unreadable at rest: AES-256-GCM under data keys
// that only a key service can unwrap.
//
// One data key serves a purpose for a day; it is kept wrapped, in the
// credentials table, and cached unwrapped in memory for minutes, because a key
// service call per sync would cost more than the database does. What a
// ciphertext belongs to is its additional data, so that one that is moved to
// another row does not open.
package seal

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Binding is what a ciphertext belongs to; it opens with the very same one only.
type Binding struct {
	Account    string
	Provider   string
	Purpose    string
	Generation string
}

// aad renders the binding unambiguously: each part with its length before it.
func (b Binding) aad() []byte {
	var out []byte
	for _, s := range []string{b.Account, b.Provider, b.Purpose, b.Generation} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(s)))
		out = append(out, s...)
	}
	return out
}

// Envelope is a sealed value: version 1 is nonce and ciphertext under the data
// key that KeyID names.
type Envelope struct {
	Version int
	KeyID   string
	Data    []byte
}

// DataKey is a data key as stored: wrapped.
type DataKey struct {
	ID      string
	Purpose string
	Wrapped []byte
	Created time.Time
}

// KeyWrapper is the key service. Implementations bind the wrapping to the
// purpose (KMS: the encryption context), so that a key wrapped for one purpose
// doesn't unwrap for another.
type KeyWrapper interface {
	// NewKey makes a 32-byte data key and gives it plain and wrapped.
	NewKey(ctx context.Context, purpose string) (plain, wrapped []byte, err error)
	// Unwrap gives the plain key.
	Unwrap(ctx context.Context, purpose string, wrapped []byte) ([]byte, error)
}

// KeyStore keeps wrapped data keys.
type KeyStore interface {
	// DataKey gives a key; NotFound.
	DataKey(ctx context.Context, id string) (DataKey, error)
	// AddDataKey stores a key on condition that the id is free, and gives back
	// the one that is stored now: the loser of a race adopts the winner's.
	AddDataKey(ctx context.Context, k DataKey) (DataKey, error)
}

// ErrBroken is a ciphertext that doesn't open: altered, moved to another row,
// or sealed under a key that isn't the one named. Never retried; an alarm.
var ErrBroken = errors.New("seal: the ciphertext does not open here")

// Sealer seals and opens. It is safe for concurrent use.
type Sealer struct {
	wrapper KeyWrapper
	store   KeyStore
	now     func() time.Time

	mu      sync.Mutex
	cache   map[string]cached
	flights map[string]*flight
}

// New makes a Sealer.
func New(wrapper KeyWrapper, store KeyStore, now func() time.Time) *Sealer {
	return &Sealer{wrapper: wrapper, store: store, now: now, cache: map[string]cached{}, flights: map[string]*flight{}}
}

// Seal seals a value under the purpose's key of the day.
func (s *Sealer) Seal(ctx context.Context, b Binding, plain []byte) (Envelope, error) {
	id := b.Purpose + "-" + s.now().UTC().Format("2006-01-02")
	key, err := s.current(ctx, b.Purpose, id)
	if err != nil {
		return Envelope{}, fmt.Errorf("sealing for %s: %w", b.Purpose, err)
	}
	gcm, err := newGCM(key)
	if err != nil {
		return Envelope{}, err
	}
	nonce := make([]byte, gcm.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return Envelope{}, fmt.Errorf("making a nonce: %w", err)
	}
	return Envelope{Version: 1, KeyID: id, Data: gcm.Seal(nonce, nonce, plain, b.aad())}, nil
}

// Open opens a sealed value. ErrBroken means that it can't be opened here, ever.
func (s *Sealer) Open(ctx context.Context, b Binding, e Envelope) ([]byte, error) {
	if e.Version != 1 {
		return nil, fmt.Errorf("envelope version %d: %w", e.Version, ErrBroken)
	}
	if !strings.HasPrefix(e.KeyID, b.Purpose+"-") {
		return nil, fmt.Errorf("sealed for another purpose: %w", ErrBroken)
	}
	key, err := s.named(ctx, b.Purpose, e.KeyID)
	if err != nil {
		return nil, fmt.Errorf("opening for %s: %w", b.Purpose, err)
	}
	gcm, err := newGCM(key)
	if err != nil {
		return nil, err
	}
	if len(e.Data) < gcm.NonceSize() {
		return nil, fmt.Errorf("envelope of %d bytes: %w", len(e.Data), ErrBroken)
	}
	plain, err := gcm.Open(nil, e.Data[:gcm.NonceSize()], e.Data[gcm.NonceSize():], b.aad())
	if err != nil {
		return nil, ErrBroken
	}
	return plain, nil
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("using a data key of %d bytes: %w", len(key), err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("using a data key: %w", err)
	}
	return gcm, nil
}
