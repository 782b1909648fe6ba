// Package wraptest is the conformance suite of the key service's port.
package wraptest

import (
	"bytes"
	"errors"
	"testing"

	"aura.example/integrations/shared/seal"
)

// Run holds a key wrapper to what package seal relies on.
func Run(t *testing.T, w seal.KeyWrapper) {
	t.Helper()
	plain, wrapped, err := w.NewKey(t.Context(), "tokens")
	if err != nil {
		t.Fatal(err)
	}
	if len(plain) != 32 || bytes.Contains(wrapped, plain) {
		t.Errorf("a key of %d bytes; the wrapped one holds it plainly: %v", len(plain), bytes.Contains(wrapped, plain))
	}
	got, err := w.Unwrap(t.Context(), "tokens", wrapped)
	if err != nil || !bytes.Equal(got, plain) {
		t.Errorf("unwrapping: %v, the same key: %v", err, bytes.Equal(got, plain))
	}
	if _, err := w.Unwrap(t.Context(), "other", wrapped); !errors.Is(err, seal.ErrBroken) {
		t.Errorf("for another purpose: %v", err)
	}
	altered := bytes.Clone(wrapped)
	altered[len(altered)-1] ^= 1
	if _, err := w.Unwrap(t.Context(), "tokens", altered); !errors.Is(err, seal.ErrBroken) {
		t.Errorf("an altered key: %v", err)
	}
	for _, short := range [][]byte{nil, {1}, wrapped[:len(wrapped)/2]} {
		if _, err := w.Unwrap(t.Context(), "tokens", short); err == nil {
			t.Errorf("%d bytes unwrap", len(short))
		}
	}
	again, _, err := w.NewKey(t.Context(), "tokens")
	if err != nil || bytes.Equal(again, plain) {
		t.Error("two keys are the same")
	}
}
