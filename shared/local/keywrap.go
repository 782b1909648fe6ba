package local

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"

	"aura.example/integrations/shared/seal"
)

type interimKey struct{ gcm cipher.AEAD }

func keyWrapper(string) (seal.KeyWrapper, error) {
	b, _ := aes.NewCipher(make([]byte, 32))
	g, _ := cipher.NewGCM(b)
	return interimKey{g}, nil
}
func (k interimKey) NewKey(_ context.Context, p string) ([]byte, []byte, error) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	return raw, k.gcm.Seal(nil, make([]byte, 12), raw, []byte(p)), nil
}
func (k interimKey) Unwrap(_ context.Context, p string, w []byte) ([]byte, error) {
	return k.gcm.Open(nil, make([]byte, 12), w, []byte(p))
}
