package convergence_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// machine is two people, one on each side, and an infrastructure that does what
// it may.
type machine struct {
	*ledger
	events []handle
	log    []string
}

func (m *machine) say(format string, args ...any) {
	m.log = append(m.log, fmt.Sprintf(format, args...))
}

// any draws an event.
func (m *machine) any(t *rapid.T) handle {
	return m.events[rapid.IntRange(0, len(m.events)-1).Draw(t, "event")]
}

var sides = rapid.SampledFrom([]side{here, there})

// editText sets a text on a side.
func (m *machine) editText(t *rapid.T) {
	s, f := sides.Draw(t, "side"), rapid.SampledFrom([]calendar.Field{calendar.FieldTitle, calendar.FieldLocation}).Draw(t, "field")
	h := m.any(t)
	if m.set(s, h, f) {
		m.say("%v of %s", m.deeds[len(m.deeds)-1], h.id)
	}
}

// moveInTime moves an event, perhaps between all-day and timed.
func (m *machine) moveInTime(t *rapid.T) {
	s, allDay := sides.Draw(t, "side"), rapid.Bool().Draw(t, "all day")
	h := m.any(t)
	if m.move(s, h, allDay) {
		m.say("%v of %s", m.deeds[len(m.deeds)-1], h.id)
	}
}

// erase deletes an event, or moves it to another calendar at Google.
func (m *machine) erase(t *rapid.T) {
	s, h, away := sides.Draw(t, "side"), m.any(t), rapid.Bool().Draw(t, "to another calendar")
	if s == there && away && m.shown(there, h) != nil {
		saw := m.seen(there, h)
		if _, err := m.sim.Calendar.MoveTo(m.email, m.email, h.pid, m.other); err != nil {
			return // not every event may be moved
		}
		m.note(there, h, "", "", saw)
		m.say("moved to another calendar: %s", h.id)
		return
	}
	if m.remove(s, h) {
		m.say("%v of %s", m.deeds[len(m.deeds)-1], h.id)
	}
}

// create makes an event or a series.
func (m *machine) create(t *rapid.T) {
	if len(m.events) > 12 {
		return
	}
	s, recurs := sides.Draw(t, "side"), rapid.Bool().Draw(t, "recurs")
	n := len(m.events)
	title := fmt.Sprint("event ", n)
	if s == there {
		e := timed(title, 24+2*n)
		if recurs {
			e["recurrence"] = []any{"RRULE:FREQ=DAILY;COUNT=5"}
		}
		m.events = append(m.events, m.bornThere(m.there(e)))
	} else {
		c := content(title, 24+2*n)
		if recurs {
			c.Recurrence = []string{"RRULE:FREQ=WEEKLY;COUNT=6"}
		}
		row, _, err := m.me.editor.Create(context.Background(), m.by, c, "")
		m.must(err)
		m.events = append(m.events, bornHere(row.ID))
	}
	m.say("%s made in %s, recurs %v: %s", title, s, recurs, m.events[n].id)
}

// deliver works some of what is in the queue off, in any order, some of it twice,
// in a process that may lose an answer, or die.
func (m *machine) deliver(t *rapid.T) {
	if rapid.Bool().Draw(t, "the slot comes round") {
		if rec, err := m.me.db.Integrations.Get(context.Background(), m.key); err == nil && rec.Syncs(m.now()) {
			m.must(m.queue.Send(context.Background(), jobMessage(m.job(integration.TriggerSchedule))))
		}
	}
	p := m.process(3)
	k := rapid.IntRange(1, 14).Draw(t, "boundary")
	mishap := rapid.SampledFrom([]string{"none", "none", "lost", "dead before", "dead after"}).Draw(t, "mishap")
	at := func(n int, _ crossing) bool { return n == k }
	switch mishap {
	case "lost":
		p.lose = at
	case "dead before":
		p.before = at
	case "dead after":
		p.after = at
	}
	m.queue.reorder(rapid.IntRange(0, 3).Draw(t, "order"), rapid.Bool().Draw(t, "twice"))
	for range rapid.IntRange(1, 4).Draw(t, "jobs") {
		if p.gone() || !p.next(context.Background()) {
			break
		}
	}
	m.say("jobs worked off, %s at %d", mishap, k)
}

// pass lets time go on, and Aura's clock go wrong.
func (m *machine) passTime(t *rapid.T) {
	d := time.Duration(rapid.IntRange(1, 4000).Draw(t, "seconds")) * time.Second
	m.clock.Advance(d)
	m.mu.Lock()
	m.skewed = time.Duration(rapid.IntRange(-5, 5).Draw(t, "minutes of skew")) * time.Minute
	m.mu.Unlock()
	m.say("%s pass, skew %s", d, m.skewed)
}

// expire makes cursors no longer good.
func (m *machine) expire(*rapid.T) {
	m.must(m.sim.Calendar.ExpireSyncTokens(m.email))
	m.say("sync tokens expired")
}

// lapse loses what is in the queue.
func (m *machine) lapse(*rapid.T) {
	m.queue.mu.Lock()
	m.queue.msgs = nil
	m.queue.mu.Unlock()
	m.say("jobs lost")
}

// reconnect ends the connection, and makes it again, of the same generation or a new one.
func (m *machine) reconnect(t *rapid.T) {
	ctx := context.Background()
	if rec := m.rec(); rec.Status == integration.Active {
		_, err := m.me.service.Disconnect(ctx, m.caller, m.key.Provider, false)
		m.must(err)
		m.say("disconnected")
		return
	}
	m.join(t.Failed(), rapid.Bool().Draw(t, "anew"))
}

// join connects again what isn't.
func (m *machine) join(_, anew bool) {
	ctx := context.Background()
	if rec := m.rec(); rec.Status == integration.Active || rec.Status == integration.Testing {
		return
	}
	if anew {
		if _, err := m.me.service.Create(ctx, m.caller, m.key.Provider); err != nil && !fault.Is(err, fault.Conflict) {
			m.must(err)
		}
	}
	for range 4 { // an old grant's revoking may still be under way
		err := m.me.authorize(ctx)
		if err == nil {
			m.say("connected again, anew %v", anew)
			return
		}
		if anew { // the old one is wound down before anybody is connected
			m.giveUp()
		}
		m.pass(2 * time.Minute)
		m.settle()
	}
	m.say("not connected")
}

// rest lets everything happen that the design promises.
func (m *machine) rest() {
	m.mu.Lock()
	m.skewed = 0
	m.mu.Unlock()
	m.pass(10 * time.Minute) // more than the clocks were apart
	m.settle()
	m.join(false, false)
	m.heal()
	if rec := m.rec(); rec.Status == integration.Error && rec.Reason.Code == integration.ReasonMassDeletionHeld {
		_, err := m.me.service.ConfirmDeletions(context.Background(), m.caller, m.key.Provider)
		m.must(err)
		m.heal()
	}
	m.heal()
}

// strangers gives what Google has and nobody made: doubles.
func (m *machine) strangers() (out []string) {
	known := map[string]bool{}
	for _, h := range m.events {
		known[h.pid] = true
	}
	for _, r := range m.resources() {
		if id, _ := r["id"].(string); !known[id] && r["recurringEventId"] == nil {
			out = append(out, fmt.Sprintf("%s (%v) is nobody's", id, r["summary"]))
		}
	}
	return out
}

// TestR11BothSidesConverge has two people edit both sides at random while jobs come
// in any order, answers are lost, processes die, clocks are wrong and the
// connection is made anew; then everything rests. Both sides are equal field by
// field, no edit was lost without a word, and a further sync writes nothing.
func TestR11BothSidesConverge(t *testing.T) {
	t.Parallel()
	var sequences, deeds, conflicts atomic.Int64
	t.Cleanup(func() {
		t.Logf("R11: %d sequences, %d edits, %d conflicts named", sequences.Load(), deeds.Load(), conflicts.Load())
	})
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{ledger: &ledger{world: connected(t)}}
		m.prepare()
		t.Repeat(map[string]func(*rapid.T){
			"edit": m.editText, "edit a text": m.editText, "move": m.moveInTime, "delete": m.erase, "create": m.create,
			"deliver": m.deliver, "deliver more": m.deliver, "time": m.passTime, "expire": m.expire, "lapse": m.lapse, "reconnect": m.reconnect,
		})
		m.rest()
		bad := append(m.verdict(), m.strangers()...)
		for _, h := range m.events {
			bad = append(bad, m.lost(h)...)
		}
		sequences.Add(1)
		deeds.Add(int64(len(m.deeds)))
		conflicts.Add(int64(len(m.conflicts())))
		if len(bad) > 0 {
			t.Fatalf("%s\n\n%s", strings.Join(bad, "\n"), strings.Join(m.log, "\n"))
		}
	})
}

// prepare gives both people a few events to begin with.
func (m *machine) prepare() {
	m.Helper()
	m.must(m.sim.Calendar.AddAccount("unused-"+m.email, "Europe/Madrid"))
	id, err := m.sim.Calendar.AddCalendar(m.email, sim.Calendar{Summary: "other"}, sim.RoleOwner)
	m.must(err)
	m.other = id
	guest := timed("with a guest", 20)
	guest["attendees"] = []any{map[string]any{"email": "guest@example.com"}}
	daily := timed("daily", 21)
	daily["recurrence"] = []any{"RRULE:FREQ=DAILY;COUNT=5"}
	for _, e := range []sim.Event{timed("a", 24), timed("b", 26), guest, daily} {
		m.events = append(m.events, m.bornThere(m.there(e)))
	}
	for i := range 2 {
		row, _, err := m.me.editor.Create(context.Background(), m.by, content(fmt.Sprint("mine ", i), 40+i), "")
		m.must(err)
		m.events = append(m.events, bornHere(row.ID))
	}
	m.settle()
}
