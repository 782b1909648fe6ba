package calendar

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
)

// base32hex in lowercase and without padding is exactly the alphabet that
// Google allows in ids ([a-v0-9]{5,1024}).
var base32hex = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// Prefix begins every event id of Aura's.
const Prefix = "evt_"

// ImportedID is the id of an event born at a provider: computed, so that
// importing it twice makes one row. Identity is this id alone.
func ImportedID(provider, subject, calendar, providerID string) string {
	return Prefix + hash(provider, subject, calendar, providerID)
}

// ExceptionID is the id of one occurrence that differs from its series: the
// same on both sides, whatever the provider calls it.
func ExceptionID(masterID string, originalStart Time) string {
	return Prefix + hash(masterID, OccurrenceKey(originalStart))
}

// OccurrenceKey renders an original start as in an occurrence's address: UTC,
// basic format; a date for all-day ones.
func OccurrenceKey(t Time) string {
	if t.IsDate() {
		return strings.ReplaceAll(t.Date, "-", "")
	}
	return t.At.UTC().Format("20060102T150405Z")
}

// ParseOccurrenceKey reads what OccurrenceKey wrote.
func ParseOccurrenceKey(s string) (Time, bool) {
	if d, err := time.Parse("20060102", s); err == nil {
		return Time{Date: d.Format(time.DateOnly)}, true
	}
	if at, err := time.Parse("20060102T150405Z", s); err == nil {
		return Time{At: at}, true
	}
	return Time{}, false
}

// BornID makes the pair of ids for an event born in Aura from 16 random bytes
// (or 16 bytes hashed from account and Idempotency-Key).
func BornID(sixteen [16]byte) (id, providerID string) {
	p := base32hex.EncodeToString(sixteen[:])
	return Prefix + p, p
}

// DerivedID is the id of an event born in Aura whose making may be tried again:
// computed from what made it, so that trying twice makes one event. what names
// the kind of making, so that two kinds never meet.
func DerivedID(what string, parts ...string) string {
	return Prefix + hash(append([]string{what}, parts...)...)
}

// ProviderIDOf gives the provider id that an event born in Aura has.
func ProviderIDOf(id string) string { return strings.TrimPrefix(id, Prefix) }

// MayBeBorn reports whether a provider id has the form that BornID gives: what
// hasn't was never born in Aura. Google's own ids may have it too.
func MayBeBorn(providerID string) bool {
	raw, err := base32hex.DecodeString(providerID)
	return err == nil && len(raw) == 16 && base32hex.EncodeToString(raw) == providerID
}

// hash is base32hex over the first 16 bytes of SHA-256 of the parts, each with
// its length before it, so that no two lists of parts collide by concatenation.
func hash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		_ = binary.Write(h, binary.BigEndian, uint32(len(p)))
		h.Write([]byte(p))
	}
	return base32hex.EncodeToString(h.Sum(nil)[:16])
}
