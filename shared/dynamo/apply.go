package dynamo

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/integration"
)

// Apply carries out a change in one transaction of only the items that it
// needs. A change of settings is one too: its token tells a repeated write from
// somebody else's equal one, which the record alone couldn't.
//
// Of several refusals the record's decides: a create that finds its place taken
// and the plan full says provider_exists.
func (t *Integrations) Apply(ctx context.Context, ch integration.Change) error {
	x := t.begin()
	k, err := t.record(x, ch)
	if err != nil {
		return err
	}
	if ch.DropOrder != "" {
		t.dropOrder(x, k, ch.DropOrder)
	}
	if ch.Order != nil {
		t.giveOrder(x, *ch.Order)
	}
	if ch.Credential != nil {
		t.giveCredential(x, *ch.Credential)
	}
	if ch.Entry != nil {
		x.put(t.name, entryItem(*ch.Entry), nil, nil)
	}
	if ch.Flow != nil {
		x.put(t.name, flowItem(*ch.Flow), nil, nil)
	}
	if ch.Ended != nil {
		it, err := runItem(*ch.Ended)
		if err != nil {
			return err
		}
		x.put(t.name, it, nil, nil)
	}
	return x.commit(ctx, "applying a change")
}

// record adds the record's own write, and the account's where the count moves.
func (t *Integrations) record(x *transaction, ch integration.Change) (integration.Key, error) {
	switch before, after := ch.Before, ch.After; {
	case before == nil && after == nil:
		return integration.Key{}, fmt.Errorf("a change of nothing")
	case before == nil:
		var u update
		u.absent(attrPK)
		x.put(t.name, recordItem(after), &u, func(item) error { return integration.ErrPlaceTaken() })
		x.index += indexWrites("", after.Slot)
		t.countUp(x, after.Account, ch.Limit)
		return after.Key, nil
	case after == nil:
		u := asRead(before)
		x.delete(t.name, recordKey(before.Key), u, whyMoved)
		x.index += indexWrites(before.Slot, "")
		t.countDown(x, before.Account)
		return before.Key, nil
	case before.Key != after.Key:
		return integration.Key{}, fmt.Errorf("a change that moves %v to %v", before.Key, after.Key)
	default:
		u := asRead(before)
		u.diff(recordItem(before), recordItem(after))
		x.update(t.name, recordKey(after.Key), u, whyMoved)
		x.index += indexWrites(before.Slot, after.Slot)
		if (before.ID != after.ID || before.Status != after.Status || !before.RetryAt.Equal(after.RetryAt)) && before.Slot == after.Slot && after.Slot != "" {
			x.index++ // all of them are projected
		}
		return after.Key, nil
	}
}

// asRead requires the record to be the one that was read. Version and fence are
// never zero after create, but absent is what zero is stored as.
func asRead(rec *integration.Integration) *update {
	it := recordItem(rec)
	u := &update{}
	u.is(text(rec.ID), rID)
	u.equals(it, rVersion)
	u.equals(it, rFence)
	return u
}

func whyMoved(stood item) error {
	if stood == nil {
		return integration.ErrNotFound()
	}
	return integration.ErrStale()
}

// indexWrites is what moving an item from one place of an index to another
// costs there: one write for each place that is left or taken.
func indexWrites(from, to string) float64 {
	switch {
	case from == to:
		return 0
	case from == "" || to == "":
		return 1
	}
	return 2
}

// EditsWait notes that nobody comes for an edit that waits.
func (t *Integrations) EditsWait(ctx context.Context, k integration.Key, generation string, at time.Time) error {
	var u update
	u.is(text(generation), rID)
	u.set(second(at), rEditsWait)
	_, err := t.change(withIndexWrites(ctx, 1), recordKey(k), &u, types.ReturnValueNone)
	if _, no := refused(err); no {
		return integration.ErrStale()
	}
	return failed("noting that edits wait", err)
}

// Note stores the flow's end in the record and nothing else of it, on condition
// of the generation alone: version, fence and lease stay.
func (t *Integrations) Note(ctx context.Context, rec *integration.Integration, flow *integration.Flow, entry *integration.Entry) error {
	u := &update{}
	u.is(text(rec.ID), rID)
	if rec.FlowExpires.IsZero() {
		u.drop(rFlowExpires)
	} else {
		u.set(moment(rec.FlowExpires), rFlowExpires)
	}
	x := t.begin()
	x.update(t.name, recordKey(rec.Key), u, whyMoved)
	if entry != nil {
		x.put(t.name, entryItem(*entry), nil, nil)
	}
	if flow != nil {
		x.put(t.name, flowItem(*flow), nil, nil)
	}
	return x.commit(ctx, "noting a flow")
}
