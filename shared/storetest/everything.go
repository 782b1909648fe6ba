package storetest

import (
	"context"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/seal"
)

// Everything calls every method of every port once and gives their errors by
// name: for tests of what all of them must do alike, such as while the database
// is in trouble.
func Everything(ctx context.Context, b *Bundle, key integration.Key) map[string]error {
	out := map[string]error{}
	do := func(name string, err error) { out[name] = err }
	rec := integration.New(key, "01A", noon)
	rec.Status, rec.Version, rec.Fence = integration.Active, 1, 1
	after := rec.Clone()
	after.Version, after.Settings.CalendarName = 2, "changed"
	hold := integration.Hold{Key: key, Generation: rec.ID, Fence: 1}
	order := integration.Order{Key: key, Generation: rec.ID, Version: 1, Slot: "1#0#0"}
	row := &calendar.Row{Account: key.Account, ID: "evt_x", Version: 1}
	run := integration.Run{Key: key, ID: "01R", StartedAt: noon}
	var err error

	do("Apply a create", b.Store.Apply(ctx, integration.Change{After: rec, Limit: 1}))
	do("Apply a change", b.Store.Apply(ctx, integration.Change{Before: rec, After: after}))
	do("Apply a delete", b.Store.Apply(ctx, integration.Change{Before: rec}))
	do("Note", b.Store.Note(ctx, rec, nil, nil))
	_, err = b.Store.Get(ctx, key)
	do("Get", err)
	_, err = b.Store.List(ctx, key.Account)
	do("List", err)
	_, err = b.Accounts.Account(ctx, key.Account)
	do("Account", err)
	_, err = b.Accounts.SetPlan(ctx, integration.Account{ID: key.Account, Plan: "p", Limit: 1})
	do("SetPlan", err)
	_, err = b.Flows.Flow(ctx, "hash", noon)
	do("Flow", err)
	do("Consume", b.Flows.Consume(ctx, "hash"))
	for _, queue := range []bool{false, true} {
		c := integration.Claim{Key: key, Generation: rec.ID, NewRunID: "r", Attempt: "a", Due: noon, Now: noon, Queue: queue}
		_, _, err = b.Leases.Take(ctx, c)
		do(map[bool]string{false: "Take", true: "Take as queued"}[queue], err)
	}
	do("SetDirty", b.Leases.SetDirty(ctx, key, rec.ID, "a"))
	do("Commit", b.Leases.Commit(ctx, hold, integration.Commit{Until: noon}))
	do("Commit a round", b.Leases.Commit(ctx, hold, integration.Commit{Started: noon}))
	do("End", b.Leases.End(ctx, hold, integration.Ending{Outcome: integration.RunSucceeded}))
	do("Drop", b.Leases.Drop(ctx, key, rec.ID, "a"))
	_, err = b.Checkpoints.Checkpoint(ctx, key)
	do("Checkpoint", err)
	do("PutCheckpoint", b.Checkpoints.PutCheckpoint(ctx, integration.Checkpoint{Key: key}))
	do("DropCheckpoint", b.Checkpoints.DropCheckpoint(ctx, key))
	_, err = b.Lists.Calendars(ctx, key)
	do("Calendars", err)
	do("PutCalendars", b.Lists.PutCalendars(ctx, integration.CalendarList{Key: key}))
	_, err = b.Lists.Held(ctx, key)
	do("Held", err)
	do("PutHeld", b.Lists.PutHeld(ctx, integration.HeldDeletions{Key: key}))
	do("DropHeld", b.Lists.DropHeld(ctx, key))
	_, _, err = b.Journal.Entries(ctx, key, integration.Page{Limit: 1}, noon)
	do("Entries", err)
	do("PutRun", b.Journal.PutRun(ctx, run))
	_, err = b.Journal.Run(ctx, key, run.ID, noon)
	do("Run", err)
	_, _, err = b.Journal.Runs(ctx, key, integration.Page{Limit: 1}, noon)
	do("Runs", err)
	do("PutDecisions", b.Journal.PutDecisions(ctx, key, run.ID, 0, nil, noon))
	_, err = b.Journal.Decisions(ctx, key, run.ID)
	do("Decisions", err)
	_, _, err = b.Slots.Due(ctx, "1#0#0", integration.Page{Limit: 1})
	do("Due", err)
	_, err = b.Slots.Watermark(ctx, 0)
	do("Watermark", err)
	do("SetWatermark", b.Slots.SetWatermark(ctx, 0, time.Time{}, integration.Mark{Pacing: integration.Pacing{Minute: noon}}))
	_, err = b.Pacings.Pacing(ctx, 0)
	do("Pacing", err)
	_, err = b.Fleet.Tally(ctx, integration.WindowOf(noon))
	do("Tally", err)
	_, err = b.Fleet.CountFailure(ctx, key, integration.WindowOf(noon))
	do("CountFailure", err)
	do("NoteFailure", b.Failures.NoteFailure(ctx, job.Failure{Message: "m", Reason: "r", At: noon}))
	_, err = b.Failures.Failure(ctx, "m")
	do("Failure", err)
	_, err = b.Orders.Order(ctx, key, rec.ID)
	do("Order", err)
	_, err = b.Orders.OrdersOf(ctx, key)
	do("OrdersOf", err)
	_, err = b.Orders.PutOrder(ctx, order)
	do("PutOrder", err)
	do("DropOrder", b.Orders.DropOrder(ctx, order))
	credentials(ctx, b, key, do)
	events(ctx, b, row, do)
	return out
}

func credentials(ctx context.Context, b *Bundle, key integration.Key, do func(string, error)) {
	_, err := b.Credentials.Credential(ctx, key, "01A")
	do("Credential", err)
	_, err = b.Credentials.Refresh(ctx, integration.Credential{Key: key, Generation: "01A"})
	do("Refresh", err)
	do("DropCredential", b.Credentials.DropCredential(ctx, integration.Credential{Key: key, Generation: "01A", Subject: "s", Version: 1}))
	_, err = b.Credentials.OthersOf(ctx, "s", key, "01A")
	do("OthersOf", err)
	_, err = b.Keys.DataKey(ctx, "k")
	do("DataKey", err)
	_, err = b.Keys.AddDataKey(ctx, seal.DataKey{ID: "k"})
	do("AddDataKey", err)
}

func events(ctx context.Context, b *Bundle, row *calendar.Row, do func(string, error)) {
	account := row.Account
	item := calendar.Item{Account: account, EventID: row.ID, Version: 1}
	_, err := b.Events.Rows(ctx, account, []string{row.ID})
	do("Rows", err)
	_, err = b.Events.Put(ctx, calendar.Write{Row: row, Generation: "01A", Fence: 1})
	do("Put", err)
	_, err = b.Events.Delete(ctx, calendar.Write{Row: row, Expect: 1, Generation: "01A", Fence: 1})
	do("Delete", err)
	_, err = b.Events.Range(ctx, account, noon, noon)
	do("Range", err)
	_, _, err = b.Events.Links(ctx, account, "p", "c", "")
	do("Links", err)
	_, err = b.Events.Quarantined(ctx, account)
	do("Quarantined", err)
	do("PutQuarantine", b.Quarantines.PutQuarantine(ctx, calendar.Quarantine{Account: account, EventID: row.ID}))
	do("DropQuarantine", b.Quarantines.DropQuarantine(ctx, account, row.ID))
	_, _, err = b.Edits.Pair(ctx, account, row.ID)
	do("Pair", err)
	do("WritePair", b.Edits.WritePair(ctx, calendar.Pair{Account: account, ID: row.ID, Row: row, Item: calendar.ItemWrite{Put: &item}}))
	_, err = b.Edits.Exceptions(ctx, account, row.ID)
	do("Exceptions", err)
	_, err = b.Edits.Exceptions(ctx, account, row.ID)
	do("Exceptions", err)
	_, _, err = b.Edits.Outbox(ctx, account, "")
	do("Outbox", err)
	_, err = b.Edits.RecordSent(ctx, item, calendar.Attempt{Stamp: "s"}, calendar.Hold{Generation: "01A", Fence: 1})
	do("RecordSent", err)
}
