package convergence_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/integration"
)

// direction changes the setting, as the page does.
func (w *world) direction(d integration.Direction) {
	w.Helper()
	_, err := w.me.service.Configure(context.Background(), w.caller, w.key.Provider, connect.Patch{Direction: &d})
	w.must(err)
}

// told gives what the kept runs decided, as "what title".
func (w *world) told() []string {
	w.Helper()
	ctx := context.Background()
	runs, _, err := w.me.db.Integrations.Runs(ctx, w.key, integration.Page{Limit: 100}, w.now())
	w.must(err)
	var out []string
	for _, r := range runs {
		decisions, err := w.me.db.Integrations.Decisions(ctx, w.key, r.ID)
		w.must(err)
		for _, d := range decisions {
			out = append(out, strings.TrimSpace(d.What+" "+d.Title+" "+d.Field))
		}
	}
	return out
}

// TestEditsThatOnlyGoThereAreNotAppliedHere holds the direction to_provider to
// its word: the provider's edits are listed in the run and change nothing in
// Aura, Aura's go there over them and touch nothing else, and turning the
// direction round brings in all that was passed over.
func TestEditsThatOnlyGoThereAreNotAppliedHere(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24), timed("b", 26), timed("c", 28), timed("d", 30))
	w.pass(time.Minute)
	id := map[string]string{}
	for _, title := range []string{"a", "b", "c", "d"} {
		id[title] = w.row(title).Link.ProviderID
	}
	w.direction(integration.ToProvider)
	w.patchThere(id["a"], map[string]any{"location": "there", "summary": "a there"})
	w.patchThere(id["b"], map[string]any{"summary": "b there"})
	w.deleteThere(id["c"])
	w.there(timed("new", 31))
	w.pass(time.Minute)
	w.sync()
	if a := w.row("a"); a == nil || a.Location != "" {
		t.Errorf("an edit at Google was applied: %+v", a)
	}
	for _, title := range []string{"b", "c"} {
		if w.row(title) == nil {
			t.Errorf("%s is gone from Aura", title)
		}
	}
	if w.row("new") != nil {
		t.Error("an event of Google's came in")
	}
	for _, want := range []string{"not_applied a there", "not_applied b there", "not_applied c", "not_applied new"} {
		if !slices.Contains(w.told(), want) {
			t.Errorf("no run says %q: %q", want, w.told())
		}
	}

	// Aura's edits go there, over theirs, and leave alone what Aura didn't edit.
	mine := "a here"
	_, err := w.me.editor.Change(context.Background(), w.by, target(w.row("a").ID), edit.Patch{Title: &mine})
	w.must(err)
	w.must(w.me.delete(context.Background(), w.row("d").ID))
	w.settle()
	w.pass(time.Minute)
	w.sync()
	for _, r := range w.resources() {
		if r["id"] == id["a"] && (r["summary"] != "a here" || r["location"] != "there") {
			t.Errorf("Google has %v at %v, want a here at there", r["summary"], r["location"])
		}
		if r["summary"] == "d" && r["status"] != "cancelled" {
			t.Error("a deletion didn't go there")
		}
	}
	if a := w.row("a here"); a == nil || a.Location != "" || a.Pending != "" {
		t.Errorf("after the push Aura has %+v", a)
	}
	if !slices.Contains(w.told(), "conflict a here title") {
		t.Errorf("what Google's side lost isn't named: %q", w.told())
	}

	w.direction(integration.TwoWay)
	w.pass(time.Minute)
	w.sync()
	w.settle()
	w.wantConverged("both ways again")
	w.wantTitles("both ways again", "a here", "b there", "new")
}

// TestTheLastRunCountsBothDirections holds the record's four counts to what they
// are said to be: what was sent counts as what came in does.
func TestTheLastRunCountsBothDirections(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24), timed("b", 26), timed("c", 28))
	w.pass(time.Minute)
	w.must(w.me.create(context.Background(), content("mine", 40), "one"))
	w.change(target(w.row("a").ID), titled("a here"))
	w.patchThere(w.row("b").Link.ProviderID, map[string]any{"summary": "b there"})
	w.remove(target(w.row("c").ID))
	w.sync()
	l := w.rec().LastRun
	if l.Created != 1 || l.Updated != 2 || l.Deleted != 1 {
		t.Errorf("%d created, %d updated, %d deleted; want 1, 2, 1", l.Created, l.Updated, l.Deleted)
	}
}
