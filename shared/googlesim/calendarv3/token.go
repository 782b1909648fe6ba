package calendarv3

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Tokens are opaque to clients: numbers under a signature, in the base64 that
// needs escaping in a URL, as Google's do. They stay under 120 characters.

// bookmark is what a token stands for.
type bookmark struct {
	kind   byte   // syncKind or pageKind
	what   uint32 // number of the calendar, or of the account whose list it is
	who    uint32 // number of the account
	query  uint64 // hash of the parameters that it is bound to
	epoch  uint64 // of the calendar or list
	rights uint64 // epoch of the account's role
	issued int64  // Unix seconds
	after  uint64 // changes up to here are known to the client
	upto   uint64 // of a page: changes up to here belong to this listing
	at     int64  // of a page: where it begins
	sub    int64  // of a page: and within that
	before int64  // of a page: where the page before it began
	bsub   int64
}

const (
	syncKind byte = 's'
	pageKind byte = 'p'
	macSize       = 8
)

// seal renders a bookmark as a token.
func (st *state) seal(b bookmark) string {
	raw := []byte{b.kind}
	for _, v := range b.numbers() {
		raw = binary.AppendVarint(raw, *v)
	}
	return base64.StdEncoding.EncodeToString(append(raw, st.mac(raw)...))
}

// open reads a token of a kind; false for anything that this state didn't
// issue.
func (st *state) open(kind byte, token string) (b bookmark, ok bool) {
	raw, err := base64.StdEncoding.DecodeString(token)
	if err != nil || len(raw) < macSize+1 || raw[0] != kind {
		return b, false
	}
	raw, mac := raw[:len(raw)-macSize], raw[len(raw)-macSize:]
	if !hmac.Equal(mac, st.mac(raw)) {
		return b, false
	}
	b.kind = kind
	numbers := b.numbers()
	rest := raw[1:]
	for _, v := range numbers {
		n, size := binary.Varint(rest)
		if size <= 0 {
			return b, false
		}
		*v, rest = n, rest[size:]
	}
	b.fold(numbers)
	return b, true
}

// numbers lists the fields in the order of the wire. Unsigned ones travel as
// the same bits; fold brings them back.
func (b *bookmark) numbers() []*int64 {
	what, who, query := int64(b.what), int64(b.who), int64(b.query)
	epoch, rights, after, upto := int64(b.epoch), int64(b.rights), int64(b.after), int64(b.upto)
	return []*int64{&what, &who, &query, &epoch, &rights, &after, &upto, &b.issued, &b.at, &b.sub, &b.before, &b.bsub}
}

// fold puts the unsigned fields back after reading.
func (b *bookmark) fold(n []*int64) {
	b.what, b.who, b.query = uint32(*n[0]), uint32(*n[1]), uint64(*n[2])
	b.epoch, b.rights, b.after, b.upto = uint64(*n[3]), uint64(*n[4]), uint64(*n[5]), uint64(*n[6])
}

// mac keeps clients from making tokens up. It is short, since nothing but
// honesty is at stake.
func (st *state) mac(raw []byte) []byte {
	h := hmac.New(sha256.New, st.key[:])
	h.Write(raw)
	return h.Sum(nil)[:macSize]
}

// unbound are the parameters that may differ between the pages of one listing:
// they say how the answer is written, not what is in it. maxResults is among
// them because a client may ask for smaller pages as it goes.
var unbound = []string{"maxResults", "fields", "alt", "prettyPrint", "key", "oauth_token", "quotaUser", "userIp", "pageToken",
	"alwaysIncludeEmail", "timeZone"}

// queryHash is what a token remembers of the request's parameters, but for
// those named. A flag that is false is as good as none.
func queryHash(q url.Values, without ...string) uint64 {
	h := sha256.New()
	names := make([]string, 0, len(q))
	for name := range q {
		if !slices.Contains(unbound, name) && !slices.Contains(without, name) && q.Get(name) != "false" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		values := slices.Sorted(slices.Values(q[name]))
		h.Write([]byte(name + "\x00" + strings.Join(values, "\x00") + "\x01"))
	}
	return binary.BigEndian.Uint64(h.Sum(nil))
}

// errSyncToken is the answer to a token that was never good.
func errSyncToken() *Error { return errInvalid("Invalid sync token value.").at("syncToken") }

// errFullSync is the answer to a token that was good once.
func errFullSync() *Error {
	return refuseCalendar(http.StatusGone, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.").at("syncToken")
}

// errPageToken doesn't say whether a token is garbage or belongs to another
// query.
func errPageToken() *Error { return errInvalid("Invalid page token value.").at("pageToken") }

// expired says whether a token is too old for the limits.
func (b bookmark) expired(now time.Time, life time.Duration) bool {
	return life >= 0 && now.Sub(time.Unix(b.issued, 0)) > life
}
