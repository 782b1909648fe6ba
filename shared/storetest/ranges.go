package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
)

// shown gives the ids of a range, without their prefix.
func (w *world) shown(from, to time.Time) string {
	w.t.Helper()
	rows, err := w.Events.Range(w.ctx, w.key.Account, from, to)
	w.must(err)
	var ids []string
	for _, r := range rows {
		ids = append(ids, strings.TrimPrefix(r.ID, "evt_"))
	}
	return strings.Join(ids, " ")
}

func day(date string) calendar.Time { return calendar.Time{Date: date} }

func instant(t time.Time) calendar.Time { return calendar.Time{At: t, Zone: "UTC"} }

// span sets when a row is.
func span(r *calendar.Row, start, end calendar.Time) *calendar.Row {
	r.Start, r.End = start, end
	return r
}

func testRange(t *testing.T, open Open) {
	hour, days := time.Hour, 24*time.Hour
	each(t, open, map[string]func(*world){
		"single events that overlap": func(w *world) {
			w.put(span(w.timed("before", noon), instant(noon.Add(-2*hour)), instant(noon)))
			w.put(span(w.timed("into", noon), instant(noon.Add(-2*hour)), instant(noon.Add(time.Second))))
			w.put(span(w.timed("inside", noon), instant(noon.Add(hour)), instant(noon.Add(2*hour))))
			w.put(span(w.timed("point", noon), instant(noon), instant(noon)))
			w.put(span(w.timed("after", noon), instant(noon.Add(days)), instant(noon.Add(25*hour))))
			w.put(span(w.timed("long", noon), instant(noon.Add(-90*days)), instant(noon.Add(hour))))
			w.put(span(w.timed("longer", noon), instant(noon.Add(hour)), instant(noon.Add(90*days))))
			w.put(span(w.timed("long-ago", noon), instant(noon.Add(-90*days)), instant(noon.Add(-hour))))
			w.put(span(w.timed("long-to-come", noon), instant(noon.Add(days)), instant(noon.Add(9*days))))
			w.put(span(w.timed("endless", noon), instant(noon.Add(hour)), calendar.Time{}))
			if got, want := w.shown(noon, noon.Add(days)), "endless inside into long longer point"; got != want {
				w.t.Errorf("shown %q, want %q", got, want)
			}
		},
		"days, in whatever zone they are meant": func(w *world) {
			for _, d := range []int{20, 21, 22, 23, 24} {
				w.put(span(w.timed(fmt.Sprint(d), noon), day(fmt.Sprintf("2026-11-%02d", d)), day(fmt.Sprintf("2026-11-%02d", d+1))))
			}
			w.put(span(w.timed("holiday", noon), day("2026-11-01"), day("2026-11-22")))
			// An hour past midnight UTC of the 22nd is the 21st in the Americas.
			from := time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)
			got := w.shown(from, from.Add(hour))
			for _, must := range []string{"21", "22", "holiday"} {
				if !slices.Contains(strings.Fields(got), must) {
					w.t.Errorf("shown %q, without %s", got, must)
				}
			}
			for _, far := range []string{"20", "24"} {
				if slices.Contains(strings.Fields(got), far) {
					w.t.Errorf("shown %q, with %s", got, far)
				}
			}
		},
		"series as long as they last": func(w *world) {
			for id, rules := range map[string][]string{
				"open":         {"RRULE:FREQ=WEEKLY"},
				"until-past":   {"RRULE:FREQ=WEEKLY;UNTIL=20260301T000000Z"},
				"until-future": {"RRULE:FREQ=WEEKLY;UNTIL=20270301T000000Z"},
				"count-past":   {"RRULE:FREQ=DAILY;COUNT=10"},
				"count-far":    {"RRULE:FREQ=WEEKLY;COUNT=100"},
				"dates-past":   {"RDATE:20260205T090000Z,20260301T090000Z"},
				"dates-future": {"RRULE:FREQ=DAILY;COUNT=2", "RDATE:20270205T090000Z"},
				"odd":          {"RRULE:FREQ=DAILY;COUNT=2", "X-ODD:1"},
				"skipping":     {"RRULE:FREQ=MONTHLY;BYMONTHDAY=31;COUNT=10"},
			} {
				start := time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)
				r := span(w.timed(id, noon), instant(start), instant(start.Add(hour)))
				r.Recurrence = rules
				w.put(r)
			}
			later := span(w.timed("later", noon), instant(noon.Add(40*days)), instant(noon.Add(40*days+hour)))
			later.Recurrence = []string{"RRULE:FREQ=DAILY"}
			w.put(later)
			if got, want := w.shown(noon, noon.Add(days)), "count-far dates-future odd open skipping until-future"; got != want {
				w.t.Errorf("shown %q, want %q", got, want)
			}
		},
		"exceptions by original start and by their own time": func(w *world) {
			exception := func(id string, original, start, end time.Time) *calendar.Row {
				r := span(w.timed(id, noon), instant(start), instant(end))
				r.MasterID, r.OriginalStart = "evt_m", instant(original)
				return r
			}
			week := 7 * days
			w.put(exception("here-to-there", noon.Add(hour), noon.Add(week), noon.Add(week+hour)))
			w.put(exception("there-to-here", noon.Add(week), noon.Add(hour), noon.Add(2*hour)))
			w.put(exception("later-to-earlier", noon.Add(hour), noon.Add(-week), noon.Add(hour-week)))
			w.put(exception("elsewhere", noon.Add(-week), noon.Add(hour-week), noon.Add(2*hour-week)))
			w.put(exception("ahead", noon.Add(week), noon.Add(week), noon.Add(week+hour)))
			gone := exception("gone", noon.Add(2*hour), time.Time{}, time.Time{})
			gone.Status, gone.Start, gone.End = calendar.Cancelled, calendar.Time{}, calendar.Time{}
			w.put(gone)
			long := exception("long-ago-for-long", noon.Add(-2*week), noon.Add(-2*week), noon.Add(hour))
			w.put(long)
			if got, want := w.shown(noon, noon.Add(days)), "gone here-to-there later-to-earlier long-ago-for-long there-to-here"; got != want {
				w.t.Errorf("shown %q, want %q", got, want)
			}
		},
		"exceptions that take a running occurrence away": func(w *world) {
			// Occurrences of three days: the one of two days before still runs at noon.
			m := span(w.timed("m", noon), instant(noon.Add(-30*days)), instant(noon.Add(-27*days)))
			m.Recurrence = []string{"RRULE:FREQ=WEEKLY"}
			w.put(m)
			gone := w.timed("gone", noon)
			gone.MasterID, gone.OriginalStart, gone.Status = m.ID, instant(noon.Add(-2*days)), calendar.Cancelled
			gone.Start, gone.End = calendar.Time{}, calendar.Time{}
			w.put(gone)
			over := w.timed("over", noon)
			over.MasterID, over.OriginalStart, over.Status = m.ID, instant(noon.Add(-9*days)), calendar.Cancelled
			over.Start, over.End = calendar.Time{}, calendar.Time{}
			w.put(over)
			if got, want := w.shown(noon, noon.Add(hour)), "gone m"; got != want {
				w.t.Errorf("shown %q, want %q", got, want)
			}
		},
		"no tombstones, nothing cancelled, nobody else's": func(w *world) {
			tomb := w.timed("tomb", noon)
			tomb.Pending = calendar.PendingDelete
			w.put(tomb)
			cancelled := w.timed("cancelled", noon)
			cancelled.Status = calendar.Cancelled
			w.put(cancelled)
			edited := w.timed("edited", noon)
			edited.Pending = calendar.PendingEdit
			w.put(edited)
			other := newWorldOf(w, w.key.Account+"-other")
			other.put(other.timed("theirs", noon))
			if got, want := w.shown(noon, noon.Add(hour)), "edited"; got != want {
				w.t.Errorf("shown %q, want %q", got, want)
			}
		},
		"what moves is found where it is": func(w *world) {
			r := w.timed("x", noon)
			w.put(r)
			r.Version, r.Start, r.End = 2, instant(noon.Add(5*days)), instant(noon.Add(5*days+hour))
			_, err := w.Events.Put(w.ctx, write(r, 1, "01A", 4))
			w.must(err)
			if got := w.shown(noon, noon.Add(hour)); got != "" {
				w.t.Errorf("it is still shown where it was: %q", got)
			}
			if got := w.shown(noon.Add(5*days), noon.Add(6*days)); got != "x" {
				w.t.Errorf("shown %q where it is now", got)
			}
			_, err = w.Events.Delete(w.ctx, write(r, 2, "01A", 4))
			w.must(err)
			if got := w.shown(noon.Add(5*days), noon.Add(6*days)); got != "" {
				w.t.Errorf("deleted, it is still shown: %q", got)
			}
		},
		"whatever may show, and nothing else": func(w *world) {
			rows := w.anyRows(120)
			for _, r := range rows {
				w.put(r)
			}
			rng := rand.New(rand.NewPCG(7, 7))
			for range 40 {
				from := noon.Add(time.Duration(rng.Int64N(int64(40*days))) - 20*days)
				to := from.Add(time.Duration(rng.Int64N(int64(10 * days))))
				var longest time.Duration
				for _, r := range rows {
					if r.IsMaster() && r.MayShow(from, to, 0) {
						longest = max(longest, r.Lasts())
					}
				}
				var want []string
				for _, r := range rows {
					if r.MayShow(from, to, longest) {
						want = append(want, strings.TrimPrefix(r.ID, "evt_"))
					}
				}
				slices.Sort(want)
				if got := w.shown(from, to); got != strings.Join(want, " ") {
					w.t.Errorf("from %s to %s: shown %q, want %q", from, to, got, want)
				}
			}
		},
	})
}

// anyRows makes rows of every class around noon, the same at every run.
func (w *world) anyRows(n int) []*calendar.Row {
	rng := rand.New(rand.NewPCG(1, 2))
	any := func(most time.Duration) time.Duration {
		return time.Duration(rng.Int64N(int64(most))).Truncate(time.Minute)
	}
	days := 24 * time.Hour
	rows := make([]*calendar.Row, n)
	for i := range rows {
		start := noon.Add(any(40*days) - 20*days)
		r := w.timed(fmt.Sprintf("r%03d", i), start)
		lasts := any(6 * time.Hour)
		if rng.IntN(4) == 0 {
			lasts = any(9 * days)
		}
		r.End = instant(start.Add(lasts))
		if rng.IntN(4) == 0 {
			d := start.Truncate(days)
			span(r, day(d.Format(time.DateOnly)), day(d.AddDate(0, 0, 1+rng.IntN(3)).Format(time.DateOnly)))
		}
		switch rng.IntN(4) {
		case 0:
			r.Recurrence = []string{[]string{"RRULE:FREQ=WEEKLY", "RRULE:FREQ=DAILY;COUNT=3", "RRULE:FREQ=DAILY;UNTIL=20261130T000000Z"}[rng.IntN(3)]}
		case 1:
			r.MasterID, r.OriginalStart = "evt_r000", instant(noon.Add(any(40*days)-20*days))
			if rng.IntN(3) == 0 {
				r.Status, r.Start, r.End = calendar.Cancelled, calendar.Time{}, calendar.Time{}
			}
		}
		rows[i] = r
	}
	return rows
}
