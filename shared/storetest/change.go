package storetest

import (
	"reflect"
	"testing"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/seal"
)

// move is a transition of this test's record, with its history entry.
func (w *world) move(before *integration.Integration, name integration.Name) integration.Change {
	w.t.Helper()
	after, entry, err := integration.Move(before, name, integration.Moving{Now: w.Clock.Now(), EntryID: w.id(), CorrelationID: "c"})
	w.must(err)
	return integration.Change{Before: before, After: after, Entry: &entry}
}

// untouched fails the test unless record, count and history are as they were.
func (w *world) untouched(rec *integration.Integration, used, entries int) {
	w.t.Helper()
	if rec != nil {
		if got := w.get(); !reflect.DeepEqual(got, rec) {
			w.t.Errorf("a refused change left its mark: %+v\nwant %+v", got, rec)
		}
	}
	a, err := w.Accounts.Account(w.ctx, w.key.Account)
	w.must(err)
	if a.Used != used {
		w.t.Errorf("the account counts %d, want %d", a.Used, used)
	}
	list, _, err := w.Journal.Entries(w.ctx, w.key, integration.Page{}, w.Clock.Now())
	w.must(err)
	if len(list) != entries {
		w.t.Errorf("the history has %d entries, want %d", len(list), entries)
	}
}

func testChange(t *testing.T, open Open) {
	each(t, open, map[string]func(*world){
		"a create takes the place": func(w *world) {
			rec := w.draft(w.key)
			w.must(w.Store.Apply(w.ctx, integration.Change{After: rec, Limit: 2}))
			second := w.draft(w.key)
			w.refuses(w.Store.Apply(w.ctx, integration.Change{After: second, Limit: 2, Entry: &integration.Entry{ID: w.id(), Key: w.key, At: noon}}),
				fault.Conflict, "provider_exists")
			w.untouched(rec, 1, 0)
		},
		"a create at the plan's limit": func(w *world) {
			w.must(w.Store.Apply(w.ctx, integration.Change{After: w.draft(w.key), Limit: 1}))
			other := integration.Key{Account: w.key.Account, Provider: "another"}
			w.refuses(w.Store.Apply(w.ctx, integration.Change{After: w.draft(other), Limit: 1}), fault.Conflict, "plan_limit_reached")
			_, err := w.Store.Get(w.ctx, other)
			w.refuses(err, fault.NotFound, "")
			w.refuses(w.Store.Apply(w.ctx, integration.Change{After: w.draft(w.key), Limit: 1}), fault.Conflict, "provider_exists") // both: this one wins
		},
		"a limit of nothing": func(w *world) {
			w.refuses(w.Store.Apply(w.ctx, integration.Change{After: w.draft(w.key), Limit: 0}), fault.Conflict, "plan_limit_reached")
			w.untouched(nil, 0, 0)
		},
		"the stored limit counts, not the create's": func(w *world) {
			_, err := w.Accounts.SetPlan(w.ctx, integration.Account{ID: w.key.Account, Plan: "tiny", Limit: 0})
			w.must(err)
			w.refuses(w.Store.Apply(w.ctx, integration.Change{After: w.draft(w.key), Limit: 5}), fault.Conflict, "plan_limit_reached")
		},
		"a delete gives the place back": func(w *world) {
			rec := w.record()
			ch := w.move(rec, integration.Delete)
			ch.After = nil
			w.must(w.Store.Apply(w.ctx, ch))
			_, err := w.Store.Get(w.ctx, w.key)
			w.refuses(err, fault.NotFound, "")
			w.untouched(nil, 0, 1)
			w.refuses(w.Store.Apply(w.ctx, ch), fault.NotFound, "")
			w.untouched(nil, 0, 1)
		},
		"a transition writes record and history": func(w *world) {
			ch := w.move(w.record(), integration.Pause)
			w.must(w.Store.Apply(w.ctx, ch))
			w.untouched(ch.After, 1, 1)
		},
		"the run that it ends is reported with it": func(w *world) {
			rec := w.record()
			ch := w.move(rec, integration.Pause)
			ended := integration.Run{Key: w.key, ID: w.id(), Generation: rec.ID, Trigger: integration.TriggerSyncNow, State: integration.RunSuperseded, StartedAt: at(0), EndedAt: at(0)}
			ch.Ended = &ended
			w.must(w.Store.Apply(w.ctx, ch))
			got, err := w.Journal.Run(w.ctx, w.key, ended.ID, at(1))
			if err != nil || !reflect.DeepEqual(*got, ended) {
				w.t.Errorf("got  %+v, %v\nwant %+v", got, err, ended)
			}
			late := w.move(rec, integration.Pause)
			late.Ended = &integration.Run{Key: w.key, ID: w.id(), StartedAt: at(0)}
			w.refuses(w.Store.Apply(w.ctx, late), fault.Stale, "")
			_, err = w.Journal.Run(w.ctx, w.key, late.Ended.ID, at(1))
			w.refuses(err, fault.NotFound, "")
		},
		"refused once the version moved": func(w *world) {
			rec := w.record()
			w.must(w.Store.Apply(w.ctx, w.move(rec, integration.Pause)))
			now := w.get()
			w.refuses(w.Store.Apply(w.ctx, w.move(rec, integration.Pause)), fault.Stale, "")
			w.untouched(now, 1, 1)
		},
		"refused once a run took the lease": func(w *world) {
			rec := w.record()
			taken, _, err := w.Leases.Take(w.ctx, integration.Claim{Key: w.key, Generation: rec.ID, NewRunID: "r1", Attempt: "a1", Due: at(0), Now: at(0)})
			w.must(err)
			w.refuses(w.Store.Apply(w.ctx, w.move(rec, integration.Pause)), fault.Stale, "")
			w.untouched(taken, 1, 0)
		},
		"refused by another generation": func(w *world) {
			rec := w.record()
			other := rec.Clone()
			other.ID = "01OTHER"
			w.refuses(w.Store.Apply(w.ctx, w.move(other, integration.Pause)), fault.Stale, "")
			w.untouched(rec, 1, 0)
		},
		"a run's commit in between stays": func(w *world) {
			rec := w.record()
			taken, _, err := w.Leases.Take(w.ctx, integration.Claim{Key: w.key, Generation: rec.ID, NewRunID: "r1", Attempt: "a1", Due: at(0), Now: at(0)})
			w.must(err)
			hold := integration.Hold{Key: w.key, Generation: rec.ID, Fence: taken.Fence}
			w.must(w.Leases.Commit(w.ctx, hold, integration.Commit{Until: at(90), Pages: 4, Events: 10000}))
			cursor, linked := "next", 77
			w.must(w.Leases.End(w.ctx, hold, integration.Ending{Outcome: integration.RunSucceeded, Started: at(0), Cursor: &cursor, LinkedCount: &linked,
				FreshAsOf: at(5), LastRun: &integration.LastRun{ID: "r1", Outcome: integration.RunSucceeded}}))
			ch := w.move(taken, integration.Pause) // decided on what was read before the commits
			w.must(w.Store.Apply(w.ctx, ch))
			got := w.get()
			if got.Cursor != "next" || got.LinkedCount != 77 || !got.FreshAsOf.Equal(at(5)) || got.LastRun == nil || got.LastRun.ID != "r1" {
				w.t.Errorf("the run's end was undone: %+v", got)
			}
			if got.Status != integration.Paused || got.Lease != nil || got.VerifyAfter.IsZero() {
				w.t.Errorf("the transition wasn't written whole: %+v", got)
			}
		},
		"settings alone": func(w *world) {
			rec := w.record(func(r *integration.Integration) {
				r.Settings.CalendarName, r.Settings.ImportKinds = "Old", []string{"birthday"}
			})
			after := rec.Clone()
			after.Version++
			after.Settings.CalendarName, after.Settings.ImportKinds, after.Settings.Interval = "", nil, time.Hour
			after.Slot = integration.SlotOf(after)
			w.must(w.Store.Apply(w.ctx, integration.Change{Before: rec, After: after}))
			w.untouched(after, 1, 0)
		},
		"a replacement keeps the place": func(w *world) {
			rec := w.record(func(r *integration.Integration) { r.Status, r.Slot, r.Cursor = integration.Disconnected, "", "old" })
			fresh, entry, err := integration.MoveAs(rec, integration.Replace, w.id(), integration.Moving{Now: at(9), EntryID: w.id()})
			w.must(err)
			order := integration.Order{Key: w.key, Generation: rec.ID, Cause: integration.Replace, Step: integration.StepChannel, Since: at(9), Slot: integration.OrderSlot(w.key, rec.ID)}
			w.must(w.Store.Apply(w.ctx, integration.Change{Before: rec, After: fresh, Entry: &entry, Order: &order}))
			w.untouched(fresh, 1, 1)
			o, err := w.Orders.Order(w.ctx, w.key, rec.ID)
			if err != nil || o == nil || o.Version < 1 {
				w.t.Errorf("the order is %+v, %v", o, err)
			}
			w.refuses(w.Store.Apply(w.ctx, w.move(rec, integration.Delete)), fault.Stale, "")
		},
		"authorized: credential, subject and order in one": func(w *world) {
			rec := w.record(func(r *integration.Integration) { r.Status, r.Slot = integration.Disconnected, "" })
			order := integration.Order{Key: w.key, Generation: rec.ID, Cause: integration.Disconnect, Step: integration.StepChannel, Slot: integration.OrderSlot(w.key, rec.ID)}
			side := rec.Clone()
			side.Version++
			w.must(w.Store.Apply(w.ctx, integration.Change{Before: rec, After: side, Order: &order}))
			rec = w.get()
			ch := w.move(rec, integration.Authorized)
			ch.Credential = &integration.Credential{Key: w.key, Generation: rec.ID, Subject: "s-" + w.key.Account, Scopes: []string{"a"}, Sealed: seal.Envelope{Version: 1, KeyID: "k", Data: []byte("x")}}
			ch.DropOrder = rec.ID

			stale := ch
			before := *ch.Before
			before.Fence++
			stale.Before = &before
			w.refuses(w.Store.Apply(w.ctx, stale), fault.Stale, "")
			_, err := w.Credentials.Credential(w.ctx, w.key, rec.ID)
			w.refuses(err, fault.NotFound, "")

			w.must(w.Store.Apply(w.ctx, ch))
			c, err := w.Credentials.Credential(w.ctx, w.key, rec.ID)
			w.must(err)
			if c.Version != 1 || string(c.Sealed.Data) != "x" || c.Subject != ch.Credential.Subject {
				w.t.Errorf("the credential is %+v", c)
			}
			if o, err := w.Orders.Order(w.ctx, w.key, rec.ID); o != nil || err != nil {
				w.t.Errorf("the order is still there: %+v, %v", o, err)
			}
			n, err := w.Credentials.OthersOf(w.ctx, c.Subject, integration.Key{Account: "x", Provider: "y"}, "z")
			if n != 1 || err != nil {
				w.t.Errorf("%d credentials are registered with the subject, want 1 (%v)", n, err)
			}
			again := w.move(w.get(), integration.Authorized)
			again.Credential = ch.Credential
			w.must(w.Store.Apply(w.ctx, again))
			if c, err = w.Credentials.Credential(w.ctx, w.key, rec.ID); err != nil || c.Version != 2 {
				w.t.Errorf("stored again the credential has version %d, want 2 (%v)", c.Version, err)
			}
		},
		"not while the grant is being revoked": func(w *world) {
			rec := w.record(func(r *integration.Integration) { r.Status, r.Slot = integration.Disconnected, "" })
			order := integration.Order{Key: w.key, Generation: rec.ID, Cause: integration.Disconnect, Step: integration.StepRevoke, Slot: integration.OrderSlot(w.key, rec.ID)}
			side := rec.Clone()
			side.Version++
			w.must(w.Store.Apply(w.ctx, integration.Change{Before: rec, After: side, Order: &order}))
			o, err := w.Orders.Order(w.ctx, w.key, rec.ID)
			w.must(err)
			o.ClaimedTo = at(60)
			_, err = w.Orders.PutOrder(w.ctx, *o)
			w.must(err)
			rec = w.get()
			ch := w.move(rec, integration.Authorized)
			ch.DropOrder = rec.ID
			w.Clock.Advance(59 * time.Second)
			err = w.Store.Apply(w.ctx, ch)
			w.refuses(err, fault.Unavailable, "revoking")
			if e := fault.Of(err); e != nil && e.RetryAfter != time.Second {
				w.t.Errorf("told to wait %s, want what is left of the claim", e.RetryAfter)
			}
			w.untouched(rec, 1, 0)
			w.Clock.Advance(time.Second)
			w.must(w.Store.Apply(w.ctx, ch))
		},
		"a newer order outranks an older one's progress": func(w *world) {
			rec := w.record()
			disconnect := w.move(rec, integration.Disconnect)
			disconnect.Order = &integration.Order{Key: w.key, Generation: rec.ID, Cause: integration.Disconnect, Step: integration.StepChannel,
				Channel: &integration.Channel{ID: "ch"}, Noted: []integration.Copy{{Event: "evt_x", Calendar: "c", ID: "x"}}, Cursor: "E#", Slot: integration.OrderSlot(w.key, rec.ID), Version: 1}
			w.must(w.Store.Apply(w.ctx, disconnect))
			working, err := w.Orders.Order(w.ctx, w.key, rec.ID)
			w.must(err)
			ch := w.move(w.get(), integration.Delete)
			ch.After = nil
			ch.Order = &integration.Order{Key: w.key, Generation: rec.ID, Cause: integration.Delete, Step: integration.StepChannel,
				Slot: integration.OrderSlot(w.key, rec.ID), Version: 1}
			w.must(w.Store.Apply(w.ctx, ch))
			working.Step = integration.StepDone
			_, err = w.Orders.PutOrder(w.ctx, *working)
			w.refuses(err, fault.Stale, "")
			got, err := w.Orders.Order(w.ctx, w.key, rec.ID)
			w.must(err)
			if got.Cause != integration.Delete || got.Step != integration.StepChannel || got.Channel != nil || got.Cursor != "" {
				w.t.Errorf("the delete's order is mixed with the disconnect's: %+v", got)
			}
		},
	})
}
