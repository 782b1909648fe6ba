package edit_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/memory"
	"aura.example/integrations/shared/recurrence"
)

// start is when every world begins; a Monday.
var start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

const account = "acme"

var providers = []string{"google-calendar"}

// world is an editor on a store in memory, with a clock, integrations and a
// queue that the test holds.
type world struct {
	t      *testing.T
	now    time.Time
	db     *memory.DB
	store  *between
	recs   []*integration.Integration
	sent   []job.Message
	down   bool     // the queue
	waits  []string // integrations that nobody comes for
	editor *edit.Editor
	mu     sync.Mutex
	ids    byte
}

// between lets something happen between an edit's reading and its writing.
type between struct {
	edit.Store
	before func()
	writes int
}

func (b *between) WritePair(ctx context.Context, pairs ...calendar.Pair) error {
	b.writes++
	if f := b.before; f != nil {
		b.before = nil
		f()
	}
	return b.Store.WritePair(ctx, pairs...)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: start}
	clock := func() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now }
	w.db = memory.New(clock)
	w.store = &between{Store: w.db.Events}
	w.recs = []*integration.Integration{active(integration.TwoWay)}
	w.editor = &edit.Editor{
		Store: w.store, Integrations: w, Providers: providers, Series: recurrence.Reckoner{}, Queue: w, Now: clock, Log: slog.New(slog.DiscardHandler),
		Random: func() [16]byte { w.mu.Lock(); defer w.mu.Unlock(); w.ids++; return [16]byte{7, w.ids} },
	}
	return w
}

func active(d integration.Direction) *integration.Integration {
	return &integration.Integration{
		Key: integration.Key{Account: account, Provider: "google-calendar"}, ID: "01GEN", Status: integration.Active,
		Settings: integration.Settings{CalendarID: "primary", Direction: d},
	}
}

// Get implements edit.Integrations.
func (w *world) Get(_ context.Context, k integration.Key) (*integration.Integration, error) {
	for _, rec := range w.recs {
		if rec.Key == k || k.Account != account {
			return rec, nil
		}
	}
	return nil, fault.New(fault.NotFound, "not_found", "")
}

// EditsWait implements edit.Integrations.
func (w *world) EditsWait(ctx context.Context, k integration.Key, generation string, _ time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waits = append(w.waits, k.Provider+" "+generation)
	return nil
}

// Send implements job.Queue.
func (w *world) Send(_ context.Context, msgs ...job.Message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		return errors.New("down")
	}
	w.sent = append(w.sent, msgs...)
	return nil
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

var me = edit.Author{Account: account, CorrelationID: "c1"}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// at is a moment of the nth day, in Madrid in winter.
func at(n, hour int) calendar.Time {
	return calendar.Time{At: start.AddDate(0, 0, n).Add(time.Duration(hour-9) * time.Hour), Zone: "Europe/Madrid"}
}

// on is the nth day.
func on(n int) calendar.Time {
	return calendar.Time{Date: start.AddDate(0, 0, n).Format(time.DateOnly)}
}

func meeting(title string, n int) calendar.Content {
	return calendar.Content{
		Title: title, Start: at(n, 10), End: at(n, 11), Busy: true, Status: calendar.Confirmed, Visibility: calendar.DefaultVisibility,
	}
}

// weekly is a series of ten Mondays.
func weekly(title string) calendar.Content {
	c := meeting(title, 0)
	c.Recurrence = []string{"RRULE:FREQ=WEEKLY;COUNT=10;BYDAY=MO"}
	return c
}

// create makes an event in Aura.
func (w *world) create(c calendar.Content) *calendar.Row {
	w.t.Helper()
	row, made, err := w.editor.Create(context.Background(), me, c, "")
	w.must(err)
	if !made {
		w.t.Fatal("not made")
	}
	return row
}

// imported puts an event there as a sync brings it in.
func (w *world) imported(id string, c calendar.Content, change ...func(*calendar.Row)) *calendar.Row {
	w.t.Helper()
	row := &calendar.Row{
		Account: account, ID: "evt_" + id, Content: c, Mirror: calendar.Mirror{Kind: "default", Organizer: true}, Origin: calendar.BornAtProvider,
		Link:    &calendar.Link{Provider: "google-calendar", Calendar: "primary", ProviderID: id, ETag: "e1", Updated: start.Add(-time.Hour)},
		Version: 3, CreatedAt: start.Add(-time.Hour), UpdatedAt: start.Add(-time.Hour),
	}
	for _, f := range change {
		f(row)
	}
	_, err := w.db.Events.Put(context.Background(), calendar.Write{Row: row, Generation: "01GEN", Fence: 1})
	w.must(err)
	return row
}

func (w *world) pair(id string) (*calendar.Row, *calendar.Item) {
	w.t.Helper()
	row, item, err := w.db.Events.Pair(context.Background(), account, id)
	w.must(err)
	return row, item
}

// settle stores an edit as pushed: what the worker does at its end.
func (w *world) settle(id string) *calendar.Row {
	w.t.Helper()
	row, item := w.pair(id)
	if item == nil {
		w.t.Fatalf("%s waits for nothing", id)
	}
	next := *row
	next.Pending, next.Version = "", row.Version+1
	if next.Link == nil {
		next.Link = &calendar.Link{Provider: "google-calendar", Calendar: "primary", ProviderID: calendar.ProviderIDOf(id)}
	}
	next.Link.ETag += "'"
	w.must(w.db.Events.WritePair(context.Background(), calendar.Pair{
		Account: account, ID: id, Hold: calendar.Hold{Generation: "01GEN", Fence: 2}, Row: &next, Expect: row.Version,
		Item: calendar.ItemWrite{Expect: item.Version, Delete: true},
	}))
	return &next
}

// attempt records that an item may have reached the provider.
func (w *world) attempt(id string) {
	w.t.Helper()
	_, item := w.pair(id)
	_, err := w.db.Events.RecordSent(context.Background(), *item, calendar.Attempt{Stamp: "s1"}, calendar.Hold{Generation: "01GEN", Fence: 2})
	w.must(err)
}

// seen aims at an event as it is now.
func seen(row *calendar.Row) edit.Target {
	return edit.Target{ID: row.ID, Unchanged: func(r *calendar.Row) bool { return r.ID == row.ID && r.Version == row.Version }}
}

// occurrence aims at one of a series, whatever it is now.
func occurrence(master *calendar.Row, original calendar.Time, scope edit.Scope) edit.Target {
	return edit.Target{ID: master.ID, Original: &original, Scope: scope, Unchanged: func(*calendar.Row) bool { return true }}
}

func (w *world) change(t edit.Target, p edit.Patch) edit.Result {
	w.t.Helper()
	out, err := w.editor.Change(context.Background(), me, t, p)
	w.must(err)
	return out
}

func (w *world) delete(t edit.Target) {
	w.t.Helper()
	w.must(w.editor.Delete(context.Background(), me, t))
}

// shown is what a person sees between two days, a line an occurrence.
func (w *world) shown(from, to int) string {
	w.t.Helper()
	begin, end := start.AddDate(0, 0, from).Truncate(24*time.Hour), start.AddDate(0, 0, to).Truncate(24*time.Hour)
	rows, err := w.db.Events.Range(context.Background(), account, begin, end)
	w.must(err)
	var lines []string
	for _, o := range recurrence.Expand(rows, recurrence.Range{From: begin, To: end}).Occurrences {
		when := o.Start.Date
		if when == "" {
			when = o.Start.At.Format("01-02T15:04")
		}
		lines = append(lines, fmt.Sprintf("%s %s", when, o.Row.Title))
	}
	return strings.Join(lines, ", ")
}

// refused wants an error of a kind and code.
func (w *world) refused(err error, kind fault.Kind, code string) {
	w.t.Helper()
	if fault.KindOf(err) != kind || fault.CodeOf(err) != code {
		w.t.Errorf("%v, want %s %s", err, kind, code)
	}
}

func ptr[T any](v T) *T { return &v }

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s is\n%+v, want\n%+v", what, got, want)
	}
}
