package watch_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/memory"
	"aura.example/integrations/shared/watch"
)

var (
	start = time.Date(2031, 5, 5, 12, 0, 0, 0, time.UTC)
	key   = integration.Key{Account: "acme", Provider: "google-calendar"}
	keys  = watch.Keys{Current: []byte("the current key of thirty-two by"), Previous: []byte("the previous key, also of 32 byt")}
)

const generation = "01GENERATION00000000000000"

// world is one active integration, its lease held by a run.
type world struct {
	*testing.T
	mu     sync.Mutex
	now    time.Time
	ids    int
	store  *memory.Integrations
	remote *remote
	keeper *watch.Keeper
	rec    *integration.Integration
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, now: start}
	w.store = memory.New(w.Now).Integrations
	w.remote = &remote{now: w.Now, open: map[string]time.Time{}}
	w.keeper = &watch.Keeper{
		Leases: w.store, Store: w.store,
		Providers: map[string]calendar.Open{key.Provider: func(calendar.Access) calendar.Reader { return w.remote }},
		Access:    func(integration.Key, string) calendar.Access { return nil },
		Addresses: map[string]string{key.Provider: "https://aura.example/hook"},
		Keys:      keys, Now: w.Now, NewID: w.id, Log: slog.New(slog.DiscardHandler),
	}
	rec := integration.New(key, generation, start)
	rec.Status, rec.Version, rec.Fence, rec.Settings.CalendarID = integration.Active, 1, 1, integration.PrimaryCalendar
	rec.Slot = integration.SlotOf(rec)
	w.must(w.store.Apply(t.Context(), integration.Change{After: rec, Limit: 9}))
	w.run()
	return w
}

// run takes the lease for another run.
func (w *world) run() integration.Hold {
	w.Helper()
	rec, verdict, err := w.store.Take(w.Context(), integration.Claim{
		Key: key, Generation: generation, NewRunID: w.id(), Attempt: w.id(), Due: w.Now(), Now: w.Now(), Trigger: integration.TriggerSchedule,
	})
	if err != nil || verdict != integration.Taken {
		w.Fatalf("taking the lease: %v, %v", verdict, err)
	}
	w.rec = rec
	return w.hold()
}

func (w *world) hold() integration.Hold {
	return integration.Hold{Key: key, Generation: generation, Fence: w.rec.Fence}
}

// keep lets a run see to its channel, and holds the run's record to what is stored.
func (w *world) keep() *integration.Channel {
	w.Helper()
	w.must(w.keeper.Keep(w.Context(), w.hold(), w.rec))
	stored := w.stored()
	if fmt.Sprint(stored.Channel) != fmt.Sprint(w.rec.Channel) || stored.Slot != w.rec.Slot || stored.Slot != integration.SlotOf(stored) {
		w.Errorf("stored %v in %q, the run has %v in %q", stored.Channel, stored.Slot, w.rec.Channel, w.rec.Slot)
	}
	return stored.Channel
}

func (w *world) stored() *integration.Integration {
	w.Helper()
	rec, err := w.store.Get(w.Context(), key)
	w.must(err)
	return rec
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) Now() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now }

func (w *world) pass(d time.Duration) { w.mu.Lock(); defer w.mu.Unlock(); w.now = w.now.Add(d) }

func (w *world) id() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids++
	return fmt.Sprintf("01ID%022d", w.ids)
}

// remote is a provider with channels that live for a week.
type remote struct {
	calendar.Reader
	now     func() time.Time
	open    map[string]time.Time // end by channel
	asked   []calendar.Watch
	stopped []string
	fail    error
	lands   bool                      // the failure comes after the channel was opened
	during  func(open calendar.Watch) // what happens while watch is under way
}

func (r *remote) Watch(_ context.Context, x calendar.Watch) (calendar.Watched, error) {
	r.asked = append(r.asked, x)
	if r.during != nil {
		r.during(x)
	}
	end := r.now().Add(7 * 24 * time.Hour)
	if r.fail == nil || r.lands {
		r.open[x.Channel] = end
	}
	if r.fail != nil {
		return calendar.Watched{}, r.fail
	}
	return calendar.Watched{Resource: "resource", Expires: end}, nil
}

func (r *remote) StopWatch(_ context.Context, channel, _ string) error {
	r.stopped = append(r.stopped, channel)
	delete(r.open, channel)
	return nil
}

// live counts the channels that are open.
func (r *remote) live() (n int) {
	for _, end := range r.open {
		if r.now().Before(end) {
			n++
		}
	}
	return n
}

// queue keeps what was sent.
type queue struct {
	mu   sync.Mutex
	sent []job.Message
	fail error
}

func (q *queue) Send(_ context.Context, msgs ...job.Message) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.fail == nil {
		q.sent = append(q.sent, msgs...)
	}
	return q.fail
}

var down = fault.New(fault.Transient, "provider_unavailable", "down")
