package calendarv3

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// state is everything the server knows. It is guarded by Server.mu; nothing in
// it locks or reads a clock of its own.
type state struct {
	now     time.Time // of the change under way
	version uint64    // grows with every change
	stamp   int64     // microseconds of the last change: etags come from it, so no two are the same
	made    uint64    // ids generated so far
	nums    uint32    // numbers given to accounts and calendars
	key     [16]byte  // of this state's life: signs tokens and seeds ids, so that a fresh state refuses old tokens

	stray     Stray                 // of its calendars
	accounts  []*account            // in the order in which they were added
	byEmail   map[string]*account   // by lower-case e-mail
	calendars map[string]*calendar  // by id
	channels  map[string]*channel   // by project and id
	watching  map[uint32][]*channel // by the number of what they watch: a calendar, or an account's list
	swept     time.Time             // when expired channels were last forgotten

	outgoing []*http.Request // push messages that the change under way has caused
}

// account is a person with a calendar list.
type account struct {
	num     uint32 // what tokens name it by: the e-mail can change
	email   string
	entries []*entry // in the order in which they were added; the primary is the first
	seq     uint64   // change sequence of the list
	epoch   uint64   // sync tokens of the list from before the last expiry are dead
}

// entry is a calendar in an account's list, and the account's right to it.
type entry struct {
	cal     *calendar
	acct    *account
	role    Role
	primary bool
	hidden  bool
	deleted bool
	changed uint64 // account.seq of the last change
	stamp   int64
	epoch   uint64 // grows when the role changes, which ends sync tokens of the calendar's events
}

// calendar is a calendar and its events.
type calendar struct {
	num   uint32 // what tokens name it by: a primary's id changes with the e-mail
	meta  Calendar
	owner string // e-mail of the data owner
	zone  *time.Location
	seq   uint64 // change sequence of the events
	epoch uint64 // sync tokens from before the last expiry are dead
	stamp int64
	stray Stray

	events   map[string]*event   // by id, tombstones included
	order    []*event            // by ord: the stable order of a listing
	log      []logged            // by change
	children map[string][]*event // exceptions by their master's id
	splits   map[string][]*event // masters <base>_R<time> by <base>
	vanished map[string]vanished // instances that a changed series no longer has, by id
}

// newState is empty and has a key of its own.
func newState() *state {
	st := &state{byEmail: map[string]*account{}, calendars: map[string]*calendar{}, channels: map[string]*channel{},
		watching: map[uint32][]*channel{}}
	if _, err := rand.Read(st.key[:]); err != nil {
		// Documented never to happen on the platforms that Go supports; a zero
		// key still works.
		st.key = [16]byte{}
	}
	return st
}

// tick returns the stamp of a new change: the time in microseconds, pushed on
// so that it never repeats or falls even if the clock stands still or is set
// back.
func (st *state) tick() int64 {
	st.stamp = max(st.now.UnixMicro(), st.stamp+1)
	return st.stamp
}

// etagOf renders a stamp as Google does: a decimal number in quotes.
func etagOf(stamp int64) string { return fmt.Sprintf("%q", fmt.Sprint(stamp*2)) }

// updatedOf renders a stamp as `updated` and `created` are: to the millisecond.
func updatedOf(stamp int64) string {
	return time.UnixMicro(stamp).UTC().Format("2006-01-02T15:04:05.000Z")
}

// account finds an account whatever the case of the address.
func (st *state) account(email string) *account { return st.byEmail[strings.ToLower(email)] }

func (st *state) addAccount(a *account) {
	st.accounts = append(st.accounts, a)
	st.byEmail[strings.ToLower(a.email)] = a
}

// entry is the calendar that the account means by an id, or nil if it has no
// role there. A calendar that was removed from the list can still be used by
// id.
func (a *account) entry(calendarID string) *entry {
	for _, e := range a.entries {
		if (e.cal.meta.ID == calendarID || e.primary && calendarID == "primary") && e.role != "" {
			return e
		}
	}
	return nil
}

// touch marks a change of the entry itself in the account's list.
func (st *state) touch(e *entry) {
	e.acct.seq++
	e.changed, e.stamp = e.acct.seq, st.tick()
}

// reaches lists the entries through which a calendar is seen.
func (st *state) reaches(c *calendar) []*entry {
	var out []*entry
	for _, a := range st.accounts {
		for _, e := range a.entries {
			if e.cal == c && e.role != "" {
				out = append(out, e)
			}
		}
	}
	return out
}

// roles from nothing to everything; comparing positions compares rights.
var roles = []Role{"", RoleFreeBusy, RoleReader, RoleWriter, RoleOwner}

// atLeast compares two roles; one that isn't known is weaker than all.
func (r Role) atLeast(o Role) bool { return slices.Index(roles, r) >= slices.Index(roles, o) }

func (r Role) writes() bool { return r.atLeast(RoleWriter) }

func (r Role) known() bool { return slices.Contains(roles, r) }
