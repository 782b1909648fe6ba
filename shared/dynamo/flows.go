package dynamo

import (
	"context"
	"time"

	"aura.example/integrations/shared/integration"
)

func flowItem(f integration.Flow) item {
	it := flowKey(f.StateHash).item()
	it.str("a", f.Key.Account)
	it.str("p", f.Key.Provider)
	it.str("u", f.User)
	it.str("id", f.Generation)
	it.str("r", f.ReturnTo)
	it.at("e", f.Expires)
	it.expire(f.Expires)
	return it
}

// expire sets the moment after which TTL may delete the item, whenever it does.
func (it item) expire(at time.Time) { it.num(attrTTL, at.Unix()+1) }

// Flow gives an open flow; the time is checked, since TTL deletes late.
func (t *Integrations) Flow(ctx context.Context, stateHash string, now time.Time) (integration.Flow, error) {
	it, err := t.get(ctx, flowKey(stateHash), "reading a flow")
	if err != nil {
		return integration.Flow{}, err
	}
	r := read(it)
	f := integration.Flow{
		StateHash: stateHash, Key: integration.Key{Account: r.str("a"), Provider: r.str("p")}, User: r.str("u"),
		Generation: r.str("id"), ReturnTo: r.str("r"), Expires: r.at("e"),
	}
	if it == nil || r.err == nil && !now.Before(f.Expires) {
		return integration.Flow{}, integration.ErrNotFound()
	}
	return f, r.err
}

// Consume deletes the flow on condition that it is there. It is a transaction of
// one item for its token: a delete whose acknowledgement was lost would find
// nothing when it is sent again, and the person would be refused.
func (t *Integrations) Consume(ctx context.Context, stateHash string) error {
	var u update
	u.exists(attrPK)
	x := t.begin()
	x.delete(t.name, flowKey(stateHash), &u, func(item) error { return integration.ErrNotFound() })
	return x.commit(ctx, "consuming a flow")
}
