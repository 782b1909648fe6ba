package connect

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

const (
	stateRandom = 32 // bytes: 256 bits
	stateTime   = 8
	stateMAC    = 16
	stateLen    = stateRandom + stateTime + stateMAC
)

var b64 = base64.RawURLEncoding

// newState makes a state that nobody else can make.
func newState(flowKey []byte, now time.Time) (string, error) {
	raw := make([]byte, stateRandom, stateLen)
	if _, err := rand.Read(raw); err != nil {
		return "", fmt.Errorf("making a state: %w", err)
	}
	raw = binary.BigEndian.AppendUint64(raw, uint64(now.Unix()))
	raw = append(raw, derive(flowKey, "state", string(raw))[:stateMAC]...)
	return b64.EncodeToString(raw), nil
}

// checkState refuses a state that wasn't made here, and one that is too old.
func checkState(flowKey []byte, state string, now time.Time) error {
	raw, err := b64.DecodeString(state)
	if err != nil || len(raw) != stateLen {
		return errForged()
	}
	body, mac := raw[:stateRandom+stateTime], raw[stateRandom+stateTime:]
	if !hmac.Equal(mac, derive(flowKey, "state", string(body))[:stateMAC]) {
		return errForged()
	}
	made := time.Unix(int64(binary.BigEndian.Uint64(body[stateRandom:])), 0)
	if now.After(made.Add(integration.FlowFor)) {
		return tryAgain(fault.New(fault.Malformed, "state_expired", "This sign-in took longer than 10 minutes, so it is no longer valid. Nothing was changed."))
	}
	return nil
}

func errForged() error {
	return tryAgain(fault.New(fault.Malformed, "state_forged", "This sign-in wasn't started here. Nothing was changed."))
}

func errReplayed() error {
	return tryAgain(fault.New(fault.Malformed, "state_replayed", "This sign-in was finished already. Nothing was changed."))
}

func tryAgain(e *fault.Error) *fault.Error { return e.WithFix("Try again", integration.ActionConnect) }

// hashState is how a state is stored.
func hashState(state string) string {
	sum := sha256.Sum256([]byte(state))
	return hex.EncodeToString(sum[:])
}

// verifier is the PKCE verifier of a flow (RFC 7636: 43 to 128 characters).
func verifier(flowKey []byte, state string) string {
	return b64.EncodeToString(derive(flowKey, "pkce", state))
}

// challenge is the verifier's S256 challenge.
func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return b64.EncodeToString(sum[:])
}

// nonce ties the id token to the flow.
func nonce(flowKey []byte, state string) string {
	return b64.EncodeToString(derive(flowKey, "nonce", state))
}

// derive is HMAC-SHA-256 of a text for one purpose.
func derive(key []byte, purpose, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(purpose))
	m.Write([]byte{0})
	m.Write([]byte(text))
	return m.Sum(nil)
}
