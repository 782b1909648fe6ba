package calsync_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/calsync"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// start is when every world begins.
var start = time.Date(2031, 5, 5, 12, 0, 0, 0, time.UTC)

var key = integration.Key{Account: "acme", Provider: "google-calendar"}

// world is one integration with everything around it, in virtual time.
type world struct {
	t      testing.TB
	clock  *clock
	db     tables
	queue  *queue
	remote *remote
	worker *calsync.Worker
	gen    string

	recorded *calsync.Worker // the worker with a recorder on its client
}

// clock is moved by hand, and by whoever sleeps.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.Advance(d)
	return ctx.Err()
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
	if q.fail != nil {
		return q.fail
	}
	q.sent = append(q.sent, msgs...)
	return nil
}

// take empties the queue.
func (q *queue) take() []job.Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := q.sent
	q.sent = nil
	return out
}

// newWorld makes an integration that was just authorized: testing, with its
// first run promised.
func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldIn(t, inMemory)
}

// newWorldIn is newWorld over the tables of somebody's choice.
func newWorldIn(t testing.TB, open func(testing.TB, func() time.Time) tables) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{now: start}, queue: &queue{}, remote: &remote{}}
	w.db = open(t, w.clock.Now)
	var ids int
	var idMu sync.Mutex
	newID := func() string {
		idMu.Lock()
		defer idMu.Unlock()
		ids++
		return fmt.Sprintf("01ID%022d", ids)
	}
	w.worker = &calsync.Worker{
		Leases: w.db.Integrations, Store: w.db.Integrations, Checkpoints: w.db.Integrations, Lists: w.db.Integrations,
		Journal: w.db.Integrations, Fleet: w.db.Integrations, Events: w.db.Events, Edits: w.db.Events, Quarantines: w.db.Events,
		Providers: map[string]calendar.Open{key.Provider: func(calendar.Access) calendar.Reader { return w.remote }},
		Access: func(integration.Key, string) calendar.Access {
			return func(context.Context, string) (string, error) { return "token", nil }
		},
		Check: func(*calendar.Row, string) string { return "" },
		Queue: w.queue, Now: w.clock.Now, Sleep: w.clock.Sleep, Jitter: func() float64 { return 0.5 }, NewID: newID,
		Meter: func(ctx context.Context) (context.Context, func() calsync.Usage) {
			return ctx, func() calsync.Usage { return calsync.Usage{} }
		},
		Log: slog.New(slog.DiscardHandler),
	}
	ctx := context.Background()
	apply := func(before *integration.Integration, name integration.Name, run *integration.Lease) *integration.Integration {
		from := before
		if from == nil {
			from = integration.New(key, newID(), w.clock.Now())
		}
		after, entry, err := integration.Move(from, name, integration.Moving{Now: w.clock.Now(), EntryID: newID(), Run: run})
		w.must(err)
		if name == integration.Authorized {
			after.Subject, after.Email = "sub-1", "agent@example.com"
		}
		w.must(w.db.Integrations.Apply(ctx, integration.Change{Before: before, After: after, Entry: &entry, Limit: 5}))
		return after
	}
	rec := apply(nil, integration.Create, nil)
	rec = apply(rec, integration.BeginAuthorization, nil)
	rec = apply(rec, integration.Authorized, integration.QueuedRun(newID(), newID(), integration.TriggerConnected, w.clock.Now()))
	w.gen = rec.ID
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) rec() *integration.Integration {
	w.t.Helper()
	rec, err := w.db.Integrations.Get(context.Background(), key)
	w.must(err)
	return rec
}

// job makes a job due now.
func (w *world) job(trigger integration.Trigger) job.Job {
	return job.Job{Kind: job.Sync, Account: key.Account, Provider: key.Provider, Generation: w.gen, Trigger: trigger, Due: w.clock.Now()}
}

// sync works a scheduled job off, once its burst has passed.
func (w *world) sync() {
	w.t.Helper()
	w.must(w.worker.Handle(context.Background(), w.job(integration.TriggerSchedule)))
}

// rows gives what is stored and not cancelled, by title.
func (w *world) rows() map[string]*calendar.Row {
	w.t.Helper()
	links, next, err := w.db.Events.Links(context.Background(), key.Account, key.Provider, "", "")
	w.must(err)
	out := map[string]*calendar.Row{}
	for {
		for _, l := range links {
			rows, err := w.db.Events.Rows(context.Background(), key.Account, []string{l.ID})
			w.must(err)
			out[l.Title] = rows[l.ID]
		}
		if next == "" {
			return out
		}
		links, next, err = w.db.Events.Links(context.Background(), key.Account, key.Provider, "", next)
		w.must(err)
	}
}

func (w *world) titles() []string {
	var out []string
	for title := range w.rows() {
		out = append(out, title)
	}
	slices.Sort(out)
	return out
}

func (w *world) run(id string) *integration.Run {
	w.t.Helper()
	r, err := w.db.Integrations.Run(context.Background(), key, id, w.clock.Now())
	w.must(err)
	return r
}

// remote is a provider in a few lines: events with a change sequence, cursors
// and pages that are numbers. The proofs against a Google that behaves as
// Google does are in package e2e; this one lets a test stand between any two
// calls.
type remote struct {
	mu      sync.Mutex
	seq     int
	events  []calendar.Remote // in order of change
	size    int               // events a page; 0: all
	calls   int
	role    calendar.Role
	expired bool                                   // cursors are no longer good
	before  func(call int, q calendar.Query) error // what goes wrong, or happens meanwhile
}

func (r *remote) put(id, title string) {
	r.change(calendar.Remote{ProviderID: id, Content: content(title)})
}

// delete says nothing but the id, as of anything.
func (r *remote) delete(id string) {
	r.change(calendar.Remote{ProviderID: id, Deleted: true, MaybeOccurrence: true})
}

func (r *remote) change(e calendar.Remote) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seq++
	e.ETag, e.Updated, e.Organizer = strconv.Itoa(r.seq), start.Add(time.Duration(r.seq)*time.Second), true
	r.events = slices.DeleteFunc(r.events, func(x calendar.Remote) bool { return x.ProviderID == e.ProviderID })
	r.events = append(r.events, e)
}

func content(title string) calendar.Content {
	at := start.Add(24 * time.Hour)
	return calendar.Content{
		Title: title, Status: calendar.Confirmed, Busy: true,
		Start: calendar.Time{At: at, Zone: "Europe/Berlin"}, End: calendar.Time{At: at.Add(time.Hour), Zone: "Europe/Berlin"},
	}
}

func (r *remote) Calendars(context.Context) ([]calendar.Calendar, error) {
	if err := r.enter(calendar.Query{}); err != nil {
		return nil, err
	}
	return []calendar.Calendar{{ID: "agent@example.com", Name: "Agent", Role: calendar.RoleOwner, Primary: true, TimeZone: "Europe/Berlin"}}, nil
}

func (r *remote) enter(q calendar.Query) error {
	r.mu.Lock()
	r.calls++
	n, before := r.calls, r.before
	r.mu.Unlock()
	if before != nil {
		return before(n, q)
	}
	return nil
}

func (r *remote) Changes(ctx context.Context, q calendar.Query) (calendar.Page, error) {
	if err := r.enter(q); err != nil {
		return calendar.Page{}, err
	}
	if err := ctx.Err(); err != nil {
		return calendar.Page{}, fault.Wrap(fault.Transient, "cancelled", "", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if q.Cursor != "" && r.expired {
		return calendar.Page{}, fault.New(fault.Resync, "full_sync_required", "expired")
	}
	since, _ := strconv.Atoi(q.Cursor)
	var match []calendar.Remote
	for _, e := range r.events {
		n, _ := strconv.Atoi(e.ETag)
		if n > since && (q.Cursor != "" || !e.Deleted || e.MasterID != "") {
			match = append(match, e)
		}
	}
	from, _ := strconv.Atoi(strings.TrimPrefix(q.PageToken, "p"))
	size := r.size
	if size == 0 {
		size = len(match) + 1
	}
	to := min(from+size, len(match))
	p := calendar.Page{Events: slices.Clone(match[min(from, to):to]), Role: calendar.RoleOwner, TimeZone: "Europe/Berlin"}
	if r.role != "" {
		p.Role = r.role
	}
	if to < len(match) {
		p.NextPage = "p" + strconv.Itoa(to)
	} else {
		p.Cursor = strconv.Itoa(r.seq)
	}
	return p, nil
}

func (r *remote) Event(context.Context, string, string) (calendar.Remote, error) {
	return calendar.Remote{}, fault.New(fault.Gone, "gone", "")
}
