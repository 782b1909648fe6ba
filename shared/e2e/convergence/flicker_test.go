package convergence_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/googlesim"
)

// notThere makes the chosen calendar unknown to Google, with all of its events,
// as long as the hook stands.
func notThere(r *http.Request) googlesim.Decision {
	if strings.Contains(r.URL.Path, "/calendars/primary/") {
		return googlesim.Decision{Answer: googlesim.Refusal(404, "global", "notFound", "Not Found")}
	}
	return googlesim.Decision{}
}

// While a calendar isn't there, none of its events are: that says nothing about
// one of them. What was to be changed isn't made anew, what was to be deleted isn't
// taken for deleted, and once the calendar is back both happen.
func TestACalendarThatIsNotThereForAMoment(t *testing.T) {
	t.Parallel()
	for _, op := range []struct {
		what string
		at   step
		do   func(w *world, e handle)
		want []string
	}{
		{"a change", patch, func(w *world, e handle) { w.auraSets(e, "1") }, []string{"1"}},
		{"a deletion", remove, func(w *world, e handle) { w.auraDeletes(e) }, nil},
	} {
		t.Run(op.what, func(t *testing.T) {
			t.Parallel()
			w, e := linked(t)
			op.do(w, e)
			run := w.begins()
			run.to(op.at)
			w.fail(notThere)
			_ = run.ends()
			w.queue.msgs = nil
			w.fail(nil)
			w.heal()
			w.rest(2)
			w.wantTitles("in the end", op.want...)
			w.wantConverged("in the end")
		})
	}
}

// The same of one occurrence, changed and deleted.
func TestAnOccurrenceOfACalendarThatIsNotThereForAMoment(t *testing.T) {
	t.Parallel()
	for what, do := range map[string]func(w *world, id string){
		"changed": func(w *world, id string) { w.change(one(id, nth(2), edit.This), titled("X")) },
		"deleted": func(w *world, id string) { w.remove(one(id, nth(2), edit.This)) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			w.there(weekly("S"))
			w.rest(1)
			do(w, w.row("S").ID)
			w.queue.msgs = nil
			run := w.begins()
			run.to(step{what: "google GET", path: "/instances"})
			w.fail(notThere)
			_ = run.ends()
			w.queue.msgs = nil
			w.fail(nil)
			w.heal()
			w.rest(1)
			if q := w.quarantined(); len(q) != 0 {
				t.Errorf("in quarantine: %+v", q)
			}
			want, never := []string{text(nth(2), "X")}, []string{text(nth(2), "S")}
			if what == "deleted" {
				want = nil
			}
			w.wantSame("in the end", want, never)
			w.wantConverged("in the end")
		})
	}
}

// Nor does an imported event become one of Aura's own, which another calendar
// would get.
func TestAnImportedEventStaysItsCalendars(t *testing.T) {
	t.Parallel()
	w, team := twoCalendars(t)
	w.must(w.me.retitle(context.Background(), w.row("a").ID, "a here"))
	w.queue.msgs = nil
	run := w.begins()
	run.to(patch)
	w.fail(notThere)
	_ = run.ends()
	w.queue.msgs = nil
	w.fail(nil)
	w.choose(team, false, true)
	w.settle()
	w.rest(1)
	w.same("in the other calendar", w.titlesIn(team), "mine", "ours", "t")
}
