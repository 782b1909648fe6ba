package dynamo

import (
	"context"
	"crypto/rand"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/integration"
)

// Attributes of an account's item.
const (
	aPlan, aLimit, aUsed, aVersion = "p", "l", "n", "v"
	// attrTry is random per write: a write that is sent again because its
	// acknowledgement was lost recognises itself by it.
	attrTry = "y"
)

// Account gives plan and usage, strongly consistent.
func (t *Integrations) Account(ctx context.Context, id string) (integration.Account, error) {
	it, err := t.get(ctx, accountKey(id), "reading an account")
	if err != nil {
		return integration.Account{}, err
	}
	return accountOf(id, it)
}

func accountOf(id string, it item) (integration.Account, error) {
	r := read(it)
	a := integration.Account{ID: id, Plan: r.str(aPlan), Limit: r.count(aLimit), Used: r.count(aUsed), Version: r.num(aVersion)}
	if a.Plan == "" {
		a.Plan = integration.DefaultPlan
	}
	return a, r.err
}

// SetPlan stores plan and limit on condition of the version read. Creates leave
// the version alone, so they don't get in a plan change's way.
func (t *Integrations) SetPlan(ctx context.Context, a integration.Account) (integration.Account, error) {
	try := newTry()
	var u update
	u.equals(versionItem(a.Version), aVersion)
	u.set(text(a.Plan), aPlan)
	u.set(number(int64(a.Limit)), aLimit)
	u.set(number(a.Version+1), aVersion)
	u.set(try, attrTry)
	u.keep(number(0), aUsed) // a comparison with what isn't there would be false
	it, err := t.change(ctx, accountKey(a.ID), &u, types.ReturnValueAllNew)
	if stood, no := refused(err); no {
		if !sameTry(stood, try) {
			return integration.Account{}, integration.ErrStale()
		}
		return accountOf(a.ID, stood)
	}
	if err != nil {
		return integration.Account{}, failed("storing a plan", err)
	}
	return accountOf(a.ID, it)
}

// countUp takes one of the account's places, making the account where it is the
// first: it is an upsert, so that the limit is checked and the count raised in
// one write.
func (t *Integrations) countUp(x *transaction, account string, limit int) {
	var u update
	free := u.name(aUsed) + " < " + u.name(aLimit)
	if limit > 0 {
		free += " OR attribute_not_exists(" + u.name(aLimit) + ")"
	}
	u.when("%s", free)
	u.add(1, aUsed)
	u.keep(number(int64(limit)), aLimit)
	u.keep(text(integration.DefaultPlan), aPlan)
	x.update(t.name, accountKey(account), &u, func(item) error { return integration.ErrPlanFull() })
}

// countDown gives the place back.
func (t *Integrations) countDown(x *transaction, account string) {
	var u update
	u.when("%s > %s", u.name(aUsed), u.number(0))
	u.add(-1, aUsed)
	x.update(t.name, accountKey(account), &u, nil)
}

// newTry makes a write's own mark: it is told from the few others that one item may
// see in the moment of a repeated write, and a record has no byte to spare.
func newTry() *types.AttributeValueMemberB {
	b := make([]byte, 4)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return &types.AttributeValueMemberB{Value: b}
}

func sameTry(stood item, try *types.AttributeValueMemberB) bool {
	return stood != nil && string(read(stood).bytes(attrTry)) == string(try.Value)
}

// versionItem is how a version that was read is stored.
func versionItem(v int64) item {
	it := item{}
	it.num(aVersion, v)
	return it
}
