package storetest

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/seal"
)

// Bundle is one adapter behind all its ports.
type Bundle struct {
	Store       integration.Store
	Accounts    integration.Accounts
	Flows       integration.Flows
	Leases      integration.Leases
	Checkpoints integration.Checkpoints
	Lists       integration.Lists
	Journal     integration.Journal
	Slots       integration.Slots
	Pacings     integration.Pacings
	Fleet       integration.Fleet
	Failures    job.Failures
	Orders      integration.Orders
	Credentials integration.Credentials
	Keys        seal.KeyStore
	Events      calendar.Store
	Edits       calendar.Edits
	Quarantines calendar.Quarantines
	Clock       *Clock
	// Brief leaves out most of the lease's table: it is long, and where only the
	// way to the database differs, its corners do.
	Brief bool
}

// Integrations is what one type implements in each adapter.
type Integrations interface {
	integration.Store
	integration.Accounts
	integration.Flows
	integration.Leases
	integration.Checkpoints
	integration.Lists
	integration.Journal
	integration.Slots
	integration.Pacings
	integration.Fleet
	job.Failures
	integration.Orders
}

// Credentials likewise.
type Credentials interface {
	integration.Credentials
	seal.KeyStore
}

// Events likewise.
type Events interface {
	calendar.Store
	calendar.Edits
	calendar.Quarantines
}

// Of puts a bundle together.
func Of(i Integrations, c Credentials, e Events, clock *Clock) *Bundle {
	return &Bundle{
		Store: i, Accounts: i, Flows: i, Leases: i, Checkpoints: i, Lists: i, Journal: i, Slots: i, Pacings: i, Fleet: i, Failures: i, Orders: i,
		Credentials: c, Keys: c, Events: e, Edits: e, Quarantines: e, Clock: clock,
	}
}

// Open makes an adapter with nothing in it, whose clock is the bundle's.
type Open func(t *testing.T) *Bundle

// Run runs the whole suite.
func Run(t *testing.T, open Open) {
	for _, s := range []struct {
		name string
		test func(*testing.T, Open)
	}{
		{"Store", testStore}, {"Change", testChange}, {"Races", testRaces}, {"Accounts", testAccounts}, {"Flows", testFlows},
		{"Leases", testLeases}, {"Runs", testRuns}, {"Journal", testJournal}, {"Lists", testLists},
		{"Slots", testSlots}, {"Fleet", testFleet}, {"Failures", testFailures}, {"Orders", testOrders}, {"Credentials", testCredentials}, {"Keys", testKeys},
		{"Events", testEvents}, {"Range", testRange}, {"Links", testLinks}, {"Edits", testEdits}, {"Quarantine", testQuarantine},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.test(t, open)
		})
	}
}

// Clock is a clock that stands still until a test moves it.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock makes one that stands at noon.
func NewClock() *Clock { return &Clock{now: noon} }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// Now gives the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves it on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is one test's bundle with what its steps need.
type world struct {
	*Bundle
	t   *testing.T
	ctx context.Context
	key integration.Key
}

// each runs subtests in parallel, each on a bundle of its own.
func each(t *testing.T, open Open, tests map[string]func(*world)) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newWorld(t, open))
		})
	}
}

func newWorld(t *testing.T, open Open) *world {
	return &world{
		Bundle: open(t), t: t, ctx: t.Context(),
		key: integration.Key{Account: strings.ReplaceAll(t.Name(), "/", "-"), Provider: "some-calendar"},
	}
}

// id makes a ULID of the bundle's time.
func (w *world) id() string {
	return ulid.MustNewDefault(w.Clock.Now()).String()
}

// must fails the test on an error that nobody expected.
func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// refuses fails the test unless the error has this kind, and this code where
// one is given.
func (w *world) refuses(err error, kind fault.Kind, code string) {
	w.t.Helper()
	if fault.KindOf(err) != kind || code != "" && fault.CodeOf(err) != code {
		w.t.Errorf("got %v, want %s %s", err, kind, code)
	}
}

// record makes an active record of this test's place, changed by the options,
// and stores it as a create does.
func (w *world) record(options ...func(*integration.Integration)) *integration.Integration {
	w.t.Helper()
	rec := w.draft(w.key)
	rec.Status, rec.Version, rec.Fence = integration.Active, 3, 7
	rec.Slot = integration.SlotOf(rec)
	for _, o := range options {
		o(rec)
	}
	w.must(w.Store.Apply(w.ctx, integration.Change{After: rec, Limit: 100}))
	return rec
}

// draft is a record as create makes it, not stored yet.
func (w *world) draft(k integration.Key) *integration.Integration {
	w.t.Helper()
	rec, _, err := integration.Move(integration.New(k, w.id(), w.Clock.Now()), integration.Create, integration.Moving{Now: w.Clock.Now()})
	w.must(err)
	return rec
}

// get reads this test's record.
func (w *world) get() *integration.Integration {
	w.t.Helper()
	rec, err := w.Store.Get(w.ctx, w.key)
	w.must(err)
	return rec
}

// at is so many seconds after noon.
func at(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }
