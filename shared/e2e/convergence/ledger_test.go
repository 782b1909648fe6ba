package convergence_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/google"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// side is where somebody edits.
type side string

const (
	here  side = "Aura"
	there side = "Google"
)

// deed is one edit that somebody was told has been made. Every value is used
// once, so that whoever shows it was reached by the edit.
type deed struct {
	n     int
	side  side
	event string // Aura's id
	field calendar.Field
	value string // "" deletes the event
	saw   map[int]bool
}

func (d *deed) String() string {
	if d.value == "" {
		return fmt.Sprintf("#%d: deleted in %s, having seen %v", d.n, d.side, slices.Sorted(maps.Keys(d.saw)))
	}
	return fmt.Sprintf("#%d: %s := %q in %s, having seen %v", d.n, d.field, d.value, d.side, slices.Sorted(maps.Keys(d.saw)))
}

// ledger is every edit that was made, and what its author had seen. It knows
// nothing of the engine: what is lost is what is neither shown in the end, nor was
// seen by whoever overwrote it, nor is named as the loser in a run's decisions.
type ledger struct {
	*world
	deeds []*deed
	other string       // a second calendar at Google
	given map[int]bool // deeds that were given up with an integration
}

// idHere computes Aura's id of an event that was born at Google.
func (w *world) idHere(pid string) string {
	return calendar.ImportedID(google.Key, w.rec().Subject, integration.PrimaryCalendar, pid)
}

// handle is one event on both sides.
type handle struct{ id, pid string }

func (w *world) bornThere(pid string) handle { return handle{w.idHere(pid), pid} }

func bornHere(id string) handle { return handle{id, strings.TrimPrefix(id, calendar.Prefix)} }

// shown gives what a side shows of an event; nil where it isn't there.
func (w *world) shown(s side, h handle) map[calendar.Field]string {
	w.Helper()
	if s == here {
		rows, err := w.me.db.Events.Rows(context.Background(), w.account, []string{h.id})
		w.must(err)
		row := rows[h.id]
		if row == nil || row.Hidden() {
			return nil
		}
		return map[calendar.Field]string{calendar.FieldTitle: row.Title, calendar.FieldLocation: row.Location, calendar.FieldWhen: whenText(row.Start)}
	}
	e, err := w.sim.Calendar.Event(w.email, w.email, h.pid)
	if err != nil || e["status"] == "cancelled" {
		return nil
	}
	title, _ := e["summary"].(string)
	place, _ := e["location"].(string)
	from, _ := e["start"].(map[string]any)
	var at calendar.Time
	if at.Date, _ = from["date"].(string); at.Date == "" {
		s, _ := from["dateTime"].(string)
		at.At, err = time.Parse(time.RFC3339, s)
		w.must(err)
	}
	return map[calendar.Field]string{calendar.FieldTitle: title, calendar.FieldLocation: place, calendar.FieldWhen: whenText(at)}
}

// whenText is a start as reports write it.
func whenText(t calendar.Time) string {
	if t.IsDate() {
		return t.Date
	}
	return t.At.UTC().Format(time.RFC3339)
}

// seen gives the deeds whose values a side shows, and those that they had
// knowingly overwritten.
func (l *ledger) seen(s side, h handle) map[int]bool {
	out := map[int]bool{}
	now := l.shown(s, h)
	for _, d := range l.deeds {
		if d.event == h.id && d.value != "" && now[d.field] == d.value {
			out[d.n] = true
			for n := range d.saw {
				if l.deeds[n].field == d.field {
					out[n] = true
				}
			}
		}
	}
	return out
}

// note writes a deed down.
func (l *ledger) note(s side, h handle, f calendar.Field, value string, saw map[int]bool) {
	l.deeds = append(l.deeds, &deed{n: len(l.deeds), side: s, event: h.id, field: f, value: value, saw: saw})
}

// value is one that nobody has used.
func (l *ledger) value(s side) string { return fmt.Sprintf("%s %d", s, len(l.deeds)) }

// set edits a text on a side; false where the event isn't there to be edited.
func (l *ledger) set(s side, h handle, f calendar.Field) bool {
	l.Helper()
	if l.shown(s, h) == nil {
		return false
	}
	saw, v := l.seen(s, h), l.value(s)
	if s == here {
		patch := edit.Patch{Title: &v}
		if f == calendar.FieldLocation {
			patch = edit.Patch{Location: &v}
		}
		if !l.accepted(l.me.editor.Change(context.Background(), l.by, target(h.id), patch)) {
			return false
		}
	} else {
		name := map[calendar.Field]string{calendar.FieldTitle: "summary", calendar.FieldLocation: "location"}[f]
		l.patchThere(h.pid, sim.Event{name: v})
	}
	l.note(s, h, f, v, saw)
	return true
}

// accepted says whether an edit was made: the refusal of one is its person's to
// know, and no deed.
func (l *ledger) accepted(_ edit.Result, err error) bool {
	l.Helper()
	if err != nil && !fault.Is(err, fault.Conflict, fault.Invalid, fault.NotFound) {
		l.Fatalf("editing in Aura: %v", err)
	}
	return err == nil
}

// move sets when an event is: to a time of its own, or a day where allDay.
func (l *ledger) move(s side, h handle, allDay bool) bool {
	l.Helper()
	if l.shown(s, h) == nil {
		return false
	}
	saw := l.seen(s, h)
	at := start.AddDate(0, 2, len(l.deeds))
	from, to := calendar.Time{At: at, Zone: "Europe/Madrid"}, calendar.Time{At: at.Add(time.Hour), Zone: "Europe/Madrid"}
	patch := sim.Event{
		"start": map[string]any{"dateTime": at.Format(time.RFC3339), "timeZone": "Europe/Madrid", "date": nil},
		"end":   map[string]any{"dateTime": at.Add(time.Hour).Format(time.RFC3339), "timeZone": "Europe/Madrid", "date": nil},
	}
	if allDay {
		day, next := at.Format(time.DateOnly), at.AddDate(0, 0, 1).Format(time.DateOnly)
		from, to = calendar.Time{Date: day}, calendar.Time{Date: next}
		patch = sim.Event{
			"start": map[string]any{"date": day, "dateTime": nil, "timeZone": nil}, "end": map[string]any{"date": next, "dateTime": nil, "timeZone": nil},
		}
	}
	if s == here {
		if !l.accepted(l.me.editor.Change(context.Background(), l.by, target(h.id), edit.Patch{Start: &from, End: &to})) {
			return false
		}
	} else {
		l.patchThere(h.pid, patch)
	}
	l.note(s, h, calendar.FieldWhen, whenText(from), saw)
	return true
}

// remove deletes an event on a side.
func (l *ledger) remove(s side, h handle) bool {
	l.Helper()
	if l.shown(s, h) == nil {
		return false
	}
	saw := l.seen(s, h)
	if s == here {
		l.must(l.me.delete(context.Background(), h.id))
	} else {
		l.deleteThere(h.pid)
	}
	l.note(s, h, "", "", saw)
	return true
}

// giveUp forgets the deeds that wait to be pushed: an integration is replaced by
// another, and what waited for the old one's calendar goes with it (lifecycle.md,
// Wind-down).
func (l *ledger) giveUp() {
	l.Helper()
	waiting := map[string]bool{}
	for _, it := range l.items() {
		if sk, _ := it["sk"].(string); strings.HasPrefix(sk, "O#") {
			waiting[strings.TrimPrefix(sk, "O#")] = true
		}
	}
	if l.given == nil {
		l.given = map[int]bool{}
	}
	for _, d := range l.deeds {
		if d.side == here && waiting[d.event] {
			l.given[d.n] = true
		}
	}
}

// lost gives the deeds on an event that were lost without a word, once both sides
// agree. A deed is accounted for where its value is shown, where it is named as
// the loser of a conflict, or where somebody who had seen it set the same field
// anew or deleted the event, and that deed is accounted for. A deletion is, where
// the event is gone, or came back for an edit that its author had not seen.
func (l *ledger) lost(h handle) []string {
	l.Helper()
	now := l.shown(there, h)
	named := l.conflicts()
	good := map[int]bool{}
	maps.Copy(good, l.given)
	accounted := func(d *deed) bool {
		if d.value == "" {
			return now == nil || slices.ContainsFunc(l.deeds, func(e *deed) bool {
				return e.event == h.id && e.value != "" && !d.saw[e.n] && now[e.field] == e.value
			})
		}
		return now[d.field] == d.value ||
			slices.ContainsFunc(l.deeds, func(e *deed) bool {
				return e.event == h.id && good[e.n] && e.saw[d.n] && (e.field == d.field || e.value == "")
			}) ||
			slices.ContainsFunc(named, func(c integration.Decision) bool {
				return c.Event == h.id && c.Field == string(d.field) && (strings.Contains(c.Ours, d.value) || strings.Contains(c.Their, d.value))
			})
	}
	for range l.deeds { // each may account for another
		for _, d := range l.deeds {
			if d.event == h.id && !good[d.n] && accounted(d) {
				good[d.n] = true
			}
		}
	}
	var out []string
	for _, d := range l.deeds {
		if d.event == h.id && !good[d.n] {
			out = append(out, fmt.Sprintf("%v: lost without a word; in the end %v", d, now))
		}
	}
	return out
}
