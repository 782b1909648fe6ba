package convergence_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// decidedOf gives what the runs decided about an event, oldest first.
func (w *world) decidedOf(id string) []string {
	w.Helper()
	found := w.decisions()
	slices.SortStableFunc(found, func(a, b integration.Decision) int { return a.At.Compare(b.At) })
	var out []string
	for _, d := range found {
		if d.Event == id {
			out = append(out, d.What+": "+d.Why)
		}
	}
	return out
}

// wrongReasons gives what a run says of both sides.
func (w *world) wrongReasons() []string {
	w.Helper()
	var out []string
	for _, d := range w.decisions() {
		if strings.Contains(d.Why, "both sides") {
			out = append(out, d.Title+" "+d.What+": "+d.Why)
		}
	}
	return out
}

// TestRunsSayWhichSideChangedAnEvent holds each decision to who did what: that both
// sides changed an event is said where both did, and nowhere else.
func TestRunsSayWhichSideChangedAnEvent(t *testing.T) {
	t.Parallel()
	const (
		changed  = "changed: edited in Aura"
		only     = "taken_up: edited in Aura: no synced field was changed at the provider"
		arrived  = "taken_up: edited in Aura: sent before, and found at the provider now"
		both     = "merged: changed on both sides"
		conflict = "conflict: both sides changed it"
	)
	for _, c := range []struct {
		name string
		do   func(t *testing.T) (w *world, id string)
		want []string
	}{
		{"an occurrence is edited for the first time", func(t *testing.T) (*world, string) {
			w := connected(t, daily("0", 30))
			at := w.at("0", 1, edit.This)
			w.changeHere(at, titled("1"))
			w.settle()
			return w, calendar.ExceptionID(at.ID, *at.Original)
		}, []string{only, changed}},
		{"an occurrence is edited after its series was", func(t *testing.T) (*world, string) {
			w := connected(t, daily("0", 30))
			at := w.at("0", 1, edit.This)
			w.changeHere(at, titled("1"))
			w.patchThere(w.byID(at.ID).Link.ProviderID, sim.Event{"location": "Hall"})
			w.settle()
			return w, calendar.ExceptionID(at.ID, *at.Original)
		}, []string{only, changed}},
		{"both edit one occurrence", func(t *testing.T) (*world, string) {
			w := connected(t, daily("0", 30))
			at := w.at("0", 1, edit.This)
			w.changeThere(w.instanceOf("0", 1), sim.SpanThis, sim.Event{"location": "Hall"})
			w.changeHere(at, titled("1"))
			w.settle()
			return w, calendar.ExceptionID(at.ID, *at.Original)
		}, []string{both, changed}},
		{"a creation's answer is lost", func(t *testing.T) (*world, string) {
			w, e := auraBorn(t)
			run := w.begins()
			run.to(done(insert))
			run.vanishes()
			w.heal()
			return w, e.id
		}, []string{arrived}},
		{"an edit's answer is lost", func(t *testing.T) (*world, string) {
			w, e := linked(t)
			w.auraSets(e, "1")
			run := w.begins()
			run.to(done(patch))
			run.vanishes()
			w.heal()
			return w, e.id
		}, []string{arrived}},
		{"an edit's answer is lost, and then it is edited there", func(t *testing.T) (*world, string) {
			w, e := linked(t)
			w.auraSets(e, "1")
			run := w.begins()
			run.to(done(patch))
			run.vanishes()
			w.patchThere(e.pid, sim.Event{"location": "Hall"})
			w.heal()
			return w, e.id
		}, []string{"updated: changed at the provider, where the edit in Aura had got before"}},
		{"each edits a field", func(t *testing.T) (*world, string) {
			w, e := linked(t)
			w.auraSets(e, "1")
			w.patchThere(e.pid, sim.Event{"location": "Hall"})
			w.settle()
			return w, e.id
		}, []string{both, changed}},
		{"both edit a field", func(t *testing.T) (*world, string) {
			w, e := linked(t)
			w.auraSets(e, "1")
			w.patchThere(e.pid, sim.Event{"summary": "2"})
			w.settle()
			return w, e.id
		}, []string{conflict, both}},
		{"both make the same of it", func(t *testing.T) (*world, string) {
			w, e := linked(t)
			w.auraSets(e, "1")
			w.patchThere(e.pid, sim.Event{"summary": "1"})
			w.settle()
			return w, e.id
		}, []string{"taken_up: it is the same on both sides by now"}},
		{"what isn't synced changes there", func(t *testing.T) (*world, string) {
			w, e := linked(t)
			w.auraSets(e, "1")
			w.patchThere(e.pid, sim.Event{"colorId": "7"})
			w.settle()
			return w, e.id
		}, []string{only, changed}},
		{"deleted on both sides", func(t *testing.T) (*world, string) {
			w, e := linked(t)
			w.auraDeletes(e)
			w.deleteThere(e.pid)
			w.settle()
			return w, e.id
		}, []string{"deleted: deleted in Aura, and it is gone at the provider too"}},
		{"edited here, deleted there", func(t *testing.T) (*world, string) {
			w, e := linked(t)
			w.auraSets(e, "1")
			w.deleteThere(e.pid)
			w.settle()
			return w, e.id
		}, []string{"conflict: edited on one side, deleted on the other",
			"to_be_restored: edited in Aura, deleted at the provider: the edit outlives the deletion", "restored: edited in Aura"}},
		{"deleted here, edited there", func(t *testing.T) (*world, string) {
			w, e := linked(t)
			w.auraDeletes(e)
			w.patchThere(e.pid, sim.Event{"summary": "2"})
			w.settle()
			return w, e.id
		}, []string{"conflict: edited on one side, deleted on the other",
			"restored: edited at the provider, deleted in Aura: the edit outlives the deletion"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, id := c.do(t)
			w.rest(1)
			got := slices.DeleteFunc(w.decidedOf(id), func(s string) bool { return s == "created: new at the provider" })
			if !slices.Equal(got, c.want) {
				t.Errorf("decided\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(c.want, "\n\t"))
			}
		})
	}
}

// TestTheRemovalOfCopiesIsNamed disconnects with the wish that what Aura had created
// goes: of each copy it can be read what became of it and why, though no sync did it.
func TestTheRemovalOfCopiesIsNamed(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24))
	w.must(w.me.create(context.Background(), content("mine", 60), "k"))
	w.must(w.me.create(context.Background(), content("deleted there", 62), "l"))
	w.settle()
	a, mine, there := w.row("a").ID, w.row("mine").ID, w.row("deleted there")
	was := w.decidedOf(mine)
	w.deleteThere(there.Link.ProviderID)
	_, err := w.me.service.Disconnect(context.Background(), w.caller, w.key.Provider, true)
	w.must(err)
	w.settle()
	w.wound()
	want := "copy_removed: the integration was disconnected: what Aura had created at the provider was to go"
	if got := w.decidedOf(mine)[len(was):]; !slices.Equal(got, []string{want}) {
		t.Errorf("of a copy that was removed: %q", got)
	}
	if got := w.decidedOf(there.ID); len(got) == 0 || !strings.Contains(got[len(got)-1], "gone already") {
		t.Errorf("of a copy that was gone already: %q", got)
	}
	if got := w.decidedOf(a); slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "copy") }) {
		t.Errorf("of what wasn't Aura's: %q", got)
	}
}
