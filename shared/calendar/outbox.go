package calendar

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Operation is what the outbox asks the provider for.
type Operation string

// The operations.
const (
	OpCreate  Operation = "create"  // insert with the computed id
	OpChange  Operation = "change"  // patch of what differs from base
	OpRestore Operation = "restore" // undelete by a whole put
	OpDelete  Operation = "delete"
)

// Item is one line of the outbox: what Aura has and the provider doesn't yet.
// It is written in the transaction that writes the event, and settled in the
// one that stores the provider's answer.
type Item struct {
	Account      string
	EventID      string
	Op           Operation
	Base         *Content  // the fields at the last sync, of an earlier connection too; nil for what was never there
	Sent         []Attempt // what may have reached the provider; emptied only by settling, save for what it refused outright
	NotifyGuests *bool     // nil: nobody decided; true if any merged edit said so
	Version      int64     // the event's version at the edit; never repeats
	Fence        int64
	Generation   string
	Since        time.Time
	Under        int64    // version of the integration's record that the edit's author read; 0: not known
	Rest         *Rest    // of a series: what the edit has still to do to its exceptions
	Heirs        []string // of a series: those that Aura divided off it since the last sync
	Fresh        []string // of a series that was never sent: the exceptions that were made last (Freshest), which Exceptions may miss
	Dropped      []*Row   // of a series, where edits only go to the provider: the exceptions that this edit took away, as they are there
	Parted       *Parted  // of a series: what is to be handed on to those that were divided off it at the provider
	Beside       *Beside  // of a second half: the series was divided at the provider too
	Later        *Later   // what was said of the guests since the newest attempt
	Former       *Former  // of what lost its link: where Base is from; nil for what is linked, or was never anywhere
	Refused      *Refusal // of the state that is in quarantine; another state is tried, and clears it when it settles
}

// Refusal is why an item is in quarantine, and which state of it was refused:
// another one is tried again.
type Refusal struct {
	Code    string
	Version int64  // of the event; 0 once something was merged since
	ETag    string // of the link
}

// Aside reports an edit that is in quarantine as it stands. What was merged since is
// tried by itself.
func (i *Item) Aside() bool { return i.Refused != nil && i.Refused.Version == i.Version }

// CodeGivenUp marks an edit that its person takes back. It stands in the item until a
// run has done so.
const CodeGivenUp = "given_up"

// Attempt is one write that may have reached the provider. Its stamp is left in
// the event there, so that a remote which bears it was reached by it: our own
// write is never taken for the other side's edit.
type Attempt struct {
	Stamp   string
	Fields  []Field // what the write carried
	Content Content // the values of those fields
	Version int64   // of the event that was sent
}

// StampOf is the stamp of an attempt: a hash over the event, the link's etag at
// that moment (where there is none: what tells this life there from an earlier
// one) and the fields that are carried.
func StampOf(eventID, etag string, fields []Field, c Content) string {
	values := make([]any, 0, len(fields)+2)
	values = append(values, eventID, etag)
	for _, f := range fields {
		values = append(values, f, c.value(f))
	}
	raw, err := json.Marshal(values)
	if err != nil { // strings, times and slices of them always marshal
		raw = []byte(fmt.Sprint(values...))
	}
	sum := sha256.Sum256(raw)
	return base32hex.EncodeToString(sum[:16])
}

// bornMark begins the stamps that are left in what was born in Aura.
const bornMark = "a."

// Stamped gives the stamp of an attempt on an event of that origin.
func (o Origin) Stamped(stamp string) string {
	if o == BornInAura {
		return bornMark + stamp
	}
	return stamp
}

// HintsBorn reports whether a stamp suggests that its event was born in Aura.
// It saves a look-up and no more: a stamp may have been copied from elsewhere.
func HintsBorn(stamp string) bool { return strings.HasPrefix(stamp, bornMark) }

// Differing gives the fields in which two contents differ.
func Differing(a, b Content) []Field {
	var out []Field
	for _, f := range Fields() {
		if !a.same(f, b) {
			out = append(out, f)
		}
	}
	return out
}

// Carry gives the fields that a patch of this item must carry: each that
// differs from base, or from any value that was sent and may be there by now.
func (i *Item) Carry(c Content) []Field {
	var out []Field
	for _, f := range Fields() {
		if i.Base == nil || !c.same(f, *i.Base) {
			out = append(out, f)
			continue
		}
		for _, a := range i.Sent {
			if a.carries(f) && !c.same(f, a.Content) {
				out = append(out, f)
				break
			}
		}
	}
	return out
}

// Try gives the item with an attempt added; one that is there already is not
// added again, and the item's list is never overwritten.
func (i *Item) Try(a Attempt) *Item {
	c := *i
	for _, s := range i.Sent {
		if s.Stamp == a.Stamp {
			return &c
		}
	}
	c.Sent = append(append([]Attempt(nil), i.Sent...), a)
	return &c
}

// Bears reports whether a stamp is that of one of the item's attempts.
func (i *Item) Bears(stamp string) bool {
	for _, a := range i.Sent {
		if a.Stamp == stamp {
			return true
		}
	}
	return false
}

func (a Attempt) carries(f Field) bool {
	for _, x := range a.Fields {
		if x == f {
			return true
		}
	}
	return false
}
