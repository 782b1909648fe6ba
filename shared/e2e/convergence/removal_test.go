package convergence_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
)

// A quota that is spent while a disconnect removes Aura's copies delays that: it is
// tried now and then, and goes on where it stopped.
func TestASpentQuotaDelaysTheRemovalOfCopies(t *testing.T) {
	t.Parallel()
	w := mixed(t)
	taken, refused := 0, 0
	until := w.now().Add(2 * time.Hour)
	w.fail(func(r *http.Request) googlesim.Decision {
		if r.Method != http.MethodDelete || !strings.Contains(r.URL.Path, "/events/") {
			return googlesim.Decision{}
		}
		if taken == 0 || w.now().After(until) {
			taken++
			return googlesim.Decision{}
		}
		refused++
		return googlesim.Decision{Answer: googlesim.Refusal(403, "usageLimits", "quotaExceeded", "no")}
	})
	_, err := w.me.service.Disconnect(context.Background(), w.caller, w.key.Provider, true)
	w.must(err)
	w.settle()
	w.wound()
	w.same("at Google", w.titlesIn(w.email), "a", "b")
	w.same("in Aura", w.titlesHere(), "a", "b", "mine+", "ours+")
	if taken != 2 || refused == 0 || refused > 15 {
		t.Errorf("%d deletions taken, %d refused in two hours; want 2, and a few", taken, refused)
	}
}

// An event that was deleted in Aura while another calendar was chosen has a copy in
// the one that was left, since that was to stay there. Switching back, both sides
// show that very copy: nobody deleted it there, and what shows there shows here.
func TestACopyThatWasToStayIsShownOnceItsCalendarIsBack(t *testing.T) {
	t.Parallel()
	w, team := twoCalendars(t)
	w.choose(team, false, false)
	w.settle()
	w.rest(1)
	w.must(w.me.delete(context.Background(), w.row("mine").ID))
	w.settle()
	w.rest(1)
	w.same("in the chosen one", w.titlesIn(team), "ours", "t")
	w.choose("primary", false, false)
	w.settle()
	w.rest(2)
	there := w.titlesIn(w.email)
	w.same("in Aura as at Google", w.titlesHere(), there...)
	w.quiet("after the switch back")
}

// A field that both sides changed before a disconnect removed the copy is named
// among the integration's runs, with the value that lost.
func TestAConflictInACopyThatIsRemovedIsNamed(t *testing.T) {
	t.Parallel()
	for _, deleted := range []bool{false, true} {
		t.Run(fmt.Sprint("deleted in Aura ", deleted), func(t *testing.T) {
			t.Parallel()
			w := mixed(t)
			ctx := context.Background()
			row := w.row("mine")
			if deleted {
				w.must(w.me.delete(ctx, row.ID))
			} else {
				w.change(target(row.ID), titled("mine here"))
			}
			w.queue.msgs = nil
			w.pass(time.Minute)
			w.patchThere(row.Link.ProviderID, sim.Event{"summary": "mine there"})
			_, err := w.me.service.Disconnect(ctx, w.caller, w.key.Provider, true)
			w.must(err)
			w.settle()
			w.wound()
			w.same("at Google", w.titlesIn(w.email), "a", "b")
			w.same("in Aura", w.titlesHere(), "a", "b", "mine there+", "ours+")
			list := w.conflicts()
			ours := map[bool]string{true: "deleted", false: "mine here"}[deleted]
			if len(list) != 1 || list[0].Ours != ours || list[0].Their != "mine there" || list[0].Won != "provider" || list[0].Rule == "" {
				t.Errorf("named: %+v", list)
			}
		})
	}
}
