package kmskey_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"aura.example/integrations/shared/devstack"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/kmskey"
	"aura.example/integrations/shared/seal/wraptest"
)

func newClient(t *testing.T) *kms.Client {
	t.Helper()
	return kms.New(kms.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(devstack.ForTest(t).Moto()),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}

func TestWrapperConforms(t *testing.T) {
	t.Parallel()
	client := newClient(t)
	key, err := client.CreateKey(t.Context(), &kms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	wraptest.Run(t, kmskey.New(client, aws.ToString(key.KeyMetadata.KeyId)))
}

func TestAKeyThatIsNotThereIsAFault(t *testing.T) {
	t.Parallel()
	_, _, err := kmskey.New(newClient(t), "no-such-key").NewKey(t.Context(), "tokens")
	if !fault.Is(err, fault.Transient) {
		t.Errorf("%v", err)
	}
}
