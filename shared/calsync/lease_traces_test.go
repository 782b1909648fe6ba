package calsync_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// The traces that the lease's model prints for each rule that is left out, and
// for each sabotage (design, model/lease.py): the same steps and the same
// faults, against the real engine and a real DynamoDB Local. Each ends in what
// the left-out rule would have lost.

// wantIdle fails unless nobody holds the lease and nothing waits.
func (w *world) wantIdle() {
	w.t.Helper()
	if rec := w.rec(); rec.Lease != nil || rec.Dirty {
		w.t.Errorf("not idle: lease %+v, dirty %v", rec.Lease, rec.Dirty)
	}
}

// reads counts how often anybody read the provider.
func (w *world) reads() int {
	w.remote.mu.Lock()
	defer w.remote.mu.Unlock()
	return w.remote.calls
}

func TestTraceRoundsLastRoundHandsOverWhatWasAskedLast(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	j := w.edit()
	w.late()
	from := w.reads()
	w.remote.before = func(call int, _ calendar.Query) error { // in every round another edit is committed, and its job is refused
		if call-from <= integration.MaxRounds {
			w.clock.Advance(time.Second)
			other := w.edit()
			w.clock.Advance(job.Settle + time.Second)
			w.must(w.worker.Handle(context.Background(), other))
		}
		return nil
	}
	w.must(w.worker.Handle(context.Background(), j))
	rec := w.rec()
	sent := w.queue.take()
	if rec.Lease == nil || rec.Lease.State != integration.RunQueued || rec.Lease.Begun() || rec.Dirty {
		t.Fatalf("after the last round: lease %+v, dirty %v; want a queued one for a new run", rec.Lease, rec.Dirty)
	}
	if len(sent) != 1 || sent[0].Job.Run != rec.Lease.RunID {
		t.Fatalf("sent %+v, want the job of the queued run", sent)
	}
	w.must(w.worker.Handle(context.Background(), sent[0].Job))
	w.wantIdle()
	if got := w.reads() - from; got != integration.MaxRounds+1 {
		t.Errorf("the provider was read %d times, want %d: the last edit's round is missing", got, integration.MaxRounds+1)
	}
}

// future is a context that knows its deadline without being ended by it: the
// world's clock decides.
type future struct {
	context.Context
	at time.Time
}

func (f future) Deadline() (time.Time, bool) { return f.at, true }

func TestTraceEditsAdoptingACheckpointedRunAsksForAnotherRound(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	w.remote.put("id-b", "b")
	w.remote.put("id-c", "c")
	w.remote.size = 1
	first := w.edit()
	w.late()
	var second job.Job
	w.during(1, func() { second = w.edit() }) // committed while the first run reads: not covered by its start
	w.must(w.worker.Handle(future{context.Background(), w.clock.Now().Add(time.Second)}, first))
	rec := w.rec()
	if rec.Lease == nil || rec.Lease.State != integration.RunQueued || !rec.Lease.Begun() {
		t.Fatalf("not checkpointed: %+v", rec.Lease)
	}
	sent := w.queue.take()
	if len(sent) != 1 || sent[0].Job.Run != rec.Lease.RunID || !sent[0].Job.Due.Equal(first.Due) {
		t.Fatalf("the checkpoint sent %+v, want its own run with the due that it continues", sent)
	}
	w.late()
	from := w.reads()
	w.must(w.worker.Handle(context.Background(), second)) // adopts the queued run
	w.must(w.worker.Handle(context.Background(), sent[0].Job))
	w.wantIdle()
	if got := w.reads() - from; got < 3 { // the run's own two pages, and the round that was asked for
		t.Errorf("the provider was read %d times: the edit that adopted the run was not read for", got)
	}
}

func TestTraceCrashARunThatCrashedCoversNothing(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	p := w.process(1)
	j := w.edit()
	w.late()
	w.during(1, p.kill)
	if err := p.handle(w, j); err == nil {
		t.Fatal("a dead process worked its job off")
	}
	w.remote.before = nil
	w.remote.put("id-b", "b")
	vanished := w.rec().Lease.RunID
	w.clock.Advance(integration.Visibility) // redelivered
	w.must(w.worker.Handle(context.Background(), j))
	w.wantIdle()
	if got := w.titles(); len(got) != 2 {
		t.Errorf("stored %v: the redelivered job was taken for covered", got)
	}
	if r := w.run(vanished); r.State != integration.RunFailed || r.Error == nil || r.Error.Code != "vanished" {
		t.Errorf("the vanished run is reported as %+v", r)
	}
	if w.rec().VerifyAfter.IsZero() {
		t.Error("the takeover ordered no verifying resync")
	}
}

func TestTraceTestingACrashWhileVerifyingCoversNothing(t *testing.T) {
	t.Parallel()
	w := newWorldIn(t, inDynamoDB)
	w.remote.put("id-a", "a")
	p := w.process(1)
	j := w.job(integration.TriggerConnected)
	j.Run = w.rec().Lease.RunID
	w.during(1, p.kill)
	if err := p.handle(w, j); err == nil {
		t.Fatal("a dead process worked its job off")
	}
	w.remote.before = nil
	w.clock.Advance(integration.Visibility)
	w.must(w.worker.Handle(context.Background(), j))
	if rec := w.rec(); rec.Status != integration.Active || len(w.titles()) != 1 {
		t.Errorf("status %s with %v: testing is a trap", rec.Status, w.titles())
	}
	w.wantIdle()
}

func TestTraceSyncfailASupersededRunGoesBackToAcquiring(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	now := w.process(3).syncNow(w)
	first, err := now.Start(context.Background(), key, false, "c1")
	w.must(err)
	sent := w.queue.take()
	w.remote.put("id-b", "b")
	w.during(1, func() { // the lease passes; a second Sync now takes it, can't send, and drops it
		w.clock.Advance(integration.LeaseFor + 2*integration.Skew)
		w.queue.fail = errors.New("the queue is down")
		_, err := now.Start(context.Background(), key, false, "c2")
		if !fault.Is(err, fault.Unavailable) {
			t.Errorf("the second Sync now: %v, want 503", err)
		}
		w.queue.fail = nil
	})
	w.must(w.worker.Handle(context.Background(), sent[0].Job))
	w.wantIdle()
	if got := w.titles(); len(got) != 2 {
		t.Errorf("stored %v: the first Sync now, promised by a 202, was forgotten", got)
	}
	if rec := w.rec(); rec.LastRun.Trigger != integration.TriggerSyncNow {
		t.Errorf("last run %+v: the superseded run's job was acknowledged away", rec.LastRun)
	}
	if r := w.run(first.RunID); r.State != integration.RunFailed && r.State != integration.RunSuperseded {
		t.Errorf("the superseded run is reported as %s", r.State)
	}
}

func TestTraceCrashAMessageComesBackOnlyAfterItsHolderIsDead(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	received := w.clock.Now()
	j := w.edit()
	p := w.process(1)
	w.clock.Advance(integration.FunctionLimit) // the run starts as late as a function can
	w.during(1, p.kill)
	if err := p.handle(w, j); err == nil {
		t.Fatal("a dead process worked its job off")
	}
	w.remote.before = nil
	w.remote.put("id-b", "b")
	w.clock.Advance(received.Add(integration.Visibility).Sub(w.clock.Now()) + time.Millisecond)
	w.must(w.worker.Handle(context.Background(), j))
	w.wantIdle()
	if len(w.titles()) != 2 {
		t.Error("the message came back while its dead holder still seemed alive")
	}
}

func TestTraceBurstCostsAtMostTwoRuns(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	w.remote.put("id-b", "b")
	var jobs []job.Job
	for range 3 {
		jobs = append(jobs, w.job(integration.TriggerNotification))
		w.clock.Advance(integration.Burst / 2)
	}
	from := w.reads()
	for _, j := range jobs {
		w.must(w.worker.Handle(context.Background(), j))
	}
	w.wantIdle()
	if got := w.reads() - from; got > 2 {
		t.Errorf("a burst of three cost %d runs, want at most 2", got)
	}
}

func TestTraceDupADuplicateStartsNoRun(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	j := w.job(integration.TriggerNotification)
	from := w.reads()
	w.must(w.worker.Handle(context.Background(), j))
	w.must(w.worker.Handle(context.Background(), j))
	if got := w.reads() - from; got != 1 {
		t.Errorf("a duplicated job cost %d runs, want 1", got)
	}
}

func TestTraceSynconceACopyOfSyncNowsJobStartsNoFurtherRun(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	_, err := w.process(3).syncNow(w).Start(context.Background(), key, false, "c")
	w.must(err)
	j := w.queue.take()[0].Job
	from := w.reads()
	w.must(w.worker.Handle(context.Background(), j))
	w.must(w.worker.Handle(context.Background(), j))
	if got := w.reads() - from; got != 1 {
		t.Errorf("one Sync now cost %d runs, want 1", got)
	}
}

func TestTraceSynclostALostAcknowledgementIsNoPhantom409(t *testing.T) {
	t.Parallel()
	for _, adopted := range []bool{false, true} {
		w := connectedInDynamoDB(t, "a")
		p := w.process(3)
		lost := false
		p.lose = func(op, body string) bool {
			if op != "UpdateItem" || lost {
				return false
			}
			lost = true
			if adopted { // a job that waits adopts the run before the SDK tries again
				j := w.edit()
				w.late()
				w.must(adopt(w, j))
			}
			return true
		}
		run, err := p.syncNow(w).Start(context.Background(), key, false, "c")
		if err != nil || !lost {
			t.Errorf("adopted %v: %v (lost %v), want 202: it is the caller's own run", adopted, err, lost)
			continue
		}
		for _, m := range w.queue.take() {
			w.must(w.worker.Handle(context.Background(), m.Job))
		}
		w.clock.Advance(integration.Visibility)
		w.sync()
		w.wantIdle()
		if run.RunID == "" {
			t.Error("the 202 names no run")
		}
	}
}

// adopt takes the lease for a job and goes no further.
func adopt(w *world, j job.Job) error {
	_, _, err := w.db.Integrations.Take(context.Background(), integration.Claim{
		Key: key, Generation: w.gen, NewRunID: w.worker.NewID(), Attempt: w.worker.NewID(), Due: j.Due, Now: w.clock.Now(), Trigger: j.Trigger,
	})
	return err
}

func TestTraceLostAcknowledgementOfAnAcquireIsRecognised(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	p := w.process(3)
	lost := 0
	p.lose = func(op, _ string) bool {
		if op == "UpdateItem" && lost == 0 {
			lost++
			return true
		}
		return false
	}
	w.remote.put("id-b", "b")
	w.must(p.handle(w, w.edit()))
	w.wantIdle()
	if got := w.titles(); lost != 1 || len(got) != 2 {
		t.Errorf("stored %v after %d lost answers: the run didn't know its own lease", got, lost)
	}
}

func TestTracePauseALateHoldersCreateIsHealed(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	w.remote.put("id-b", "b")
	p := w.process(1)
	p.once("PutItem", "id-b", func() { // about to create the row: paused, resumed and synced by others meanwhile
		w.transition(integration.Pause)
		w.remote.delete("id-b")
		w.transition(integration.Resume)
		w.clock.Advance(time.Minute)
		w.sync()
	})
	_ = p.handle(w, w.edit())
	w.clock.Advance(integration.FunctionLimit + 2*integration.Skew)
	w.clock.Advance(time.Minute)
	w.sync()
	w.wantIdle()
	if got := w.titles(); len(got) != 1 {
		t.Errorf("stored %v: the late holder's row was never repaired", got)
	}
	if !w.rec().VerifyAfter.IsZero() {
		t.Error("the verifying resync didn't clear its order")
	}
}

// transition is the user's, on the record as it stands.
func (w *world) transition(name integration.Name) {
	w.t.Helper()
	rec := w.rec()
	after, entry, err := integration.Move(rec, name, integration.Moving{Now: w.clock.Now(), EntryID: w.worker.NewID()})
	w.must(err)
	w.must(w.db.Integrations.Apply(context.Background(), integration.Change{Before: rec, After: after, Entry: &entry}))
}

func TestTraceLateATakenOverHoldersCreateIsHealed(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	w.remote.put("id-b", "b")
	p := w.process(1)
	p.once("PutItem", "id-b", func() {
		w.clock.Advance(integration.LeaseFor + 2*integration.Skew)
		w.remote.delete("id-b")
		w.sync() // takes over
	})
	_ = p.handle(w, w.edit())
	w.clock.Advance(integration.FunctionLimit + 2*integration.Skew)
	w.sync()
	if got := w.titles(); len(got) != 1 {
		t.Errorf("stored %v: the late holder's row was never repaired", got)
	}
}

func TestTraceSabotageNoFenceALateHolderWritesNothingThatExists(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	w.remote.put("id-a", "stale")
	p := w.process(1)
	p.once("PutItem", "stale", func() {
		w.clock.Advance(integration.LeaseFor + 2*integration.Skew)
		w.remote.put("id-a", "fresh")
		w.sync()
	})
	_ = p.handle(w, w.edit())
	if got := w.titles(); len(got) != 1 || got[0] != "fresh" {
		t.Errorf("stored %v: a write was accepted from a run that no longer holds the lease", got)
	}
}

// atEnd makes something happen just before the write that ends the run: the
// acquire removes attributes too, but nobody has read the provider then.
func (p *process) atEnd(w *world, do func()) {
	var done sync.Once
	from := w.reads()
	p.before = func(op, body string) {
		if op == "UpdateItem" && strings.Contains(body, "REMOVE") && w.reads() > from {
			done.Do(do)
		}
	}
}

func TestTraceSabotageClearDirtyEndingIsRefusedWhileSomebodyAsks(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	p := w.process(1)
	p.atEnd(w, func() {
		w.remote.put("id-b", "b") // committed after the run's read
		w.clock.Advance(time.Second)
		other := w.edit()
		w.late()
		w.must(w.worker.Handle(context.Background(), other))
	})
	w.must(p.handle(w, w.edit()))
	w.wantIdle()
	if got := w.titles(); len(got) != 2 {
		t.Errorf("stored %v: the job that set dirty was forgotten", got)
	}
}

func TestTraceSabotageCheckpointKeepsTheLeaseQueued(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	w.remote.put("id-b", "b")
	w.remote.put("id-c", "c")
	w.remote.size = 1
	j := w.edit()
	w.late()
	w.must(w.worker.Handle(future{context.Background(), w.clock.Now().Add(time.Second)}, j))
	_, err := w.process(3).syncNow(w).Start(context.Background(), key, false, "c")
	if f := fault.Of(err); f == nil || f.Code != "sync_in_progress" {
		t.Errorf("Sync now between checkpoint and adoption: %v, want 409 sync_in_progress", err)
	}
}

func TestTraceSabotageCheckpointSurvivesACrashBeforeItsJobIsSent(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	w.remote.put("id-b", "b")
	w.remote.put("id-c", "c")
	w.remote.size = 1
	j := w.edit()
	w.late()
	w.queue.fail = errors.New("crashed before the send")
	w.must(w.worker.Handle(future{context.Background(), w.clock.Now().Add(time.Second)}, j))
	w.queue.fail = nil
	w.remote.size = 0
	w.sync() // any job adopts it
	w.wantIdle()
	if got := w.titles(); len(got) != 3 {
		t.Errorf("stored %v: the checkpointed run is stranded", got)
	}
}

func TestTraceSabotageIgnoreDueAJobThatIsNotCoveredIsNotAcknowledgedAway(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	first := w.edit()
	w.late()
	w.during(1, func() {
		w.clock.Advance(time.Second)
		w.late()
		w.must(w.worker.Handle(context.Background(), w.edit())) // a live holder that started earlier: dirty
		if !w.rec().Dirty {
			t.Error("the job of an uncovered edit set no dirty")
		}
	})
	from := w.reads()
	w.must(w.worker.Handle(context.Background(), first))
	if got := w.reads() - from; got != 2 {
		t.Errorf("%d reads, want a second round for the edit", got)
	}
}

func TestTraceSabotageNoSkewAClockThatIsAheadCoversNothingTooMuch(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	rec := w.rec()
	due := rec.LastStarted.Add(-integration.Skew / 2) // by a clock that may be behind by the skew bound
	if rec.Covered(due, w.clock.Now()) {
		t.Error("a run that started within the skew bound of an edit covers it")
	}
	if !rec.Covered(rec.LastStarted.Add(-integration.Skew-time.Millisecond), w.clock.Now()) {
		t.Error("a run that started later than any clock's due doesn't cover it")
	}
}

func TestTraceSabotageATransitionSupersedesTheRun(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	w.remote.put("id-b", "b")
	p := w.process(1)
	cursor := w.rec().Cursor
	p.atEnd(w, func() { w.transition(integration.Pause) })
	w.must(p.handle(w, w.edit()))
	rec := w.rec()
	if rec.Status != integration.Paused || rec.Cursor != cursor || rec.Lease != nil {
		t.Errorf("status %s, cursor %q, lease %v: the run wrote the record after it was paused", rec.Status, rec.Cursor, rec.Lease)
	}
}

// Who takes over from a vanished run stores that one's report; Sync now can't,
// so the worker that adopts its run does.
func TestSyncNowTakesOverAndTheVanishedRunIsReported(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	p := w.process(1)
	w.during(1, p.kill)
	_ = p.handle(w, w.edit())
	w.remote.before = nil
	vanished := w.rec().Lease
	now := w.process(3).syncNow(w)
	for range 2 { // the first one's job is lost with its message
		w.clock.Advance(integration.QueuedFor + 2*integration.Skew)
		_, err := now.Start(context.Background(), key, false, "c")
		w.must(err)
	}
	sent := w.queue.take()
	w.must(w.worker.Handle(context.Background(), sent[len(sent)-1].Job))
	if r := w.run(vanished.RunID); r.State != integration.RunFailed || r.Error == nil || r.Error.Code != "vanished" || r.Trigger != vanished.Trigger || !r.StartedAt.Equal(vanished.Started) {
		t.Errorf("the vanished run is reported as %+v", r)
	}
	w.wantIdle()
}
