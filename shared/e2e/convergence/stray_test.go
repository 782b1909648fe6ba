package convergence_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/fault"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// A series whose start is none of its rule's dates: held on Fridays, from a
// Tuesday. Calendars differ on what that is, so none is made in Aura; and with one
// that was made elsewhere nothing is lost, whatever Google takes it for.

// firstTuesday is the 6th of May 2031, four in the afternoon in Madrid.
var firstTuesday = calendar.Time{At: start.Add(30 * time.Hour), Zone: "Europe/Madrid"}

func fridays(lines ...string) calendar.Content {
	c := content("Fridays", 30)
	c.Recurrence = []string{"RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=4"}
	if len(lines) > 0 {
		c.Recurrence = lines
	}
	return c
}

// friday is a Friday's time, in weeks from the first.
func friday(n int) calendar.Time {
	return calendar.Time{At: firstTuesday.At.AddDate(0, 0, 3+7*n), Zone: firstTuesday.Zone}
}

// wantStray fails unless an edit was refused for its start; it gives what that says.
func (w *world) wantStray(err error) string {
	w.Helper()
	if !fault.Is(err, fault.Invalid) || !strings.HasPrefix(fault.Of(err).Message, "start: ") {
		w.Fatalf("not refused for its start: %v", err)
	}
	return fault.Of(err).Message
}

// TestASeriesIsMadeInAuraOnItsRulesDatesOnly: Aura refuses a start that the rule
// doesn't give, names the first that it does, and changes nothing; what follows
// that advice is taken, and both sides show it.
func TestASeriesIsMadeInAuraOnItsRulesDatesOnly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ rule, first string }{
		"out of step": {"RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=4", "Friday 9 May 2031 at 16:00"},
		"yearly":      {"RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "Sunday 29 February 2032 at 16:00"},
		"last friday": {"RRULE:FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20320101T000000Z", "Friday 30 May 2031 at 16:00"},
		"setpos":      {"RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=5", "Friday 30 May 2031 at 16:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			c2 := fridays(c.rule)
			_, _, err := w.me.editor.Create(context.Background(), w.by, c2, "")
			says := w.wantStray(err)
			if want := "start: must be a time that the recurrence gives; the first is " + c.first + "."; says != want {
				t.Errorf("it says %q, want %q", says, want)
			}
			madrid, _ := time.LoadLocation("Europe/Madrid")
			at, err := time.ParseInLocation("Monday 2 January 2006 at 15:04", c.first, madrid)
			w.must(err)
			c2.Start.At, c2.End.At = at.UTC(), at.Add(time.Hour).UTC()
			row, _, err := w.me.editor.Create(context.Background(), w.by, c2, "")
			w.must(err)
			w.settle()
			w.rest(1)
			w.wantConverged("made")
			w.wantSame("made", []string{text(c2.Start, "Fridays")}, nil)

			other := []string{"RRULE:FREQ=WEEKLY;BYDAY=MO"}
			_, err = w.me.editor.Change(context.Background(), w.by, target(row.ID), edit.Patch{Recurrence: &other})
			w.wantStray(err)
		})
	}
}

// TestAMoveOfASeriesOffItsRulesDatesIsRefused: as a whole, and from one of its
// occurrences on.
func TestAMoveOfASeriesOffItsRulesDatesIsRefused(t *testing.T) {
	t.Parallel()
	w := connected(t)
	c := fridays("RRULE:FREQ=WEEKLY;BYDAY=TU,FR;COUNT=8")
	row, _, err := w.me.editor.Create(context.Background(), w.by, c, "")
	w.must(err)
	w.settle()
	before := w.shownHere()
	for _, scope := range []edit.Scope{edit.All, edit.Following} {
		saturday := friday(0)
		saturday.At = saturday.At.AddDate(0, 0, 1)
		_, err := w.me.editor.Change(context.Background(), w.by, one(row.ID, friday(0), scope), movedTo(saturday, time.Hour))
		w.wantStray(err)
	}
	w.rest(1)
	w.wantConverged("refused")
	w.same("after the refusals", w.shownHere(), before...)
}

// TestAStrayStartFromGoogle: whatever Google takes such a start for, an edit of any
// occurrence that both have arrives; one that only Aura shows is kept and ends in a
// true sentence; where that is deleted, both sides are the same again; the whole can
// be edited, and divided.
func TestAStrayStartFromGoogle(t *testing.T) {
	t.Parallel()
	fourth := friday(3)
	for _, c := range []struct {
		stray sim.Stray
		only  *calendar.Time // that Aura shows and Google hasn't
	}{
		{sim.StrayShown, nil}, {sim.StrayCounted, &fourth}, {sim.StrayLeftOut, &firstTuesday},
	} {
		t.Run(string(c.stray), func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			w.sim.Calendar.TreatStrays(c.stray)
			e := timed("Fridays", 30)
			e["recurrence"] = []any{"RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=4"}
			w.there(e)
			w.sync()
			row := w.series("Fridays")
			if !strings.Contains(row.Odd, "its start, 2031-05-06, isn't a date that its rule gives") {
				t.Errorf("marked %q", row.Odd)
			}
			for n, at := range []calendar.Time{firstTuesday, friday(0), friday(1), friday(2), friday(3)} {
				w.change(one(row.ID, at, edit.This), titled("own "+string(rune('0'+n))))
			}
			w.settle()
			w.rest(2)
			aside := w.quarantined()
			if c.only == nil {
				if len(aside) != 0 {
					t.Fatalf("set aside: %+v", aside)
				}
			} else {
				if len(aside) != 1 || aside[0].EventID != calendar.ExceptionID(row.ID, *c.only) || aside[0].Code != "occurrence_gone" ||
					!strings.HasPrefix(aside[0].Reason, "Google doesn't have this date of the series") || !strings.Contains(aside[0].Reason, row.Odd) {
					t.Fatalf("set aside: %+v", aside)
				}
				if here := len(w.shownHere()); here != 5 {
					t.Errorf("Aura shows %d occurrences, want 5: the edit that can't be made there is kept", here)
				}
				w.remove(one(row.ID, *c.only, edit.This))
				w.settle()
				w.rest(1)
			}
			w.wantConverged("each occurrence edited")
			w.wantSame("each occurrence edited", nil, []string{text(friday(1), "Fridays")})
			w.change(target(row.ID), titled("All"))
			w.settle()
			w.change(one(row.ID, friday(2), edit.Following), titled("Late"))
			w.settle()
			w.rest(2)
			w.wantConverged("divided")
			w.wantSame("divided", []string{text(friday(2), "Late")}, nil)
			if aside := w.quarantined(); len(aside) != 0 {
				t.Errorf("at the end set aside: %+v", aside)
			}
		})
	}
}

// TestAStrayStartThatGoogleHasNotIsDeleted: there is nothing to delete there, and
// the run says so.
func TestAStrayStartThatGoogleHasNotIsDeleted(t *testing.T) {
	t.Parallel()
	w := connected(t)
	w.sim.Calendar.TreatStrays(sim.StrayLeftOut)
	e := timed("Fridays", 30)
	e["recurrence"] = []any{"RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=4"}
	w.there(e)
	w.sync()
	row := w.series("Fridays")
	w.remove(one(row.ID, firstTuesday, edit.This))
	w.settle()
	w.rest(1)
	if !slices.ContainsFunc(w.decisions(), func(d integration.Decision) bool {
		return d.What == "deleted" && d.Why == "Google doesn't have it either"
	}) {
		t.Errorf("the runs say %+v", w.decisions())
	}
	w.wantSame("deleted", []string{text(friday(0), "Fridays"), text(friday(3), "Fridays")}, []string{text(firstTuesday, "Fridays")})
	w.wantConverged("deleted")
	w.remove(target(row.ID))
	w.settle()
	w.rest(1)
	w.wantConverged("the whole deleted")
	if left := w.items(); len(left) != 0 {
		t.Errorf("left behind: %+v", left)
	}
}

// TestAStrayStartFromGoogleCanBeMoved: it was so before, which is not for an edit
// of Aura's to answer for.
func TestAStrayStartFromGoogleCanBeMoved(t *testing.T) {
	t.Parallel()
	w := connected(t)
	e := timed("Fridays", 30)
	e["recurrence"] = []any{"RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=4"}
	w.there(e)
	w.sync()
	later := firstTuesday
	later.At = later.At.Add(time.Hour)
	w.change(target(w.series("Fridays").ID), movedTo(later, time.Hour))
	w.settle()
	w.rest(1)
	w.wantConverged("moved")
	w.wantSame("moved", []string{text(later, "Fridays")}, []string{text(firstTuesday, "Fridays"), text(friday(0), "Fridays")})
}
