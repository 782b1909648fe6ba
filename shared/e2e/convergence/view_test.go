package convergence_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"aura.example/integrations/shared/calendar"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/oracle"
	"aura.example/integrations/shared/recurrence"
)

// What people see of a calendar, on either side: what is in it, with series
// expanded. Who it is, is said by Aura's id of the event or series and, of an
// occurrence, by its original start: both sides have those in common, whatever
// ids an occurrence has.

// side is where somebody looks and edits.
type side string

const (
	here  side = "Aura"
	there side = "Google"
)

// handle is one event or series on both sides.
type handle struct{ id, pid string }

// idHere computes Aura's id of an event that was born at Google.
func (w *world) idHere(pid string) string { return w.importedAs(w.rec().Subject, pid) }

func (w *world) bornThere(pid string) handle { return handle{w.idHere(pid), pid} }

func bornHere(id string) handle { return handle{id, strings.TrimPrefix(id, calendar.Prefix)} }

// thing is a single event, or one occurrence of a series, as a calendar shows it.
type thing struct {
	handle                 // of the event, or of its series
	instance string        // at Google: the occurrence's own id
	original calendar.Time // of an occurrence
	title    string
	place    string
	start    calendar.Time
	end      calendar.Time
	busy     bool
	odd      string // why Aura can't expand it, and shows it at its first start only
}

// occurs says that the thing is one occurrence of a series.
func (t thing) occurs() bool { return !t.original.IsZero() }

// row is the id in Aura of what carries an edit of this thing alone.
func (t thing) row() string {
	if t.occurs() {
		return calendar.ExceptionID(t.id, t.original)
	}
	return t.id
}

// name says which thing it is, the same on both sides.
func (t thing) name() string {
	if t.occurs() {
		return t.id + "_" + calendar.OccurrenceKey(t.original)
	}
	return t.id
}

func (t thing) String() string {
	return fmt.Sprintf("%s %q at %q, %s to %s, busy %v", t.name(), t.title, t.place, whenText(t.start), whenText(t.end), t.busy)
}

// whenText is a start as reports write it.
func whenText(t calendar.Time) string {
	if t.IsDate() {
		return t.Date
	}
	return t.At.UTC().Format(time.RFC3339)
}

// horizon is how far people look.
func horizon() (from, to time.Time) { return start.AddDate(0, -1, 0), start.AddDate(2, 0, 0) }

// calendar is what a side shows, in an order that doesn't hang on chance.
func (l *ledger) calendar(s side) []thing {
	l.Helper()
	var out []thing
	from, to := horizon()
	if s == here {
		rows, err := l.me.db.Events.Range(context.Background(), l.account, from, to)
		l.must(err)
		for _, o := range recurrence.Expand(rows, recurrence.Range{From: from, To: to, Zone: "Europe/Madrid"}).Occurrences {
			t := thing{
				handle: handle{id: o.Row.ID}, original: o.OriginalStart, title: o.Row.Title, place: o.Row.Location,
				start: o.Start, end: o.End, busy: o.Row.Busy, odd: o.Odd,
			}
			if o.Row.IsException() {
				t.id = o.Row.MasterID
			}
			out = append(out, t)
		}
	} else {
		events, err := l.sim.Calendar.Events(l.email, l.email, from, to)
		l.must(err)
		for _, e := range events {
			out = append(out, l.thingThere(e))
		}
	}
	slices.SortStableFunc(out, func(a, b thing) int { return strings.Compare(l.order(a), l.order(b)) })
	return out
}

// order sorts things by who was made first, not by ids, which are random.
func (l *ledger) order(t thing) string {
	return fmt.Sprintf("%04d %s", slices.Index(l.made, t.id), t.name())
}

// thingThere is one of what Google shows.
func (l *ledger) thingThere(e sim.Event) thing {
	l.Helper()
	pid, _ := e["id"].(string)
	t := thing{instance: pid, start: l.timeThere(e["start"]), end: l.timeThere(e["end"]), busy: e["transparency"] != "transparent"}
	t.title, _ = e["summary"].(string)
	t.place, _ = e["location"].(string)
	if series, ok := e["recurringEventId"].(string); ok {
		pid, t.original = series, l.timeThere(e["originalStartTime"])
	}
	t.handle = handle{l.idOf(pid), pid}
	return t
}

func (l *ledger) timeThere(v any) calendar.Time {
	l.Helper()
	m, _ := v.(map[string]any)
	if day, ok := m["date"].(string); ok {
		return calendar.Time{Date: day}
	}
	s, _ := m["dateTime"].(string)
	at, err := time.Parse(time.RFC3339, s)
	l.must(err)
	return calendar.Time{At: at}
}

// idOf gives Aura's id of what Google calls so.
func (l *ledger) idOf(pid string) string {
	if id := calendar.Prefix + pid; slices.Contains(l.made, id) {
		return id
	}
	return l.importedAs(l.subject, pid)
}

// find gives a thing as a side shows it.
func (l *ledger) find(s side, name string) (thing, bool) {
	l.Helper()
	for _, t := range l.calendar(s) {
		if t.name() == name {
			return t, true
		}
	}
	return thing{}, false
}

// value is a field's value in an event or series, or in one occurrence that has
// it of its own.
type value struct {
	one   bool
	field calendar.Field
	text  string
}

var ends = regexp.MustCompile(`UNTIL=[0-9TZ]+`)

// values counts what a side has of each value: in stored events, not in what they
// expand to. A series says when it ends by UNTIL.
func (l *ledger) values(s side) map[value]int {
	l.Helper()
	out := map[value]int{}
	count := func(one bool, title, place string, at calendar.Time, rules string) {
		for f, text := range map[calendar.Field]string{calendar.FieldTitle: title, calendar.FieldLocation: place, calendar.FieldWhen: whenText(at)} {
			out[value{one, f, text}]++
		}
		for _, until := range ends.FindAllString(rules, -1) {
			out[value{one, calendar.FieldRecurrence, until}]++
		}
	}
	if s == there {
		for _, e := range l.resources() {
			if e["status"] != "cancelled" {
				t := l.thingThere(sim.Event(e))
				count(t.occurs(), t.title, t.place, t.start, fmt.Sprint(e["recurrence"]))
			}
		}
		return out
	}
	items := l.items()
	gone := map[string]bool{}
	for _, it := range items {
		sk, _ := it["sk"].(string)
		gone[strings.TrimPrefix(sk, "E#")] = it["st"] == "cancelled" || it["pe"] == "deleted"
	}
	for _, it := range items {
		sk, _ := it["sk"].(string)
		master, one := it["m"].(string)
		if !strings.HasPrefix(sk, "E#") || gone[sk[2:]] || gone[master] {
			continue
		}
		title, _ := it["ti"].(string)
		place, _ := it["lo"].(string)
		count(one, title, place, timeHere(it["s"]), fmt.Sprint(it["rr"]))
	}
	return out
}

func timeHere(v any) calendar.Time {
	m, _ := v.(oracle.Doc)
	if day, ok := m["d"].(string); ok {
		return calendar.Time{Date: day}
	}
	ms, _ := m["a"].(float64)
	return calendar.Time{At: time.UnixMilli(int64(ms))}
}
