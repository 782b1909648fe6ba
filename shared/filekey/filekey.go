// Package filekey wraps data keys with a key from a local file: the local run's
// stand-in for a key service, behind the same port.
package filekey

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/seal"
)

// Wrapper is a seal.KeyWrapper over one local key. It is safe for concurrent use.
type Wrapper struct{ gcm cipher.AEAD }

var _ seal.KeyWrapper = (*Wrapper)(nil)

// Ephemeral makes a Wrapper whose key nobody keeps: what it wraps can't be
// unwrapped by another process.
func Ephemeral() (*Wrapper, error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("making a local key: %w", err)
	}
	return over(key)
}

// Open reads the key from a file, making it where there is none, readable for
// its owner alone.
func Open(file string) (*Wrapper, error) {
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return create(file)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the local key: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%s holds no key any more, and what it sealed is lost: `make reset` starts over", filepath.Base(file))
	}
	return over(key)
}

// create writes a fresh key. Linking a finished file into place makes sure that
// of two at once one wins and both use its key.
func create(file string) (*Wrapper, error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("making a local key: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), "key-*")
	if err != nil {
		return nil, fmt.Errorf("storing the local key: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(hex.EncodeToString(key) + "\n")
	// On disk before it has its name: a key that a power cut empties loses
	// whatever was sealed under it.
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return nil, fmt.Errorf("storing the local key: %w", err)
	}
	if err := os.Link(tmp.Name(), file); errors.Is(err, fs.ErrExist) {
		return Open(file)
	} else if err != nil {
		return nil, fmt.Errorf("storing the local key: %w", err)
	}
	return over(key)
}

func over(key []byte) (*Wrapper, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("using the local key: %w", err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("using the local key: %w", err)
	}
	return &Wrapper{gcm}, nil
}

// NewKey makes a 256-bit data key.
func (w *Wrapper) NewKey(_ context.Context, purpose string) (plain, wrapped []byte, err error) {
	plain = make([]byte, 32)
	nonce := make([]byte, w.gcm.NonceSize())
	_, err1 := rand.Read(plain)
	_, err2 := rand.Read(nonce)
	if err := errors.Join(err1, err2); err != nil {
		return nil, nil, fmt.Errorf("making a data key: %w", err)
	}
	return plain, w.gcm.Seal(nonce, nonce, plain, []byte(purpose)), nil
}

// Unwrap gives a data key back, for the purpose that it was made for; any other
// is Operator and seal.ErrBroken, as kmskey's.
func (w *Wrapper) Unwrap(_ context.Context, purpose string, wrapped []byte) ([]byte, error) {
	n := w.gcm.NonceSize()
	if len(wrapped) < n {
		return nil, broken(fmt.Sprintf("it has %d bytes", len(wrapped)))
	}
	plain, err := w.gcm.Open(nil, wrapped[:n], wrapped[n:], []byte(purpose))
	if err != nil {
		return nil, broken("it was altered, or wrapped for another purpose or by another key")
	}
	return plain, nil
}

// broken is what a key service says of a wrapped key that never will unwrap.
func broken(why string) error {
	return fault.Wrap(fault.Operator, "key_broken", "A data key does not unwrap.", fmt.Errorf("%s: %w", why, seal.ErrBroken))
}
