package convergence_test

import (
	"context"
	"fmt"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/fault"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
)

// What people do with what their calendar shows them, on either side. An edit is
// aimed at a thing with a scope, which of a single event says nothing. What a side
// refuses is its person's to know, and no deed.

// scope is what of a series is meant. series is the series itself, as opposed to
// all of it by way of one of its occurrences.
type scope string

const (
	this      scope = "this"
	following scope = "following"
	all       scope = "all"
	series    scope = "series"
)

// fresh is a value that nobody has used, and no part of another.
func (l *ledger) fresh(s side) string {
	return fmt.Sprintf("%s %d.", s, l.handed.Add(1))
}

// moment is a time, or a day, at which nothing else is or will be.
func (l *ledger) moment(allDay bool) (from, to calendar.Time) {
	n := int(l.handed.Add(1))
	at := start.AddDate(0, 2, 7*n).Add(time.Duration(n) * time.Minute)
	if allDay {
		return calendar.Time{Date: at.Format(time.DateOnly)}, calendar.Time{Date: at.AddDate(0, 0, 1).Format(time.DateOnly)}
	}
	return calendar.Time{At: at, Zone: "Europe/Madrid"}, calendar.Time{At: at.Add(time.Hour), Zone: "Europe/Madrid"}
}

// set gives a thing a title or a place.
func (l *ledger) set(s side, t thing, sc scope, f calendar.Field) bool {
	l.Helper()
	v := l.fresh(s)
	patch := edit.Patch{Title: &v}
	name := "summary"
	if f == calendar.FieldLocation {
		patch, name = edit.Patch{Location: &v}, "location"
	}
	return l.change(s, t, sc, f, patch, sim.Event{name: v}, v)
}

// move sets when a thing is: to a time of its own, or a day where allDay. At Google
// nobody moves a series past the end that it has: what is left of it then, nobody
// agrees on. Aura refuses that.
func (l *ledger) move(s side, t thing, sc scope, allDay bool) bool {
	l.Helper()
	if s == there && sc != this && l.ended(s, t.handle) != "" {
		return false
	}
	from, to := l.moment(allDay)
	write := func(t calendar.Time) map[string]any {
		if t.IsDate() {
			return map[string]any{"date": t.Date, "dateTime": nil, "timeZone": nil}
		}
		return map[string]any{"dateTime": t.At.Format(time.RFC3339), "timeZone": t.Zone, "date": nil}
	}
	return l.change(s, t, sc, calendar.FieldWhen, edit.Patch{Start: &from, End: &to}, sim.Event{"start": write(from), "end": write(to)}, "")
}

// change does an edit on a side and writes down what came of it; where it moves
// something, v is "", and what counts is where it went.
func (l *ledger) change(s side, t thing, sc scope, f calendar.Field, patch edit.Patch, body sim.Event, v string) bool {
	l.Helper()
	return l.deed(s, func() []*deed {
		became := handle{} // what the edit is in: the event, its series, or the second half of it
		ended := l.ended(s, t.handle)
		if s == here {
			out, err := l.me.editor.Change(context.Background(), l.by, t.target(sc), patch)
			if !l.accepted(err) {
				return nil
			}
			if became.id = out.Row.ID; out.Row.IsException() {
				became.id = t.id
			}
			if f == calendar.FieldWhen {
				v = whenText(out.Row.Start)
			}
		} else {
			out, err := l.sim.Calendar.Patch(l.email, l.email, t.idThere(sc), body, t.span(sc))
			if err != nil {
				return nil
			}
			if became.pid, _ = out["recurringEventId"].(string); became.pid == "" {
				became.pid, _ = out["id"].(string)
			}
			became.id = l.idOf(became.pid)
			if f == calendar.FieldWhen {
				v = whenText(l.timeThere(out["start"]))
			}
		}
		if became.id == t.id {
			return []*deed{t.deed(sc, f, v)}
		}
		return append(l.divided(s, t.handle, became, ended), &deed{event: became.id, row: became.id, field: f, value: v})
	})
}

// divided notes that a series came of another, and gives the deed by which that
// one ends.
func (l *ledger) divided(s side, whole, second handle, ended string) []*deed {
	l.Helper()
	if s == here { // its id there is computed from the one here, as of all that is born here
		l.made = append(l.made, second.id)
	} else {
		second.id = l.importedAs(l.subject, second.pid)
		l.made = append(l.made, second.id)
	}
	l.from[second.id] = whole.id
	return l.endedAnew(s, whole, ended)
}

// endedAnew is the deed that ends a series earlier; none where it had ended so before.
func (l *ledger) endedAnew(s side, whole handle, was string) []*deed {
	l.Helper()
	if now := l.ended(s, whole); now != was && now != "" {
		return []*deed{{event: whole.id, row: whole.id, field: calendar.FieldRecurrence, value: now}}
	}
	return nil
}

// ended is where a series ends by its rule, on a side.
func (l *ledger) ended(s side, h handle) string {
	l.Helper()
	if s == here {
		rows, err := l.me.db.Events.Rows(context.Background(), l.account, []string{h.id})
		l.must(err)
		if row := rows[h.id]; row != nil && !row.Hidden() {
			return ends.FindString(fmt.Sprint(row.Recurrence))
		}
		return ""
	}
	e, err := l.sim.Calendar.Event(l.email, l.email, h.pid)
	if err != nil || e["status"] == "cancelled" {
		return ""
	}
	return ends.FindString(fmt.Sprint(e["recurrence"]))
}

// accepted says whether an edit in Aura was made.
func (l *ledger) accepted(err error) bool {
	l.Helper()
	if err != nil && !fault.Is(err, fault.Conflict, fault.Invalid, fault.NotFound) {
		l.Fatalf("editing in Aura: %v", err)
	}
	return err == nil
}

// remove deletes a thing.
func (l *ledger) remove(s side, t thing, sc scope) bool {
	l.Helper()
	return l.deed(s, func() []*deed {
		ended := l.ended(s, t.handle)
		if s == here {
			if !l.accepted(l.me.editor.Delete(context.Background(), l.by, t.target(sc))) {
				return nil
			}
		} else if err := l.sim.Calendar.Delete(l.email, l.email, t.idThere(sc), t.span(sc)); err != nil {
			return nil
		}
		if sc == following && t.occurs() && l.lives(s, t.handle) {
			return l.endedAnew(s, t.handle, ended)
		}
		if sc == following {
			sc = series // it was the first
		}
		return []*deed{t.deed(sc, "", "")}
	})
}

// lives says whether a side has an event or series.
func (l *ledger) lives(s side, h handle) bool {
	l.Helper()
	if s == here {
		rows, err := l.me.db.Events.Rows(context.Background(), l.account, []string{h.id})
		l.must(err)
		return rows[h.id] != nil && !rows[h.id].Hidden()
	}
	e, err := l.sim.Calendar.Event(l.email, l.email, h.pid)
	return err == nil && e["status"] != "cancelled"
}

// carryAway moves an event or a whole series to another calendar at Google; not
// every event may be.
func (l *ledger) carryAway(t thing) bool {
	l.Helper()
	return l.deed(there, func() []*deed {
		if _, err := l.sim.Calendar.MoveTo(l.email, l.email, t.pid, l.other); err != nil {
			return nil
		}
		return []*deed{t.deed(series, "", "")}
	})
}

// deed is what an edit of a thing comes to in the ledger.
func (t thing) deed(sc scope, f calendar.Field, v string) *deed {
	d := &deed{event: t.id, row: t.id, field: f, value: v}
	if t.occurs() && sc == this {
		d.row, d.original = t.row(), calendar.OccurrenceKey(t.original)
	}
	return d
}

// target is the thing as Aura's editor is asked for it.
func (t thing) target(sc scope) edit.Target {
	if !t.occurs() || sc == series {
		return target(t.id)
	}
	return one(t.id, t.original, map[scope]edit.Scope{this: edit.This, following: edit.Following, all: edit.All}[sc])
}

// idThere is what a person clicks on at Google.
func (t thing) idThere(sc scope) string {
	if sc == series {
		return t.pid
	}
	return t.instance
}

func (t thing) span(sc scope) sim.Span {
	if !t.occurs() || sc == series {
		return sim.SpanAll
	}
	return map[scope]sim.Span{this: sim.SpanThis, following: sim.SpanFollowing, all: sim.SpanAll}[sc]
}

// bear makes an event or a series on a side: rule is "" for a single one.
func (l *ledger) bear(s side, at int, allDay bool, rule string) handle {
	l.Helper()
	var h handle
	l.deed(s, func() []*deed {
		v := l.fresh(s)
		day, next := start.AddDate(0, 0, at/24).Format(time.DateOnly), start.AddDate(0, 0, at/24+1).Format(time.DateOnly)
		if s == there {
			e := timed(v, at)
			if allDay {
				e["start"], e["end"] = map[string]any{"date": day}, map[string]any{"date": next}
			}
			if rule != "" {
				e["recurrence"] = []any{rule}
			}
			h.pid = l.there(e)
			h.id = l.importedAs(l.subject, h.pid)
		} else {
			c := content(v, at)
			if allDay {
				c.Start, c.End = calendar.Time{Date: day}, calendar.Time{Date: next}
			}
			if rule != "" {
				c.Recurrence = []string{rule}
			}
			row, _, err := l.me.editor.Create(context.Background(), l.by, c, "")
			l.must(err)
			h = bornHere(row.ID)
		}
		l.made = append(l.made, h.id)
		return []*deed{{event: h.id, row: h.id, field: calendar.FieldTitle, value: v}}
	})
	return h
}
