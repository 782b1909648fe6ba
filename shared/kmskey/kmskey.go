// Package kmskey wraps data keys with AWS KMS. The purpose is the encryption
// context, so that a key wrapped for one purpose doesn't unwrap for another, and
// a policy can say which function may unwrap what.
package kmskey

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"aura.example/integrations/shared/seal"
)

// Wrapper is a seal.KeyWrapper over one KMS key. It is safe for concurrent use.
type Wrapper struct {
	client *kms.Client
	key    string
}

var _ seal.KeyWrapper = (*Wrapper)(nil)

// New makes a Wrapper over the key with an id, ARN or alias.
func New(client *kms.Client, key string) *Wrapper { return &Wrapper{client, key} }

// NewKey makes a 256-bit data key. Errors are Transient where trying again may
// help, else Operator. The SDK has tried three times.
func (w *Wrapper) NewKey(ctx context.Context, purpose string) (plain, wrapped []byte, err error) {
	out, err := w.client.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{
		KeyId: aws.String(w.key), KeySpec: types.DataKeySpecAes256, EncryptionContext: map[string]string{"purpose": purpose},
	})
	if err != nil {
		return nil, nil, failed("making a data key", err)
	}
	return out.Plaintext, out.CiphertextBlob, nil
}

// Unwrap gives a data key back, for the purpose that it was made for. One that
// was altered, or wrapped for another purpose or under another key, is Operator
// and seal.ErrBroken: it never will unwrap.
func (w *Wrapper) Unwrap(ctx context.Context, purpose string, wrapped []byte) ([]byte, error) {
	out, err := w.client.Decrypt(ctx, &kms.DecryptInput{
		KeyId: aws.String(w.key), CiphertextBlob: wrapped, EncryptionContext: map[string]string{"purpose": purpose},
	})
	if err != nil {
		return nil, failed("unwrapping a data key", err)
	}
	return out.Plaintext, nil
}
