package convergence_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/edit"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// Both sides divide one series before either hears of it. Each date is in one of
// the second halves then, with what either side made of it.

// bothDivide has Aura's person divide a weekly series at one occurrence and
// Google's at another, the later of them the newer.
func bothDivide(w *world, here, there int, ours edit.Patch, theirs sim.Event) (id, pid string) {
	w.Helper()
	pid = w.there(weekly("S"))
	w.sync()
	w.sync()
	w.queue.msgs = nil
	w.pass(time.Minute)
	id = w.row("S").ID
	w.change(one(id, nth(here), edit.Following), ours)
	w.pass(time.Minute)
	w.patchOne(pid, nth(there), theirs, sim.SpanFollowing)
	return id, pid
}

// placesThere gives when and where everything is that Google shows.
func (w *world) placesThere() (out []string) {
	w.Helper()
	events, err := w.sim.Calendar.Events(w.email, w.email, start, start.AddDate(1, 0, 0))
	w.must(err)
	for _, e := range events {
		place, _ := e["location"].(string)
		title, _ := e["summary"].(string)
		from := e["start"].(map[string]any)
		at, _ := from["date"].(string)
		if at == "" {
			when, err := time.Parse(time.RFC3339, from["dateTime"].(string))
			w.must(err)
			at = when.UTC().Format(time.RFC3339)
		}
		out = append(out, strings.TrimSpace(at+" "+title+" "+place))
	}
	slices.Sort(out)
	return out
}

// wantWeeks demands exactly what each week shows, at Google; "" for nothing.
func (w *world) wantWeeks(weeks ...string) {
	w.Helper()
	var want []string
	for n, s := range weeks {
		if s != "" {
			want = append(want, text(nth(n), s))
		}
	}
	if got := w.placesThere(); !slices.Equal(got, want) {
		w.Errorf("Google shows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// run10 gives ten weeks: S to the first cut, then what the halves are called.
func run10(parts ...any) (out []string) {
	for i := 0; i < len(parts); i += 2 {
		for range parts[i].(int) {
			out = append(out, parts[i+1].(string))
		}
	}
	return out
}

func TestBothSidesDivide(t *testing.T) {
	t.Parallel()
	hall := sim.Event{"location": "Hall"}
	place := "Room"
	for _, c := range []struct {
		name        string
		here, there int
		ours        edit.Patch
		theirs      sim.Event
		more        func(w *world, id, pid string)
		want        []string
		named       []string // fields of conflicts
	}{
		{name: "earlier here", here: 3, there: 6, ours: titled("Y"), theirs: hall, want: run10(3, "S", 3, "Y", 4, "Y Hall")},
		{name: "at the same", here: 4, there: 4, ours: titled("Y"), theirs: hall, want: run10(4, "S", 6, "Y Hall")},
		{name: "earlier there", here: 6, there: 3, ours: titled("Y"), theirs: hall, want: run10(3, "S", 3, "S Hall", 4, "Y Hall")},
		{name: "the same field, earlier here", here: 3, there: 6, ours: titled("Y"), theirs: sim.Event{"summary": "Z"}, want: run10(3, "S", 3, "Y", 4, "Z"), named: []string{"title"}},
		{name: "the same field, at the same", here: 4, there: 4, ours: titled("Y"), theirs: sim.Event{"summary": "Z"}, want: run10(4, "S", 6, "Z"), named: []string{"title"}},
		{name: "the same field, earlier there", here: 6, there: 3, ours: titled("Y"), theirs: sim.Event{"summary": "Z"}, want: run10(3, "S", 3, "Z", 4, "Z"), named: []string{"title"}},
		{name: "the same by both", here: 4, there: 4, ours: titled("Y"), theirs: sim.Event{"summary": "Y"}, want: run10(4, "S", 6, "Y")},
		{name: "an occurrence taken out here and edited there", here: 4, there: 4, ours: titled("Y"), theirs: hall, more: func(w *world, id, _ string) {
			w.remove(one(w.row("Y").ID, nth(7), edit.This))
			w.patchOne(w.tailThere("Hall"), nth(7), sim.Event{"location": "Loft"}, sim.SpanThis)
		}, want: run10(4, "S", 3, "Y Hall", 1, "S Loft", 2, "Y Hall"), named: []string{"existence"}},
		{name: "divided twice here", here: 6, there: 4, ours: titled("Y"), theirs: hall, more: func(w *world, id, _ string) {
			w.change(one(id, nth(2), edit.Following), edit.Patch{Location: &place})
		}, want: run10(2, "S", 2, "S Room", 2, "S Hall", 4, "Y Hall"), named: []string{"location"}},
		{name: "the second half divided again here", here: 2, there: 4, ours: titled("Y"), theirs: hall, more: func(w *world, id, _ string) {
			w.change(one(w.row("Y").ID, nth(6), edit.Following), titled("X"))
		}, want: run10(2, "S", 2, "Y", 2, "Y Hall", 4, "X Hall")},
		{name: "divided twice there", here: 2, there: 4, ours: titled("Y"), theirs: hall, more: func(w *world, _, pid string) {
			w.patchOne(w.tailThere("Hall"), nth(6), sim.Event{"location": "Loft"}, sim.SpanFollowing)
		}, want: run10(2, "S", 2, "Y", 2, "Y Hall", 4, "Y Loft")},
		{name: "divided twice there, before and after", here: 5, there: 3, ours: titled("Y"), theirs: hall, more: func(w *world, _, pid string) {
			w.patchOne(w.tailThere("Hall"), nth(7), sim.Event{"location": "Loft"}, sim.SpanFollowing)
		}, want: run10(3, "S", 2, "S Hall", 2, "Y Hall", 3, "Y Loft")},
		{name: "an exception of either, earlier here", here: 3, there: 5, ours: titled("Y"), theirs: hall, more: func(w *world, _, _ string) {
			id, pid := w.row("Y").ID, w.tailThere("Hall")
			w.change(one(id, nth(4), edit.This), titled("x4"))
			w.change(one(id, nth(7), edit.This), titled("x7"))
			w.remove(one(id, nth(8), edit.This))
			w.patchOne(pid, nth(6), sim.Event{"summary": "x6"}, sim.SpanThis)
			w.deleteOne(pid, nth(9), sim.SpanThis)
		}, want: []string{"S", "S", "S", "Y", "x4", "Y Hall", "x6 Hall", "x7 Hall", "", ""}},
		{name: "an exception of either, at the same", here: 4, there: 4, ours: titled("Y"), theirs: hall, more: func(w *world, _, _ string) {
			id, pid := w.row("Y").ID, w.tailThere("Hall")
			w.change(one(id, nth(7), edit.This), titled("x7"))
			w.remove(one(id, nth(8), edit.This))
			w.patchOne(pid, nth(6), sim.Event{"summary": "x6"}, sim.SpanThis)
			w.deleteOne(pid, nth(9), sim.SpanThis)
		}, want: []string{"S", "S", "S", "S", "Y Hall", "Y Hall", "x6 Hall", "x7 Hall", "", ""}},
		{name: "an exception of either, earlier there", here: 5, there: 3, ours: titled("Y"), theirs: hall, more: func(w *world, _, _ string) {
			id, pid := w.row("Y").ID, w.tailThere("Hall")
			w.patchOne(pid, nth(4), sim.Event{"summary": "x4"}, sim.SpanThis)
			w.change(one(id, nth(7), edit.This), titled("x7"))
			w.remove(one(id, nth(8), edit.This))
			w.patchOne(pid, nth(6), sim.Event{"summary": "x6"}, sim.SpanThis)
			w.deleteOne(pid, nth(9), sim.SpanThis)
		}, want: []string{"S", "S", "S", "S Hall", "x4 Hall", "Y Hall", "x6 Hall", "x7 Hall", "", ""}},
		{name: "the same occurrence by both, earlier here", here: 3, there: 5, ours: titled("Y"), theirs: hall, more: sameOne, named: []string{"title"},
			want: run10(3, "S", 2, "Y", 2, "Y Hall", 1, "gx Room", 2, "Y Hall")},
		{name: "the same occurrence by both, earlier there", here: 5, there: 3, ours: titled("Y"), theirs: hall, more: sameOne, named: []string{"title"},
			want: run10(3, "S", 2, "S Hall", 2, "Y Hall", 1, "ax Room", 2, "Y Hall")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			id, pid := bothDivide(w, c.here, c.there, c.ours, c.theirs)
			if c.more != nil {
				c.more(w, id, pid)
			}
			w.settle()
			w.rest(2)
			w.wantWeeks(c.want...)
			w.wantSame("in the end", nil, nil)
			for _, f := range c.named {
				if !slices.ContainsFunc(w.told(), func(s string) bool { return strings.HasPrefix(s, "conflict") && strings.HasSuffix(s, f) }) {
					t.Errorf("the %s that lost is named nowhere: %q", f, w.told())
				}
			}
			if q := w.quarantined(); len(q) > 0 {
				t.Errorf("set aside: %+v", q)
			}
			w.wantConverged("in the end")
		})
	}
}

// sameOne has both edit one occurrence of their second halves.
func sameOne(w *world, _, _ string) {
	room := "Room"
	w.change(one(w.row("Y").ID, nth(7), edit.This), edit.Patch{Title: titled("ax").Title, Location: &room})
	w.patchOne(w.tailThere("Hall"), nth(7), sim.Event{"summary": "gx"}, sim.SpanThis)
}

// tailThere gives Google's id of the series that has a place.
func (w *world) tailThere(place string) string {
	w.Helper()
	for _, r := range w.resources() {
		if r["location"] == place && r["recurrence"] != nil {
			return r["id"].(string)
		}
	}
	w.Fatalf("no series is in %s", place)
	return ""
}

// tellsHalves says whether a run is killed after a step: in the long form at all that
// change something, in the quick one at what is written of events until a half is
// created at Google, and at the first call of each kind that changes something there.
func tellsHalves(before []crossing, x crossing) bool {
	been := func(what string) bool {
		return slices.ContainsFunc(before, func(b crossing) bool { return b.what == what })
	}
	switch {
	case x.what == "google GET":
		return false
	case long():
		return true
	case strings.HasPrefix(x.what, "google"):
		return !been(x.what)
	}
	return x.what == "dynamodb TransactWriteItems" && !been("google POST")
}

// TestBothSidesDivideWhereverARunDies kills the run that puts the halves together
// at each of its steps, and has another go on from there. The quick form takes one
// of the cases.
func TestBothSidesDivideWhereverARunDies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		here, there int
		want        []string
	}{
		{"earlier here", 3, 5, []string{"S", "S", "S", "Y", "Y", "Y Hall", "x6 Hall", "x7 Hall", "", "Y Hall"}},
		{"at the same", 4, 4, []string{"S", "S", "S", "S", "Y Hall", "Y Hall", "x6 Hall", "x7 Hall", "", "Y Hall"}},
		{"earlier there", 5, 3, []string{"S", "S", "S", "S Hall", "S Hall", "Y Hall", "x6 Hall", "x7 Hall", "", "Y Hall"}},
	} {
		if !long() && c.here <= c.there {
			continue
		}
		begin := func(t *testing.T) (*world, *process) {
			w := connected(t)
			bothDivide(w, c.here, c.there, titled("Y"), sim.Event{"location": "Hall"})
			id, pid := w.row("Y").ID, w.tailThere("Hall")
			w.change(one(id, nth(7), edit.This), titled("x7"))
			w.remove(one(id, nth(8), edit.This))
			w.patchOne(pid, nth(6), sim.Event{"summary": "x6"}, sim.SpanThis)
			p := w.process(3)
			p.worker.Events = unlinked{p.db.Events}
			return w, p
		}
		probe, p := begin(t)
		probe.must(p.worker.Handle(context.Background(), probe.job(integration.TriggerAuraEdit)))
		for n, x := range p.crossings() {
			if !tellsHalves(p.crossings()[:n], x) {
				continue
			}
			t.Run(fmt.Sprint(c.name, " ", n, " ", x.what), func(t *testing.T) {
				t.Parallel()
				w, p := begin(t)
				p.after = func(i int, _ crossing) bool { return i == n+1 }
				j := w.job(integration.TriggerAuraEdit)
				w.queue.msgs = nil
				_ = p.worker.Handle(context.Background(), j)
				w.queue.msgs = append(w.queue.msgs, message{job: j, at: w.now()})
				w.heal()
				w.wantWeeks(c.want...)
				w.wantSame("in the end", nil, nil)
				w.wantConverged("in the end")
			})
		}
	}
}

// TestWhatIsEditedOfAHalfBeforeItHearsGoesOver: Google's half is to end where Aura's
// begins, and the run dies before it says so there. What is made there meanwhile of the
// dates that are Aura's half's by now goes over to it.
func TestWhatIsEditedOfAHalfBeforeItHearsGoesOver(t *testing.T) {
	t.Parallel()
	w := connected(t)
	bothDivide(w, 6, 3, titled("Y"), sim.Event{"location": "Hall"})
	p := w.process(3)
	died := false
	p.before = func(_ int, c crossing) bool {
		died = died || c.what == "google PATCH"
		return died
	}
	_ = p.worker.Handle(context.Background(), w.job(integration.TriggerAuraEdit))
	if !died {
		t.Fatal("nothing was to be said there")
	}
	w.patchOne(w.tailThere("Hall"), nth(8), sim.Event{"summary": "x8"}, sim.SpanThis)
	w.deleteOne(w.tailThere("Hall"), nth(7), sim.SpanThis)
	w.heal()
	w.rest(1)
	w.wantWeeks("S", "S", "S", "S Hall", "S Hall", "S Hall", "Y Hall", "", "x8 Hall", "Y Hall")
	w.wantSame("in the end", nil, nil)
	w.wantConverged("in the end")
}

// TestAnOccurrenceOfAPartThatGoogleDeletedIsNamed: Google divides a series twice and
// deletes its last part, Aura's person divided it too and has edited an occurrence
// there. The edit has nowhere to go, and the run says so.
func TestAnOccurrenceOfAPartThatGoogleDeletedIsNamed(t *testing.T) {
	t.Parallel()
	w := connected(t)
	pid := w.there(weekly("S"))
	w.sync()
	w.sync()
	id, place := w.row("S").ID, "Room"
	w.change(one(id, nth(8), edit.This), titled("x"))
	w.pass(time.Minute)
	w.change(one(id, nth(4), edit.Following), edit.Patch{Location: &place})
	w.patchOne(pid, nth(7), sim.Event{"location": "Loft"}, sim.SpanFollowing)
	w.patchOne(pid, nth(4), sim.Event{"description": "D"}, sim.SpanFollowing)
	w.deleteThere(w.tailThere("Loft"))
	w.settle()
	w.rest(1)
	w.wantWeeks("S", "S", "S", "S", "S Room", "S Room", "S Room")
	w.wantConverged("in the end")
	if !slices.ContainsFunc(w.conflicts(), func(d integration.Decision) bool { return d.Field == "title" && d.Ours == "x" && d.Their == "deleted" }) {
		t.Errorf("nobody names the edit: %+v", w.conflicts())
	}
}

// TestOneOccurrenceByBothBeforeBothDivide: an occurrence is moved in Aura and renamed
// at Google, and then both divide the series before it, Google under another name. What
// either made of the occurrence holds.
func TestOneOccurrenceByBothBeforeBothDivide(t *testing.T) {
	t.Parallel()
	w := connected(t)
	pid := w.there(weekly("S"))
	w.sync()
	id := w.row("S").ID
	at, place := nth(6), "Room"
	at.At = at.At.Add(2 * time.Hour)
	w.change(one(id, nth(6), edit.This), movedTo(at, time.Hour))
	w.patchOne(pid, nth(6), sim.Event{"summary": "X"}, sim.SpanThis)
	w.pass(time.Minute)
	w.change(one(id, nth(6), edit.Following), edit.Patch{Location: &place})
	w.patchOne(pid, nth(4), sim.Event{"summary": "Z"}, sim.SpanFollowing)
	w.settle()
	w.rest(1)
	w.wantSame("in the end", []string{text(nth(3), "S"), text(nth(5), "Z"), text(at, "X"), text(nth(7), "Z")}, []string{text(nth(6), "Z")})
	w.wantConverged("in the end")
}
