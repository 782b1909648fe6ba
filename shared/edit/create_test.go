package edit_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

func TestCreatingWritesTheEventItsOrderAndSendsAJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := weekly("Stand-up")
	c.Start.At = c.Start.At.In(time.FixedZone("", 3600)).Add(300 * time.Millisecond) // as a caller may write it
	c.Status, c.Visibility = "", ""
	made := w.create(c)
	row, item := w.pair(made.ID)
	equal(t, "the row", row, made)
	if !strings.HasPrefix(row.ID, "evt_") || row.Origin != calendar.BornInAura || row.Link != nil || row.Pending != calendar.PendingEdit || row.Version == 0 {
		t.Errorf("row %+v", row)
	}
	equal(t, "its content", row.Content, weekly("Stand-up"))
	equal(t, "the item", item, &calendar.Item{Account: account, EventID: row.ID, Op: calendar.OpCreate, Version: row.Version, Since: start})
	if w.store.writes != 1 {
		t.Errorf("%d transactions, want 1", w.store.writes)
	}
	equal(t, "what was sent", w.sent, []job.Message{{Delay: job.Settle, Job: job.Job{
		Kind: job.Sync, Account: account, Provider: "google-calendar", Generation: "01GEN", Trigger: integration.TriggerAuraEdit, Due: start, CorrelationID: "c1",
	}}})
	if w.create(meeting("another", 0)).ID == made.ID {
		t.Error("two events of one id")
	}
}

func TestWhoIsSentAJob(t *testing.T) {
	t.Parallel()
	at := func(s integration.Status, d integration.Direction) *integration.Integration {
		rec := active(d)
		rec.Status = s
		return rec
	}
	for name, tc := range map[string]struct {
		recs []*integration.Integration
		jobs int
	}{
		"nobody is connected": {nil, 0},
		"active":              {[]*integration.Integration{at(integration.Active, integration.TwoWay)}, 1},
		"testing":             {[]*integration.Integration{at(integration.Testing, integration.TwoWay)}, 1},
		"paused":              {[]*integration.Integration{at(integration.Paused, integration.TwoWay)}, 0},
		"disconnected":        {[]*integration.Integration{at(integration.Disconnected, integration.ToProvider)}, 0},
		"one way":             {[]*integration.Integration{at(integration.Active, integration.ToProvider)}, 1},
	} {
		w := newWorld(t)
		w.recs = tc.recs
		row := w.create(meeting(name, 0))
		if len(w.sent) != tc.jobs {
			t.Errorf("%s: %d jobs, want %d", name, len(w.sent), tc.jobs)
		}
		if _, item := w.pair(row.ID); item == nil {
			t.Errorf("%s: nothing waits in the outbox", name)
		}
	}
}

// The next scheduled run finds the outbox, so a queue that is down costs time
// and nothing else; and that it has to come is noted, also where the request is over.
func TestALostJobDoesNotLoseTheEdit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.down = true
	row := w.create(meeting("x", 0))
	if _, item := w.pair(row.ID); item == nil {
		t.Error("nothing waits in the outbox")
	}
	if want := []string{"google-calendar 01GEN"}; !slices.Equal(w.waits, want) {
		t.Errorf("noted %q, want %q", w.waits, want)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := w.editor.Create(over, me, meeting("y", 1), "")
	w.must(err)
	if len(w.waits) != 2 {
		t.Errorf("noted %q after a request that is over", w.waits)
	}
	w.down = false
	w.create(meeting("z", 2))
	if len(w.waits) != 2 {
		t.Errorf("noted %q although the job was sent", w.waits)
	}
}

func TestCreatingIsRefusedWhereTheIntegrationOnlyBringsEventsIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.recs = []*integration.Integration{active(integration.FromProvider)}
	_, _, err := w.editor.Create(context.Background(), me, meeting("x", 0), "")
	w.refused(err, fault.Conflict, "direction_read_only")
}

func TestWhatAnEventMayHold(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*calendar.Content)
		fields string // that are refused, in order; "" for none
	}{
		"plain":             {func(*calendar.Content) {}, ""},
		"the longest title": {func(c *calendar.Content) { c.Title = strings.Repeat("é", 1024) }, ""},
		"a longer title":    {func(c *calendar.Content) { c.Title = strings.Repeat("é", 1025) }, "title"},
		"long texts": {func(c *calendar.Content) {
			c.Description, c.Location = strings.Repeat("x", 8193), strings.Repeat("x", 1025)
		}, "description location"},
		"no time at all":             {func(c *calendar.Content) { c.Start, c.End = calendar.Time{}, calendar.Time{} }, "start end"},
		"a zone that isn't":          {func(c *calendar.Content) { c.Start.Zone = "Europe/Atlantis" }, "start.time_zone"},
		"no zone":                    {func(c *calendar.Content) { c.End.Zone = "" }, "end.time_zone"},
		"this machine's zone":        {func(c *calendar.Content) { c.End.Zone = "Local" }, "end.time_zone"},
		"a day that isn't":           {func(c *calendar.Content) { c.Start, c.End = calendar.Time{Date: "2026-02-30"}, on(1) }, "start.date"},
		"before anybody":             {func(c *calendar.Content) { c.Start.At = time.Date(3, 1, 1, 0, 0, 0, 0, time.UTC) }, "start.date_time"},
		"ends before it starts":      {func(c *calendar.Content) { c.End = at(0, 9) }, "end"},
		"takes no time":              {func(c *calendar.Content) { c.End = c.Start }, ""},
		"a day that is over at once": {func(c *calendar.Content) { c.Start, c.End = on(1), on(1) }, "end"},
		"a day":                      {func(c *calendar.Content) { c.Start, c.End = on(1), on(2) }, ""},
		"a day and a moment":         {func(c *calendar.Content) { c.End = on(1) }, "end"},
		"a status of one occurrence": {func(c *calendar.Content) { c.Status = calendar.Cancelled }, "status"},
		"a visibility that isn't":    {func(c *calendar.Content) { c.Visibility = "friends" }, "visibility"},
		"a rule that isn't":          {func(c *calendar.Content) { c.Recurrence = []string{"RRULE:FREQ=SOMETIMES"} }, "recurrence"},
		"a line with a start":        {func(c *calendar.Content) { c.Recurrence = []string{"DTSTART:20261123T090000Z", "RRULE:FREQ=DAILY"} }, "recurrence"},
		"two lines in one":           {func(c *calendar.Content) { c.Recurrence = []string{"RRULE:FREQ=DAILY\r\nEXDATE:20261123T090000Z"} }, "recurrence"},
		"nothing but what to leave":  {func(c *calendar.Content) { c.Recurrence = []string{"EXDATE:20261123T090000Z"} }, "recurrence"},
		"a series that has ended":    {func(c *calendar.Content) { c.Recurrence = []string{"RRULE:FREQ=DAILY;UNTIL=20010101T000000Z"} }, "recurrence"},
		"single dates":               {func(c *calendar.Content) { c.Recurrence = []string{"RDATE:20261124T090000Z"} }, ""},
		"a hundred and one lines":    {func(c *calendar.Content) { c.Recurrence = make([]string, 101) }, "recurrence"},
		"a line longer than any":     {func(c *calendar.Content) { c.Recurrence = []string{"RRULE:" + strings.Repeat("x", 4096)} }, "recurrence"},
		"hours of a series of days":  {func(c *calendar.Content) { c.Start, c.End, c.Recurrence = on(1), on(2), []string{"RRULE:FREQ=HOURLY"} }, "recurrence"},
		"several at once, all named": {func(c *calendar.Content) { c.Title, c.Status, c.End.Zone = strings.Repeat("x", 1025), "maybe", "?" }, "title end.time_zone status"},
		"an old year, a distant year": {func(c *calendar.Content) {
			c.Start.At, c.End.At = time.Date(1799, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9001, 1, 1, 0, 0, 0, 0, time.UTC)
		}, "start.date_time end.date_time"},
	} {
		w := newWorld(t)
		c := meeting("x", 0)
		tc.change(&c)
		_, _, err := w.editor.Create(context.Background(), me, c, "")
		var got []string
		if f := fault.Of(err); f != nil {
			bad, _ := f.Extra["errors"].([]fault.Field)
			for _, b := range bad {
				got = append(got, b.Field)
			}
			if f.Kind != fault.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		if strings.Join(got, " ") != tc.fields {
			t.Errorf("%s: refuses %v, want %q: %v", name, got, tc.fields, err)
		}
	}
}

func TestOneKeyMakesOneEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	first, made, err := w.editor.Create(ctx, me, meeting("x", 0), "k1")
	if err != nil || !made {
		t.Fatal(made, err)
	}
	again, made, err := w.editor.Create(ctx, me, meeting("x", 0), "k1")
	if err != nil || made || again.ID != first.ID || len(w.sent) != 2 {
		t.Errorf("again: %+v, %v, %v; %d jobs", again, made, err, len(w.sent))
	}
	w.change(seen(first), edit.Patch{Title: ptr("changed")})
	w.settle(first.ID)
	if again, _, err = w.editor.Create(ctx, me, meeting("x", 0), "k1"); err != nil || again.Title != "changed" || len(w.sent) != 3 {
		t.Errorf("once it is synced: %+v, %v; %d jobs, want none for this one", again, err, len(w.sent))
	}
	_, _, err = w.editor.Create(ctx, me, meeting("y", 0), "k1")
	w.refused(err, fault.Invalid, "idempotency_key_reused")
	other, made, err := w.editor.Create(ctx, me, meeting("x", 0), "k2")
	if err != nil || !made || other.ID == first.ID {
		t.Errorf("another key: %+v, %v, %v", other, made, err)
	}
	theirs, made, err := w.editor.Create(ctx, edit.Author{Account: "other"}, meeting("x", 0), "k1")
	if err != nil || !made || theirs.ID == first.ID {
		t.Errorf("another account's: %+v, %v, %v", theirs, made, err)
	}
	w.recs = []*integration.Integration{active(integration.FromProvider)}
	if _, made, err = w.editor.Create(ctx, me, meeting("x", 0), "k1"); err != nil || made {
		t.Errorf("after the direction changed: %v, %v", made, err)
	}
}

// A key stays spent for good, whatever became of its event.
func TestAKeyWhoseEventWasDeletedIsSpent(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]func(w *world, row *calendar.Row){
		"never sent": func(*world, *calendar.Row) {},
		"sent":       func(w *world, row *calendar.Row) { w.attempt(row.ID) },
		"synced":     func(w *world, row *calendar.Row) { *row = *w.settle(row.ID) },
	} {
		w := newWorld(t)
		row, _, err := w.editor.Create(context.Background(), me, meeting("x", 0), "k1")
		w.must(err)
		after(w, row)
		w.delete(seen(row))
		_, _, err = w.editor.Create(context.Background(), me, meeting("x", 0), "k1")
		w.refused(err, fault.Conflict, "idempotency_key_spent")
		_, _, err = w.editor.Create(context.Background(), me, meeting("y", 0), "k1")
		w.refused(err, fault.Invalid, "idempotency_key_reused")
		if got := w.shown(-1, 9); got != "" {
			t.Errorf("%s: still shown: %s", name, got)
		}
	}
}

func TestTheSameKeyAtTheSameMoment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var made atomic.Int64
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			_, first, err := (&edit.Editor{
				Store: w.db.Events, Integrations: w, Providers: providers, Series: w.editor.Series, Queue: w, Now: w.editor.Now, Random: w.editor.Random, Log: w.editor.Log,
			}).Create(context.Background(), me, meeting("x", 0), "k1")
			if err != nil {
				t.Error(err)
			}
			if first {
				made.Add(1)
			}
		})
	}
	wg.Wait()
	if made.Load() != 1 || w.shown(-1, 2) != "11-23T09:00 x" {
		t.Errorf("made %d times: %s", made.Load(), w.shown(-1, 2))
	}
}
