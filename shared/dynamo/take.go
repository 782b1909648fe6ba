package dynamo

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// retakes bounds how often a claim is judged anew because the record moved
// between the judgement and the write. Each time somebody else got on.
const retakes = 6

// Take takes the lease for a claim. In the ordinary case it is one conditional
// update, which carries the whole condition and gives the record back: a worker
// with a run adopts it where it is queued, anybody else begins where no lease
// is. When that is refused, the record as it stood is judged by the domain; what
// Judge allows is written on condition that nothing moved since.
//
// A refused first update whose acknowledgement was lost finds its own attempt in
// the record, and Judge says Taken.
func (t *Integrations) Take(ctx context.Context, c integration.Claim) (*integration.Integration, integration.Verdict, error) {
	u := guessFresh(c)
	if c.RunID != "" && !c.Queue {
		u = guessAdopt(c)
	}
	var vanished *integration.Lease
	for range retakes {
		it, err := t.change(ctx, recordKey(c.Key), u, types.ReturnValueAllNew)
		if err == nil {
			return t.taken(c, it, vanished)
		}
		stood, no := refused(err)
		if !no {
			return nil, "", failed("taking a lease", err)
		}
		if stood == nil {
			return nil, integration.Acknowledge, nil
		}
		rec, err := decodeRecord(c.Key, stood)
		if err != nil {
			return nil, "", err
		}
		verdict, how := integration.Judge(rec, c)
		switch verdict {
		case integration.Taken:
			return t.taken(c, stood, vanished)
		case integration.Retake:
			after := integration.Take(rec, c, how)
			u, vanished = asJudged(rec, after), after.Vanished
		default:
			return rec, verdict, nil
		}
	}
	return nil, "", fault.New(fault.Transient, "contended", "The integration is changing too fast right now.")
}

func (t *Integrations) taken(c integration.Claim, it item, vanished *integration.Lease) (*integration.Integration, integration.Verdict, error) {
	rec, err := decodeRecord(c.Key, it)
	if err != nil {
		return nil, "", err
	}
	rec.Vanished = vanished
	return rec, integration.Taken, nil
}

// syncing is Integration.Syncs as a condition.
func syncing(u *update, c integration.Claim) {
	st := u.name(rStatus)
	if c.Generation != "" {
		u.is(text(c.Generation), rID)
	}
	u.when("%s IN (%s, %s) OR (%s = %s AND %s = %s AND %s <= %s)",
		st, u.text(string(integration.Testing)), u.text(string(integration.Active)),
		st, u.text(string(integration.Error)), u.name(rReason), u.text(string(integration.ReasonRepeatedFailures)),
		u.name(rRetryAt), u.value(moment(c.Now)))
}

// guessFresh takes a lease where there is none: the condition is Judge's, down
// to TakeFresh, and the writes are Take's.
func guessFresh(c integration.Claim) *update {
	u := &update{}
	syncing(u, c)
	u.absent(rLease)
	lease := integration.QueuedRun(c.NewRunID, c.Attempt, c.Trigger, c.Now)
	lease.Full = c.Full
	if !c.Queue {
		u.notAfter(rLastStarted, c.Due.Add(integration.Skew)) // else it is covered
		u.notAfter(rRetryNotBefore, c.Now)
		if c.RunID != "" {
			last := u.name(rLastRun, lrID)
			u.when("attribute_not_exists(%s) OR %s <> %s", last, last, u.value(ident(c.RunID)))
		}
		lease = &integration.Lease{
			RunID: c.NewRunID, Attempt: c.Attempt, State: integration.RunRunning, Started: c.Now,
			Until: c.Now.Add(integration.LeaseFor), Trigger: c.Trigger, Full: c.Full, Phase: integration.PhasePulling,
		}
	}
	u.add(1, rFence)
	u.set(&types.AttributeValueMemberM{Value: leaseItem(lease)}, rLease)
	u.drop(rDirty)
	return u
}

// guessAdopt takes a queued lease of the claim's own run, begun or not: what a
// checkpointed run keeps is kept by if_not_exists, since only such a lease has a
// start and a phase. One that hasn't begun is never dirty; where it were, or
// where a vanished run is to be reported, the guess leaves it to Judge.
func guessAdopt(c integration.Claim) *update {
	u := &update{}
	syncing(u, c)
	u.is(text(runStateCodes.of(integration.RunQueued)), rLease, lState)
	u.is(ident(c.RunID), rLease, lRun)
	u.when("attribute_exists(%s) OR attribute_not_exists(%s)", u.name(rLease, lStarted), u.name(rDirty))
	u.absent(rLease, lInstead)
	u.add(1, rFence)
	u.set(ident(c.Attempt), rLease, lAttempt)
	u.set(text(runStateCodes.of(integration.RunRunning)), rLease, lState)
	u.set(moment(c.Now.Add(integration.LeaseFor)), rLease, lUntil)
	u.keep(moment(c.Now), rLease, lStarted)
	u.keep(text(phaseCodes.of(integration.PhasePulling)), rLease, lPhase)
	return u
}

// notAfter requires a moment to be unset or no later than another.
func (u *update) notAfter(name string, t time.Time) {
	n := u.name(name)
	u.when("attribute_not_exists(%s) OR %s <= %s", n, n, u.value(moment(t)))
}

// asJudged writes a taking on condition of exactly what was judged: the fence
// (every transition and taking moves it), and the lease by attempt, state and
// end, so that neither an adoption nor an extension in between is run over.
func asJudged(rec, after *integration.Integration) *update {
	u := &update{}
	before, to := recordItem(rec), recordItem(after)
	u.equals(before, rID)
	u.equals(before, rFence)
	if l, ok := before[rLease].(*types.AttributeValueMemberM); ok {
		for _, name := range []string{lAttempt, lState, lUntil} {
			u.is(l.Value[name], rLease, name)
		}
	} else {
		u.absent(rLease)
	}
	for _, name := range []string{rFence, rLease, rVerifyAfter, rDirty} {
		if v, ok := to[name]; ok {
			u.set(v, name)
		} else {
			u.drop(name)
		}
	}
	return u
}

// SetDirty asks the running holder for another round. Repeated after a lost
// acknowledgement it asks once more at worst.
func (t *Integrations) SetDirty(ctx context.Context, k integration.Key, generation, attempt string) error {
	var u update
	u.is(text(generation), rID)
	u.is(ident(attempt), rLease, lAttempt)
	u.is(text(runStateCodes.of(integration.RunRunning)), rLease, lState)
	u.set(&types.AttributeValueMemberBOOL{Value: true}, rDirty)
	_, err := t.change(ctx, recordKey(k), &u, types.ReturnValueNone)
	if _, no := refused(err); no {
		return integration.ErrStale()
	}
	return failed("asking for another round", err)
}

// Drop removes a queued lease that is still this attempt's. It is a transaction
// of one item for its token: a repeated Drop that found nothing could not tell
// its own effect from an adopted run's end.
func (t *Integrations) Drop(ctx context.Context, k integration.Key, generation, attempt string) error {
	var u update
	u.is(text(generation), rID)
	u.is(ident(attempt), rLease, lAttempt)
	u.is(text(runStateCodes.of(integration.RunQueued)), rLease, lState)
	u.drop(rLease)
	x := t.begin()
	x.update(t.name, recordKey(k), &u, func(item) error { return integration.ErrStale() })
	if err := x.commit(ctx, "dropping a queued lease"); err != nil {
		return fmt.Errorf("run not withdrawn: %w", err)
	}
	return nil
}
