package edit_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/fault"
)

func TestOneOccurrenceBecomesAnException(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	series := w.imported("s", weekly("series"), func(r *calendar.Row) { r.Conference = "https://meet.example.com" })
	out := w.change(occurrence(series, at(7, 10), ""), edit.Patch{Title: ptr("moved"), Start: ptr(at(8, 15)), End: ptr(at(8, 16))})
	id := calendar.ExceptionID(series.ID, at(7, 10))
	row, item := w.pair(id)
	equal(t, "what was answered", out.Row, row)
	if row.MasterID != series.ID || !row.OriginalStart.SameMoment(at(7, 10)) || row.Link != nil || row.Pending != calendar.PendingEdit ||
		row.Origin != series.Origin || row.Conference != series.Conference || len(row.Recurrence) != 0 {
		t.Errorf("row %+v", row)
	}
	base := meeting("series", 7)
	equal(t, "the item", item, &calendar.Item{Account: account, EventID: id, Op: calendar.OpChange, Base: &base, Version: row.Version, Since: start})
	if got, want := w.shown(0, 15), "11-23T09:00 series, 12-01T14:00 moved, 12-07T09:00 series"; got != want {
		t.Errorf("shown %s, want %s", got, want)
	}
	if now, waits := w.pair(series.ID); now.Version != series.Version || waits != nil {
		t.Errorf("the series was written: %+v, %+v", now, waits)
	}

	// Again, by its place in the series and by its own id.
	w.change(occurrence(series, at(7, 10), edit.This), edit.Patch{Title: ptr("again")})
	row, _ = w.pair(id)
	row = w.change(seen(row), edit.Patch{Location: ptr("here")}).Row
	_, item = w.pair(id)
	equal(t, "the base of what was edited thrice", item.Base, &base)
	if row.Title != "again" || row.Location != "here" || item.Version != row.Version {
		t.Errorf("%+v, %+v", row, item)
	}
}

func TestDeletingOneOccurrenceKeepsItsPlaceEmpty(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	series := w.imported("s", weekly("series"))
	w.delete(occurrence(series, at(7, 10), ""))
	row, item := w.pair(calendar.ExceptionID(series.ID, at(7, 10)))
	base := meeting("series", 7)
	if row.Status != calendar.Cancelled || row.Pending != calendar.PendingEdit || item.Op != calendar.OpDelete {
		t.Errorf("%+v, %+v", row, item)
	}
	equal(t, "the base", item.Base, &base)
	w.change(occurrence(series, at(14, 10), edit.This), edit.Patch{Title: ptr("moved")})
	moved, _ := w.pair(calendar.ExceptionID(series.ID, at(14, 10)))
	w.delete(seen(moved))
	if got, want := w.shown(0, 28), "11-23T09:00 series, 12-14T09:00 series"; got != want {
		t.Errorf("shown %s, want %s", got, want)
	}
	for _, target := range []edit.Target{occurrence(series, at(7, 10), edit.This), occurrence(series, at(14, 10), edit.This), seen(moved)} {
		w.refused(w.editor.Delete(context.Background(), me, target), fault.NotFound, "not_found")
	}
}

// The series is deleted between the reading and the writing: an exception of
// what is gone would show for ever.
func TestAnOccurrenceIsEditedOnlyWhileItsSeriesIsAsItWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	series := w.imported("s", weekly("series"))
	w.store.before = func() {
		other := &edit.Editor{Store: w.db.Events, Integrations: w, Providers: providers, Series: w.editor.Series, Queue: w, Now: w.editor.Now, Log: w.editor.Log}
		w.must(other.Delete(context.Background(), me, seen(series)))
	}
	_, err := w.editor.Change(context.Background(), me, occurrence(series, at(7, 10), edit.This), edit.Patch{Title: ptr("x")})
	w.refused(err, fault.NotFound, "not_found")
	if got := w.shown(0, 28); got != "" {
		t.Errorf("shown %s", got)
	}
}

func TestDeletingASeriesTakesItsExceptionsAlong(t *testing.T) {
	t.Parallel()
	for _, addressed := range []bool{true, false} {
		w := newWorld(t)
		series := w.imported("s", weekly("series"))
		w.change(occurrence(series, at(7, 10), edit.This), edit.Patch{Title: ptr("moved")})
		w.delete(occurrence(series, at(14, 10), edit.This))
		target := seen(series)
		if addressed {
			target = occurrence(series, at(7, 10), edit.All)
		}
		w.delete(target)
		if row, item := w.pair(calendar.ExceptionID(series.ID, at(7, 10))); row != nil || item != nil {
			t.Errorf("left: %+v, %+v", row, item)
		}
		// What was taken out goes with the series, and stays out where that comes back.
		if row, item := w.pair(calendar.ExceptionID(series.ID, at(14, 10))); row == nil || row.Pending != calendar.PendingDelete || item.Op != calendar.OpDelete {
			t.Errorf("what was taken out: %+v, %+v", row, item)
		}
		row, item := w.pair(series.ID)
		if row.Pending != calendar.PendingDelete || item.Op != calendar.OpDelete || w.shown(0, 90) != "" {
			t.Errorf("%+v, %+v, shown %s", row, item, w.shown(0, 90))
		}
	}
}

// What the provider has of an exception is kept until the series is gone there: it
// is what an edit that somebody makes there meanwhile is told by.
func TestDeletingASeriesKeepsWhatTheProviderHasOfItsExceptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	series := w.imported("s", weekly("series"))
	exception := func(n int, edit func(*calendar.Row)) *calendar.Row {
		return w.imported("s"+fmt.Sprint(n), meeting("moved", n), func(r *calendar.Row) {
			r.ID, r.MasterID, r.OriginalStart = calendar.ExceptionID(series.ID, at(n, 10)), series.ID, at(n, 10)
			edit(r)
		})
	}
	quiet := exception(7, func(*calendar.Row) {})
	waits := exception(14, func(*calendar.Row) {})
	hole := exception(21, func(r *calendar.Row) { r.Status = calendar.Cancelled })
	w.change(seen(waits), edit.Patch{Title: ptr("mine")})
	w.delete(seen(series))
	for _, x := range []*calendar.Row{quiet, waits} {
		row, item := w.pair(x.ID)
		if row.Pending != calendar.PendingDelete || row.Link == nil || item == nil || item.Op != calendar.OpDelete || item.Version != row.Version {
			t.Fatalf("%+v, %+v", row, item)
		}
		equal(t, "what the provider has", item.Base, &x.Content)
	}
	if row, item := w.pair(hole.ID); row == nil || row.Pending != "" || item != nil {
		t.Errorf("a hole has nothing to lose: %+v, %+v", row, item)
	}
	if got := w.shown(0, 90); got != "" {
		t.Errorf("shown %s", got)
	}
}

// More exceptions than one transaction holds.
func TestDeletingASeriesWithManyExceptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := meeting("series", 0)
	c.Recurrence = []string{"RRULE:FREQ=DAILY"}
	series := w.imported("s", c)
	for n := range 60 {
		w.change(occurrence(series, at(n, 10), edit.This), edit.Patch{Title: ptr(fmt.Sprint(n))})
	}
	w.store.writes = 0
	w.delete(seen(series))
	// One decides, two take the sixty, and one says that nothing is left.
	if w.store.writes != 4 || w.shown(0, 90) != "" {
		t.Errorf("%d transactions, shown %s", w.store.writes, w.shown(0, 90))
	}
}

func TestDeletingOneAndAllThatFollowEndsTheSeries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	series := w.imported("s", weekly("series"))
	w.change(occurrence(series, at(7, 10), edit.This), edit.Patch{Title: ptr("early")})
	w.change(occurrence(series, at(28, 10), edit.This), edit.Patch{Title: ptr("late")})
	w.delete(occurrence(series, at(21, 10), edit.Following))
	row, item := w.pair(series.ID)
	if !slices.Equal(row.Recurrence, []string{"RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20261214T085959Z"}) || item.Op != calendar.OpChange || row.Pending != calendar.PendingEdit {
		t.Errorf("%+v, %+v", row, item)
	}
	if got, want := w.shown(0, 90), "11-23T09:00 series, 11-30T09:00 early, 12-07T09:00 series"; got != want {
		t.Errorf("shown %s, want %s", got, want)
	}
	w.delete(occurrence(series, at(0, 10), edit.Following)) // the first and all that follow: all
	if row, _ = w.pair(series.ID); row.Pending != calendar.PendingDelete || w.shown(0, 90) != "" {
		t.Errorf("%+v, shown %s", row, w.shown(0, 90))
	}
}

func TestChangingOneAndAllThatFollowMakesTwoSeries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	series := w.imported("s", weekly("series"))
	w.change(occurrence(series, at(7, 10), edit.This), edit.Patch{Title: ptr("early")})
	w.change(occurrence(series, at(28, 10), edit.This), edit.Patch{Title: ptr("late"), Start: ptr(at(29, 10)), End: ptr(at(29, 11))})
	w.delete(occurrence(series, at(35, 10), edit.This))
	w.store.writes, w.sent = 0, nil
	out := w.change(occurrence(series, at(21, 10), edit.Following), edit.Patch{Title: ptr("new")})
	if w.store.writes != 1 {
		t.Errorf("%d transactions: half of it could be lost", w.store.writes)
	}
	tail, item := w.pair(out.Row.ID)
	if tail.Origin != calendar.BornInAura || tail.Link != nil || item.Op != calendar.OpCreate || !slices.Equal(tail.Recurrence, []string{"RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=7"}) {
		t.Errorf("the new one: %+v, %+v", tail, item)
	}
	head, item := w.pair(series.ID)
	if !slices.Equal(head.Recurrence, []string{"RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20261214T085959Z"}) || item.Op != calendar.OpChange || item.Base.Recurrence[0] != "RRULE:FREQ=WEEKLY;COUNT=10;BYDAY=MO" {
		t.Errorf("the old one: %+v, %+v", head, item)
	}
	for n, title := range map[int]string{28: "late", 35: "series"} {
		if row, item := w.pair(calendar.ExceptionID(series.ID, at(n, 10))); row != nil || item != nil {
			t.Errorf("left behind: %+v, %+v", row, item)
		}
		row, item := w.pair(calendar.ExceptionID(tail.ID, at(n, 10)))
		base := meeting("new", n)
		if row == nil || row.MasterID != tail.ID || row.Title != title || item == nil {
			t.Fatalf("not carried over: %+v, %+v", row, item)
		}
		equal(t, "the base of what was carried over", item.Base, &base)
	}
	want := "11-23T09:00 series, 11-30T09:00 early, 12-07T09:00 series, 12-14T09:00 new, 12-22T09:00 late, 01-04T09:00 new, 01-11T09:00 new, 01-18T09:00 new, 01-25T09:00 new"
	if got := w.shown(0, 90); got != want {
		t.Errorf("shown\n%s, want\n%s", got, want)
	}
	if len(w.sent) != 1 {
		t.Errorf("%d jobs", len(w.sent))
	}
	_, err := w.editor.Change(context.Background(), me, seen(series), edit.Patch{Title: ptr("x")})
	w.refused(err, fault.Stale, "stale") // the caller's series is no more
}

// An occurrence that was only moved is called what the series is called that it
// goes over to, as one is whose whole series is renamed; what it was given of its
// own stays.
func TestWhatAnOccurrenceHasNotOfItsOwnFollows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	series := w.imported("s", weekly("series"))
	w.change(occurrence(series, at(14, 10), edit.This), edit.Patch{Start: ptr(at(15, 10)), End: ptr(at(15, 11))})
	w.change(occurrence(series, at(21, 10), edit.This), edit.Patch{Location: ptr("Room"), Title: ptr("own")})
	w.change(occurrence(series, at(28, 10), edit.This), edit.Patch{Location: ptr("Room")})
	out := w.change(occurrence(series, at(7, 10), edit.Following), edit.Patch{Title: ptr("new"), Location: ptr("Hall")})
	if got, want := w.shown(0, 36), "11-23T09:00 series, 11-30T09:00 new, 12-08T09:00 new, 12-14T09:00 own, 12-21T09:00 new, 12-28T09:00 new"; got != want {
		t.Errorf("shown\n%s, want\n%s", got, want)
	}
	for n, place := range map[int]string{14: "Hall", 21: "Room", 28: "Room"} {
		if row, _ := w.pair(calendar.ExceptionID(out.Row.ID, at(n, 10))); row == nil || row.Location != place {
			t.Errorf("after %d days: %+v, want it in %s", n, row, place)
		}
	}
}

// What follows goes to another day and time of day; its exceptions go along.
func TestChangingWhenAllThatFollowAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	series := w.imported("s", weekly("series"))
	w.change(occurrence(series, at(14, 10), edit.This), edit.Patch{Title: ptr("renamed")})
	w.change(occurrence(series, at(21, 10), edit.This), edit.Patch{Start: ptr(at(22, 8)), End: ptr(at(22, 9))})
	out := w.change(occurrence(series, at(7, 10), edit.Following), edit.Patch{Start: ptr(at(9, 15)), End: ptr(at(9, 17))})
	if !slices.Equal(out.Row.Recurrence, []string{"RRULE:FREQ=WEEKLY;BYDAY=WE;COUNT=9"}) {
		t.Errorf("recurs %v", out.Row.Recurrence)
	}
	if got, want := w.shown(0, 36), "11-23T09:00 series, 12-02T14:00 series, 12-09T14:00 renamed, 12-15T07:00 series, 12-23T14:00 series"; got != want {
		t.Errorf("shown\n%s, want\n%s", got, want)
	}
}

func TestChangingAllFromOneOccurrenceMovesTheSeriesByAsMuch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	series := w.imported("s", weekly("series"))
	w.change(occurrence(series, at(14, 10), edit.This), edit.Patch{Title: ptr("lost with its place")})
	w.delete(occurrence(series, at(21, 10), edit.This))
	out := w.change(occurrence(series, at(7, 10), edit.All), edit.Patch{Start: ptr(at(8, 12)), End: ptr(at(8, 13)), Title: ptr("moved")})
	if out.Row.ID != series.ID || !out.Row.Start.Equal(at(1, 12)) || !out.Row.End.Equal(at(1, 13)) || !slices.Equal(out.Row.Recurrence, []string{"RRULE:FREQ=WEEKLY;COUNT=10;BYDAY=TU"}) {
		t.Errorf("%+v", out.Row)
	}
	if got, want := w.shown(0, 28), "11-24T11:00 moved, 12-01T11:00 moved, 12-08T11:00 moved, 12-15T11:00 moved"; got != want {
		t.Errorf("shown\n%s, want\n%s", got, want)
	}

	days := w.change(seen(out.Row), edit.Patch{Start: ptr(on(1)), End: ptr(on(2))}).Row
	if got, want := w.shown(0, 9), "2026-11-24 moved, 2026-12-01 moved"; got != want {
		t.Errorf("as days: shown %s, want %s", got, want)
	}
	w.change(occurrence(days, on(8), edit.All), edit.Patch{Start: ptr(at(8, 10)), End: ptr(at(8, 12))})
	if got, want := w.shown(0, 9), "11-24T09:00 moved, 12-01T09:00 moved"; got != want {
		t.Errorf("as hours again: shown %s, want %s", got, want)
	}
	single, _ := w.pair(series.ID)
	w.change(seen(single), edit.Patch{Recurrence: &[]string{}})
	if got, want := w.shown(0, 90), "11-24T09:00 moved"; got != want {
		t.Errorf("alone: shown %s, want %s", got, want)
	}
}

// A change that leaves occurrences where they are leaves exceptions alone.
func TestChangingAllKeepsExceptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	series := w.imported("s", weekly("series"))
	w.change(occurrence(series, at(7, 10), edit.This), edit.Patch{Title: ptr("own")})
	row := w.change(seen(series), edit.Patch{Title: ptr("renamed")}).Row
	row = w.change(seen(row), edit.Patch{End: ptr(at(0, 12))}).Row
	w.change(seen(row), edit.Patch{Recurrence: &[]string{"RRULE:FREQ=WEEKLY;COUNT=3;BYDAY=MO"}})
	if got, want := w.shown(0, 90), "11-23T09:00 renamed, 11-30T09:00 own, 12-07T09:00 renamed"; got != want {
		t.Errorf("shown\n%s, want\n%s", got, want)
	}
}

func TestASeriesThatCannotBeDividedIsLeftWhole(t *testing.T) {
	t.Parallel()
	guests := []calendar.Guest{{Email: "ben@example.com"}}
	for name, change := range map[string]func(*calendar.Row){
		"guests":    func(r *calendar.Row) { r.Guests = guests },
		"two rules": func(r *calendar.Row) { r.Recurrence = append(r.Recurrence, "RRULE:FREQ=MONTHLY;COUNT=3") },
		"EXRULE":    func(r *calendar.Row) { r.Recurrence = append(r.Recurrence, "EXRULE:FREQ=MONTHLY;BYMONTHDAY=14") },
		"a period":  func(r *calendar.Row) { r.Recurrence = append(r.Recurrence, "RDATE;VALUE=PERIOD:20261201T100000Z/PT1H") },
		"out of step": func(r *calendar.Row) { // the second half would count its fortnights from the added date
			r.Recurrence = []string{"RRULE:FREQ=WEEKLY;INTERVAL=2", "RDATE;TZID=Europe/Madrid:20261130T100000"}
		},
	} {
		w := newWorld(t)
		series := w.imported("s", weekly("series"), change)
		target := occurrence(series, at(7, 10), edit.Following)
		target.Notify = ptr(true)
		_, err := w.editor.Change(context.Background(), me, target, edit.Patch{Title: ptr("x")})
		if !fault.Is(err, fault.Invalid) || w.store.writes > 0 {
			t.Errorf("%s: %v after %d writes", name, err, w.store.writes)
		}
		if name != "a period" { // ending it is another matter
			w.delete(target)
			if got := w.shown(0, 90); got != "11-23T09:00 series" {
				t.Errorf("%s: ended, it shows %s", name, got)
			}
		}
	}
	w := newWorld(t)
	series := w.imported("s", weekly("series"))
	x := w.change(occurrence(series, at(14, 10), edit.This), edit.Patch{Title: ptr("invited")}).Row
	invited := *x
	invited.Guests, invited.Version = guests, x.Version+1
	_, item := w.pair(x.ID)
	w.must(w.db.Events.WritePair(context.Background(), calendar.Pair{Account: account, ID: x.ID, Row: &invited, Expect: x.Version, Item: calendar.ItemWrite{Expect: item.Version, Delete: true}}))
	_, err := w.editor.Change(context.Background(), me, occurrence(series, at(7, 10), edit.Following), edit.Patch{Title: ptr("x")})
	w.refused(err, fault.Invalid, "invalid")
}

// An exception whose series is gone stands alone: it can be changed and deleted,
// and there is nothing that would follow it.
func TestAnExceptionThatOutlivedItsSeries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	orphan := w.imported("x", meeting("orphan", 8), func(r *calendar.Row) {
		r.ID, r.MasterID, r.OriginalStart = calendar.ExceptionID("evt_gone", at(7, 10)), "evt_gone", at(7, 10)
	})
	row := w.change(seen(orphan), edit.Patch{Title: ptr("alone")}).Row
	target := seen(row)
	target.Scope = edit.Following
	_, err := w.editor.Change(context.Background(), me, target, edit.Patch{Title: ptr("x")})
	w.refused(err, fault.Invalid, "invalid")
	w.delete(occurrence(&calendar.Row{ID: "evt_gone"}, at(7, 10), edit.This))
	if got := w.shown(0, 28); got != "" {
		t.Errorf("shown %s", got)
	}
}

// behind is a database whose index is behind with everything.
type behind struct{ edit.Store }

func (behind) Exceptions(context.Context, string, string) ([]*calendar.Row, error) { return nil, nil }

// The index that finds a series' exceptions may be a second late. A series that was
// never sent takes them along all the same: nobody comes by later.
func TestASeriesThatWasNeverSentTakesALateExceptionAlong(t *testing.T) {
	t.Parallel()
	for name, from := range map[string]int{"all": 0, "all that follow": 7} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.recs = nil
			series := w.create(weekly("series"))
			w.change(occurrence(series, at(7, 10), edit.This), edit.Patch{Title: ptr("own")})
			w.change(occurrence(series, at(14, 10), edit.This), edit.Patch{Title: ptr("other")})
			w.store.Store = behind{w.db.Events}
			w.delete(occurrence(series, at(21, 10), edit.This))
			target, want := seen(series), ""
			if from > 0 {
				target, want = occurrence(series, at(14, 10), edit.Following), "11-23T09:00 series, 11-30T09:00 own"
			}
			w.delete(target)
			if got := w.shown(0, 90); got != want {
				t.Errorf("shown %s, want %s", got, want)
			}
			for _, n := range []int{14, 21} {
				if row, item := w.pair(calendar.ExceptionID(series.ID, at(n, 10))); row != nil || item != nil {
					t.Errorf("left: %+v, %+v", row, item)
				}
			}
		})
	}
}

// A series that was never sent is divided, or one that was: the second half, deleted
// right then, takes along what went over to it, few or more than one transaction takes.
func TestASecondHalfThatWasNeverSentTakesWhatWentOverAlong(t *testing.T) {
	t.Parallel()
	for _, n := range []int{2, 60} {
		for _, sent := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d exceptions, the first half sent: %t", n, sent), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				c := meeting("series", 0)
				c.Recurrence = []string{"RRULE:FREQ=DAILY;COUNT=90"}
				series := w.create(c)
				if sent {
					series = w.settle(series.ID)
				}
				for i := range n {
					w.change(occurrence(series, at(10+i, 10), edit.This), edit.Patch{Title: ptr(fmt.Sprint(i))})
				}
				tail := w.change(occurrence(series, at(9, 10), edit.Following), edit.Patch{Description: ptr("d")}).Row
				want := w.shown(0, 9)
				w.store.Store = behind{w.db.Events}
				w.change(occurrence(tail, at(85, 10), edit.This), edit.Patch{Title: ptr("last")})
				w.delete(occurrence(tail, at(9, 10), edit.All))
				if got := w.shown(0, 120); got != want {
					t.Errorf("shown %s, want %s", got, want)
				}
				for i := range 90 {
					if row, item := w.pair(calendar.ExceptionID(tail.ID, at(i, 10))); row != nil || item != nil {
						t.Errorf("left: %+v, %+v", row, item)
					}
				}
			})
		}
	}
}

// An occurrence is edited between the reading and the writing of its series'
// deletion, which is decided anew then.
func TestASeriesThatWasNeverSentTakesAnExceptionOfTheMomentAlong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.recs = nil
	series := w.create(weekly("series"))
	w.store.before = func() {
		other := &edit.Editor{Store: w.db.Events, Integrations: w, Providers: providers, Series: w.editor.Series, Queue: w, Now: w.editor.Now, Log: w.editor.Log}
		_, err := other.Change(context.Background(), me, occurrence(series, at(7, 10), edit.This), edit.Patch{Title: ptr("own")})
		w.must(err)
	}
	w.delete(seen(series))
	if got := w.shown(0, 90); got != "" {
		t.Errorf("shown %s", got)
	}
}

// More occurrences are edited than a series remembers: the last ones are known.
func TestASeriesRemembersTheLastExceptionsOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.recs = nil
	c := meeting("series", 0)
	c.Recurrence = []string{"RRULE:FREQ=DAILY"}
	series := w.create(c)
	for n := range 110 {
		w.change(occurrence(series, at(n, 10), edit.This), edit.Patch{Title: ptr(fmt.Sprint(n))})
	}
	_, item := w.pair(series.ID)
	if n := len(item.Fresh); n < 50 || n > 100 || item.Fresh[n-1] != calendar.ExceptionID(series.ID, at(109, 10)) {
		t.Errorf("%d remembered", n)
	}
	w.delete(seen(series))
	if got := w.shown(0, 120); got != "" {
		t.Errorf("shown %s", got)
	}
}
