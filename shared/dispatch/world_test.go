package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/dispatch"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/memory"
)

var start = time.Date(2031, 5, 5, 12, 0, 30, 0, time.UTC)

// world is a scheduler over a real store, with a hand between it and both of
// what it calls.
type world struct {
	*testing.T
	db        *memory.DB
	now       time.Time
	scheduler *dispatch.Scheduler

	mu    sync.Mutex
	calls int
	fail  int  // which call fails; 0: none
	after bool // it takes effect all the same
	sent  map[string]int
	late  map[string]time.Duration // how long the last job of each was held back
	pages int
	ids   int
}

var errPlanned = errors.New("planned")

func newWorld(t *testing.T) *world {
	w := &world{T: t, now: start, sent: map[string]int{}, late: map[string]time.Duration{}}
	w.db = memory.New(w.clock)
	w.scheduler = &dispatch.Scheduler{Slots: slots{w}, Queue: queue{w}, Now: w.clock, NewID: w.id, Log: slog.New(slog.DiscardHandler)}
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) id() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids++
	return fmt.Sprintf("01ID%022d", w.ids)
}

// gate is a call: it may fail before it takes effect, or after.
func (w *world) gate(do func() error) error {
	w.mu.Lock()
	w.calls++
	hit := w.calls == w.fail
	w.mu.Unlock()
	if hit && !w.after {
		return errPlanned
	}
	err := do()
	if hit && err == nil {
		return errPlanned
	}
	return err
}

type slots struct{ w *world }

func (s slots) Due(ctx context.Context, slot string, p integration.Page) (items []integration.DueItem, next string, err error) {
	err = s.w.gate(func() (err error) {
		items, next, err = s.w.db.Integrations.Due(ctx, slot, p)
		return err
	})
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	s.w.pages++
	if p.Limit < 1 || p.Limit > 1000 {
		s.w.Errorf("a page of %d is asked for", p.Limit)
	}
	return items, next, err
}

func (s slots) Watermark(ctx context.Context, shard int) (m integration.Mark, err error) {
	err = s.w.gate(func() (err error) { m, err = s.w.db.Integrations.Watermark(ctx, shard); return err })
	return m, err
}

func (s slots) SetWatermark(ctx context.Context, shard int, from time.Time, to integration.Mark) error {
	return s.w.gate(func() error { return s.w.db.Integrations.SetWatermark(ctx, shard, from, to) })
}

type queue struct{ w *world }

func (q queue) Send(_ context.Context, msgs ...job.Message) error {
	return q.w.gate(func() error {
		q.w.mu.Lock()
		defer q.w.mu.Unlock()
		if len(msgs) > 10 {
			q.w.Errorf("%d jobs in one batch", len(msgs))
		}
		for _, m := range msgs {
			if err := m.Job.Check(); err != nil {
				q.w.Errorf("unusable: %v", err)
			}
			if m.Job.Kind == job.Sync && !m.Job.Due.Equal(q.w.now.Truncate(time.Minute)) {
				q.w.Errorf("due at %s, now is %s", m.Job.Due, q.w.now)
			}
			q.w.sent[string(m.Job.Kind)+" "+m.Job.Account]++
			q.w.late[string(m.Job.Kind)+" "+m.Job.Account] = m.Delay
		}
		return nil
	})
}

// add makes an integration, as its transitions leave it.
func (w *world) add(account string, every time.Duration, names ...integration.Name) *integration.Integration {
	w.Helper()
	var rec *integration.Integration
	for _, name := range append([]integration.Name{integration.Create, integration.BeginAuthorization, integration.Authorized}, names...) {
		before := rec
		if rec == nil {
			rec = integration.New(integration.Key{Account: account, Provider: "p"}, w.id(), w.now)
			rec.Settings.Interval = every
		}
		after, entry, err := integration.Move(rec, name, integration.Moving{Now: w.now, EntryID: w.id(), RetryAt: w.now})
		w.must(err)
		w.must(w.db.Integrations.Apply(context.Background(), integration.Change{Before: before, After: after, Entry: &entry, Limit: 9}))
		rec = after
	}
	return rec
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// tick moves to a later moment and dispatches.
func (w *world) tick(later time.Duration) (dispatch.Sent, error) {
	w.now = w.now.Add(later)
	return w.scheduler.Tick(context.Background())
}

// take gives what was sent since, by kind and account.
func (w *world) take() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.sent
	w.sent = map[string]int{}
	return out
}
