package connect

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/seal"
)

// Purpose names what the data keys of tokens are for.
const Purpose = "tokens"

// Vault turns tokens into credentials that can be stored, and back.
type Vault struct {
	Sealer     *seal.Sealer
	SubjectKey []byte // keys the registry of live credentials by subject
	// Failed is told of tokens that could not be sealed ("seal") or did not open
	// ("open"): that is the operator's, whatever becomes of the run. nil drops it.
	Failed func(ctx context.Context, operation string, err error)
}

// credential makes what is stored of a new grant.
func (v *Vault) credential(ctx context.Context, rec *integration.Integration, t Token) (integration.Credential, error) {
	env, err := v.seal(ctx, rec.Key, rec.ID, t)
	if err != nil {
		return integration.Credential{}, err
	}
	return integration.Credential{
		Key: rec.Key, Generation: rec.ID, Sealed: env, Scopes: rec.Scopes,
		Subject: v.SubjectOf(rec.Provider, rec.Subject),
	}, nil
}

func (v *Vault) seal(ctx context.Context, key integration.Key, generation string, t Token) (seal.Envelope, error) {
	plain, err := json.Marshal(t)
	if err != nil {
		return seal.Envelope{}, fmt.Errorf("encoding a token: %w", err)
	}
	env, err := v.Sealer.Seal(ctx, binding(key, generation), plain)
	if err != nil {
		v.failed(ctx, "seal", err)
	}
	return env, err
}

// open gives the token back; seal.ErrBroken where it doesn't open.
func (v *Vault) open(ctx context.Context, c *integration.Credential) (Token, error) {
	plain, err := v.Sealer.Open(ctx, binding(c.Key, c.Generation), c.Sealed)
	if err != nil {
		v.failed(ctx, "open", err)
		return Token{}, fmt.Errorf("opening the credential: %w", err)
	}
	var t Token
	if err := json.Unmarshal(plain, &t); err != nil {
		// The cause could quote the token, so it is left out.
		return Token{}, fmt.Errorf("decoding a token of %d bytes: %w", len(plain), seal.ErrBroken)
	}
	return t, nil
}

func (v *Vault) failed(ctx context.Context, operation string, err error) {
	if v.Failed != nil && ctx.Err() == nil {
		v.Failed(ctx, operation, err)
	}
}

// SubjectOf is the key under which live credentials of one person are counted:
// a MAC, so that the table doesn't tell who it is.
func (v *Vault) SubjectOf(provider, subject string) string {
	m := hmac.New(sha256.New, v.SubjectKey)
	m.Write([]byte(provider))
	m.Write([]byte{0})
	m.Write([]byte(subject))
	return hex.EncodeToString(m.Sum(nil))
}

func binding(key integration.Key, generation string) seal.Binding {
	return seal.Binding{Account: key.Account, Provider: key.Provider, Purpose: Purpose, Generation: generation}
}
