package integration

// Take gives a record as the taking of its lease writes it; the record that was
// judged is left alone. It belongs beside Judge: Judge says whether and how,
// Take says what that means. The memory store writes its result, the DynamoDB
// store's update expressions are held equal to it by the conformance suite.
//
// Every taking raises the fence, Sync now's too, so that whoever held the lease
// before can't write any more.
func Take(rec *Integration, c Claim, how Taking) *Integration {
	after := rec.Clone()
	var instead *Vanished
	if rec.Lease != nil {
		instead = rec.Lease.Instead
	}
	if how == TakeOver {
		if l := rec.Lease; l.Begun() {
			instead, after.Vanished = &Vanished{RunID: l.RunID, Started: l.Started, Trigger: l.Trigger}, clone(l)
		}
		clearLease(after, c.Now) // orders the verifying resync where the vanished holder had begun
	}
	after.Fence++
	switch {
	case after.Lease == nil && c.Queue:
		after.Lease, after.Dirty = QueuedRun(c.NewRunID, c.Attempt, c.Trigger, c.Now), false
		after.Lease.Full, after.Lease.Instead, after.Vanished = c.Full, instead, nil
	case after.Lease == nil:
		after.Lease, after.Dirty = &Lease{RunID: c.NewRunID, Trigger: c.Trigger, Full: c.Full}, false
		begin(after.Lease, c)
		after.Lease.Started = c.Now
	case how == TakeContinue:
		// The run goes on where it stopped, so what began after its start isn't
		// covered by it: another round, unless the job is the run's own.
		if c.RunID != after.Lease.RunID && !rec.Covered(c.Due, c.Now) {
			after.Dirty = true
		}
		begin(after.Lease, c)
	default:
		begin(after.Lease, c)
		after.Lease.Started, after.Dirty = c.Now, false
		if instead != nil {
			after.Vanished = &Lease{RunID: instead.RunID, Started: instead.Started, Trigger: instead.Trigger}
			after.Lease.Instead = nil
		}
	}
	return after
}

// begin makes a lease a running one of this claim. A checkpointed run keeps its
// phase; one that begins pulls, until the run says otherwise.
func begin(l *Lease, c Claim) {
	l.Attempt, l.State, l.Until = c.Attempt, RunRunning, c.Now.Add(LeaseFor)
	if l.Phase == "" || l.Phase == PhaseQueued {
		l.Phase = PhasePulling
	}
}

// TookEffect reports whether this very end is written in the record already:
// its acknowledgement may have been lost. The fence moves with every taking and
// every transition, so a record without a lease at this run's fence was ended by
// this run. One that has moved on shows the last run as this end wrote it, or
// the lease that it handed over; the same run ended by another holder, after a
// checkpoint, ended at another moment.
func (e Ending) TookEffect(rec *Integration, h Hold) bool {
	if rec == nil || rec.ID != h.Generation {
		return false
	}
	if a, b := e.LastRun, rec.LastRun; a != nil && b != nil && a.ID == b.ID && a.Ended.UnixMilli() == b.Ended.UnixMilli() {
		return true
	}
	if e.Next != nil && rec.Lease != nil && rec.Lease.RunID == e.Next.RunID {
		return true
	}
	return rec.Lease == nil && rec.Fence == h.Fence
}
