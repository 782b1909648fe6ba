package convergence_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
)

// crash is where the pushing process ends, counted from where the others edited.
type crash struct {
	name  string
	steps int
	after bool
}

var crashes = []crash{
	{"no crash", 0, false}, {"dead at that step", 0, true}, {"dead a step later", 1, true}, {"dead before the second step", 2, false}, {"dead two steps later", 2, true},
}

// meddling is what happens while an edit is being pushed.
type meddling struct {
	at         int // before this crossing of the pushing process
	mine       string
	theirs     string
	theirFirst bool
	crash      crash
}

func (m meddling) String() string {
	return fmt.Sprintf("at step %d: %s here and %s there, theirs first: %v; %s", m.at, m.mine, m.theirs, m.theirFirst, m.crash.name)
}

// act does one of the named edits.
func (l *ledger) act(s side, h handle, what string) {
	l.Helper()
	switch what {
	case "title":
		l.set(s, h, calendar.FieldTitle)
	case "place":
		l.set(s, h, calendar.FieldLocation)
	case "deletion":
		l.remove(s, h)
	}
}

// pushing is an event with an edit that waits, as the first of the two.
func (l *ledger) pushing(op string, n int) handle {
	l.Helper()
	if op == "creation" {
		row, _, err := l.me.editor.Create(context.Background(), l.by, content(fmt.Sprint("new ", n), 24+n), "")
		l.must(err)
		return bornHere(row.ID)
	}
	h := l.bornThere(l.there(timed(fmt.Sprint("old ", n), 24+n)))
	l.sync()
	l.sync() // the slot's job covers what came before
	l.queue.msgs = nil
	l.act(here, h, map[string]string{"change": "title", "deletion": "deletion"}[op])
	return h
}

// meddled pushes one edit while the others meddle, and gives what is wrong in the end.
func (l *ledger) meddled(op string, n int, m meddling) []string {
	l.Helper()
	h := l.pushing(op, n)
	p := l.process(3)
	p.meet = func(n int, _ crossing) {
		if n != m.at {
			return
		}
		if m.theirFirst {
			l.act(there, h, m.theirs)
		}
		l.act(here, h, m.mine)
		if !m.theirFirst {
			l.act(there, h, m.theirs)
		}
	}
	switch at := func(n int, _ crossing) bool { return n == m.at+m.crash.steps }; {
	case m.crash.name == "no crash":
	case m.crash.after:
		p.after = at
	default:
		p.before = at
	}
	j := l.job(integration.TriggerAuraEdit)
	l.queue.msgs = nil
	_ = p.worker.Handle(context.Background(), j)
	l.queue.msgs = append(l.queue.msgs, message{job: j, at: l.now()})
	l.heal()
	return append(l.verdict(), l.lost(h)...)
}

// TestR18EditedAgainWhileTheFirstIsBeingPushed goes over every step of a push, and
// at each lets its person edit again and somebody at Google edit or delete, in
// either order, with the pushing process dead or alive afterwards.
func TestR18EditedAgainWhileTheFirstIsBeingPushed(t *testing.T) {
	t.Parallel()
	var cases, edits, lost atomic.Int64
	t.Cleanup(func() {
		t.Logf("R18: %d interleavings, %d edits, %d with an edit lost or no agreement", cases.Load(), edits.Load(), lost.Load())
	})
	for _, op := range []string{"change", "creation", "deletion"} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			probe := &ledger{world: connected(t)}
			probe.pushing(op, 0)
			p := probe.process(3)
			probe.must(p.worker.Handle(context.Background(), probe.job(integration.TriggerAuraEdit)))
			var all []meddling
			for at := range p.crossings() {
				for _, mine := range []string{"title", "place", "deletion"} {
					for _, theirs := range []string{"nothing", "title", "place", "deletion"} {
						for _, theirFirst := range []bool{false, true} {
							for _, c := range crashes {
								if theirFirst && theirs == "nothing" {
									continue
								}
								all = append(all, meddling{at + 1, mine, theirs, theirFirst, c})
							}
						}
					}
				}
			}
			if !long() { // 53 has no factor of the loops': each step meets each kind of edit and crash
				few := all[:0:0]
				for i, m := range all {
					if i%53 == 0 {
						few = append(few, m)
					}
				}
				all = few
			}
			const together = 12 // cases in one account, one after the other
			for part := 0; part < len(all); part += together {
				t.Run(fmt.Sprint(part), func(t *testing.T) {
					t.Parallel()
					w := connected(t)
					for n, m := range all[part:min(part+together, len(all))] {
						l := &ledger{world: w}
						bad := l.meddled(op, n, m)
						cases.Add(1)
						edits.Add(int64(len(l.deeds)))
						if len(bad) > 0 {
							lost.Add(1)
							var deeds []string
							for _, d := range l.deeds {
								deeds = append(deeds, d.String())
							}
							t.Fatalf("%s, %v\n%s\ndeeds:\n%s", op, m, strings.Join(bad, "\n"), strings.Join(deeds, "\n"))
						}
					}
				})
			}
		})
	}
}
