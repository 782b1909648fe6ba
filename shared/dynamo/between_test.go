package dynamo_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/storetest"
)

// meddler lets somebody in at the worst moment: after the first try of an
// operation took effect and before its lost reply makes the SDK try again
// (after), or before the nth request of it is sent (before).
type meddler struct {
	inner     http.RoundTripper
	operation string
	before    int // 1-based; 0: after the first, whose reply is lost
	meddle    func()

	mu   sync.Mutex
	seen int
}

func (m *meddler) RoundTrip(req *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(req.Header.Get("X-Amz-Target"), m.operation) {
		return m.inner.RoundTrip(req)
	}
	m.mu.Lock()
	m.seen++
	seen := m.seen
	m.mu.Unlock()
	if m.before == seen {
		m.meddle()
	}
	res, err := m.inner.RoundTrip(req)
	if m.before != 0 || seen != 1 || err != nil {
		return res, err
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	m.meddle()
	return nil, errLost
}

// scene is a record with two stores on it: one whose calls are meddled with,
// and the meddler's.
type scene struct {
	t       *testing.T
	ctx     context.Context
	victim  *storetest.Bundle
	other   *storetest.Bundle
	meddler *meddler
	rec     *integration.Integration
}

func newScene(t *testing.T, names dynamo.Names, operation string, before int, set func(*integration.Integration)) *scene {
	m := &meddler{inner: awshttp.NewBuildableClient().GetTransport(), operation: operation, before: before}
	s := &scene{
		t: t, ctx: t.Context(), meddler: m, other: open(t, names),
		victim: open(t, names, eager, func(o *dynamodb.Options) { o.HTTPClient = &http.Client{Transport: m} }),
	}
	now := s.other.Clock.Now()
	rec := integration.New(integration.Key{Account: t.Name(), Provider: "p"}, "01A", now)
	rec.Status, rec.Version, rec.Fence = integration.Active, 1, 1
	set(rec)
	s.must(s.other.Store.Apply(s.ctx, integration.Change{After: rec, Limit: 1}))
	s.rec = rec
	return s
}

func (s *scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) get() *integration.Integration {
	s.t.Helper()
	rec, err := s.other.Store.Get(s.ctx, s.rec.Key)
	s.must(err)
	return rec
}

// claim is one of a job due at noon, made so many seconds after.
func (s *scene) claim(attempt string, after time.Duration) integration.Claim {
	now := s.other.Clock.Now()
	return integration.Claim{Key: s.rec.Key, Generation: "01A", NewRunID: "run of " + attempt, Attempt: attempt, Due: now, Now: now.Add(after)}
}

func (s *scene) hold() integration.Hold {
	return integration.Hold{Key: s.rec.Key, Generation: "01A", Fence: s.rec.Fence}
}

func running(r *integration.Integration) {
	r.Lease = &integration.Lease{RunID: "r1", Attempt: "a1", State: integration.RunRunning, Started: r.CreatedAt, Until: r.CreatedAt.Add(30 * time.Second)}
}

func idle(*integration.Integration) {}

func TestSomebodyGetsInBetween(t *testing.T) {
	t.Parallel()
	names := tables(t)
	const lost = 0
	for _, x := range []struct {
		name      string
		operation string
		before    int
		set       func(*integration.Integration)
		play      func(*scene)
	}{
		{"Sync now's acknowledgement is lost, and a worker adopts its run", "UpdateItem", lost, idle, func(s *scene) {
			c := s.claim("sync now", 0)
			c.Queue = true
			s.meddler.meddle = func() {
				w := s.claim("worker", 0)
				w.RunID = c.NewRunID
				if _, v, err := s.other.Leases.Take(s.ctx, w); v != integration.Taken || err != nil {
					s.t.Errorf("the worker: %s, %v", v, err)
				}
			}
			got, v, err := s.victim.Leases.Take(s.ctx, c)
			if v != integration.Taken || err != nil || got.Lease.RunID != c.NewRunID {
				s.t.Errorf("a phantom refusal: %s, %v, %+v", v, err, got)
			}
		}},
		{"a taking's acknowledgement is lost, and somebody asks for a round", "UpdateItem", lost, idle, func(s *scene) {
			s.meddler.meddle = func() { s.must(s.other.Leases.SetDirty(s.ctx, s.rec.Key, "01A", "worker")) }
			got, v, err := s.victim.Leases.Take(s.ctx, s.claim("worker", 0))
			if v != integration.Taken || err != nil || !got.Dirty || got.Fence != 2 {
				s.t.Errorf("%s, %v, %+v", v, err, got)
			}
		}},
		{"a round's acknowledgement is lost, and somebody asks for another", "UpdateItem", lost, running, func(s *scene) {
			s.meddler.meddle = func() { s.must(s.other.Leases.SetDirty(s.ctx, s.rec.Key, "01A", "a1")) }
			s.must(s.victim.Leases.Commit(s.ctx, s.hold(), integration.Commit{Started: s.rec.CreatedAt.Add(time.Second)}))
			if !s.get().Dirty {
				s.t.Error("the wake-up is lost: the repeated commit cleared what was set after the first")
			}
		}},
		{"a commit's acknowledgement is lost, and a transition supersedes", "UpdateItem", lost, running, func(s *scene) {
			s.meddler.meddle = func() { s.pause() }
			if err := s.victim.Leases.Commit(s.ctx, s.hold(), integration.Commit{Until: s.rec.CreatedAt.Add(time.Minute)}); !fault.Is(err, fault.Stale) {
				s.t.Errorf("got %v, want stale", err)
			}
		}},
		{"an end's acknowledgement is lost, and the next run begins", "UpdateItem", lost, running, func(s *scene) {
			s.meddler.meddle = func() {
				if _, v, err := s.other.Leases.Take(s.ctx, s.claim("next", 0)); v != integration.Taken || err != nil {
					s.t.Errorf("the next: %s, %v", v, err)
				}
			}
			last := &integration.LastRun{ID: "r1", Ended: s.rec.CreatedAt.Add(time.Second)}
			s.must(s.victim.Leases.End(s.ctx, s.hold(), integration.Ending{Outcome: integration.RunFailed, LastRun: last}))
			if l := s.get().Lease; l == nil || l.Attempt != "next" {
				s.t.Errorf("the next one's lease is %+v", l)
			}
		}},
		{"a handover's acknowledgement is lost, and the next run is adopted", "UpdateItem", lost, running, func(s *scene) {
			next := integration.QueuedRun("r2", "n", integration.TriggerContinuation, s.rec.CreatedAt)
			s.meddler.meddle = func() {
				if _, v, err := s.other.Leases.Take(s.ctx, s.claim("worker", 0)); v != integration.Taken || err != nil {
					s.t.Errorf("the adopter: %s, %v", v, err)
				}
			}
			s.must(s.victim.Leases.End(s.ctx, s.hold(), integration.Ending{Outcome: integration.RunSucceeded, Next: next}))
		}},
		{"a drop's acknowledgement is lost, and somebody takes the lease", "TransactWriteItems", lost, func(r *integration.Integration) {
			r.Lease = integration.QueuedRun("r1", "a1", integration.TriggerSyncNow, r.CreatedAt)
		}, func(s *scene) {
			s.meddler.meddle = func() {
				if _, v, err := s.other.Leases.Take(s.ctx, s.claim("worker", 0)); v != integration.Taken || err != nil {
					s.t.Errorf("the worker: %s, %v", v, err)
				}
			}
			s.must(s.victim.Leases.Drop(s.ctx, s.rec.Key, "01A", "a1"))
		}},
		{"a change's acknowledgement is lost, and somebody changes it again", "TransactWriteItems", lost, idle, func(s *scene) {
			after := s.rec.Clone()
			after.Version, after.Settings.CalendarName = 2, "mine"
			s.meddler.meddle = func() {
				theirs := after.Clone()
				theirs.Version, theirs.Settings.CalendarName = 3, "theirs"
				s.must(s.other.Store.Apply(s.ctx, integration.Change{Before: after, After: theirs}))
			}
			s.must(s.victim.Store.Apply(s.ctx, integration.Change{Before: s.rec, After: after}))
			if got := s.get(); got.Settings.CalendarName != "theirs" {
				s.t.Errorf("the repeated change came over the later one: %+v", got)
			}
		}},

		// Between the judgement and the write: the second update is the second request.
		{"paused before the takeover is written", "UpdateItem", 2, running, func(s *scene) {
			s.meddler.meddle = func() { s.pause() }
			got, v, err := s.victim.Leases.Take(s.ctx, s.claim("worker", time.Hour))
			if v != integration.Acknowledge || err != nil || got.Status != integration.Paused {
				s.t.Errorf("%s, %v, %+v; want refused for good", v, err, got)
			}
		}},
		{"paused before a lease that Judge found free is written", "UpdateItem", 2, idle, func(s *scene) {
			s.meddler.meddle = func() { s.pause() }
			c := s.claim("worker", time.Hour)
			c.RunID = "unknown" // its guess, an adoption, is refused first
			got, v, err := s.victim.Leases.Take(s.ctx, c)
			if v != integration.Acknowledge || err != nil || got.Lease != nil {
				s.t.Errorf("%s, %v, %+v; want refused for good", v, err, got)
			}
		}},
		{"extended before the takeover is written", "UpdateItem", 2, running, func(s *scene) {
			s.meddler.meddle = func() {
				s.must(s.other.Leases.Commit(s.ctx, s.hold(), integration.Commit{Until: s.rec.CreatedAt.Add(2 * time.Hour)}))
			}
			got, v, err := s.victim.Leases.Take(s.ctx, s.claim("worker", time.Hour))
			if v != integration.Busy || err != nil || got.Lease.Attempt != "a1" {
				s.t.Errorf("%s, %v, %+v; want busy", v, err, got.Lease)
			}
		}},
		{"taken over by another before the takeover is written", "UpdateItem", 2, running, func(s *scene) {
			s.meddler.meddle = func() {
				if _, v, err := s.other.Leases.Take(s.ctx, s.claim("faster", time.Hour)); v != integration.Taken || err != nil {
					s.t.Errorf("the faster: %s, %v", v, err)
				}
			}
			got, v, err := s.victim.Leases.Take(s.ctx, s.claim("slower", time.Hour))
			if v != integration.Acknowledge || err != nil || got.Lease.Attempt != "faster" {
				s.t.Errorf("%s, %v, %+v; want covered by the faster one's run", v, err, got.Lease)
			}
		}},
		{"ended before the takeover is written", "UpdateItem", 2, running, func(s *scene) {
			s.meddler.meddle = func() {
				s.must(s.other.Leases.End(s.ctx, s.hold(), integration.Ending{Outcome: integration.RunFailed}))
			}
			got, v, err := s.victim.Leases.Take(s.ctx, s.claim("worker", time.Hour))
			if v != integration.Taken || err != nil || got.Vanished != nil || !got.VerifyAfter.IsZero() {
				s.t.Errorf("%s, %v, %+v; want a fresh run, nobody vanished", v, err, got)
			}
		}},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, names, x.operation, x.before, x.set)
			x.play(s)
			if s.meddler.seen < max(2, x.before) { // the moment itself, and the try that follows it
				t.Error("the moment never came")
			}
		})
	}
}

// pause is a transition of somebody else's.
func (s *scene) pause() {
	s.t.Helper()
	rec := s.get()
	after, entry, err := integration.Move(rec, integration.Pause, integration.Moving{Now: s.other.Clock.Now(), EntryID: "01E"})
	s.must(err)
	s.must(s.other.Store.Apply(s.ctx, integration.Change{Before: rec, After: after, Entry: &entry}))
}
