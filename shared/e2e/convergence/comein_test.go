package convergence_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/googlesim"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// Where edits only come in (integration, direction.go), by a person's choice or
// because the calendar can only be read.

// only turns the direction so that edits only come in.
func (w *world) only(discard bool) error {
	in := integration.FromProvider
	_, err := w.me.service.Configure(context.Background(), w.caller, w.key.Provider, connect.Patch{Direction: &in, Discard: discard})
	return err
}

// refused demands a refusal with a code, and gives what it says.
func (w *world) refused(what string, err error, code string) string {
	w.Helper()
	if fault.CodeOf(err) != code {
		w.Errorf("%s: %v, want %s", what, err, code)
		return ""
	}
	var f *fault.Error
	errors.As(err, &f)
	return f.Message
}

// shared gives a calendar of somebody else's in a role, chosen.
func (w *world) shared(role sim.Role) string {
	w.Helper()
	owner := "owner-" + w.account + "@example.com"
	w.must(w.sim.Calendar.AddAccount(owner, "Europe/Madrid"))
	team, err := w.sim.Calendar.AddCalendar(owner, sim.Calendar{ID: "team-" + w.account + "@group.calendar.google.com", Summary: "Team"}, sim.RoleOwner)
	w.must(err)
	for i, title := range []string{"a", "b", "c"} {
		e := timed(title, 24+2*i)
		e["id"] = "teameventt" + title
		_, err = w.sim.Calendar.PutEvent(team, e)
		w.must(err)
	}
	w.must(w.sim.Calendar.Share(w.email, team, role))
	w.must(w.me.worker.Handle(context.Background(), refreshJob(w)))
	w.choose(team, false, false)
	w.settle()
	w.rest(1)
	return team
}

// discard takes a quarantined edit back, as the page does.
func (w *world) discard(event string) {
	w.Helper()
	w.must(w.me.service.DiscardEvent(context.Background(), w.caller, w.rec(), event))
	w.settle()
	w.rest(1)
}

// aside gives what is set aside, as "code title".
func (w *world) aside() []string {
	w.Helper()
	var out []string
	for _, q := range w.quarantined() {
		out = append(out, q.Code+" "+q.Title)
	}
	slices.Sort(out)
	return out
}

// frugal demands that a sync in which nothing happens reads no more than any other.
func (w *world) frugal(what string) {
	w.Helper()
	p := w.process(3)
	p.spendSync()
	if got := p.spendSync(); got.Read > 3 || got.Write > 2 {
		w.Errorf("%s a quiet sync costs %+v", what, got)
	}
}

// TestNobodyTurnsTheDirectionWithEditsThatWait: they are named, and are sent before
// or given up. What is given up is as the provider has it, and what was hidden is
// shown again.
func TestNobodyTurnsTheDirectionWithEditsThatWait(t *testing.T) {
	t.Parallel()
	for _, discard := range []bool{false, true} {
		t.Run(fmt.Sprint("discard ", discard), func(t *testing.T) {
			t.Parallel()
			w := connected(t, timed("a", 24), timed("b", 26))
			ctx := context.Background()
			w.pass(time.Minute)
			a := w.row("a").ID
			w.must(w.me.retitle(ctx, a, "a here"))
			w.must(w.me.delete(ctx, w.row("b").ID))
			w.must(w.me.create(ctx, content("new", 40), ""))
			w.queue.msgs = nil
			said := w.refused("with three edits that wait", w.only(false), "pending_changes")
			if !strings.HasPrefix(said, "3 changes have not reached the calendar yet.") {
				t.Errorf("says %q", said)
			}
			if d := w.rec().Settings.Direction; d != integration.TwoWay {
				t.Errorf("refused, and the direction is %s", d)
			}
			if !discard {
				w.rest(1) // sent
				w.must(w.only(false))
				w.rest(2)
				w.same("there", w.titlesIn(w.email), "a here", "new")
				w.wantConverged("sent, then turned")
				return
			}
			w.must(w.only(true))
			w.settle()
			w.same("there", w.titlesIn(w.email), "a", "b")
			w.same("here", w.titlesHere(), "a", "b", "new+")
			for _, want := range []string{"discarded a here", "discarded b"} {
				if !slices.Contains(w.told(), want) {
					t.Errorf("no run says %q: %q", want, w.told())
				}
			}
			w.refused("an edit of what lives there", w.me.retitle(ctx, a, "a again"), integration.CodeOnlyIn)
			w.must(w.me.retitle(ctx, w.row("new").ID, "newer")) // lives in Aura only
			w.rest(2)
			w.same("set aside", w.aside())
			w.direction(integration.TwoWay) // what lives in Aura goes there now
			w.rest(2)
			w.same("there in the end", w.titlesIn(w.email), "a", "b", "newer")
			w.wantConverged("both ways again")
		})
	}
}

// TestASeriesIsTakenBackWhole: with the halves that were made of it, and the
// occurrences that had gone.
func TestASeriesIsTakenBackWhole(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"divided", "deleted", "moved", "an occurrence", "an occurrence deleted"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			w.there(weekly("S"))
			w.rest(1)
			id := w.row("S").ID
			w.change(one(id, nth(4), edit.This), titled("late"))
			w.settle()
			w.rest(1)
			switch what {
			case "divided":
				w.change(one(id, nth(3), edit.Following), titled("tail"))
			case "deleted":
				w.remove(target(id))
			case "moved":
				at := nth(0)
				at.At = at.At.Add(24 * time.Hour)
				w.change(target(id), movedTo(at, time.Hour))
			case "an occurrence":
				w.change(one(id, nth(2), edit.This), titled("X"))
				w.change(one(id, nth(4), edit.This), titled("later"))
			case "an occurrence deleted":
				w.remove(one(id, nth(2), edit.This))
				w.remove(one(id, nth(4), edit.This))
			}
			w.queue.msgs = nil
			w.refused("with an edit that waits", w.only(false), "pending_changes")
			w.must(w.only(true))
			w.settle()
			w.rest(2)
			w.wantSame("taken back", []string{text(nth(2), "S"), text(nth(3), "S"), text(nth(4), "late")}, []string{text(nth(3), "tail"), text(nth(2), "X")})
			w.wantConverged("taken back")
			if got := w.outbox(); len(got) != 0 {
				t.Errorf("still waits: %q", got)
			}
		})
	}
}

// TestARoleThatBecomesReader: edits that wait are set aside with their reason,
// nothing new is accepted, and all goes once the role is back; but what its person
// took back.
func TestARoleThatBecomesReader(t *testing.T) {
	t.Parallel()
	w := connected(t)
	ctx := context.Background()
	team := w.shared(sim.RoleWriter)
	a, b, c := w.row("a").ID, w.row("b").ID, w.row("c").ID
	w.must(w.me.retitle(ctx, a, "a here"))
	w.must(w.me.delete(ctx, b))
	w.must(w.me.retitle(ctx, c, "c here"))
	w.must(w.me.create(ctx, content("new", 40), ""))
	w.queue.msgs = nil
	w.must(w.sim.Calendar.Share(w.email, team, sim.RoleReader))
	w.rest(3)
	w.same("set aside", w.aside(), "direction_read_only a here", "direction_read_only b", "direction_read_only c here")
	for _, q := range w.quarantined() {
		if !strings.HasPrefix(q.Reason, "The calendar is shared with you for reading only, so this ") {
			t.Errorf("the reason is %q", q.Reason)
		}
	}
	w.same("there", w.titlesIn(team), "a", "b", "c")
	w.refused("an edit", w.me.retitle(ctx, c, "c again"), integration.CodeOnlyIn)
	w.refused("a new event", w.me.create(ctx, content("newer", 41), ""), integration.CodeOnlyIn)
	said := w.refused("another calendar", w.me.choose(ctx, "primary", false, false), "pending_changes")
	if said != "The calendar is shared with you for reading only, so 3 changes can't be sent. Give them up, or wait until changes may be sent." {
		t.Errorf("says %q", said)
	}
	w.quiet("set aside once, and no more")
	w.frugal("with three edits that are set aside")

	w.discard(a)
	w.discard(b)
	w.same("taken back", w.titlesHere(), "a", "b", "c here", "new+")
	w.same("set aside still", w.aside(), "direction_read_only c here")

	w.must(w.sim.Calendar.Share(w.email, team, sim.RoleWriter))
	w.rest(2)
	w.same("there in the end", w.titlesIn(team), "a", "b", "c here", "new")
	w.same("set aside in the end", w.aside())
	w.quiet("in the end")
}

// TestAnEditIsSetAsideSinceItFirstWas: what Google changes of the event meanwhile is
// merged into the edit, which still waits for the same reason, since the same moment.
func TestAnEditIsSetAsideSinceItFirstWas(t *testing.T) {
	t.Parallel()
	w := connected(t)
	pid := w.there(timed("a", 30))
	w.rest(1)
	id := w.row("a").ID
	w.must(w.me.retitle(context.Background(), id, "a here"))
	w.queue.msgs = nil
	reader := `{"accessRole":"reader"}`
	w.fail(func(r *http.Request) googlesim.Decision {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/events") {
			return googlesim.Decision{Edit: json.RawMessage(reader)}
		}
		return googlesim.Decision{}
	})
	w.rest(1)
	was := w.quarantined()
	if len(was) != 1 || was[0].Code != integration.CodeOnlyIn {
		t.Fatalf("set aside: %+v", was)
	}
	for _, place := range []string{"Hall", "Yard"} {
		w.pass(time.Hour)
		w.patchThere(pid, sim.Event{"location": place})
		w.rest(2)
		list := w.quarantined()
		if len(list) != 1 || !list[0].Since.Equal(was[0].Since) || list[0].ETag == was[0].ETag {
			t.Errorf("set aside: %+v, at first %+v", list, was)
		}
	}
	// Another reason is another one.
	w.fail(func(r *http.Request) googlesim.Decision {
		if r.Method == http.MethodPatch {
			return googlesim.Decision{Answer: googlesim.Refusal(400, "global", "invalid", "no")}
		}
		return googlesim.Decision{}
	})
	w.rest(2)
	if list := w.quarantined(); len(list) != 1 || list[0].Code == was[0].Code || !list[0].Since.After(was[0].Since) {
		t.Errorf("refused: %+v", list)
	}
	w.fail(nil)
}

// TestAnEditRefusedByGoogleIsTakenBack: the same way out where edits go both ways.
func TestAnEditRefusedByGoogleIsTakenBack(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24))
	ctx := context.Background()
	w.refusing("PATCH", nil, 400, "global", "invalid")
	w.must(w.me.retitle(ctx, w.row("a").ID, "a here"))
	w.settle()
	w.same("set aside", w.aside(), "event_refused a here")
	w.discard(w.row("a here").ID)
	w.fail(nil)
	w.rest(2)
	w.wantTitles("taken back", "a")
	w.wantConverged("taken back")
	w.same("set aside in the end", w.aside())
}

// TestWhatWasBornInAuraAndLivesThere: its edits are refused at once, as those of
// what was imported; until it is there, it lives in Aura.
func TestWhatWasBornInAuraAndLivesThere(t *testing.T) {
	t.Parallel()
	w := connected(t)
	ctx := context.Background()
	w.must(w.me.create(ctx, content("mine", 30), ""))
	w.settle()
	w.rest(1)
	w.direction(integration.FromProvider)
	id := w.row("mine").ID
	w.refused("an edit", w.me.retitle(ctx, id, "mine x"), integration.CodeOnlyIn)
	w.refused("a deletion", w.me.delete(ctx, id), integration.CodeOnlyIn)
	w.patchThere(w.row("mine").Link.ProviderID, sim.Event{"summary": "mine there"})
	w.rest(2)
	w.wantTitles("in the end", "mine there")
	w.wantConverged("in the end")
}

// TestRejectedDeletionsWhereEditsOnlyComeIn: nobody is told that events are put back
// which can't be. Where the direction is turned after the answer, it is asked again.
func TestRejectedDeletionsWhereEditsOnlyComeIn(t *testing.T) {
	t.Parallel()
	for _, turned := range []string{"before", "after the answer"} {
		t.Run(turned, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			ctx := context.Background()
			var ids, titles, came []string
			for i := range 6 {
				titles = append(titles, fmt.Sprint("e", i))
				ids = append(ids, w.there(timed(titles[i], 30+i)))
			}
			w.rest(1)
			if turned == "before" {
				w.direction(integration.FromProvider)
			}
			for _, x := range ids {
				w.deleteThere(x)
			}
			w.rest(1)
			if turned != "before" {
				_, err := w.me.service.RejectDeletions(ctx, w.caller, w.key.Provider)
				w.must(err)
				w.queue.msgs = nil
				w.direction(integration.FromProvider)
				for i := range 8 { // so many that the deletions would pass without a question now
					came = append(came, fmt.Sprint("new", i))
					w.there(timed(came[i], 50+i))
				}
				w.rest(1)
			}
			if rec := w.rec(); rec.Status != integration.Error || rec.Reason.Code != integration.ReasonMassDeletionHeld {
				t.Fatalf("%s %+v", rec.Status, rec.Reason)
			}
			_, err := w.me.service.RejectDeletions(ctx, w.caller, w.key.Provider)
			w.refused("rejecting", err, integration.CodeOnlyIn)
			w.same("here", w.titlesHere(), append(titles, came...)...)
			_, err = w.me.service.ConfirmDeletions(ctx, w.caller, w.key.Provider)
			w.must(err)
			w.settle()
			w.rest(1)
			w.same("here after all", w.titlesHere(), came...)
			w.wantConverged("after all")
		})
	}
}

// TestACalendarThatCanOnlyBeReadAndBack: what lives in Aura only isn't left behind by
// a choice, so nobody is told to wait for what never comes.
func TestACalendarThatCanOnlyBeReadAndBack(t *testing.T) {
	t.Parallel()
	w := mixed(t)
	ctx := context.Background()
	row, _, err := w.me.editor.Create(ctx, w.by, calendar.Content{
		Title: "ser", Busy: true, Start: nth(0), End: calendar.Time{At: nth(0).At.Add(time.Hour), Zone: nth(0).Zone}, Recurrence: []string{"RRULE:FREQ=WEEKLY;COUNT=5"},
	}, "")
	w.must(err)
	w.settle()
	w.change(one(row.ID, nth(2), edit.This), titled("X"))
	w.settle()
	w.rest(1)
	w.shared(sim.RoleReader)
	w.same("here", w.titlesHere(), "X+", "a", "b", "c", "mine+", "ours+", "ser+")
	w.must(w.me.retitle(ctx, w.row("mine").ID, "mine here"))
	w.must(w.me.delete(ctx, w.row("ours").ID))
	w.change(one(row.ID, nth(3), edit.This), titled("Y"))
	w.rest(2)
	w.same("set aside", w.aside())
	w.quiet("what lives in Aura only")
	w.frugal("with what lives in Aura only")
	w.choose("primary", false, false)
	w.settle()
	w.direction(integration.TwoWay)
	w.rest(3)
	w.wantSame("back again", []string{text(nth(2), "X"), text(nth(3), "Y")}, nil)
	w.wantConverged("back again")
}
