package convergence_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
)

// What either side makes of its second half's dates reaches the other's where only one
// of them did; where both did, or an occurrence hangs on the other's, each half keeps
// its own and the run says so. And what else may have become of the halves meanwhile.

// dates is a part of a series as Google shows it: of the weeks from one up to another.
type dates struct {
	from, to int
	what     string
	later    time.Duration // than the series was
	every    int           // so many weeks; 0 is 1
	days     bool          // all day
}

// wantDates demands exactly these at Google.
func (w *world) wantDates(parts ...dates) {
	w.Helper()
	var want []string
	for _, d := range parts {
		for n := d.from; n < d.to; n += max(1, d.every) {
			at := nth(n)
			at.At = at.At.Add(d.later)
			if d.days {
				at = calendar.Time{Date: at.At.Format(time.DateOnly)}
			}
			want = append(want, text(at, d.what))
		}
	}
	slices.Sort(want)
	if got := w.placesThere(); !slices.Equal(got, want) {
		w.Errorf("Google shows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// laterHere and laterThere move what follows of a series, daysHere and daysThere make
// it one of days.
func laterHere(n int, by time.Duration) edit.Patch {
	at := nth(n)
	at.At = at.At.Add(by)
	return movedTo(at, time.Hour)
}

func laterThere(n int, by time.Duration) sim.Event {
	at := nth(n).At.Add(by)
	when := func(t time.Time) map[string]any {
		return map[string]any{"dateTime": t.Format(time.RFC3339), "timeZone": "Europe/Madrid"}
	}
	return sim.Event{"start": when(at), "end": when(at.Add(time.Hour))}
}

func daysHere(n int) edit.Patch {
	return movedTo(calendar.Time{Date: nth(n).At.Format(time.DateOnly)}, 24*time.Hour)
}

func daysThere(n int) sim.Event {
	at := nth(n).At
	day := func(t time.Time) map[string]any {
		return map[string]any{"date": t.Format(time.DateOnly), "dateTime": nil, "timeZone": nil}
	}
	return sim.Event{"start": day(at), "end": day(at.AddDate(0, 0, 1))}
}

// heir gives the series that Aura divided off another and that isn't sent.
func (w *world) heir(id string) string {
	w.Helper()
	_, it, err := w.me.db.Events.Pair(context.Background(), w.account, id)
	w.must(err)
	return it.Heirs[0]
}

// newThere gives Google's id of the series that isn't this one.
func (w *world) newThere(pid string) string {
	w.Helper()
	for _, r := range w.resources() {
		if r["recurrence"] != nil && r["id"] != pid {
			return r["id"].(string)
		}
	}
	w.Fatal("there is no other series")
	return ""
}

func TestBothSidesDivideAndMore(t *testing.T) {
	t.Parallel()
	const h3, h2, day = 3 * time.Hour, 2 * time.Hour, 24 * time.Hour
	hall, room := sim.Event{"location": "Hall"}, "Room"
	fortnights := []string{"RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4"}
	each2, each2There := edit.Patch{Recurrence: &fortnights}, sim.Event{"recurrence": []any{fortnights[0]}}
	guest := []any{map[string]any{"email": "guest@example.com"}}
	guests := sim.Event{"location": "Hall", "attendees": guest}
	deletedThere := func(w *world, _, pid string) { w.deleteThere(pid) }
	deletedHere := func(w *world, id, _ string) { w.remove(target(id)) }
	renamedToo := func(w *world, id, pid string) {
		w.remove(target(id))
		w.patchThere(pid, sim.Event{"summary": "G"})
	}
	for _, c := range []struct {
		name        string
		here, there int
		ours        edit.Patch
		theirs      sim.Event
		more        func(w *world, id, pid string)
		want        []dates
		named       []string // fields of conflicts
		aside       []string // codes of what is set aside
	}{
		{name: "moved here, earlier here", here: 3, there: 6, ours: laterHere(3, h3), theirs: hall,
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 6, what: "S", later: h3}, {from: 6, to: 10, what: "S Hall", later: h3}}},
		{name: "moved here, at the same", here: 4, there: 4, ours: laterHere(4, h3), theirs: hall,
			want: []dates{{to: 4, what: "S"}, {from: 4, to: 10, what: "S Hall", later: h3}}},
		{name: "moved here, earlier there", here: 6, there: 3, ours: laterHere(6, h3), theirs: hall,
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 6, what: "S Hall"}, {from: 6, to: 10, what: "S Hall", later: h3}}},
		{name: "moved there, earlier here", here: 3, there: 6, ours: titled("Y"), theirs: laterThere(6, h3),
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 6, what: "Y"}, {from: 6, to: 10, what: "Y", later: h3}}},
		{name: "moved there, at the same", here: 4, there: 4, ours: titled("Y"), theirs: laterThere(4, h3),
			want: []dates{{to: 4, what: "S"}, {from: 4, to: 10, what: "Y", later: h3}}},
		{name: "moved there, earlier there", here: 6, there: 3, ours: titled("Y"), theirs: laterThere(3, h3),
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 6, what: "S", later: h3}, {from: 6, to: 10, what: "Y", later: h3}}},
		{name: "moved to another day here", here: 3, there: 6, ours: laterHere(3, day), theirs: hall,
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 6, what: "S", later: day}, {from: 6, to: 10, what: "S Hall", later: day}}},
		{name: "moved to another day there", here: 6, there: 3, ours: titled("Y"), theirs: laterThere(3, day),
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 6, what: "S", later: day}, {from: 6, to: 10, what: "Y", later: day}}},
		{name: "moved by both, earlier here", here: 3, there: 6, ours: laterHere(3, h2), theirs: laterThere(6, h3), named: []string{"when"},
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 6, what: "S", later: h2}, {from: 6, to: 10, what: "S", later: h3}}},
		{name: "moved by both, earlier there", here: 6, there: 3, ours: laterHere(6, h2), theirs: laterThere(3, h3), named: []string{"when"},
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 6, what: "S", later: h3}, {from: 6, to: 10, what: "S", later: h2}}},
		{name: "all day here, earlier here", here: 3, there: 6, ours: daysHere(3), theirs: hall,
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 6, what: "S", days: true}, {from: 6, to: 10, what: "S Hall", days: true}}},
		{name: "all day here, earlier there", here: 6, there: 3, ours: daysHere(6), theirs: hall,
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 6, what: "S Hall"}, {from: 6, to: 10, what: "S Hall", days: true}}},
		{name: "all day there, at the same", here: 4, there: 4, ours: titled("Y"), theirs: daysThere(4),
			want: []dates{{to: 4, what: "S"}, {from: 4, to: 10, what: "Y", days: true}}},
		{name: "all day there, earlier there", here: 6, there: 3, ours: titled("Y"), theirs: daysThere(3),
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 6, what: "S", days: true}, {from: 6, to: 10, what: "Y", days: true}}},
		{name: "another rule here, earlier here", here: 2, there: 5, ours: each2, theirs: hall,
			want: []dates{{to: 2, what: "S"}, {from: 2, to: 5, what: "S", every: 2}, {from: 6, to: 9, what: "S Hall", every: 2}}},
		{name: "another rule there, earlier there", here: 5, there: 2, ours: titled("Y"), theirs: each2There,
			want: []dates{{to: 2, what: "S"}, {from: 2, to: 5, what: "S", every: 2}, {from: 6, to: 9, what: "Y", every: 2}}},
		{name: "another rule there, earlier here", here: 2, there: 4, ours: titled("Y"), theirs: each2There,
			want: []dates{{to: 2, what: "S"}, {from: 2, to: 4, what: "Y"}, {from: 4, to: 11, what: "Y", every: 2}}},
		{name: "ended here", here: 3, there: 5, ours: titled("Y"), theirs: hall,
			more: func(w *world, _, _ string) { w.remove(one(w.row("Y").ID, nth(8), edit.Following)) },
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 5, what: "Y"}, {from: 5, to: 8, what: "Y Hall"}}},
		{name: "moved here, an occurrence there", here: 3, there: 6, ours: laterHere(3, h3), theirs: hall, named: []string{"when"},
			more: func(w *world, _, _ string) {
				w.patchOne(w.tailThere("Hall"), nth(7), sim.Event{"summary": "x7"}, sim.SpanThis)
			},
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 6, what: "S", later: h3}, {from: 6, to: 7, what: "S Hall"}, {from: 7, to: 8, what: "x7 Hall"}, {from: 8, to: 10, what: "S Hall"}}},
		{name: "another rule here, an occurrence there", here: 2, there: 5, ours: each2, theirs: hall, named: []string{"recurrence"},
			more: func(w *world, _, _ string) {
				w.patchOne(w.tailThere("Hall"), nth(7), sim.Event{"summary": "x7"}, sim.SpanThis)
			},
			want: []dates{{to: 2, what: "S"}, {from: 2, to: 5, what: "S", every: 2}, {from: 5, to: 7, what: "S Hall"}, {from: 7, to: 8, what: "x7 Hall"}, {from: 8, to: 10, what: "S Hall"}}},
		{name: "moved here, an occurrence here", here: 3, there: 6, ours: laterHere(3, h3), theirs: hall,
			more: func(w *world, id, _ string) {
				at := nth(7)
				at.At = at.At.Add(h3)
				w.change(one(w.heir(id), at, edit.This), titled("x7"))
			},
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 6, what: "S", later: h3}, {from: 6, to: 7, what: "S Hall", later: h3}, {from: 7, to: 8, what: "x7 Hall", later: h3}, {from: 8, to: 10, what: "S Hall", later: h3}}},
		{name: "moved there, an occurrence there", here: 6, there: 3, ours: titled("Y"), theirs: laterThere(3, h3),
			more: func(w *world, _, pid string) {
				at := nth(7)
				at.At = at.At.Add(h3)
				w.patchOne(w.newThere(pid), at, sim.Event{"summary": "x7"}, sim.SpanThis)
			},
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 6, what: "S", later: h3}, {from: 6, to: 7, what: "Y", later: h3}, {from: 7, to: 8, what: "x7", later: h3}, {from: 8, to: 10, what: "Y", later: h3}}},
		{name: "moved there, an occurrence here", here: 6, there: 3, ours: titled("Y"), theirs: laterThere(3, h3), named: []string{"when"},
			more: func(w *world, _, _ string) { w.change(one(w.row("Y").ID, nth(7), edit.This), titled("x7")) },
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 6, what: "S", later: h3}, {from: 6, to: 7, what: "Y"}, {from: 7, to: 8, what: "x7"}, {from: 8, to: 10, what: "Y"}}},

		{name: "guests there, earlier here", here: 3, there: 6, ours: titled("Y"), theirs: guests,
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 6, what: "Y"}, {from: 6, to: 10, what: "Y Hall"}}},
		{name: "guests there, earlier there", here: 6, there: 3, ours: titled("Y"), theirs: guests, named: []string{"title"},
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 10, what: "Y Hall"}}},
		{name: "guests there, occurrences of both, earlier there", here: 6, there: 3, ours: titled("Y"), theirs: guests, named: []string{"title"},
			more: func(w *world, _, _ string) {
				w.change(one(w.row("Y").ID, nth(7), edit.This), titled("x7"))
				w.patchOne(w.tailThere("Hall"), nth(9), sim.Event{"summary": "x9"}, sim.SpanThis)
			},
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 7, what: "Y Hall"}, {from: 7, to: 8, what: "x7 Hall"}, {from: 8, to: 9, what: "Y Hall"}, {from: 9, to: 10, what: "x9 Hall"}}},
		{name: "guests there, another place here", here: 3, there: 6, ours: edit.Patch{Location: &room}, theirs: sim.Event{"summary": "Z", "attendees": guest},
			aside: []string{"guests_decision_required"},
			want:  []dates{{to: 3, what: "S"}, {from: 3, to: 6, what: "S Room"}, {from: 6, to: 10, what: "Z"}}},

		{name: "the first half deleted there, earlier here", here: 3, there: 6, ours: titled("Y"), theirs: hall, more: deletedThere, named: []string{"existence"},
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 6, what: "Y"}, {from: 6, to: 10, what: "Y Hall"}}},
		{name: "the first half deleted there, earlier there", here: 6, there: 3, ours: titled("Y"), theirs: hall, more: deletedThere, named: []string{"existence"},
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 6, what: "S Hall"}, {from: 6, to: 10, what: "Y Hall"}}},
		{name: "the first half deleted here, earlier here", here: 3, there: 6, ours: titled("Y"), theirs: hall, more: deletedHere,
			want: []dates{{from: 3, to: 6, what: "Y"}, {from: 6, to: 10, what: "Y Hall"}}},
		{name: "the first half deleted here, at the same", here: 4, there: 4, ours: titled("Y"), theirs: hall, more: deletedHere,
			want: []dates{{from: 4, to: 10, what: "Y Hall"}}},
		{name: "the first half deleted here, earlier there", here: 6, there: 3, ours: titled("Y"), theirs: hall, more: deletedHere,
			want: []dates{{from: 3, to: 6, what: "S Hall"}, {from: 6, to: 10, what: "Y Hall"}}},
		{name: "the first half deleted here and renamed there, earlier here", here: 3, there: 6, ours: titled("Y"), theirs: hall, more: renamedToo, named: []string{"existence"},
			want: []dates{{to: 6, what: "G"}, {from: 6, to: 10, what: "G Hall"}}},
		{name: "the first half deleted here and renamed there, earlier there", here: 6, there: 3, ours: titled("Y"), theirs: hall, more: renamedToo, named: []string{"existence"},
			want: []dates{{to: 3, what: "G"}, {from: 3, to: 6, what: "S Hall"}, {from: 6, to: 10, what: "G Hall"}}},
		{name: "the second half deleted here, earlier there", here: 6, there: 3, ours: titled("Y"), theirs: hall,
			more: func(w *world, _, _ string) { w.remove(target(w.row("Y").ID)) },
			want: []dates{{to: 3, what: "S"}, {from: 3, to: 10, what: "S Hall"}}},
		{name: "the second half deleted there, earlier there", here: 6, there: 3, ours: titled("Y"), theirs: hall,
			more: func(w *world, _, _ string) { w.deleteThere(w.tailThere("Hall")) },
			want: []dates{{to: 3, what: "S"}, {from: 6, to: 10, what: "Y"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			id, pid := bothDivide(w, c.here, c.there, c.ours, c.theirs)
			if c.more != nil {
				w.pass(time.Minute)
				c.more(w, id, pid)
			}
			w.settle()
			w.rest(2)
			w.wantDates(c.want...)
			w.wantNamed(c.named...)
			var aside []string
			for _, q := range w.quarantined() {
				aside = append(aside, q.Code)
			}
			if !slices.Equal(aside, c.aside) {
				t.Errorf("set aside %q, want %q", aside, c.aside)
			}
			if len(c.aside) == 0 {
				w.wantSame("in the end", nil, nil)
				w.wantConverged("in the end")
			}
		})
	}
}

// wantNamed demands conflicts of these fields, and of the dates and occurrences of
// divided halves no others.
func (w *world) wantNamed(fields ...string) {
	w.Helper()
	var named []string
	for _, d := range w.decisions() {
		if d.What == "conflict" && d.Why != "both sides changed it" && d.Rule != "each date stays in one second half, with what either side made of it" {
			named = append(named, d.Field)
		}
	}
	slices.Sort(named)
	if !slices.Equal(named, fields) {
		w.Errorf("named %q, want %q: %q", named, fields, w.told())
	}
}
