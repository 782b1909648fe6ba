package boot

import (
	"crypto/rand"

	"github.com/oklog/ulid/v2"
)

// NewID makes a ULID: the time to the millisecond, then 80 random bits. It
// can't fail: Go's rand.Reader ends the process rather than give less.
func NewID() string { return ulid.MustNew(ulid.Now(), rand.Reader).String() }

// Random makes the 16 random bytes of an event born in Aura.
func Random() (b [16]byte) {
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return b
}
