package oauth

import (
	"strings"
	"time"

	"golang.org/x/oauth2"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/fault"
)

// assumedLife is how long an access token counts as good where the answer
// doesn't say. RFC 6749 section 5.1 leaves that to the documentation, and
// Google's says an hour; a few minutes cost a refresh too many, an hour too
// many would cost a run.
const assumedLife = 5 * time.Minute

// bearer takes over a token answer, dated from when it was asked for.
//
// An expiry is always set: x/oauth2, and everything that imitates it, reads a
// zero expiry as "never expires" and would not refresh again.
func bearer(answer *oauth2.Token, asked time.Time) (connect.Token, error) {
	// RFC 6749 section 7.1: a token of a type that isn't known must not be used.
	if !strings.EqualFold(answer.Type(), "bearer") {
		return connect.Token{}, fault.New(fault.Refused, "token_type_unknown", "Google gave a token of a kind that Aura can't use.")
	}
	life := assumedLife
	if answer.ExpiresIn > 0 {
		life = time.Duration(answer.ExpiresIn) * time.Second // 31 bits at most: x/oauth2 has bounded it
	}
	return connect.Token{
		Access:  answer.AccessToken,
		Refresh: answer.RefreshToken,
		Expiry:  asked.Add(life).UTC(),
	}, nil
}

// errNoRefreshToken is a grant that would end within the hour. Consent given
// anew brings a lasting one.
func errNoRefreshToken() error {
	return fault.New(fault.CredentialGone, "refresh_token_missing", "Google gave no lasting access. Connect again.")
}
