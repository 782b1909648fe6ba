package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// standing reads a slot to its end, page by page.
func (w *world) standing(slot string, limit int) []integration.DueItem {
	w.t.Helper()
	var got []integration.DueItem
	cursor := ""
	for {
		items, next, err := w.Slots.Due(w.ctx, slot, integration.Page{Limit: limit, Cursor: cursor})
		w.must(err)
		if limit > 0 && len(items) > limit {
			w.t.Errorf("a page of %d has %d", limit, len(items))
		}
		got = append(got, items...)
		if cursor = next; next == "" {
			break
		}
	}
	slices.SortFunc(got, func(a, b integration.DueItem) int {
		return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
	})
	return got
}

// stands fails the test unless the slot holds exactly these.
func (w *world) stands(slot string, want ...integration.DueItem) {
	w.t.Helper()
	if got := w.standing(slot, 0); len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
		w.t.Errorf("slot %s holds %+v, want %+v", slot, got, want)
	}
}

func testSlots(t *testing.T, open Open) {
	each(t, open, map[string]func(*world){
		"a record stands in its slot while it has one": func(w *world) {
			rec := w.record(func(r *integration.Integration) { r.Slot = "5#1#1" })
			mine := integration.DueItem{Key: w.key, Generation: rec.ID, Status: rec.Status}
			w.stands("5#1#1", mine)
			moved := rec.Clone()
			moved.Version++
			moved.Slot = "60#2#2"
			w.must(w.Store.Apply(w.ctx, integration.Change{Before: rec, After: moved}))
			w.stands("5#1#1")
			w.stands("60#2#2", mine)
			w.must(w.Store.Apply(w.ctx, w.move(moved, integration.Pause)))
			w.stands("60#2#2")
			ch := w.move(w.get(), integration.Resume)
			w.must(w.Store.Apply(w.ctx, ch))
			w.stands(ch.After.Slot, mine)
			rest := w.move(ch.After, integration.Deactivated)
			rest.After.RetryAt = at(3600)
			w.must(w.Store.Apply(w.ctx, rest))
			mine.Status, mine.RetryAt = integration.Error, rest.After.RetryAt
			w.stands(ch.After.Slot, mine)
			taken, verdict, err := w.Leases.Take(w.ctx, integration.Claim{Key: w.key, Generation: rec.ID, NewRunID: "r", Attempt: "a", Due: mine.RetryAt, Now: mine.RetryAt})
			w.must(err)
			if verdict != integration.Taken {
				w.t.Fatalf("the probe is answered %s", verdict)
			}
			mine.RetryAt = mine.RetryAt.Add(2 * time.Hour)
			w.must(w.Leases.End(w.ctx, integration.Hold{Key: w.key, Generation: rec.ID, Fence: taken.Fence}, integration.Ending{Outcome: integration.RunFailed, RetryAt: &mine.RetryAt}))
			w.stands(ch.After.Slot, mine)
			rest.After = w.get()
			ch.After = rest.After
			w.must(w.Store.Apply(w.ctx, integration.Change{Before: ch.After}))
			w.stands(ch.After.Slot)
		},
		"a run's end may move it": func(w *world) {
			taken, hold := w.held(func(r *integration.Integration) { r.Slot = "5#1#1" })
			w.must(w.Leases.End(w.ctx, hold, integration.Ending{Outcome: integration.RunSucceeded, Slot: ptr("60#2#2")}))
			w.stands("5#1#1")
			w.stands("60#2#2", integration.DueItem{Key: w.key, Generation: taken.ID, Status: taken.Status})
		},
		"that edits wait is seen in the slot until a run has sent them": func(w *world) {
			rec := w.record(func(r *integration.Integration) { r.Slot = "5#1#1" })
			mine := integration.DueItem{Key: w.key, Generation: rec.ID, Status: rec.Status, EditsWait: true}
			w.refuses(w.Store.EditsWait(w.ctx, w.key, "another", at(1)), fault.Stale, "stale")
			w.refuses(w.Store.EditsWait(w.ctx, integration.Key{Account: w.key.Account, Provider: "none"}, rec.ID, at(1)), fault.Stale, "stale")
			for _, n := range []int{1, 2, 2} { // a second edit, and a repeated write
				w.must(w.Store.EditsWait(w.ctx, w.key, rec.ID, at(n)))
				w.stands("5#1#1", mine)
			}
			noted := at(2)
			if got := w.get(); !got.EditsWait.Equal(noted) || got.Version != rec.Version || got.Fence != rec.Fence {
				w.t.Errorf("noted as %+v", got)
			}
			for _, end := range []struct {
				wait, sent, want time.Time
			}{
				{wait: at(3), want: at(3)},
				{sent: at(2), want: at(3)}, // noted anew since it was read
				{sent: at(3)},
				{sent: at(3)}, // there is nothing to clear
				{wait: at(4), sent: at(4), want: at(4)},
			} {
				taken, verdict, err := w.Leases.Take(w.ctx, integration.Claim{Key: w.key, Generation: rec.ID, NewRunID: "r", Attempt: "a", Due: at(100), Now: at(100)})
				w.must(err)
				if verdict != integration.Taken || !taken.EditsWait.Equal(noted) {
					w.t.Fatalf("taken: %s, %+v", verdict, taken)
				}
				hold := integration.Hold{Key: w.key, Generation: rec.ID, Fence: taken.Fence}
				w.must(w.Leases.End(w.ctx, hold, integration.Ending{Outcome: integration.RunFailed}))
				w.stands("5#1#1", mine)
				taken, _, err = w.Leases.Take(w.ctx, integration.Claim{Key: w.key, Generation: rec.ID, NewRunID: "s", Attempt: "b", Due: at(100), Now: at(100)})
				w.must(err)
				hold.Fence = taken.Fence
				w.must(w.Leases.End(w.ctx, hold, integration.Ending{Outcome: integration.RunFailed, EditsWait: end.wait, EditsSent: end.sent}))
				noted, mine.EditsWait = end.want, !end.want.IsZero()
				w.stands("5#1#1", mine)
				if got := w.get(); !got.EditsWait.Equal(noted) || got.Lease != nil {
					w.t.Errorf("after %+v: %s, %+v", end, got.EditsWait, got.Lease)
				}
			}
		},
		"a wind-down stands in its own": func(w *world) {
			rec := w.record()
			ch := w.move(rec, integration.Disconnect)
			ch.Order = &integration.Order{Key: w.key, Generation: rec.ID, Cause: integration.Disconnect, Step: integration.StepChannel, Slot: "1#0#5"}
			w.must(w.Store.Apply(w.ctx, ch))
			w.stands("1#0#5", integration.DueItem{Key: w.key, Generation: rec.ID, WindDown: true})
			o, err := w.Orders.Order(w.ctx, w.key, rec.ID)
			w.must(err)
			w.must(w.Orders.DropOrder(w.ctx, *o))
			w.stands("1#0#5")
		},
		"a full slot is read page by page": func(w *world) {
			var want []integration.DueItem
			for i := range 25 {
				k := integration.Key{Account: fmt.Sprintf("%s-%02d#odd", w.key.Account, i), Provider: w.key.Provider}
				rec := w.draft(k)
				rec.Slot = "15#3#3"
				w.must(w.Store.Apply(w.ctx, integration.Change{After: rec, Limit: 1}))
				want = append(want, integration.DueItem{Key: k, Generation: rec.ID, Status: rec.Status})
			}
			for _, limit := range []int{0, 1, 10, 25, 100} {
				if got := w.standing("15#3#3", limit); !reflect.DeepEqual(got, want) {
					w.t.Errorf("by %d: got %d items: %+v", limit, len(got), got)
				}
			}
			w.stands("15#3#4")
		},
		"a watermark moves from where it was read": func(w *world) {
			mark, err := w.Slots.Watermark(w.ctx, 3)
			w.must(err)
			if mark != (integration.Mark{}) {
				w.t.Errorf("a watermark that never was: %+v", mark)
			}
			first := integration.Mark{
				Pacing: integration.Pacing{Minute: at(60), Window: 7, Factors: [5]int{3, 3, 1, 1, 0}, Clock: 1 << 55}, Due: 45, DueBefore: 30, Polls: 7001, Ticks: 14,
			}
			w.must(w.Slots.SetWatermark(w.ctx, 3, time.Time{}, first))
			w.refuses(w.Slots.SetWatermark(w.ctx, 3, time.Time{}, integration.Mark{Pacing: integration.Pacing{Minute: at(120)}}), fault.Stale, "")
			w.refuses(w.Slots.SetWatermark(w.ctx, 3, at(120), integration.Mark{Pacing: integration.Pacing{Minute: at(180)}}), fault.Stale, "")
			w.must(w.Slots.SetWatermark(w.ctx, 4, time.Time{}, integration.Mark{Pacing: integration.Pacing{Minute: at(0)}}))
			if mark, err = w.Slots.Watermark(w.ctx, 3); mark != first || err != nil {
				w.t.Errorf("the watermark is at %+v, %v", mark, err)
			}
			if pacing, err := w.Pacings.Pacing(w.ctx, 3); pacing != first.Pacing || err != nil {
				w.t.Errorf("polls are spread out by %+v, %v", pacing, err)
			}
			if pacing, err := w.Pacings.Pacing(w.ctx, 7); pacing != (integration.Pacing{}) || err != nil {
				w.t.Errorf("where nothing was dispatched polls are spread out by %+v, %v", pacing, err)
			}
			won := make(chan bool, 10)
			race(10, func(int) {
				won <- w.Slots.SetWatermark(w.ctx, 3, at(60), integration.Mark{Pacing: integration.Pacing{Minute: at(120)}}) == nil
			})
			close(won)
			n := 0
			for ok := range won {
				if ok {
					n++
				}
			}
			if n != 1 {
				w.t.Errorf("%d dispatchers moved one watermark", n)
			}
		},
	})
}

func testOrders(t *testing.T, open Open) {
	put := func(w *world) *integration.Order {
		w.t.Helper()
		rec := w.record()
		ch := w.move(rec, integration.Disconnect)
		ch.Order = &integration.Order{
			Key: w.key, Generation: rec.ID, Subject: "s", CalendarID: "primary", Channel: &integration.Channel{ID: "c", Resource: "r", Expires: at(9)},
			Cause: integration.Disconnect, Remove: true, Look: &integration.Look{Calendar: "primary", Cursor: "n1", Kinds: []string{"focusTime"}}, Step: integration.StepChannel, Noted: []integration.Copy{{Event: "evt_x", Calendar: "primary", ID: "x", ETag: `"1"`}, {Event: "evt_y", Calendar: "c 2"}}, Cursor: "E#x", PurgeAfter: at(1), NotBefore: at(2),
			ClaimedTo: at(3), Since: at(4), Slot: integration.OrderSlot(w.key, rec.ID), Version: 1,
		}
		w.must(w.Store.Apply(w.ctx, ch))
		o, err := w.Orders.Order(w.ctx, w.key, rec.ID)
		w.must(err)
		if !reflect.DeepEqual(o, ch.Order) {
			w.t.Errorf("got  %+v\nwant %+v", o, ch.Order)
		}
		return o
	}
	each(t, open, map[string]func(*world){
		"none": func(w *world) {
			if o, err := w.Orders.Order(w.ctx, w.key, "01A"); o != nil || err != nil {
				w.t.Errorf("got %+v, %v", o, err)
			}
			_, err := w.Orders.PutOrder(w.ctx, integration.Order{Key: w.key, Generation: "01A"})
			w.refuses(err, fault.Stale, "")
			w.must(w.Orders.DropOrder(w.ctx, integration.Order{Key: w.key, Generation: "01A", Version: 1}))
		},
		"a second one owes what the first did": func(w *world) {
			o := put(w)
			rec := w.get()
			next := rec.Clone()
			next.Version++
			w.must(w.Store.Apply(w.ctx, integration.Change{Before: rec, After: next,
				Order: &integration.Order{Key: w.key, Generation: o.Generation, Cause: integration.Delete, Step: integration.StepChannel, Since: at(5), Slot: o.Slot}}))
			got, err := w.Orders.Order(w.ctx, w.key, o.Generation)
			w.must(err)
			want := integration.Order{
				Key: w.key, Generation: o.Generation, Cause: integration.Delete, Step: integration.StepChannel, Since: at(5), Slot: o.Slot,
				Remove: true, Noted: o.Noted, ClaimedTo: o.ClaimedTo, Version: o.Version + 1,
			}
			if !reflect.DeepEqual(*got, want) {
				w.t.Errorf("got  %+v\nwant %+v", *got, want)
			}
		},
		"of all generations at one place": func(w *world) {
			if list, err := w.Orders.OrdersOf(w.ctx, w.key); len(list) != 0 || err != nil {
				w.t.Errorf("got %+v, %v", list, err)
			}
			rec := w.record()
			for _, generation := range []string{"01B", "01A"} {
				next := rec.Clone()
				next.Version++
				w.must(w.Store.Apply(w.ctx, integration.Change{Before: rec, After: next,
					Order: &integration.Order{Key: w.key, Generation: generation, Cause: integration.Replace, Slot: "1#0#0"}}))
				rec = next
			}
			elsewhere := newWorldOf(w, w.key.Account)
			elsewhere.key.Provider += "-2"
			put(elsewhere)
			list, err := w.Orders.OrdersOf(w.ctx, w.key)
			w.must(err)
			if len(list) != 2 || list[0].Generation != "01A" || list[1].Generation != "01B" || list[0].Key != w.key {
				w.t.Errorf("got %+v", list)
			}
		},
		"progress on the version read": func(w *world) {
			o := put(w)
			next := *o
			next.Look = &integration.Look{Calendar: "primary"} // everything, from the beginning
			next.Step, next.Noted, next.ClaimedTo, next.Channel = integration.StepRevoke, nil, time.Time{}, nil
			got, err := w.Orders.PutOrder(w.ctx, next)
			w.must(err)
			next.Version = o.Version + 1
			if !reflect.DeepEqual(got, next) {
				w.t.Errorf("got  %+v\nwant %+v", got, next)
			}
			stored, err := w.Orders.Order(w.ctx, w.key, o.Generation)
			w.must(err)
			if !reflect.DeepEqual(*stored, next) {
				w.t.Errorf("stored %+v\nwant   %+v", *stored, next)
			}
			_, err = w.Orders.PutOrder(w.ctx, *o)
			w.refuses(err, fault.Stale, "")
			w.refuses(w.Orders.DropOrder(w.ctx, *o), fault.Stale, "")
			w.must(w.Orders.DropOrder(w.ctx, next))
			_, err = w.Orders.PutOrder(w.ctx, next)
			w.refuses(err, fault.Stale, "") // deleted: a reconnect took it back
		},
	})
}
