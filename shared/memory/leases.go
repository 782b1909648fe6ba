package memory

import (
	"context"
	"time"

	"aura.example/integrations/shared/integration"
)

// Take takes the lease for a claim: judged and written under one lock.
func (s *Integrations) Take(_ context.Context, c integration.Claim) (*integration.Integration, integration.Verdict, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rec := s.look(c.Account).records[c.Provider]
	verdict, how := integration.Judge(rec, c)
	if verdict == integration.Retake {
		taken := integration.Take(rec, c, how)
		kept := taken.Clone()
		kept.Vanished = nil // for the taker only
		s.look(c.Account).records[c.Provider] = kept
		return taken, integration.Taken, nil
	}
	if rec == nil {
		return nil, verdict, nil
	}
	return rec.Clone(), verdict, nil
}

// SetDirty asks the running holder for another round.
func (s *Integrations) SetDirty(_ context.Context, key integration.Key, generation, attempt string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	rec := s.look(key.Account).records[key.Provider]
	if rec == nil || rec.ID != generation || rec.Lease == nil || rec.Lease.Attempt != attempt || rec.Lease.State != integration.RunRunning {
		return integration.ErrStale()
	}
	rec.Dirty = true
	return nil
}

// Commit extends the lease and stores what the run has reached.
func (s *Integrations) Commit(_ context.Context, h integration.Hold, c integration.Commit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	rec := s.look(h.Account).records[h.Provider]
	if !holds(rec, h) || rec.Lease == nil {
		return integration.ErrStale()
	}
	if c.Slot != nil { // the index follows
		moved := rec.Clone()
		moved.Slot = *c.Slot
		a := s.account(h.Account)
		s.put(a, rec, moved)
		rec = moved
	}
	switch {
	case c.Channel == nil:
	case *c.Channel == integration.Channel{}:
		rec.Channel = nil
	default:
		ch := *c.Channel
		rec.Channel = &ch
	}
	if c.ForgetCursor {
		rec.Cursor = ""
	}
	l := rec.Lease
	if !c.Started.IsZero() {
		l.Started, rec.Dirty = c.Started, false
	}
	set(&l.Until, c.Until)
	set(&l.State, c.State)
	set(&l.Phase, c.Phase)
	set(&l.Pages, c.Pages)
	set(&l.Events, c.Events)
	set(&rec.Email, c.Email)
	return nil
}

// set leaves a field alone where nothing is given.
func set[T comparable](field *T, v T) {
	var zero T
	if v != zero {
		*field = v
	}
}

// holds reports whether a run may still write the record.
func holds(rec *integration.Integration, h integration.Hold) bool {
	return rec != nil && rec.ID == h.Generation && rec.Fence == h.Fence
}

// End gives the lease up, or leaves it queued for the next run.
func (s *Integrations) End(_ context.Context, h integration.Hold, e integration.Ending) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	rec := s.look(h.Account).records[h.Provider]
	switch {
	case e.TookEffect(rec, h):
		return nil
	case !holds(rec, h):
		return integration.ErrStale()
	case rec.Dirty && e.Next == nil && !e.ClearDirty:
		return integration.ErrDirty()
	}
	rec = rec.Clone()
	rec.Lease, rec.Dirty = nil, false
	if e.Next != nil {
		next := *e.Next
		rec.Lease = &next
		rec.Fence++ // as every taking: a late write of the run that ends can't touch the next one's lease
	}
	if e.LastRun != nil {
		last := *e.LastRun
		rec.LastRun = &last
	}
	if e.Outcome == integration.RunSucceeded {
		set(&rec.LastStarted, e.Started)
	}
	set(&rec.FreshAsOf, e.FreshAsOf)
	give(&rec.Cursor, e.Cursor)
	give(&rec.LinkedCount, e.LinkedCount)
	give(&rec.Failures, e.Failures)
	give(&rec.FailureWindow, e.FailureWindow)
	give(&rec.RetryNotBefore, e.RetryNotBefore)
	give(&rec.RetryAt, e.RetryAt)
	give(&rec.PushPausedUntil, e.PushPausedUntil)
	give(&rec.PushRest, e.PushRest)
	give(&rec.ReadOnly, e.ReadOnly)
	switch {
	case !e.EditsWait.IsZero():
		rec.EditsWait = e.EditsWait.Truncate(time.Second)
	case rec.EditsWait.Equal(e.EditsSent):
		rec.EditsWait = time.Time{}
	}
	give(&rec.Unreadable, e.Unreadable)
	give(&rec.Slot, e.Slot)
	if e.ClearVerify {
		rec.VerifyAfter = time.Time{}
	}
	if e.ClearDecision {
		rec.DeletionsDecision = ""
	}
	if e.ClearSwitch {
		rec.CalendarSwitch = nil
	}
	a := s.account(h.Account)
	s.put(a, a.records[h.Provider], rec)
	return nil
}

// give sets a field where something is given, zero included.
func give[T any](field *T, v *T) {
	if v != nil {
		*field = *v
	}
}

// Drop removes a queued lease that is still this attempt's.
func (s *Integrations) Drop(_ context.Context, key integration.Key, generation, attempt string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	rec := s.look(key.Account).records[key.Provider]
	if rec == nil || rec.ID != generation || rec.Lease == nil || rec.Lease.Attempt != attempt || rec.Lease.State != integration.RunQueued {
		return integration.ErrStale()
	}
	rec.Lease = nil
	return nil
}
