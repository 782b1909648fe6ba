package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/integration"
)

// Commit extends the lease and stores what the run has reached. Repeated after
// a lost acknowledgement it writes the same again; but the commit that begins a
// round also clears dirty, and somebody may have set it in between, so that one
// leaves a mark in the lease by which it recognises itself.
func (t *Integrations) Commit(ctx context.Context, h integration.Hold, c integration.Commit) error {
	var u update
	held(&u, h)
	u.exists(rLease)
	try := newTry()
	if !c.Started.IsZero() {
		mark := u.name(rLease, lRound)
		u.when("attribute_not_exists(%s) OR %s <> %s", mark, mark, u.value(try))
		u.set(try, rLease, lRound)
		u.set(moment(c.Started), rLease, lStarted)
		u.drop(rDirty)
	}
	if !c.Until.IsZero() {
		u.set(moment(c.Until), rLease, lUntil)
	}
	if c.State != "" {
		u.set(text(runStateCodes.of(c.State)), rLease, lState)
	}
	switch c.Phase {
	case "":
	case integration.PhaseQueued:
		u.drop(rLease, lPhase)
	default:
		u.set(text(phaseCodes.of(c.Phase)), rLease, lPhase)
	}
	if c.Pages != 0 {
		u.set(number(int64(c.Pages)), rLease, lPages)
	}
	if c.Events != 0 {
		u.set(number(int64(c.Events)), rLease, lEvents)
	}
	if c.Email != "" {
		u.set(text(c.Email), rEmail)
	}
	if c.ForgetCursor {
		u.drop(rCursor)
	}
	switch {
	case c.Channel == nil:
	case *c.Channel == integration.Channel{}:
		u.drop(rChannel)
	default:
		u.set(&types.AttributeValueMemberM{Value: channelItem(c.Channel)}, rChannel)
	}
	if give(&u, attrSlot, c.Slot, func(v string) types.AttributeValue { return text(v) }); c.Slot != nil {
		ctx = withIndexWrites(ctx, 2) // where it stood isn't known here
	}
	_, err := t.change(ctx, recordKey(h.Key), &u, types.ReturnValueNone)
	stood, no := refused(err)
	if !no {
		return failed("committing a run", err)
	}
	if !c.Started.IsZero() && stood != nil {
		if lease := read(stood).sub(rLease); lease != nil && string(lease.bytes(lRound)) == string(try.Value) {
			return nil
		}
	}
	return integration.ErrStale()
}

// held requires the record to be the run's still.
func held(u *update, h integration.Hold) {
	u.is(text(h.Generation), rID)
	u.is(number(h.Fence), rFence)
}

// End gives the lease up, or leaves it queued for the next run. An end that
// took effect already is no error, however it is found out.
func (t *Integrations) End(ctx context.Context, h integration.Hold, e integration.Ending) error {
	var u update
	held(&u, h)
	u.exists(rLease)
	switch {
	case e.Next == nil && e.ClearDirty:
		u.drop(rLease)
		u.drop(rDirty)
	case e.Next == nil:
		u.absent(rDirty)
		u.drop(rLease)
	default:
		// As every taking this raises the fence: a late write of the run that ends
		// can't touch the next one's lease.
		u.add(1, rFence)
		u.set(&types.AttributeValueMemberM{Value: leaseItem(e.Next)}, rLease)
		u.drop(rDirty)
	}
	results(&u, e)
	index := 0.0
	if e.Slot != nil {
		index = 2 // where it stood isn't known here: the channel's life changed it
	} else if !e.EditsWait.IsZero() || !e.EditsSent.IsZero() || e.RetryAt != nil {
		index = 1 // both are projected
	}
	_, err := t.change(withIndexWrites(ctx, index), recordKey(h.Key), &u, types.ReturnValueNone)
	stood, no := refused(err)
	if !no {
		return failed("ending a run", err)
	}
	if stood == nil {
		return integration.ErrStale()
	}
	rec, err := decodeRecord(h.Key, stood)
	if err != nil {
		return err
	}
	switch {
	case e.TookEffect(rec, h):
		return nil
	case rec.ID != h.Generation || rec.Fence != h.Fence || rec.Lease == nil:
		return integration.ErrStale()
	case !e.EditsSent.IsZero() && !rec.EditsWait.Equal(e.EditsSent.Truncate(time.Second)): // noted anew meanwhile
		e.EditsSent = time.Time{}
		return t.End(ctx, h, e)
	}
	return integration.ErrDirty()
}

// results writes what the run leaves in the record.
func results(u *update, e integration.Ending) {
	if e.LastRun != nil {
		u.set(&types.AttributeValueMemberM{Value: lastRunItem(e.LastRun)}, rLastRun)
	}
	if e.Outcome == integration.RunSucceeded && !e.Started.IsZero() {
		u.set(moment(e.Started), rLastStarted)
	}
	if !e.FreshAsOf.IsZero() {
		u.set(moment(e.FreshAsOf), rFresh)
	}
	give(u, rCursor, e.Cursor, func(v string) types.AttributeValue { return text(v) })
	give(u, rLinked, e.LinkedCount, func(v int) types.AttributeValue { return number(int64(v)) })
	give(u, rFailures, e.Failures, func(v int) types.AttributeValue { return number(int64(v)) })
	give(u, rFailureWindow, e.FailureWindow, number)
	give(u, rRetryNotBefore, e.RetryNotBefore, moment)
	give(u, rRetryAt, e.RetryAt, moment)
	give(u, rPushPaused, e.PushPausedUntil, moment)
	give(u, rPushRest, e.PushRest, func(v time.Duration) types.AttributeValue { return number(int64(v / time.Hour)) })
	give(u, rReadOnly, e.ReadOnly, func(v bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: v} })
	if !e.EditsWait.IsZero() {
		u.set(second(e.EditsWait), rEditsWait)
	} else if !e.EditsSent.IsZero() {
		u.is(second(e.EditsSent), rEditsWait)
		u.drop(rEditsWait)
	}
	give(u, rUnreadable, e.Unreadable, func(v bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: v} })
	give(u, attrSlot, e.Slot, func(v string) types.AttributeValue { return text(v) })
	for name, clear := range map[string]bool{rVerifyAfter: e.ClearVerify, rDecision: e.ClearDecision, rSwitch: e.ClearSwitch} {
		if clear {
			u.drop(name)
		}
	}
}

// give sets what is given, and removes it where that is its zero value.
func give[T comparable](u *update, name string, v *T, stored func(T) types.AttributeValue) {
	var zero T
	switch {
	case v == nil:
	case *v == zero || isZeroTime(*v):
		u.drop(name)
	default:
		u.set(stored(*v), name)
	}
}

func isZeroTime(v any) bool {
	t, ok := v.(time.Time)
	return ok && t.IsZero()
}
