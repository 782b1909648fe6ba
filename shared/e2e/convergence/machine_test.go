package convergence_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"aura.example/integrations/shared/calendar"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// machine is two people, one on each side, and an infrastructure that does what
// it may.
type machine struct {
	*ledger
	log  []string
	last string // the thing that somebody touched last, by its name

	leaves string // what Google is about to be told to delete, by its id there
}

func (m *machine) say(format string, args ...any) {
	m.log = append(m.log, fmt.Sprintf(format, args...))
}

// intent is what somebody has in mind, drawn before it is known what there is.
type intent struct {
	side  side
	what  string
	scope scope
	which int  // of what their calendar shows
	same  bool // the thing that was touched last, where it shows
}

// intents are drawn so that both sides often mean the same thing: that is where
// edits are lost.
func intents(t *rapid.T) intent {
	return intent{
		side:  rapid.SampledFrom([]side{here, there}).Draw(t, "side"),
		what:  rapid.SampledFrom([]string{"title", "title", "place", "place", "time", "day", "deletion", "away"}).Draw(t, "what"),
		scope: rapid.SampledFrom([]scope{this, this, this, following, all, series}).Draw(t, "scope"),
		which: rapid.SampledFrom(hundred).Draw(t, "which"), // evenly: a range is drawn low
		same:  rapid.Bool().Draw(t, "the same again"),
	}
}

var hundred = func() (out []int) {
	for i := range 100 {
		out = append(out, i)
	}
	return out
}()

// person edits what their calendar shows.
func (m *machine) person(t *rapid.T) { m.act(intents(t), false) }

// both edit the same thing, before either sees the other's edit.
func (m *machine) both(t *rapid.T) {
	one, other := intents(t), intents(t)
	other.side, other.same = map[side]side{here: there, there: here}[one.side], true
	m.act(one, false)
	m.act(other, false)
}

// act carries an intent out, as far as it can be. meanwhile says that a run is
// under way.
func (m *machine) act(i intent, meanwhile bool) {
	sees := m.calendar(i.side)
	if len(sees) == 0 {
		return
	}
	t := sees[i.which%len(sees)]
	if n := slices.IndexFunc(sees, func(t thing) bool { return t.name() == m.last }); i.same && n >= 0 {
		t = sees[n]
	}
	m.last = t.name()
	if meanwhile && i.side == there && m.datesWait(t) {
		m.say("left alone, since its series is about to be given other dates: %s", t)
		return
	}
	if m.leaves != "" && t.occurs() && t.pid == m.leaves { // a round trip before: nothing there could tell (reliability.md)
		m.say("left alone, since its series is being deleted: %s", t)
		return
	}
	n := len(m.deeds)
	switch i.what {
	case "title":
		m.set(i.side, t, i.scope, calendar.FieldTitle)
	case "place":
		m.set(i.side, t, i.scope, calendar.FieldLocation)
	case "time", "day":
		m.move(i.side, t, i.scope, i.what == "day")
	case "deletion":
		m.remove(i.side, t, i.scope)
	case "away":
		if i.side == there {
			m.carryAway(t)
		}
	}
	if len(m.deeds) == n {
		m.say("refused: %s of %s in %s, %s", i.what, i.scope, i.side, t)
	}
	for _, d := range m.deeds[n:] {
		m.say("%v (%s)", d, i.scope)
	}
}

// datesWait says of an occurrence that its series has new dates in Aura which wait.
// What is edited at Google between a run's pull and the moment at which it sends
// those goes with its date, and nothing says so: known, and not mended
// (reliability.md).
func (m *machine) datesWait(t thing) bool {
	m.Helper()
	if t.occurs() && m.joins(t.id) {
		return true
	}
	row, item, err := m.me.db.Events.Pair(context.Background(), m.account, t.id)
	m.must(err)
	if !t.occurs() || row == nil || item == nil || item.Base == nil || row.Pending == "" {
		return false
	}
	fields := calendar.Differing(*item.Base, row.Content)
	return slices.Contains(fields, calendar.FieldWhen) || slices.Contains(fields, calendar.FieldRecurrence)
}

// joins says that a half of the series waits to be put together with one that was
// divided off at Google, which gives that other dates, too.
func (m *machine) joins(id string) bool {
	m.Helper()
	return slices.ContainsFunc(m.made, func(half string) bool {
		if m.root(half) != m.root(id) {
			return false
		}
		_, item, err := m.me.db.Events.Pair(context.Background(), m.account, half)
		m.must(err)
		return item != nil && item.Beside != nil
	})
}

// create makes an event or a series.
func (m *machine) create(t *rapid.T) {
	s := rapid.SampledFrom([]side{here, there}).Draw(t, "side")
	rule := rapid.SampledFrom([]string{"", daily5, daily5}).Draw(t, "rule")
	allDay := rapid.Bool().Draw(t, "all day")
	if len(m.made) > 14 {
		return
	}
	h := m.bear(s, 24+26*len(m.made), allDay, rule)
	m.say("%v (all day %v, %s), at Google %s", m.deeds[len(m.deeds)-1], allDay, rule, h.pid)
}

const daily5 = "RRULE:FREQ=DAILY;COUNT=5"

// strangers gives what nobody made: events, occurrences that are there twice, and
// values that were given to one occurrence and show in two. It holds what each side
// shows against the other's, too, field by field.
func (m *machine) strangers() (out []string) {
	for _, r := range m.resources() {
		if id, _ := r["id"].(string); r["recurringEventId"] == nil && r["status"] != "cancelled" && !slices.Contains(m.made, m.idOf(id)) {
			out = append(out, fmt.Sprintf("%s (%v) is nobody's", id, r["summary"]))
		}
	}
	aside := m.setAside()
	shown := map[side]map[string]int{here: {}, there: {}}
	for s, count := range shown {
		names, values := map[string]int{}, map[string]int{}
		for _, t := range m.calendar(s) {
			if aside[t.row()] || t.odd != "" {
				continue
			}
			count[t.String()]++
			if names[t.name()]++; names[t.name()] == 2 {
				out = append(out, fmt.Sprintf("%s shows %s twice", s, t.name()))
			}
			for _, v := range []string{t.title, t.place, whenText(t.start)} {
				values[v]++
			}
		}
		for _, d := range m.deeds {
			if d.one() && d.value != "" && values[d.value] > 1 && !m.dividedTwice(d.event) {
				out = append(out, fmt.Sprintf("%s shows what was given to one occurrence %d times: %v", s, values[d.value], d))
			}
		}
	}
	for s, count := range shown {
		for t, n := range count {
			if other := map[side]side{here: there, there: here}[s]; shown[other][t] < n {
				out = append(out, fmt.Sprintf("only %s shows %s", s, t))
			}
		}
	}
	return out
}

// dividedTwice says that a run named the halves of a series, or of one that it came
// of, as kept beside each other, since they can't be put together: a person decides.
func (l *ledger) dividedTwice(series string) bool {
	return slices.ContainsFunc(l.conflicts(), func(c integration.Decision) bool {
		return strings.HasPrefix(c.Rule, "the second half that was made in Aura is kept, beside") && l.root(c.Event) == l.root(series)
	})
}

// judge gives everything that is wrong in the end.
func (m *machine) judge() []string {
	return slices.Concat(m.verdictBeside(m.setAside()), m.strangers(), m.lost())
}

// TestR11BothSidesConverge has two people edit both sides at random, single events,
// series and their occurrences, while jobs come in any order, answers are lost,
// processes die, clocks are wrong and the connection is made anew; then everything
// rests. Both sides are equal field by field, no edit was lost without a word, and
// a further sync writes nothing.
func TestR11BothSidesConverge(t *testing.T) {
	t.Parallel()
	var sequences, deeds, ones, conflicts, aside atomic.Int64
	t.Cleanup(func() {
		t.Logf("R11: %d sequences, %d edits, %d of them of single occurrences, %d conflicts named, %d edits set aside with their reason",
			sequences.Load(), deeds.Load(), ones.Load(), conflicts.Load(), aside.Load())
	})
	rapid.Check(untimed{t}, func(t *rapid.T) {
		m := &machine{ledger: newLedger(sameEachTime(t))}
		m.prepare()
		t.Repeat(map[string]func(*rapid.T){
			"edit": m.person, "edit again": m.person, "both edit": m.both, "both edit again": m.both, "create": m.create,
			"deliver": m.deliver, "deliver more": m.deliver, "time": m.passTime, "expire": m.expire, "lapse": m.lapse, "reconnect": m.reconnect,
		})
		m.rest()
		bad := m.judge()
		sequences.Add(1)
		for _, d := range m.deeds {
			deeds.Add(1)
			if d.one() {
				ones.Add(1)
			}
		}
		conflicts.Add(int64(len(m.conflicts())))
		aside.Add(int64(len(m.setAside())))
		if len(bad) > 0 {
			for _, d := range m.decisions() {
				m.say("decided: %+v", d)
			}
			for _, q := range m.quarantined() {
				m.say("set aside: %+v", q)
			}
			t.Fatalf("%s\n\n%s", strings.Join(bad, "\n"), strings.Join(m.log, "\n"))
		}
	})
	if want := flag.Lookup("rapid.checks").Value.String(); fmt.Sprint(sequences.Load()) != want {
		t.Errorf("%d sequences, want %s", sequences.Load(), want)
	}
}

// untimed is a test that rapid can't ask for its deadline: by that, it would leave
// sequences out on a slow machine, and say nothing.
type untimed struct{ rapid.TB }

// prepare gives both people a few events to begin with.
func (m *machine) prepare() {
	m.Helper()
	id, err := m.sim.Calendar.AddCalendar(m.email, sim.Calendar{Summary: "other"}, sim.RoleOwner)
	m.must(err)
	m.other = id
	guest := timed("with a guest", 20)
	guest["attendees"] = []any{map[string]any{"email": "guest@example.com"}}
	m.made = append(m.made, m.importedAs(m.subject, m.there(guest)))
	m.bear(there, 24, false, "")
	m.bear(there, 45, false, daily5)
	m.bear(there, 24*9, true, daily5)
	m.bear(here, 70, false, "")
	m.bear(here, 71, false, daily5)
	m.settle()
}
