package fleet_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/calsync"
	"aura.example/integrations/shared/dispatch"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/memory"
)

// long reports whether the long forms are asked for.
func long() bool { return os.Getenv("FLEET_LONG") != "" }

const provider = "google-calendar"

// stores is what a fleet keeps its data in.
type stores struct {
	integrations interface {
		integration.Store
		integration.Leases
		integration.Checkpoints
		integration.Lists
		integration.Journal
		integration.Slots
		integration.Fleet
	}
	events interface {
		calendar.Store
		calendar.Edits
		calendar.Quarantines
	}
}

// fleet is many integrations of one account each.
type fleet struct {
	t         testing.TB
	db        stores
	worker    *calsync.Worker
	scheduler *dispatch.Scheduler
	now       func() time.Time
	ids       atomic.Int64

	down  atomic.Bool // the provider answers 503
	calls atomic.Int64
	runs  atomic.Int64
	froze atomic.Int64
	broke atomic.Int64
	slow  atomic.Pointer[func(account string) time.Duration] // how long a call takes
	huge  atomic.Pointer[string]                             // whose first sync never ends
	pages atomic.Int64                                       // that it has come to
	ill   atomic.Pointer[func(account string) bool]          // whose calls fail
}

func newFleet(t testing.TB, db stores, now func() time.Time, sleep func(context.Context, time.Duration) error) *fleet {
	f := &fleet{t: t, db: db, now: now}
	f.worker = &calsync.Worker{
		Leases: db.integrations, Store: db.integrations, Checkpoints: db.integrations, Lists: db.integrations, Journal: db.integrations, Fleet: db.integrations,
		Events: db.events, Edits: db.events, Quarantines: db.events,
		Providers: map[string]calendar.Open{provider: func(a calendar.Access) calendar.Reader { return remote{f, a} }},
		Access: func(k integration.Key, _ string) calendar.Access {
			return func(context.Context, string) (string, error) { return k.Account, nil } // so that the provider knows who asks
		},
		Check: func(*calendar.Row, string) string { return "" },
		Now:   now, Sleep: sleep, Jitter: func() float64 { return 0.5 }, NewID: f.newID,
		Meter: func(ctx context.Context) (context.Context, func() calsync.Usage) {
			return ctx, func() calsync.Usage { return calsync.Usage{} }
		},
		Observe: func(_ context.Context, o calsync.Observed) {
			f.runs.Add(1)
			if o.Froze {
				f.froze.Add(1)
			}
			if o.Broke {
				f.broke.Add(1)
			}
		},
		Log: slog.New(slog.DiscardHandler),
	}
	f.scheduler = &dispatch.Scheduler{Slots: db.integrations, Now: now, NewID: f.newID, Log: f.worker.Log}
	return f
}

func (f *fleet) newID() string { return fmt.Sprintf("01ID%022d", f.ids.Add(1)) }

func (f *fleet) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func keyOf(i int) integration.Key {
	return integration.Key{Account: fmt.Sprintf("acct-%06d", i), Provider: provider}
}

// authorize makes integrations as a completed consent leaves them: testing, and
// found by their slot alone.
func (f *fleet) authorize(from, to int, every time.Duration) {
	f.t.Helper()
	ctx := f.t.Context()
	for i := from; i < to; i++ {
		var rec *integration.Integration
		for _, name := range []integration.Name{integration.Create, integration.BeginAuthorization, integration.Authorized} {
			before := rec
			if rec == nil {
				rec = integration.New(keyOf(i), f.newID(), f.now())
				rec.Settings.Interval = every
			}
			after, entry, err := integration.Move(rec, name, integration.Moving{Now: f.now(), EntryID: f.newID()})
			f.must(err)
			after.Subject, after.Email = "sub", "agent@example.com"
			f.must(f.db.integrations.Apply(ctx, integration.Change{Before: before, After: after, Entry: &entry, Limit: 1}))
			rec = after
		}
	}
}

func (f *fleet) get(i int) *integration.Integration {
	f.t.Helper()
	rec, err := f.db.integrations.Get(f.t.Context(), keyOf(i))
	f.must(err)
	return rec
}

// inVirtualTime runs a fleet on the memory store, its queue and its scheduler
// ticking, in a bubble.
func inVirtualTime(t *testing.T, workers int, do func(t *testing.T, f *fleet)) {
	synctest.Test(t, func(t *testing.T) {
		db := memory.New(time.Now)
		f := newFleet(t, stores{db.Integrations, db.Events}, time.Now, func(ctx context.Context, d time.Duration) error {
			select {
			case <-time.After(d):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		q := memory.NewQueue(memory.QueueOptions{Handle: f.worker.Handle, Workers: workers, OnDead: func(d memory.DeadLetter) { t.Errorf("dead letter: %+v", d) }})
		f.worker.Queue, f.scheduler.Queue = q, q
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			defer close(done)
			for {
				at := time.Now()
				select {
				case <-time.After(at.Truncate(time.Minute).Add(time.Minute).Sub(at)):
				case <-ctx.Done():
					return
				}
				if _, err := f.scheduler.Tick(ctx); err != nil && ctx.Err() == nil {
					t.Errorf("tick: %v", err)
				}
			}
		}()
		do(t, f)
		stop()
		<-done
		f.must(q.Close(context.Background()))
	})
}

// pass lets virtual time pass, minute by minute, and looks after each.
func pass(d time.Duration, look func()) {
	for range int(d / time.Minute) {
		<-time.After(time.Minute) // of a bubble
		if look != nil {
			look()
		}
	}
}

// remote is a provider whose calendars never change.
type remote struct {
	f *fleet
	a calendar.Access
}

func (r remote) enter(ctx context.Context) error {
	r.f.calls.Add(1)
	account, err := r.a(ctx, "")
	if err != nil {
		return err
	}
	if slow := r.f.slow.Load(); slow != nil && (*slow)(account) > 0 {
		if err := r.f.worker.Sleep(ctx, (*slow)(account)); err != nil {
			return fault.Wrap(fault.Transient, "cut", "", err)
		}
	}
	if ill := r.f.ill.Load(); r.f.down.Load() || ill != nil && (*ill)(account) {
		return fault.New(fault.Transient, "backend_error", "The provider doesn't answer.")
	}
	return nil
}

func (r remote) Calendars(ctx context.Context) ([]calendar.Calendar, error) {
	if err := r.enter(ctx); err != nil {
		return nil, err
	}
	return []calendar.Calendar{{ID: "agent@example.com", Name: "Agent", Role: calendar.RoleOwner, Primary: true, TimeZone: "Europe/Berlin"}}, nil
}

func (r remote) Changes(ctx context.Context, q calendar.Query) (calendar.Page, error) {
	if err := r.enter(ctx); err != nil {
		return calendar.Page{}, err
	}
	if account, _ := r.a(ctx, ""); r.f.huge.Load() != nil && *r.f.huge.Load() == account && q.Cursor == "" {
		n, _ := strconv.Atoi(q.PageToken)
		r.f.pages.Store(max(r.f.pages.Load(), int64(n)))
		return calendar.Page{NextPage: strconv.Itoa(n + 1), Role: calendar.RoleOwner, TimeZone: "Europe/Berlin"}, nil
	}
	return calendar.Page{Cursor: "c1", Role: calendar.RoleOwner, TimeZone: "Europe/Berlin"}, nil
}

func (r remote) Event(context.Context, string, string) (calendar.Remote, error) {
	return calendar.Remote{}, fault.New(fault.Gone, "gone", "")
}

// heap is what lives after a collection.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

var _ job.Queue = (*memory.Queue)(nil)
