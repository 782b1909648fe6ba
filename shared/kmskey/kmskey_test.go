package kmskey_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"aura.example/integrations/shared/devstack"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/kmskey"
	"aura.example/integrations/shared/seal"
	"aura.example/integrations/shared/seal/wraptest"
)

// clientAt makes a client that tries once: what is tested is what comes of an
// answer, not the SDK's patience.
func clientAt(url string) *kms.Client {
	return kms.New(kms.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(url), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}

func TestWrapperConforms(t *testing.T) {
	t.Parallel()
	client := clientAt(devstack.ForTest(t).Moto())
	key, err := client.CreateKey(t.Context(), &kms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	wraptest.Run(t, kmskey.New(client, aws.ToString(key.KeyMetadata.KeyId)))
}

// What KMS answers, by the codes of its API reference; moto gives but a few of
// them.
func TestEveryErrorOfKMSIsAFault(t *testing.T) {
	t.Parallel()
	tests := []struct {
		code   string
		status int
		want   fault.Kind
		broken bool
	}{
		{"InvalidCiphertextException", 400, fault.Operator, true},
		{"IncorrectKeyException", 400, fault.Operator, true},
		{"NotFoundException", 400, fault.Operator, false},
		{"DisabledException", 409, fault.Operator, false},
		{"KMSInvalidStateException", 409, fault.Operator, false},
		{"AccessDeniedException", 400, fault.Operator, false},
		{"InvalidKeyUsageException", 400, fault.Operator, false},
		{"ThrottlingException", 400, fault.Transient, false},
		{"LimitExceededException", 400, fault.Transient, false},
		{"KeyUnavailableException", 500, fault.Transient, false},
		{"DependencyTimeoutException", 503, fault.Transient, false},
		{"KMSInternalException", 500, fault.Transient, false},
		{"SomethingNew", 502, fault.Transient, false},
	}
	for _, tt := range tests {
		t.Run(tt.code, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/x-amz-json-1.1")
				w.WriteHeader(tt.status)
				_, _ = fmt.Fprintf(w, `{"__type":%q,"message":"canary"}`, tt.code)
			}))
			defer srv.Close()
			w := kmskey.New(clientAt(srv.URL), "key")
			_, _, made := w.NewKey(t.Context(), "tokens")
			_, opened := w.Unwrap(t.Context(), "tokens", []byte("wrapped"))
			for _, err := range []error{made, opened} {
				if !fault.Is(err, tt.want) || errors.Is(err, seal.ErrBroken) != tt.broken {
					t.Errorf("%v: broken %v", err, errors.Is(err, seal.ErrBroken))
				}
				if f := fault.Of(err); f == nil || strings.Contains(f.Message, "canary") {
					t.Errorf("KMS's own words would be shown: %v", err)
				}
			}
		})
	}
}

func TestNoAnswerFromKMSIsTransient(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.NotFoundHandler())
	srv.Close() // nobody listens there any more
	if _, err := kmskey.New(clientAt(srv.URL), "key").Unwrap(t.Context(), "tokens", []byte("w")); !fault.Is(err, fault.Transient) {
		t.Errorf("%v", err)
	}
}

// moto, too, says no to a purpose that isn't the one: the encryption context is
// what binds, and it must be sent.
func TestThePurposeIsTheEncryptionContext(t *testing.T) {
	t.Parallel()
	client := clientAt(devstack.ForTest(t).Moto())
	key, err := client.CreateKey(t.Context(), &kms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	plain, wrapped, err := kmskey.New(client, aws.ToString(key.KeyMetadata.KeyId)).NewKey(t.Context(), "tokens")
	if err != nil {
		t.Fatal(err)
	}
	out, err := client.Decrypt(t.Context(), &kms.DecryptInput{
		CiphertextBlob: wrapped, EncryptionContext: map[string]string{"purpose": "tokens"},
	})
	if err != nil || !bytes.Equal(out.Plaintext, plain) {
		t.Errorf("a policy on kms:EncryptionContext:purpose would not fit: %v", err)
	}
	if _, err := kmskey.New(client, "alias/other").Unwrap(t.Context(), "tokens", wrapped); !fault.Is(err, fault.Operator) {
		t.Errorf("under a key that isn't there: %v", err)
	}
}
