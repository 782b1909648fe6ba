package edit_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

func TestAChangeKeepsTheFieldsAsOfTheLastSyncForTheMerge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	was := w.imported("e", meeting("theirs", 0))
	w.advance(time.Minute)
	first := w.change(seen(was), edit.Patch{Title: ptr("mine")}).Row
	row, item := w.pair(was.ID)
	equal(t, "the row", row, first)
	if row.Title != "mine" || row.Version != was.Version+1 || row.Pending != calendar.PendingEdit || row.Link.ETag != "e1" || row.Origin != was.Origin {
		t.Errorf("row %+v", row)
	}
	equal(t, "the times of the edit", row.Edited, map[string]time.Time{"title": start.Add(time.Minute)})
	equal(t, "the item", item, &calendar.Item{
		Account: account, EventID: was.ID, Op: calendar.OpChange, Base: &was.Content, Version: row.Version, Since: start.Add(time.Minute),
	})

	w.attempt(was.ID) // and now it may be there
	w.advance(time.Minute)
	row = w.change(seen(first), edit.Patch{Location: ptr("here"), Busy: ptr(false)}).Row
	_, item = w.pair(was.ID)
	if item.Op != calendar.OpChange || len(item.Sent) != 1 || item.Version != row.Version || row.Version != was.Version+2 || item.Since != start.Add(time.Minute) {
		t.Errorf("over one that waits: %+v", item)
	}
	equal(t, "its base", item.Base, &was.Content)
	later := start.Add(2 * time.Minute)
	equal(t, "the times of both edits", row.Edited, map[string]time.Time{"title": start.Add(time.Minute), "location": later, "busy": later})
	if len(w.sent) != 2 {
		t.Errorf("%d jobs, want one an edit", len(w.sent))
	}

	settled := w.settle(was.ID)
	row = w.change(seen(settled), edit.Patch{Title: ptr("again")}).Row
	_, item = w.pair(was.ID)
	equal(t, "the base after a sync", item.Base, &settled.Content)
	if row.Title != "again" || len(item.Sent) != 0 {
		t.Errorf("after a sync: %+v, %+v", row, item)
	}
}

func TestAnEditOfWhatWasNeverSentStaysACreation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.create(meeting("x", 0))
	row := w.change(seen(made), edit.Patch{Title: ptr("y")}).Row
	_, item := w.pair(made.ID)
	if item.Op != calendar.OpCreate || item.Base != nil || item.Version != row.Version {
		t.Errorf("item %+v", item)
	}
}

func TestAnEditOfARefusedItemIsTriedAndKeepsTheMark(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	was := w.imported("e", meeting("theirs", 0))
	row := w.change(seen(was), edit.Patch{Title: ptr("refused")}).Row
	_, item := w.pair(was.ID)
	item.Refused = &calendar.Refusal{Code: "bad", Version: item.Version, ETag: "e1"}
	w.must(w.db.Events.WritePair(context.Background(), calendar.Pair{
		Account: account, ID: was.ID, KeepRow: true, Row: row, Expect: row.Version, Item: calendar.ItemWrite{Expect: item.Version, Update: item},
	}))
	w.change(seen(row), edit.Patch{Title: ptr("mended")})
	// The mark is of the version that was refused; settling needs it to take the
	// event out of the quarantine.
	if _, item = w.pair(was.ID); item.Refused == nil || item.Refused.Version == item.Version {
		t.Errorf("item %+v", item)
	}
}

func TestAChangeThatChangesNothingWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	was := w.imported("e", meeting("theirs", 0))
	out := w.change(seen(was), edit.Patch{Title: ptr("theirs"), Start: ptr(at(0, 10))})
	if w.store.writes != 0 || len(w.sent) != 0 || out.Row.Version != was.Version {
		t.Errorf("%d writes, %d jobs, %+v", w.store.writes, len(w.sent), out)
	}
	series := w.imported("s", weekly("theirs"))
	out = w.change(occurrence(series, at(7, 10), edit.This), edit.Patch{Title: ptr("theirs")})
	if w.store.writes != 0 || out.Row.ID != series.ID || !out.Original.SameMoment(at(7, 10)) {
		t.Errorf("of one occurrence: %d writes, %+v", w.store.writes, out)
	}
	if out = w.change(occurrence(series, at(7, 10), edit.Following), edit.Patch{Title: ptr("theirs")}); w.store.writes != 0 {
		t.Errorf("of one and all that follow: %d writes, %+v", w.store.writes, out)
	}
}

func TestOnlyWhatTheCallerSawIsEdited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	was := w.imported("e", meeting("theirs", 0))
	w.change(seen(was), edit.Patch{Title: ptr("faster")})
	_, err := w.editor.Change(context.Background(), me, seen(was), edit.Patch{Title: ptr("slower")})
	w.refused(err, fault.Stale, "stale")
	w.refused(w.editor.Delete(context.Background(), me, seen(was)), fault.Stale, "stale")

	// Somebody gets in between the reading and the writing.
	row, _ := w.pair(was.ID)
	w.store.before = func() {
		other := &edit.Editor{Store: w.db.Events, Integrations: w, Providers: providers, Series: w.editor.Series, Queue: w, Now: w.editor.Now, Log: w.editor.Log}
		_, err := other.Change(context.Background(), me, seen(row), edit.Patch{Location: ptr("in between")})
		w.must(err)
	}
	_, err = w.editor.Change(context.Background(), me, seen(row), edit.Patch{Title: ptr("too late")})
	w.refused(err, fault.Stale, "stale")
	if now, _ := w.pair(was.ID); now.Title != "faster" || now.Location != "in between" {
		t.Errorf("it is now %+v", now)
	}
}

// A run that records an attempt leaves the event as the caller saw it, so the
// edit is decided anew and succeeds.
func TestAnEditThatIsOvertakenByARunIsDecidedAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.create(meeting("x", 0))
	w.store.before = func() { w.attempt(made.ID) }
	w.delete(seen(made))
	row, item := w.pair(made.ID)
	if row == nil || row.Pending != calendar.PendingDelete || item == nil || item.Op != calendar.OpDelete || len(item.Sent) != 1 {
		t.Errorf("what may be at the provider was removed as if it never had been: %+v, %+v", row, item)
	}
}

func TestAnEventThatNeverStandsStillIsBusy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	was := w.imported("e", meeting("theirs", 0))
	always := &restless{Store: w.db.Events}
	w.editor.Store = always
	_, err := w.editor.Change(context.Background(), me, seen(was), edit.Patch{Title: ptr("x")})
	w.refused(err, fault.Unavailable, "busy")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err = w.editor.Change(ctx, me, seen(was), edit.Patch{Title: ptr("x")}); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}

// restless refuses every write.
type restless struct{ edit.Store }

func (restless) WritePair(context.Context, ...calendar.Pair) error {
	return fault.New(fault.Stale, "stale", "")
}

func TestWhatMayNotBeEdited(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		row       func(*calendar.Row)
		direction integration.Direction
		code      string
	}{
		"somebody else's":           {func(r *calendar.Row) { r.ReadOnly = true }, integration.TwoWay, "event_read_only"},
		"of a kind":                 {func(r *calendar.Row) { r.ReadOnly, r.Kind = true, "outOfOffice" }, integration.TwoWay, "event_read_only"},
		"only brought in":           {func(*calendar.Row) {}, integration.FromProvider, "direction_read_only"},
		"only brought in, but ours": {func(r *calendar.Row) { r.Origin = calendar.BornInAura }, integration.FromProvider, "direction_read_only"},
		"ours, and in Aura only":    {func(r *calendar.Row) { r.Origin, r.Link = calendar.BornInAura, nil }, integration.FromProvider, ""},
		"only taken out":            {func(*calendar.Row) {}, integration.ToProvider, ""},
		"of another provider":       {func(r *calendar.Row) { r.Link.Provider = "other" }, integration.FromProvider, ""},
		"linked no more":            {func(r *calendar.Row) { r.Link = nil }, integration.FromProvider, ""},
	} {
		w := newWorld(t)
		w.recs = []*integration.Integration{active(tc.direction)}
		series := w.imported("s", weekly("series"), tc.row)
		for _, target := range []edit.Target{
			seen(series), occurrence(series, at(7, 10), edit.This), occurrence(series, at(7, 10), edit.Following), occurrence(series, at(7, 10), edit.All),
		} {
			if tc.code == "" {
				continue
			}
			_, err := w.editor.Change(context.Background(), me, target, edit.Patch{Title: ptr("x")})
			w.refused(err, fault.Conflict, tc.code)
			w.refused(w.editor.Delete(context.Background(), me, target), fault.Conflict, tc.code)
		}
		if tc.code == "" {
			w.change(seen(series), edit.Patch{Title: ptr("x")})
		} else if w.store.writes > 0 {
			t.Errorf("%s: written all the same", name)
		}
	}
}

func TestGuestsAreDecidedAboutBeforeTheyAreTold(t *testing.T) {
	t.Parallel()
	guests := func(r *calendar.Row) {
		r.Guests = []calendar.Guest{{Self: true}, {Email: "ben@example.com"}}
	}
	yes, no := ptr(true), ptr(false)
	for name, p := range map[string]edit.Patch{
		"when":  {Start: ptr(at(0, 9))},
		"where": {Location: ptr("elsewhere")},
		"again": {Recurrence: &[]string{"RRULE:FREQ=DAILY"}},
	} {
		w := newWorld(t)
		was := w.imported("e", meeting("theirs", 0), guests)
		_, err := w.editor.Change(context.Background(), me, seen(was), p)
		w.refused(err, fault.Invalid, "guests_decision_required")
		if f := fault.Of(err); f.Fix == nil || f.Message != "This event has 1 guest. Say with notify_guests whether they are written to." {
			t.Errorf("%s: %+v", name, f)
		}
		target := seen(was)
		target.Notify = no
		w.change(target, p)
		if _, item := w.pair(was.ID); item.NotifyGuests == nil || *item.NotifyGuests {
			t.Errorf("%s: the decision isn't kept: %+v", name, item)
		}
	}

	w := newWorld(t)
	was := w.imported("e", meeting("theirs", 0), guests)
	w.refused(w.editor.Delete(context.Background(), me, seen(was)), fault.Invalid, "guests_decision_required")
	row := w.change(seen(was), edit.Patch{Title: ptr("x"), Busy: ptr(false), Status: ptr(calendar.Tentative)}).Row // nobody's concern
	target := seen(row)
	target.Notify = yes
	row = w.change(target, edit.Patch{Start: ptr(at(0, 9))}).Row
	target = seen(row)
	target.Notify = no
	w.change(target, edit.Patch{Start: ptr(at(0, 8))})
	if _, item := w.pair(was.ID); item.NotifyGuests == nil || !*item.NotifyGuests {
		t.Errorf("one of the edits that are joined said so: %+v", item)
	}

	alone := w.imported("a", meeting("alone", 0), func(r *calendar.Row) { r.Guests = []calendar.Guest{{Self: true}} })
	w.change(seen(alone), edit.Patch{Start: ptr(at(0, 9))})
	series := w.imported("s", weekly("series"), guests)
	for _, scope := range []edit.Scope{edit.This, edit.Following, edit.All} {
		w.refused(w.editor.Delete(context.Background(), me, occurrence(series, at(7, 10), scope)), fault.Invalid, "guests_decision_required")
	}
	_, err := w.editor.Change(context.Background(), me, occurrence(series, at(7, 10), edit.This), edit.Patch{Location: ptr("x")})
	w.refused(err, fault.Invalid, "guests_decision_required")
}

func TestWhatIsWrongWithAChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	odd := w.imported("odd", meeting("x", 0), func(r *calendar.Row) { r.End.Zone = "Mars/Olympus" })
	w.change(seen(odd), edit.Patch{Title: ptr("what it has already isn't for this edit to answer for")})
	series := w.imported("s", weekly("series"))
	for name, tc := range map[string]struct {
		target edit.Target
		patch  edit.Patch
	}{
		"ends before it starts":        {seen(series), edit.Patch{End: ptr(at(0, 9))}},
		"half of another form":         {seen(series), edit.Patch{Start: ptr(on(1))}},
		"a recurrence of one":          {occurrence(series, at(7, 10), edit.This), edit.Patch{Recurrence: &[]string{"RRULE:FREQ=DAILY"}}},
		"a visibility of one":          {occurrence(series, at(7, 10), edit.This), edit.Patch{Visibility: ptr(calendar.Private)}},
		"a scope that isn't":           {occurrence(series, at(7, 10), "some"), edit.Patch{Title: ptr("x")}},
		"this, of a whole series":      {edit.Target{ID: series.ID, Scope: edit.This, Unchanged: func(*calendar.Row) bool { return true }}, edit.Patch{Title: ptr("x")}},
		"following, of a whole series": {edit.Target{ID: series.ID, Scope: edit.Following, Unchanged: func(*calendar.Row) bool { return true }}, edit.Patch{Title: ptr("x")}},
	} {
		_, err := w.editor.Change(context.Background(), me, tc.target, tc.patch)
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, target := range map[string]edit.Target{
		"nothing":              {ID: "evt_nothing"},
		"no occurrence":        occurrence(series, at(7, 11), edit.This),
		"of what isn't series": occurrence(odd, at(0, 10), edit.This),
		"a series that isn't":  occurrence(&calendar.Row{ID: "evt_nothing"}, at(0, 10), edit.All),
	} {
		_, err := w.editor.Change(context.Background(), me, target, edit.Patch{Title: ptr("x")})
		w.refused(err, fault.NotFound, "not_found")
		if err := w.editor.Delete(context.Background(), me, target); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDeleting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	never := w.create(meeting("never sent", 0))
	w.delete(seen(never))
	if row, item := w.pair(never.ID); row != nil || item != nil {
		t.Errorf("never sent: %+v, %+v", row, item)
	}
	tried := w.create(meeting("tried", 1))
	w.attempt(tried.ID)
	w.delete(seen(tried))
	if row, item := w.pair(tried.ID); row == nil || row.Pending != calendar.PendingDelete || item.Op != calendar.OpDelete || item.Version != row.Version || len(item.Sent) != 1 {
		t.Errorf("tried: %+v, %+v", row, item)
	}
	linked := w.imported("e", meeting("linked", 2))
	w.delete(seen(linked))
	row, item := w.pair(linked.ID)
	if row.Pending != calendar.PendingDelete || row.Title != "linked" || item.Op != calendar.OpDelete || item.Version != row.Version {
		t.Errorf("linked: %+v, %+v", row, item)
	}
	equal(t, "the base of a deletion", item.Base, &linked.Content)
	edited := w.imported("f", meeting("edited", 3))
	was := edited.Content
	edited = w.change(seen(edited), edit.Patch{Title: ptr("x")}).Row
	w.delete(seen(edited))
	_, item = w.pair(edited.ID)
	equal(t, "the base of a deletion over an edit", item.Base, &was)
	if item.Op != calendar.OpDelete {
		t.Errorf("edited: %+v", item)
	}
	if got := w.shown(-1, 9); got != "" {
		t.Errorf("still shown: %s", got)
	}
	w.refused(w.editor.Delete(context.Background(), me, seen(linked)), fault.NotFound, "not_found")
	w.refused(w.editor.Delete(context.Background(), me, edit.Target{ID: "evt_nothing"}), fault.NotFound, "not_found")
}
