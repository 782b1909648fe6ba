package convergence_test

import (
	"context"
	"path"
	"strings"
	"time"

	"pgregory.net/rapid"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// What an infrastructure may do to the machine: jobs late, doubled and lost,
// answers lost, processes dead, clocks wrong, cursors expired, connections ended;
// and the rest that everything comes to in the end.

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
	meanwhile := intent{}
	if rapid.SampledFrom([]bool{true, true, false}).Draw(t, "somebody edits meanwhile") {
		meanwhile = intents(t)
	}
	meanwhile.what = rapid.SampledFrom([]string{"title", "place", meanwhile.what}).Draw(t, "or rather")
	call := rapid.SampledFrom([]int{1, 1, 2, 3}).Draw(t, "before which call that writes to Google")
	p.meet = func(_ int, c crossing) {
		if !c.write || !strings.HasPrefix(c.what, "google") {
			return
		}
		if call--; call == 0 && meanwhile.side != "" {
			m.say("while %s %s is under way:", c.what, c.to)
			m.touched(path.Base(c.to))
			if c.what == "google DELETE" {
				m.leaves = path.Base(c.to)
			}
			meanwhile.side, meanwhile.scope, meanwhile.same = there, this, true
			m.act(meanwhile, true)
			m.leaves = ""
		}
	}
	m.queue.reorder(rapid.IntRange(0, 3).Draw(t, "order"), rapid.Bool().Draw(t, "twice"))
	for range rapid.IntRange(1, 4).Draw(t, "jobs") {
		if p.gone() || !p.next(context.Background()) {
			break
		}
	}
	m.say("jobs worked off, %s at %d", mishap, k)
}

// touched makes what Google calls so the thing that was touched last, so that
// whoever edits meanwhile means just that.
func (m *machine) touched(id string) {
	m.Helper()
	for _, t := range m.calendar(there) {
		if t.instance == id || t.pid == id {
			m.last = t.name()
			return
		}
	}
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
		m.replaced()
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
	m.wound() // what was lost of the queue, the slot brings again
	m.heal()
	if rec := m.rec(); rec.Status == integration.Error && rec.Reason.Code == integration.ReasonMassDeletionHeld {
		_, err := m.me.service.ConfirmDeletions(context.Background(), m.caller, m.key.Provider)
		m.must(err)
		m.heal()
	}
	m.heal()
}
