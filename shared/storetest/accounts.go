package storetest

import (
	"testing"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

func testAccounts(t *testing.T, open Open) {
	account := func(w *world) integration.Account {
		w.t.Helper()
		a, err := w.Accounts.Account(w.ctx, w.key.Account)
		w.must(err)
		return a
	}
	each(t, open, map[string]func(*world){
		"without a record": func(w *world) {
			if a := account(w); a != (integration.Account{ID: w.key.Account, Plan: integration.DefaultPlan}) {
				w.t.Errorf("got %+v", a)
			}
		},
		"made by a create": func(w *world) {
			w.must(w.Store.Apply(w.ctx, integration.Change{After: w.draft(w.key), Limit: 4}))
			if a := account(w); a != (integration.Account{ID: w.key.Account, Plan: integration.DefaultPlan, Limit: 4, Used: 1}) {
				w.t.Errorf("got %+v", a)
			}
		},
		"a plan is set on the version read": func(w *world) {
			a := account(w)
			a.Plan, a.Limit = "team", 10
			set, err := w.Accounts.SetPlan(w.ctx, a)
			w.must(err)
			want := integration.Account{ID: w.key.Account, Plan: "team", Limit: 10, Version: 1}
			if set != want || account(w) != want {
				w.t.Errorf("set %+v, stored %+v, want %+v", set, account(w), want)
			}
			_, err = w.Accounts.SetPlan(w.ctx, a)
			w.refuses(err, fault.Stale, "")
			if account(w) != want {
				w.t.Errorf("a refused plan change left its mark: %+v", account(w))
			}
		},
		"creates don't get in a plan change's way, nor it in theirs": func(w *world) {
			a := account(w)
			w.must(w.Store.Apply(w.ctx, integration.Change{After: w.draft(w.key), Limit: 4}))
			a.Plan, a.Limit = "team", 10
			set, err := w.Accounts.SetPlan(w.ctx, a)
			w.must(err)
			if set.Used != 1 {
				w.t.Errorf("the count is lost: %+v", set)
			}
			k := integration.Key{Account: w.key.Account, Provider: "another"}
			w.must(w.Store.Apply(w.ctx, integration.Change{After: w.draft(k), Limit: 1}))
			if a := account(w); a.Used != 2 || a.Limit != 10 {
				w.t.Errorf("got %+v", a)
			}
		},
		"a plan that is set first is there for the first create": func(w *world) {
			_, err := w.Accounts.SetPlan(w.ctx, integration.Account{ID: w.key.Account, Plan: "team", Limit: 1})
			w.must(err)
			w.must(w.Store.Apply(w.ctx, integration.Change{After: w.draft(w.key), Limit: 9}))
			if a := account(w); a != (integration.Account{ID: w.key.Account, Plan: "team", Limit: 1, Used: 1, Version: 1}) {
				w.t.Errorf("got %+v", a)
			}
		},
		"a lowered plan keeps what exists and refuses new ones": func(w *world) {
			w.must(w.Store.Apply(w.ctx, integration.Change{After: w.draft(w.key), Limit: 4}))
			a := account(w)
			a.Plan, a.Limit = "none", 0
			_, err := w.Accounts.SetPlan(w.ctx, a)
			w.must(err)
			if got := account(w); got.Limit != 0 || got.Used != 1 {
				w.t.Errorf("got %+v", got)
			}
			k := integration.Key{Account: w.key.Account, Provider: "another"}
			w.refuses(w.Store.Apply(w.ctx, integration.Change{After: w.draft(k), Limit: 4}), fault.Conflict, "plan_limit_reached")
		},
	})
}

func testFlows(t *testing.T, open Open) {
	put := func(w *world) integration.Flow {
		w.t.Helper()
		rec := w.record()
		f := integration.Flow{StateHash: w.id(), Key: w.key, User: "user", Generation: rec.ID, ReturnTo: "console", Expires: at(600)}
		ch := w.move(rec, integration.Pause)
		ch.Flow = &f
		w.must(w.Store.Apply(w.ctx, ch))
		return f
	}
	each(t, open, map[string]func(*world){
		"unknown": func(w *world) {
			_, err := w.Flows.Flow(w.ctx, w.id(), at(0))
			w.refuses(err, fault.NotFound, "")
			w.refuses(w.Flows.Consume(w.ctx, w.id()), fault.NotFound, "")
		},
		"open until its time": func(w *world) {
			f := put(w)
			got, err := w.Flows.Flow(w.ctx, f.StateHash, at(599))
			if err != nil || got != f {
				w.t.Errorf("got %+v, %v; want %+v", got, err, f)
			}
			_, err = w.Flows.Flow(w.ctx, f.StateHash, at(600)) // it is there yet: TTL deletes late
			w.refuses(err, fault.NotFound, "")
		},
		"gone once consumed": func(w *world) {
			f := put(w)
			w.must(w.Flows.Consume(w.ctx, f.StateHash))
			_, err := w.Flows.Flow(w.ctx, f.StateHash, at(1))
			w.refuses(err, fault.NotFound, "")
			w.refuses(w.Flows.Consume(w.ctx, f.StateHash), fault.NotFound, "")
		},
	})
}
