package convergence_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/integration"
)

// deed is one edit that somebody was told has been made. Every value is used
// once, so that whoever shows it was reached by the edit.
type deed struct {
	n        int
	side     side
	event    string // Aura's id of the event or series
	row      string // and of what carries the edit: of one occurrence another
	original string // of one occurrence, "" otherwise
	field    calendar.Field
	value    string       // "" deletes
	saw      map[int]bool // what its author had before them, or had been told of
	took     map[int]bool // and what of it was no longer there afterwards
}

// one says that the deed is about a single occurrence of a series.
func (d *deed) one() bool { return d.original != "" }

func (d *deed) shade() value { return value{d.one(), d.field, d.value} }

// same says that both did the very same: of all values only the end of a series may
// be given to it twice.
func (d *deed) same(x *deed) bool { return d.value != "" && d.row == x.row && d.shade() == x.shade() }

func (d *deed) String() string {
	what := "deleted"
	if d.value != "" {
		what = fmt.Sprintf("%s := %q", d.field, d.value)
	}
	if d.one() {
		what += " of its occurrence " + d.original
	}
	return fmt.Sprintf("#%d: %s %s in %s, over %v, having seen %v", d.n, d.event, what, d.side,
		slices.Sorted(maps.Keys(d.took)), slices.Sorted(maps.Keys(d.saw)))
}

// ledger is every edit that was made, and what its author had seen. It knows
// nothing of the engine: what is lost is what is neither shown in the end, nor was
// replaced by somebody who saw it, nor is named to a person, as the loser in a
// run's decisions or as an edit that was set aside.
type ledger struct {
	*world
	subject string // of the account at Google
	deeds   []*deed
	made    []string          // Aura's ids of all events that people made, in order
	from    map[string]string // of a series that came of dividing another, which
	other   string            // a second calendar at Google
	given   map[int]bool      // deeds that were given up with an integration
	anew    bool              // it was replaced by another since
}

func newLedger(w *world) *ledger {
	w.Helper()
	return &ledger{world: w, subject: w.rec().Subject, from: map[string]string{}, given: map[int]bool{}}
}

func (w *world) importedAs(subject, pid string) string {
	return calendar.ImportedID(google.Key, subject, integration.PrimaryCalendar, pid)
}

// root is the series that another came of, however often it was divided.
func (l *ledger) root(id string) string {
	for l.from[id] != "" {
		id = l.from[id]
	}
	return id
}

// deed writes down what somebody does at a side, with what they saw and what they
// replaced: the values that their side showed before and doesn't afterwards. An
// act that was refused gives nothing, and is no deed.
func (l *ledger) deed(s side, act func() []*deed) bool {
	l.Helper()
	before := l.values(s)
	gaps, began := l.gaps(s)
	done := act()
	if len(done) == 0 {
		return false
	}
	after := l.values(s)
	saw, took := map[int]bool{}, map[int]bool{}
	for _, d := range l.deeds {
		if n := before[d.shade()]; d.value != "" && n > 0 {
			l.seen(saw, d)
			took[d.n] = after[d.shade()] < n
		}
	}
	for _, d := range gaps { // with its dates a series forgets what was taken out of it, and goes with it itself
		if slices.ContainsFunc(done, func(x *deed) bool {
			return !x.one() && (x.value == "" || x.field == calendar.FieldWhen) && (x.event == d.event || began[x.event] != "" && began[x.event] <= d.original && l.root(x.event) == l.root(d.event))
		}) {
			l.seen(saw, d)
			took[d.n] = true
		}
	}
	maps.DeleteFunc(took, func(_ int, gone bool) bool { return !gone })
	for _, d := range done {
		d.n, d.side, d.saw, d.took = len(l.deeds), s, saw, took
		l.deeds = append(l.deeds, d)
		if l.anew {
			l.forget(d)
		}
	}
	return true
}

// gaps gives the deletions of single occurrences that a side's calendar shows: there
// is nothing on their dates. And it gives where the series that it shows begin.
func (l *ledger) gaps(s side) (out []*deed, began map[string]string) {
	l.Helper()
	shown := map[string]bool{}
	began = map[string]string{}
	for _, t := range l.calendar(s) {
		shown[t.name()] = true
		if at := calendar.OccurrenceKey(t.original); t.occurs() && (began[t.id] == "" || at < began[t.id]) {
			began[t.id] = at
		}
	}
	for _, d := range l.deeds {
		if d.one() && d.value == "" && !shown[d.event+"_"+d.original] {
			out = append(out, d)
		}
	}
	return out, began
}

// replaced forgets the deletions at Google that nobody has heard of here when an
// integration is replaced by another, and until that one has come to know what it
// has: what was born in Aura loses its link, and is pushed to whatever calendar is
// connected next, where it was before or not.
func (l *ledger) replaced() {
	l.Helper()
	l.anew = true
	for _, d := range l.deeds {
		l.forget(d)
	}
}

func (l *ledger) forget(d *deed) {
	l.Helper()
	if d.side != there || d.value != "" || d.one() {
		return
	}
	rows, err := l.me.db.Events.Rows(context.Background(), l.account, []string{d.event})
	l.must(err)
	if row := rows[d.event]; row != nil && !row.Hidden() && row.Origin == calendar.BornInAura && (row.Link == nil || row.Link.Generation != l.rec().ID) {
		l.given[d.n] = true
	}
}

// seen adds a deed, and those that it replaced: who sees it was told of them.
func (l *ledger) seen(saw map[int]bool, d *deed) {
	if saw[d.n] {
		return
	}
	saw[d.n] = true
	for n := range d.took {
		l.seen(saw, l.deeds[n])
	}
}

// giveUp forgets the deeds that wait to be pushed: an integration is replaced by
// another, and what waited for the old one's calendar goes with it.
func (l *ledger) giveUp() {
	l.Helper()
	waiting := map[string]bool{}
	for _, it := range l.items() {
		if sk, _ := it["sk"].(string); strings.HasPrefix(sk, "O#") {
			waiting[strings.TrimPrefix(sk, "O#")] = true
		}
	}
	for _, d := range l.deeds {
		if d.side == here && waiting[d.row] {
			l.given[d.n] = true
		}
	}
}

// setAside gives the edits that wait for a person, who was told why.
func (w *world) setAside() map[string]bool {
	w.Helper()
	out := map[string]bool{}
	for _, q := range w.quarantined() {
		if q.Reason != "" && (q.Code == "occurrence_gone" || q.Code == "series_gone") {
			out[q.EventID] = true
		}
	}
	return out
}

// ending is how everything is in the end, when both sides agree.
type ending struct {
	values  map[value]int
	shows   map[string]bool // things by their names, and events by their ids
	aside   map[value]bool  // what edits say that wait for a person
	decided []integration.Decision
}

func (l *ledger) ending() ending {
	l.Helper()
	e := ending{values: l.values(there), shows: map[string]bool{}, aside: map[value]bool{}, decided: l.decisions()}
	for _, t := range l.calendar(there) {
		for id := t.id; id != "" && t.occurs(); id = l.from[id] { // of its series, and of those that this came of
			e.shows[id+"_"+calendar.OccurrenceKey(t.original)] = true
		}
	}
	for _, r := range l.resources() {
		if pid, _ := r["id"].(string); r["recurringEventId"] == nil && r["status"] != "cancelled" {
			e.shows[l.idOf(pid)] = true
		}
	}
	aside := l.setAside()
	for _, it := range l.items() {
		sk, _ := it["sk"].(string)
		if !strings.HasPrefix(sk, "E#") || !aside[sk[2:]] {
			continue
		}
		title, _ := it["ti"].(string)
		place, _ := it["lo"].(string)
		for f, text := range map[calendar.Field]string{calendar.FieldTitle: title, calendar.FieldLocation: place, calendar.FieldWhen: whenText(timeHere(it["s"]))} {
			e.aside[value{it["m"] != nil, f, text}] = true
		}
	}
	return e
}

// accounted says that a deed is neither lost nor forgotten, leaving aside whether
// somebody replaced it.
func (l *ledger) accounted(d *deed, e ending) bool {
	if d.value != "" {
		return e.values[d.shade()] > 0 || e.aside[d.shade()] ||
			slices.ContainsFunc(e.decided, func(c integration.Decision) bool {
				return c.What == "conflict" && c.Field == string(d.field) && (strings.Contains(c.Ours, d.value) || strings.Contains(c.Their, d.value))
			})
	}
	if slices.ContainsFunc(e.decided, d.lostTo) {
		return true
	}
	shown := e.shows[d.event]
	if d.one() {
		shown = e.shows[d.event+"_"+d.original]
	}
	if d.one() && d.side == there && l.dividedTwice(d.event) && l.timesShown(d) == 1 {
		return true // of both second halves, Google's hasn't it, and what Aura's has stays
	}
	// What was deleted comes back only for an edit that whoever deleted it hadn't seen.
	return !shown || slices.ContainsFunc(l.deeds, func(x *deed) bool {
		return l.root(x.event) == l.root(d.event) && x.value != "" && !d.saw[x.n] && e.values[x.shade()] > 0 && (!d.one() || x.original == d.original)
	}) || d.one() && slices.ContainsFunc(e.decided, func(c integration.Decision) bool {
		return c.Event == d.row && (strings.Contains(c.Why, "no longer has it") || c.What == "conflict" && c.Field == string(calendar.FieldStatus))
	})
}

// timesShown is how many of the series that came of one show an occurrence of it.
func (l *ledger) timesShown(d *deed) (n int) {
	l.Helper()
	for _, t := range l.calendar(there) {
		if t.occurs() && l.root(t.id) == l.root(d.event) && calendar.OccurrenceKey(t.original) == d.original {
			n++
		}
	}
	return n
}

// lostTo says that a run named the deletion as the loser against an edit.
func (d *deed) lostTo(c integration.Decision) bool {
	won := map[side]string{here: "provider", there: "aura"}[d.side]
	return c.Event == d.row && c.What == "conflict" && c.Field == "existence" && c.Won == won
}

// lost gives the deeds that were lost without a word, once both sides agree. One
// that is not to be found is accounted for where somebody who saw it replaced it,
// whose deed is.
func (l *ledger) lost() []string {
	l.Helper()
	e, good := l.ending(), maps.Clone(l.given)
	for range l.deeds { // each may account for another
		for _, d := range l.deeds {
			good[d.n] = good[d.n] || l.accounted(d, e) ||
				slices.ContainsFunc(l.deeds, func(x *deed) bool { return good[x.n] && (x.took[d.n] || x.same(d)) })
		}
	}
	var out []string
	for _, d := range l.deeds {
		if !good[d.n] {
			out = append(out, fmt.Sprintf("%v: lost without a word", d))
		}
	}
	return out
}
