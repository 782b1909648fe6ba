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
// series is brought back with the id and the stamp that it had, it goes there.
func TestAnEditWhoseKeyedSeriesIsGoneIsSetAside(t *testing.T) {
	t.Parallel()
	const everything = "everything is listed"
	for _, c := range []struct{ key, back string }{{"k1", "plainly"}, {"k1", everything}, {"", "plainly"}, {"", everything}} {
		t.Run(fmt.Sprintf("key %q %s", c.key, c.back), func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			id, was := w.seriesGone(c.key, func(at edit.Target) { w.change(at, titled("X")) })
			w.same("set aside", w.aside(), "series_gone X")
			_, err := w.sim.Calendar.PutEvent(w.email, was)
			w.must(err)
			if c.back == everything {
				w.must(w.sim.Calendar.ExpireSyncTokens(w.email))
			}
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
