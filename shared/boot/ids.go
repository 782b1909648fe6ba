package boot

import (
	"crypto/rand"

	"github.com/oklog/ulid/v2"
)

// NewID makes a ULID: the time to the millisecond, then 80 random bits. It
// can't fail: Go's rand.Reader ends the process rather than give less.
func NewID() string { return ulid.MustNew(ulid.Now(), rand.Reader).String() }
