package convergence_test

import (
	"context"
	"fmt"
	"maps"
	"testing"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/google"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// imports chooses which kinds of events come in besides the ordinary ones.
func (w *world) imports(kinds ...string) {
	w.Helper()
	_, err := w.me.service.Configure(context.Background(), w.caller, google.Key, connect.Patch{ImportKinds: &kinds})
	w.must(err)
	w.settle()
	w.sync()
}

// TestKindsThatAreLeftOutGoWithoutAQuestion: most of what is linked may be of a kind
// that its person doesn't want any more. Nothing of that was deleted at Google, so
// nobody is asked, and nothing says that it was; what really was deleted there at the
// same time is held, counted without it.
func TestKindsThatAreLeftOutGoWithoutAQuestion(t *testing.T) {
	t.Parallel()
	var events []sim.Event
	for n := range 8 {
		e := timed(fmt.Sprint("office ", n), 24*n)
		e["eventType"], e["visibility"], e["transparency"] = "workingLocation", "public", "transparent"
		e["workingLocationProperties"] = map[string]any{"type": "homeOffice", "homeOffice": map[string]any{}}
		events = append(events, e)
	}
	for _, gone := range []int{0, 5} {
		t.Run(fmt.Sprintf("%d of 6 deleted there", gone), func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			for n, e := range events { // not even the user's own program may insert such ones
				e := maps.Clone(e)
				e["id"] = fmt.Sprint("office", n)
				_, err := w.sim.Calendar.PutEvent(w.email, e)
				w.must(err)
			}
			var pids, ordinary []string
			for n := range 6 {
				ordinary = append(ordinary, fmt.Sprint("ordinary ", n))
				pids = append(pids, w.there(timed(ordinary[n], 24*n+2)))
			}
			w.imports(google.KindWorkingLocation)
			if n := len(w.titlesHere()); n != 14 {
				t.Fatalf("%d events here, want 14", n)
			}
			for _, pid := range pids[:gone] {
				w.deleteThere(pid)
			}
			w.imports()
			w.same("with the kind left out", w.titlesHere(), ordinary...)
			rec := w.rec()
			if gone == 0 {
				if rec.Status != integration.Active || rec.LinkedCount != 6 {
					t.Errorf("%s, %+v, %d linked", rec.Status, rec.Reason, rec.LinkedCount)
				}
				for _, d := range w.decisions() {
					if d.What == "deleted" && d.Why != "events of this kind are no longer imported" {
						t.Errorf("the run says %q of %s", d.Why, d.Title)
					}
				}
				w.quiet("with the kind left out")
				w.imports(google.KindWorkingLocation)
				if n := len(w.titlesHere()); n != 14 {
					t.Errorf("asked for again: %d events here, want 14", n)
				}
				return
			}
			if rec.Status != integration.Error || rec.Reason.Message != "5 of 6 events were deleted at Google. Nothing was deleted here." {
				t.Errorf("%s, %+v", rec.Status, rec.Reason)
			}
		})
	}
}
