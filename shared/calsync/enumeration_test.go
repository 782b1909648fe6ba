package calsync_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// The proofs below go over every boundary of a run by counting them, not by
// chance: a script of changes is synced by a process that is stopped at its
// k-th call to the database, for every k there is.

// script changes the provider's side in every way that a pull knows.
func script(w *world) {
	w.remote.put("id-new", "new")
	w.remote.put("id-b", "b changed")
	w.remote.delete("id-c")
	w.remote.size = 2
}

// wantEqual compares both sides field by field, by what a person would see, and
// demands that one more sync writes nothing.
func (w *world) wantEqual(what string) {
	w.t.Helper()
	want := map[string]string{}
	w.remote.mu.Lock()
	for _, e := range w.remote.events {
		if !e.Deleted {
			want[e.ProviderID] = fmt.Sprint(e.Title, e.ETag, e.Start, e.End, e.Status, e.Busy)
		}
	}
	w.remote.mu.Unlock()
	got := map[string]string{}
	for _, r := range w.rows() {
		if _, twice := got[r.Link.ProviderID]; twice {
			w.t.Errorf("%s: %s is stored twice", what, r.Link.ProviderID)
		}
		got[r.Link.ProviderID] = fmt.Sprint(r.Title, r.Link.ETag, r.Start, r.End, r.Status, r.Busy)
	}
	for id, e := range want {
		if got[id] != e {
			w.t.Errorf("%s: %s is %q here and %q there", what, id, got[id], e)
		}
	}
	if len(got) != len(want) {
		w.t.Errorf("%s: %d events here, %d there", what, len(got), len(want))
	}
}

// quiet demands that one more sync changes nothing but the record.
func (w *world) wantQuiet(what string) {
	w.t.Helper()
	versions := map[string]int64{}
	for _, r := range w.rows() {
		versions[r.ID] = r.Version
	}
	w.clock.Advance(time.Minute)
	w.sync()
	for _, r := range w.rows() {
		if versions[r.ID] != r.Version {
			w.t.Errorf("%s: one more sync wrote %q again", what, r.Title)
		}
	}
}

// heal lets everything that the design promises happen: the message comes back,
// time limits pass, the slot comes round.
func (w *world) heal(p *process) {
	w.t.Helper()
	w.remote.mu.Lock()
	w.remote.before = nil
	w.remote.mu.Unlock()
	for range 2 {
		w.clock.Advance(integration.Visibility)
		w.sync()
	}
	w.queue.take()
}

// boundaries counts the database calls of an undisturbed run of the script.
func boundaries(t *testing.T, writesOnly bool) int {
	t.Helper()
	w := connectedInDynamoDB(t, "a", "b", "c")
	p := w.process(1)
	n := 0
	var mu sync.Mutex
	p.before = func(op, _ string) {
		if !writesOnly || isWrite(op) {
			mu.Lock()
			n++
			mu.Unlock()
		}
	}
	script(w)
	w.must(p.handle(w, w.edit()))
	w.wantEqual("undisturbed")
	if n < 5 {
		t.Fatalf("only %d boundaries", n)
	}
	return n
}

func isWrite(op string) bool {
	return strings.HasPrefix(op, "Put") || strings.HasPrefix(op, "Update") || strings.HasPrefix(op, "Delete") || strings.HasPrefix(op, "Transact")
}

// at makes something happen at the k-th call.
func (p *process) at(k int, writesOnly bool, do func()) {
	n := 0
	var mu sync.Mutex
	p.before = func(op, _ string) {
		if writesOnly && !isWrite(op) {
			return
		}
		mu.Lock()
		n++
		now := n == k
		mu.Unlock()
		if now {
			do()
		}
	}
}

func TestR1DeathBeforeAndAfterEveryCallOfAPull(t *testing.T) {
	t.Parallel()
	n := boundaries(t, false)
	for k := 1; k <= n; k++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("call %d of %d, after %v", k, n, after), func(t *testing.T) {
				t.Parallel()
				w := connectedInDynamoDB(t, "a", "b", "c")
				p := w.process(1)
				if after {
					calls := 0
					var mu sync.Mutex
					p.lose = func(string, string) bool {
						mu.Lock()
						defer mu.Unlock()
						calls++
						if calls >= k {
							p.kill()
						}
						return calls >= k
					}
				} else {
					p.at(k, false, p.kill)
				}
				script(w)
				_ = p.handle(w, w.edit())
				w.heal(p)
				w.wantEqual("after the crash")
				w.wantQuiet("after the crash")
				w.wantIdle()
			})
		}
	}
}

func TestR3AHolderPausedBeforeEachOfItsWritesIsHarmless(t *testing.T) {
	t.Parallel()
	n := boundaries(t, true)
	for k := 1; k <= n; k++ {
		t.Run(fmt.Sprintf("write %d of %d", k, n), func(t *testing.T) {
			t.Parallel()
			w := connectedInDynamoDB(t, "a", "b", "c")
			p := w.process(1)
			p.at(k, true, func() { // its lease passes; the events change again; another run takes over
				w.clock.Advance(integration.LeaseFor + 2*integration.Skew)
				w.remote.delete("id-new")
				w.remote.put("id-b", "b changed again")
				w.remote.put("id-c", "c is back")
				w.sync()
			})
			script(w)
			_ = p.handle(w, w.edit())
			w.heal(p)
			w.wantEqual("after the late holder")
			w.wantQuiet("after the late holder")
			w.wantIdle()
		})
	}
}

func TestR4EveryAcknowledgementOfADatabaseWriteIsLostOnce(t *testing.T) {
	t.Parallel()
	n := boundaries(t, true)
	for k := 1; k <= n; k++ {
		t.Run(fmt.Sprintf("write %d of %d", k, n), func(t *testing.T) {
			t.Parallel()
			w := connectedInDynamoDB(t, "a", "b", "c")
			p := w.process(3) // the SDK tries again, as it does
			writes, lost := 0, 0
			var mu sync.Mutex
			p.lose = func(op, _ string) bool {
				mu.Lock()
				defer mu.Unlock()
				if isWrite(op) {
					writes++
				}
				if isWrite(op) && writes == k && lost == 0 {
					lost++
					return true
				}
				return false
			}
			script(w)
			if err := p.handle(w, w.edit()); err != nil {
				t.Errorf("a lost acknowledgement failed the job: %v", err)
			}
			if lost != 1 {
				t.Fatal("nothing was lost")
			}
			w.wantEqual("without healing")
			w.wantIdle()
			w.wantQuiet("without healing")
			if rec := w.rec(); !rec.VerifyAfter.IsZero() || rec.Failures != 0 {
				t.Errorf("a lost acknowledgement was taken for a failure: %+v", rec)
			}
		})
	}
}

func TestR13AVanishedHolderIsReplacedWithinALeaseAndARedelivery(t *testing.T) {
	t.Parallel()
	for _, status := range []integration.Status{integration.Testing, integration.Active, integration.Error} {
		t.Run(string(status), func(t *testing.T) {
			t.Parallel()
			w := newWorldIn(t, inDynamoDB)
			w.remote.put("id-a", "a")
			if status != integration.Testing {
				w.sync()
				w.clock.Advance(time.Minute)
				w.remote.put("id-b", "b")
			}
			if status == integration.Error { // the breaker is open, and its probe due
				w.remote.before = func(int, calendar.Query) error { return fault.New(fault.Transient, "down", "") }
				for w.rec().Status == integration.Active {
					w.clock.Advance(20 * time.Minute)
					w.sync()
				}
				w.remote.before = nil
				w.clock.Advance(w.rec().RetryAt.Sub(w.clock.Now()) + time.Second)
			}
			if got := w.rec().Status; got != status {
				t.Fatalf("the integration is %s, not %s", got, status)
			}
			p := w.process(1)
			j := w.edit()
			j.Run = "" // a job that stands for no run
			received := w.clock.Now()
			w.during(1, p.kill)
			_ = p.handle(w, j)
			if l := w.rec().Lease; l == nil || l.State != integration.RunRunning {
				t.Fatalf("nobody vanished: %+v", l)
			}
			w.remote.before = nil
			w.clock.Advance(received.Add(integration.Visibility).Sub(w.clock.Now()))
			w.must(w.worker.Handle(t.Context(), j))
			if rec := w.rec(); rec.Status != integration.Active || rec.Lease != nil {
				t.Errorf("after one redelivery: %s, lease %+v", rec.Status, rec.Lease)
			}
			w.wantEqual("after one redelivery")
			t.Logf("recovered %s after the message was received", w.clock.Now().Sub(received))
		})
	}
}
