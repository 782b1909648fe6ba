package dynamo

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/integration"
)

// Attributes of a wind-down order that conditions name.
const oVersion, oClaimed = "v", "cl"

func orderItem(o integration.Order) item {
	it := orderKey(o.Key, o.Generation).item()
	it.str("id", o.Generation) // projected into the slot index
	it.str("su", o.Subject)
	it.str("ca", o.CalendarID)
	it.sub("ch", channelItem(o.Channel))
	it.str("co", string(o.Cause))
	it.flag("re", o.Remove)
	it.str("sp", string(o.Step)) // not as a status is called, which the index projects
	if l := o.Look; l != nil {
		look := item{}
		look.str("ca", l.Calendar)
		look.str("cu", l.Cursor)
		look.strs("ki", l.Kinds)
		it.sub("lk", look)
	}
	it.copies("no", o.Noted)
	it.str("cu", o.Cursor)
	it.at("pa", o.PurgeAfter)
	it.at("nb", o.NotBefore)
	it.at(oClaimed, o.ClaimedTo)
	it.at("si", o.Since)
	it.str(attrSlot, o.Slot)
	it.num(oVersion, o.Version)
	return it
}

// copies stores what is being removed: three texts each.
func (it item) copies(name string, list []integration.Copy) {
	flat := make([]string, 0, 3*len(list))
	for _, c := range list {
		flat = append(flat, c.Event, c.Calendar, c.ID)
	}
	it.strs(name, flat)
	if !slices.ContainsFunc(list, func(c integration.Copy) bool { return c.ETag != "" }) {
		return
	}
	tags := make([]string, len(list))
	for i, c := range list {
		tags[i] = c.ETag
	}
	it.strs(name+noTags, tags)
}

// noTags ends the name of what goes beside a list of copies.
const noTags = "t"

func (r *reader) copies(name string) []integration.Copy {
	flat, tags := r.strs(name), r.strs(name+noTags)
	var out []integration.Copy
	for ; len(flat) >= 3; flat = flat[3:] {
		c := integration.Copy{Event: flat[0], Calendar: flat[1], ID: flat[2]}
		if len(out) < len(tags) {
			c.ETag = tags[len(out)]
		}
		out = append(out, c)
	}
	return out
}

func orderOf(k integration.Key, it item) (integration.Order, error) {
	r := read(it)
	o := integration.Order{
		Key: k, Generation: r.str("id"), Subject: r.str("su"), CalendarID: r.str("ca"), Channel: channelOf(r),
		Cause: integration.Name(r.str("co")), Remove: r.flag("re"), Step: integration.OrderStep(r.str("sp")),
		Noted: r.copies("no"), Cursor: r.str("cu"), PurgeAfter: r.at("pa"), NotBefore: r.at("nb"), ClaimedTo: r.at(oClaimed), Since: r.at("si"),
		Slot: r.str(attrSlot), Version: r.num(oVersion),
	}
	if l := r.sub("lk"); l != nil {
		o.Look = &integration.Look{Calendar: l.str("ca"), Cursor: l.str("cu"), Kinds: l.strs("ki")}
		if l.err != nil {
			return o, l.err
		}
	}
	return o, r.err
}

// Order gives a wind-down, strongly consistent; nil, nil where there is none.
func (t *Integrations) Order(ctx context.Context, k integration.Key, generation string) (*integration.Order, error) {
	it, err := t.get(ctx, orderKey(k, generation), "reading a wind-down")
	if err != nil || it == nil {
		return nil, err
	}
	o, err := orderOf(k, it)
	return &o, err
}

// OrdersOf gives the orders of all generations at one place, strongly consistent.
func (t *Integrations) OrdersOf(ctx context.Context, k integration.Key) ([]integration.Order, error) {
	var out []integration.Order
	err := t.each(ctx, accountPK(k.Account), orderKey(k, "").sk, func(it item) error {
		o, err := orderOf(k, it)
		out = append(out, o)
		return err
	})
	return out, err
}

// giveOrder writes an order whatever is there, above its version: an older
// order's progress, written late, must not come over this one. What an older one
// still owes stays: a removal that was asked for, the copies that it noted, and
// the claim that completions wait for, since somebody is at work under it.
func (t *Integrations) giveOrder(x *transaction, o integration.Order) {
	o.Version = 0
	var u update
	u.whole(orderItem(o), orderAttrs)
	u.add(1, oVersion)
	x.update(t.name, orderKey(o.Key, o.Generation), &u, nil)
	x.index += indexWrites("", o.Slot)
}

// orderAttrs are what an order may have and doesn't owe: those that it hasn't are
// removed.
var orderAttrs = []string{"su", "ca", "ch", "cu", "pa", "nb", "lk"}

// whole sets every attribute of an item, keys aside, and removes those that an
// older state may have left.
func (u *update) whole(it item, may []string) {
	u.diff(nil, it)
	for _, name := range may {
		if it[name] == nil {
			u.drop(name)
		}
	}
}

// PutOrder stores progress on condition of the version read. A repeated write
// recognises itself: a worker must not take its own claim for somebody else's.
func (t *Integrations) PutOrder(ctx context.Context, o integration.Order) (integration.Order, error) {
	try := newTry()
	next := o
	next.Version++
	it := orderItem(next)
	it[attrTry] = try
	var u update
	u.equals(versionItem(o.Version), oVersion)
	u.exists(attrPK)
	_, err := t.put(withIndexWrites(ctx, 0), it, &u, types.ReturnValueNone)
	if stood, no := refused(err); no {
		if sameTry(stood, try) {
			return next, nil
		}
		return integration.Order{}, integration.ErrStale()
	}
	if err != nil {
		return integration.Order{}, failed("storing a wind-down", err)
	}
	return next, nil
}

// DropOrder ends a wind-down on condition of the version read; one that is gone
// already is no error.
func (t *Integrations) DropOrder(ctx context.Context, o integration.Order) error {
	var u update
	v := u.name(oVersion)
	u.when("attribute_not_exists(%s) OR %s = %s", v, v, u.number(o.Version))
	_, err := t.remove(withIndexWrites(ctx, indexWrites(o.Slot, "")), orderKey(o.Key, o.Generation), &u, types.ReturnValueNone)
	if _, no := refused(err); no {
		return integration.ErrStale()
	}
	return failed("ending a wind-down", err)
}

// dropOrder takes an order back, unless its grant is just being revoked.
func (t *Integrations) dropOrder(x *transaction, k integration.Key, generation string) {
	var u update
	now := t.now()
	u.notAfter(oClaimed, now)
	x.delete(t.name, orderKey(k, generation), &u, func(stood item) error {
		return integration.ErrRevoking(read(stood).at(oClaimed).Sub(now))
	})
	x.index++ // it stood in a slot, if it was there
}
