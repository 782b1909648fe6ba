package convergence_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"aura.example/integrations/shared/fault"
)

// script is something that a process does, which may be stopped at any of its
// boundaries and must be safe to do again.
type script struct {
	name  string
	world func(t *testing.T) *world
	// do is the process's part, done again after its death by another. Its error
	// means that a caller was told that it failed.
	do    func(ctx context.Context, p *process) error
	want  []string // titles at Google in the end
	whole bool     // contained in another script: left to the long form
}

// work lets a process do what is in the queue, while it lives.
func (p *process) work(ctx context.Context) {
	for range 20 {
		if p.gone() || !p.next(ctx) {
			return
		}
	}
}

// after carries on where a process died: another one does it again, and then
// whatever the design promises happens.
func (w *world) again(s script) {
	w.Helper()
	for range 3 {
		if err := s.do(context.Background(), w.me); err == nil {
			w.heal()
			return
		} else if w.pass(2 * time.Minute); !fault.Is(err, fault.Unavailable, fault.Malformed, fault.Stale) {
			w.Fatalf("done again, it fails: %v", err)
		}
	}
	w.Fatal("it can't be done again")
}

// boundaries are the crossings of an undisturbed run, and what Google shows after it.
func boundaries(t *testing.T, s script) (all []crossing, days []string) {
	t.Helper()
	w := s.world(t)
	p := w.process(1)
	if err := s.do(context.Background(), p); err != nil {
		t.Fatalf("undisturbed, it fails: %v", err)
	}
	w.wantConverged("undisturbed")
	w.wantTitles("undisturbed", s.want...)
	return p.crossings(), w.days()
}

// TestR1DeathBeforeAndAfterEveryBoundary ends a process at each of its
// boundaries, before the call and after it, and has another do the same again:
// nothing is lost, nothing doubled, and a further sync writes nothing.
func TestR1DeathBeforeAndAfterEveryBoundary(t *testing.T) {
	t.Parallel()
	var total, runs atomic.Int64
	t.Cleanup(func() { t.Logf("R1: K = %d boundaries, %d runs", total.Load(), runs.Load()) })
	for _, s := range chosen() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			all, days := boundaries(t, s)
			total.Add(int64(len(all)))
			for k := range all {
				for _, after := range []bool{false, true} {
					// What lies outside after the n-th call is what lay there before the
					// one that follows: the quick form tells them apart once.
					if !after && k > 0 && !long() {
						continue
					}
					name := fmt.Sprintf("%02d %s, after %v", k+1, all[k].what, after)
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						w := s.world(t)
						p := w.process(1)
						at := func(n int, _ crossing) bool { return n == k+1 }
						if after {
							p.after = at
						} else {
							p.before = at
						}
						_ = s.do(context.Background(), p)
						if !p.gone() {
							t.Fatal("nobody died")
						}
						w.again(s)
						w.wantConverged("after the crash")
						w.wantTitles("after the crash", s.want...)
						w.same("shown after the crash", w.days(), days...)
						runs.Add(1)
					})
				}
			}
		})
	}
}
