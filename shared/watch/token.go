package watch

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"

	"aura.example/integrations/shared/integration"
)

// Keys authenticate channels. Previous is accepted and never used: a key is
// rotated by moving it there, and leaves when the last channel opened under it has
// ended, a week later at Google.
type Keys struct{ Current, Previous []byte }

// Token is what a channel is opened with. It names the integration, since a
// notification names nothing else, and proves that we wrote it for this channel.
func (k Keys) Token(key integration.Key, generation, channel string) string {
	return encode([]byte(key.Account)) + "." + generation + "." + encode(sum(k.Current, key, generation, channel))
}

// Open reads a token that came back. Both keys are tried, whatever the first
// says and however broken the token is, so that all refusals cost the same.
func (k Keys) Open(token, provider, channel string) (key integration.Key, generation string, ok bool) {
	account, rest, _ := strings.Cut(token, ".")
	generation, mac, _ := strings.Cut(rest, ".")
	name, err := base64.RawURLEncoding.Strict().DecodeString(account)
	key = integration.Key{Account: string(name), Provider: provider}
	current := hmac.Equal([]byte(mac), []byte(encode(sum(k.Current, key, generation, channel))))
	previous := hmac.Equal([]byte(mac), []byte(encode(sum(k.Previous, key, generation, channel))))
	ok = err == nil && account == encode(name) && channel != "" && // decoding overlooks line ends
		(current && len(k.Current) > 0 || previous && len(k.Previous) > 0)
	if !ok {
		return integration.Key{}, "", false
	}
	return key, generation, true
}

// sum is over each part with its length, so that no two targets read alike.
func sum(secret []byte, key integration.Key, generation, channel string) []byte {
	h := hmac.New(sha256.New, secret)
	for _, part := range []string{"channel", key.Account, key.Provider, generation, channel} {
		_ = binary.Write(h, binary.BigEndian, uint32(len(part))) // a hash takes everything
		_, _ = h.Write([]byte(part))
	}
	return h.Sum(nil)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
