package convergence_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// A series that was made in Aura, with an Idempotency-Key or without one, and is
// deleted at Google while something of one of its occurrences waits. Of one with a
// key that it was used stays behind, which is no series.

// seriesGone makes such a series, lets do change its third occurrence, and has the
// series deleted at Google. It gives the series' id and how Google had it.
func (w *world) seriesGone(key string, do func(edit.Target)) (string, calendarv3.Event) {
	w.Helper()
	c := calendar.Content{
		Title: "S", Busy: true, Recurrence: []string{"RRULE:FREQ=WEEKLY;COUNT=5"},
		Start: nth(0), End: calendar.Time{At: nth(0).At.Add(time.Hour), Zone: nth(0).Zone},
	}
	row, _, err := w.me.editor.Create(context.Background(), w.by, c, key)
	w.must(err)
	w.settle()
	w.rest(1)
	do(one(row.ID, nth(2), edit.This))
	w.queue.msgs = nil
	pid := strings.TrimPrefix(row.ID, calendar.Prefix)
	was, err := w.sim.Calendar.Event(w.email, w.email, pid)
	w.must(err)
	for _, k := range []string{"etag", "created", "updated", "sequence"} {
		delete(was, k)
	}
	w.deleteThere(pid)
	w.rest(3)
	return row.ID, was
}

// TestAnEditWhoseKeyedSeriesIsGoneIsSetAside: it says why it waits, and once its
// series is brought back with the id and the stamp that it had, it goes there,
// though the run that sees it dies before it pushes and somebody edits it then.
func TestAnEditWhoseKeyedSeriesIsGoneIsSetAside(t *testing.T) {
	t.Parallel()
	die := func(w *world) {
		p := w.process(3)
		p.after = func(_ int, c crossing) bool { return c.what == "dynamodb PutItem" }
		_ = p.worker.Handle(context.Background(), w.job(integration.TriggerSchedule))
		w.pass(integration.Visibility)
	}
	for name, back := range map[string]func(w *world, pid string){
		"plainly":              func(*world, string) {},
		"everything is listed": func(w *world, _ string) { w.must(w.sim.Calendar.ExpireSyncTokens(w.email)) },
		"the run dies":         func(w *world, _ string) { die(w) },
		"two runs die":         func(w *world, _ string) { die(w); die(w) },
		"the run dies, and it is edited": func(w *world, pid string) {
			die(w)
			w.patchThere(pid, calendarv3.Event{"location": "L"})
		},
	} {
		for _, key := range []string{"", "k1"} {
			t.Run(fmt.Sprintf("key %q %s", key, name), func(t *testing.T) {
				t.Parallel()
				w := connected(t)
				id, was := w.seriesGone(key, func(at edit.Target) { w.change(at, titled("X")) })
				w.same("set aside", w.aside(), "series_gone X")
				_, err := w.sim.Calendar.PutEvent(w.email, was)
				w.must(err)
				back(w, strings.TrimPrefix(id, calendar.Prefix))
				w.rest(3)
				w.same("set aside once it is back", w.aside())
				if s := w.row("S"); s == nil || s.ID != id {
					t.Errorf("the series came back as %+v", s)
				}
				w.wantSame("back", []string{text(nth(2), "X")}, []string{text(nth(2), "S")})
				w.wantConverged("back")
			})
		}
	}
}

// TestADeletionWhoseSeriesIsGoneEnds: there is nothing left to delete, which is said,
// and nothing waits for it.
func TestADeletionWhoseSeriesIsGoneEnds(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{"without a key": "", "with a key": "k1"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			w.seriesGone(key, func(at edit.Target) { w.remove(at) })
			w.same("waits", w.outbox())
			w.wantSame("gone", nil, nil)
		})
	}
}
