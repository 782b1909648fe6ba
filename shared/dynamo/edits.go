package dynamo

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// Pair gives an event with its outbox item, each strongly consistent; the two
// need not be of one moment, since the transaction that follows is conditional
// on both.
func (t *Events) Pair(ctx context.Context, account, id string) (*calendar.Row, *calendar.Item, error) {
	items, err := t.batch(ctx, []map[string]types.AttributeValue{eventKey(account, id).item(), outboxKey(account, id).item()}, true)
	if err != nil {
		return nil, nil, err
	}
	var row *calendar.Row
	var waiting *calendar.Item
	for _, it := range items {
		if strings.HasPrefix(read(it).str(attrSK), eventPrefix) {
			row, err = decodeRow(account, it)
		} else {
			waiting, err = decodeOutbox(account, it)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return row, waiting, nil
}

func decodeOutbox(account string, it item) (*calendar.Item, error) {
	out, err := outboxOf(account, it)
	if err != nil {
		return nil, fmt.Errorf("decoding the outbox item of %s: %w", out.EventID, err)
	}
	return out, nil
}

// WritePair carries out a transaction on events and their outbox items.
func (t *Events) WritePair(ctx context.Context, pairs ...calendar.Pair) error {
	if len(pairs) > calendar.MostPairs {
		return fmt.Errorf("writing %d events in one transaction; %d are the most", len(pairs), calendar.MostPairs)
	}
	x := t.begin()
	for _, p := range pairs {
		t.pairRow(x, p)
		t.pairItem(x, p)
	}
	return x.commit(ctx, "writing an event with its outbox item")
}

func errStaleRow(item) error {
	return fault.New(fault.Stale, "stale", "The event has changed since you looked. Load it again.")
}

// asSeen requires an item to have the version that was read and, for a run, not
// to have been written by a later one.
func asSeen(expect int64, h calendar.Hold) *update {
	if !h.Person() {
		return guard(calendar.Write{Expect: expect, Generation: h.Generation, Fence: h.Fence})
	}
	u := &update{}
	if expect == 0 {
		u.absent(attrPK)
	} else {
		u.is(number(expect), eVersion)
	}
	return u
}

// marked leaves a run's mark; a person's write leaves the last run's alone.
func (u *update) marked(h calendar.Hold) {
	if !h.Person() {
		u.set(text(h.Generation), eGeneration)
		u.set(number(h.Fence), eFence)
	}
}

func (t *Events) pairRow(x *transaction, p calendar.Pair) {
	u, k := asSeen(p.Expect, p.Hold), eventKey(p.Account, p.ID)
	switch {
	case p.KeepRow:
		x.check(t.name, k, u, errStaleRow)
	case p.Row == nil:
		x.delete(t.name, k, u, errStaleRow)
		x.index++
	default:
		it := rowItem(p.Row)
		x.index += rowIndexWrites(p, it)
		u.whole(it, rowAttrs)
		u.marked(p.Hold)
		x.update(t.name, k, u, errStaleRow)
	}
}

// rowIndexWrites is what the write costs in by_time: nothing where the row is in
// it neither before nor after, one of its size where it stays, else one more.
func rowIndexWrites(p calendar.Pair, it item) float64 {
	was, is := timeKey(p.Stood), read(it).str(attrTime)
	size := writeUnits(itemSize(it))
	switch {
	case p.Expect == 0 && is == "":
		return 0
	case p.Expect == 0 || was == is && is != "":
		return size
	case is == "":
		return 1
	}
	return size + 1
}

func (t *Events) pairItem(x *transaction, p calendar.Pair) {
	u, k := asSeen(p.Item.Expect, p.Hold), outboxKey(p.Account, p.ID)
	if p.Item.Unsent {
		u.absent(oxSent)
	}
	if p.Item.Aware {
		if p.Item.Knew == 0 {
			u.absent(oxFresh)
		} else {
			u.when("size(%s) = %s", u.name(oxFresh), u.number(int64(p.Item.Knew)))
		}
	}
	switch w := p.Item; {
	case w.Delete:
		x.delete(t.name, k, u, errStaleRow)
	case w.Put != nil:
		it := outboxItem(w.Put)
		if len(w.Put.Sent) > 0 {
			it[oxSent] = attempts(w.Put.Sent)
		}
		it.strs(oxFresh, w.Put.Fresh)
		u.whole(it, nil)
		u.marked(p.Hold)
		x.update(t.name, k, u, errStaleRow)
	case w.Update != nil:
		u.whole(outboxItem(w.Update), []string{oxBase, oxNotify, oxFormer, oxRefused, oxRest, oxHeirs, oxDropped, oxUnder, oxParted, oxBeside, oxLater})
		switch {
		case w.ClearSent:
			u.drop(oxSent)
		case w.Unlanded > 0:
			sent := u.name(oxSent)
			u.when("size(%s) = %s", sent, u.number(int64(w.Unlanded)))
			if w.Unlanded == 1 { // an empty list is no list
				u.drop(oxSent)
			} else {
				u.drops = append(u.drops, fmt.Sprintf("%s[%d]", sent, w.Unlanded-1))
			}
		}
		u.marked(p.Hold)
		x.update(t.name, k, u, errStaleRow)
	case w.Fresh != nil:
		list := item{}
		list.strs(oxFresh, w.Fresh)
		u.set(list[oxFresh], oxFresh)
		x.update(t.name, k, u, errStaleRow)
	default:
		x.check(t.name, k, u, errStaleRow)
	}
}

// outboxPage is how many items one page gives.
const outboxPage = 100

// Outbox lists what waits, eventually consistent: what is younger than the skew
// bound isn't covered by the run that lists it, so its own job comes after. The
// item is read again, strongly, before anything is done with it.
func (t *Events) Outbox(ctx context.Context, account, cursor string) ([]calendar.Item, string, error) {
	var u update
	u.when("%s = %s AND begins_with(%s, %s)", u.name(attrPK), u.text(accountPK(account)), u.name(attrSK), u.text(outboxPrefix))
	in := &dynamodb.QueryInput{
		TableName: &t.name, KeyConditionExpression: bare(u.condition()), Limit: aws.Int32(outboxPage),
		ExpressionAttributeNames: u.names, ExpressionAttributeValues: u.values,
	}
	if cursor != "" {
		if !strings.HasPrefix(cursor, outboxPrefix) {
			return nil, "", fault.New(fault.Invalid, "invalid_cursor", "The cursor isn't one of this list's.")
		}
		in.ExclusiveStartKey = key{accountPK(account), cursor}.item()
	}
	out, err := t.client.Query(ctx, in)
	if err != nil {
		return nil, "", failed("reading the outbox", err)
	}
	items := make([]calendar.Item, len(out.Items))
	for i, it := range out.Items {
		w, err := decodeOutbox(account, it)
		if err != nil {
			return nil, "", err
		}
		items[i] = *w
	}
	if out.LastEvaluatedKey == nil {
		return items, "", nil
	}
	return items, read(out.LastEvaluatedKey).str(attrSK), nil
}

// RecordSent adds an attempt to an item that is as it was read. A repeated write
// finds its own attempt, one longer than was read, and is no error.
func (t *Events) RecordSent(ctx context.Context, i calendar.Item, a calendar.Attempt, h calendar.Hold) (*calendar.Item, error) {
	u := guard(calendar.Write{Expect: i.Version, Generation: h.Generation, Fence: h.Fence})
	sent := u.name(oxSent)
	if len(i.Sent) == 0 {
		u.absent(oxSent)
	} else {
		u.when("size(%s) = %s", sent, u.number(int64(len(i.Sent))))
	}
	if !slices.ContainsFunc(i.Sent, func(b calendar.Attempt) bool { return b.Stamp == a.Stamp }) {
		u.sets = append(u.sets, fmt.Sprintf("%s = list_append(if_not_exists(%s, %s), %s)",
			sent, sent, u.value(attempts(nil)), u.value(attempts([]calendar.Attempt{a}))))
	}
	u.marked(h)
	got, err := t.change(ctx, outboxKey(i.Account, i.EventID), u, types.ReturnValueAllNew)
	stood, no := refused(err)
	switch {
	case no && stood == nil:
		return nil, errStaleRow(nil)
	case no:
		now, err := decodeOutbox(i.Account, stood)
		if err != nil {
			return nil, err
		}
		own := now.Version == i.Version && len(now.Sent) == len(i.Sent)+1 && now.Sent[len(i.Sent)].Stamp == a.Stamp &&
			now.Generation == h.Generation && now.Fence == h.Fence
		if !own {
			return nil, errStaleRow(nil)
		}
		return now, nil
	case err != nil:
		return nil, failed("recording an attempt", err)
	}
	return decodeOutbox(i.Account, got)
}
