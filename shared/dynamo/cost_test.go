package dynamo_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/seal"
	"aura.example/integrations/shared/storetest"
)

// bill is one test's store whose operations are priced.
type bill struct {
	*storetest.Bundle
	t   *testing.T
	key integration.Key
}

func newBill(t *testing.T, names dynamo.Names) *bill {
	b := open(t, names, dynamo.WithRecorder(dynamo.NewRecorder(names, nil)))
	return &bill{b, t, integration.Key{Account: t.Name(), Provider: "some-calendar"}}
}

// costs fails the test unless the steps consume exactly so much.
func (b *bill) costs(what string, read, write float64, steps ...func(ctx context.Context) error) {
	b.t.Helper()
	ctx, units := dynamo.Record(b.t.Context())
	for _, step := range steps {
		if err := step(ctx); err != nil {
			b.t.Fatalf("%s: %v", what, err)
		}
	}
	if got, want := units.Total(), (integration.Units{Read: read, Write: write}); got != want {
		b.t.Errorf("%s costs %+v, want %+v", what, got, want)
	}
}

// free runs a step whose price doesn't matter.
func (b *bill) free(step func(ctx context.Context) error) {
	b.t.Helper()
	if err := step(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bill) apply(ch integration.Change) func(context.Context) error {
	return func(ctx context.Context) error { return b.Store.Apply(ctx, ch) }
}

// move is a transition of the record as it stands, with what goes with it.
func (b *bill) move(name integration.Name, with func(*integration.Change)) func(context.Context) error {
	b.t.Helper()
	before, err := b.Store.Get(b.t.Context(), b.key)
	if err != nil {
		b.t.Fatal(err)
	}
	after, entry, err := integration.Move(before, name, integration.Moving{Now: b.Clock.Now(), EntryID: "01E" + string(name)})
	if err != nil {
		b.t.Fatal(err)
	}
	ch := integration.Change{Before: before, After: after, Entry: &entry}
	if name == integration.Delete {
		ch.After = nil
	}
	if with != nil {
		with(&ch)
	}
	return b.apply(ch)
}

// windDown orders one with a change.
func (b *bill) windDown(ch *integration.Change) {
	ch.Order = &integration.Order{Key: b.key, Generation: ch.Before.ID, Cause: ch.Entry.Transition, Step: integration.StepChannel,
		Slot: integration.OrderSlot(b.key, ch.Before.ID)}
}

// authorized brings a credential.
func (b *bill) authorized(ch *integration.Change) {
	ch.Credential = &integration.Credential{Key: b.key, Generation: ch.Before.ID, Subject: "s-" + b.key.Account,
		Sealed: seal.Envelope{Version: 1, KeyID: "k", Data: make([]byte, 600)}}
	ch.DropOrder = ch.Before.ID
}

// TestTransitionCosts holds what the lifecycle costs to its bounds.
func TestTransitionCosts(t *testing.T) {
	t.Parallel()
	b := newBill(t, tables(t))
	draft, entry, err := integration.Move(integration.New(b.key, "01A", b.Clock.Now()), integration.Create, integration.Moving{Now: b.Clock.Now(), EntryID: "01E"})
	if err != nil {
		t.Fatal(err)
	}
	flow := integration.Flow{StateHash: strings.Repeat("h", 43), Key: b.key, User: "u", Generation: "01A", ReturnTo: "console", Expires: b.Clock.Now().Add(time.Minute)}
	b.costs("a create (at most 10)", 0, 6, b.apply(integration.Change{After: draft, Entry: &entry, Limit: 3}))
	b.costs("a create that is refused", 0, 6, func(ctx context.Context) error {
		if err := b.Store.Apply(ctx, integration.Change{After: draft, Entry: &entry, Limit: 3}); err == nil {
			t.Error("a second create passed")
		}
		return nil
	})
	b.costs("begin_authorization (at most 6)", 0, 6, b.move(integration.BeginAuthorization, func(ch *integration.Change) { ch.Flow = &flow }))
	b.costs("looking a flow up", 1, 0, func(ctx context.Context) error {
		_, err := b.Flows.Flow(ctx, flow.StateHash, b.Clock.Now())
		return err
	})
	b.costs("consuming a flow", 0, 2, func(ctx context.Context) error { return b.Flows.Consume(ctx, flow.StateHash) })
	b.costs("authorized (at most 12)", 0, 12, b.move(integration.Authorized, b.authorized))
	b.costs("verified (at most 6)", 0, 5, b.move(integration.Verified, nil))
	b.costs("pause (at most 6)", 0, 5, b.move(integration.Pause, nil))
	b.costs("resume (at most 6)", 0, 5, b.move(integration.Resume, nil))
	b.costs("credentials_rejected (at most 6)", 0, 5, b.move(integration.CredentialsRejected, nil))
	b.costs("disconnect (at most 9)", 0, 7, b.move(integration.Disconnect, b.windDown))
	b.costs("authorized again, over its wind-down (at most 12)", 0, 12, b.move(integration.Authorized, b.authorized))
	b.free(b.move(integration.Verified, nil))
	b.costs("disconnect out of a slot (at most 9)", 0, 8, b.move(integration.Disconnect, b.windDown))
	b.costs("replacement (at most 9)", 0, 7, b.move(integration.Replace, func(ch *integration.Change) {
		b.windDown(ch)
		ch.Order.Generation = "01OLD"
		fresh, _, err := integration.MoveAs(ch.Before, integration.Replace, "01B", integration.Moving{Now: b.Clock.Now()})
		if err != nil {
			t.Fatal(err)
		}
		ch.After = fresh
	}))
	b.free(b.move(integration.BeginAuthorization, nil))
	b.free(b.move(integration.Authorized, b.authorized))
	b.costs("settings (at most 6)", 0, 2, func(ctx context.Context) error {
		before, err := b.Store.Get(t.Context(), b.key)
		if err != nil {
			return err
		}
		after := before.Clone()
		after.Version, after.Settings.CalendarName = before.Version+1, "Another"
		return b.Store.Apply(ctx, integration.Change{Before: before, After: after})
	})
	b.free(b.move(integration.Verified, nil))
	b.costs("access_revoked, with what is left of the credential ordered away (at most 9)", 0, 8, b.move(integration.AccessRevoked, b.windDown))
	b.free(b.move(integration.Authorized, b.authorized))
	b.free(b.move(integration.Verified, nil))
	now := b.Clock.Now()
	b.free(func(ctx context.Context) error {
		_, _, err := b.Leases.Take(ctx, integration.Claim{Key: b.key, Generation: "01B", NewRunID: "promised", Attempt: "a", Due: now, Now: now, Trigger: integration.TriggerSyncNow, Queue: true})
		return err
	})
	b.costs("pause over a run that a person was promised: two more, its report", 0, 7, b.move(integration.Pause, func(ch *integration.Change) {
		if ch.Ended = integration.Superseded(ch.Before, ch.After, now, "c"); ch.Ended == nil {
			t.Error("the promised run isn't reported")
		}
	}))
	b.free(b.move(integration.Resume, nil))
	b.costs("retiring a dead credential", 0, 4, func(ctx context.Context) error {
		c, err := b.Credentials.Credential(t.Context(), b.key, "01B")
		if err != nil {
			return err
		}
		return b.Credentials.Retire(ctx, *c)
	})
	b.costs("delete (at most 10)", 0, 10, b.move(integration.Delete, b.windDown))
}

// TestRunCosts holds what the lease costs to its bounds.
func TestRunCosts(t *testing.T) {
	t.Parallel()
	b := newBill(t, tables(t))
	rec := integration.New(b.key, "01A", b.Clock.Now())
	rec.Status, rec.Version, rec.Fence, rec.Slot = integration.Active, 1, 1, "5#1#1"
	cred := &integration.Credential{Key: b.key, Generation: "01A", Subject: "s-" + b.key.Account, Sealed: seal.Envelope{Version: 1, KeyID: "k", Data: make([]byte, 600)}}
	b.free(b.apply(integration.Change{After: rec, Limit: 1, Credential: cred}))
	now := b.Clock.Now()
	attempt := 0
	take := func(want integration.Verdict, set func(*integration.Claim)) func(context.Context) error {
		return func(ctx context.Context) error {
			attempt++
			c := integration.Claim{Key: b.key, Generation: "01A", NewRunID: "r" + string(rune('a'+attempt)), Attempt: string(rune('a' + attempt)), Due: now, Now: now}
			if set != nil {
				set(&c)
			}
			got, verdict, err := b.Leases.Take(ctx, c)
			if err == nil && verdict != want {
				t.Errorf("the claim is %s, want %s", verdict, want)
			}
			if verdict == integration.Taken {
				*rec = *got
			}
			return err
		}
	}
	end := func(e integration.Ending) func(context.Context) error {
		return func(ctx context.Context) error {
			return b.Leases.End(ctx, integration.Hold{Key: b.key, Generation: "01A", Fence: rec.Fence}, e)
		}
	}
	credential := func(ctx context.Context) error {
		_, err := b.Credentials.Credential(ctx, b.key, "01A")
		return err
	}
	outbox := func(ctx context.Context) error {
		_, _, err := b.Edits.Outbox(ctx, b.key.Account, "")
		return err
	}
	cursor := strings.Repeat("c", 200)
	quiet := func(ctx context.Context) error {
		last := &integration.LastRun{ID: rec.Lease.RunID, Started: now, Ended: now, Trigger: integration.TriggerSchedule, Outcome: integration.RunSucceeded}
		return end(integration.Ending{Outcome: integration.RunSucceeded, Started: now, Cursor: &cursor, FreshAsOf: now, LastRun: last})(ctx)
	}

	b.costs("a quiet sync", 1.5, 2, take(integration.Taken, nil), credential, outbox, quiet)
	b.free(take(integration.Taken, func(c *integration.Claim) { c.Due = now.Add(time.Second) }))
	b.costs("a commit", 0, 1, func(ctx context.Context) error {
		return b.Leases.Commit(ctx, integration.Hold{Key: b.key, Generation: "01A", Fence: rec.Fence}, integration.Commit{Until: now.Add(time.Minute), Pages: 1})
	})
	b.costs("a second Sync now", 0, 1, take(integration.Busy, func(c *integration.Claim) { c.Queue = true }))
	b.costs("a job that is covered", 0, 1, take(integration.Acknowledge, func(c *integration.Claim) { c.Due = now.Add(-time.Minute) }))
	b.costs("a job for another round", 0, 2, take(integration.Busy, nil), func(ctx context.Context) error {
		return b.Leases.SetDirty(ctx, b.key, "01A", rec.Lease.Attempt)
	})
	b.costs("the end that is refused, the round, and the end", 0, 3, func(ctx context.Context) error {
		if err := quiet(ctx); err == nil {
			t.Error("a dirty run ended")
		}
		return nil
	}, func(ctx context.Context) error {
		return b.Leases.Commit(ctx, integration.Hold{Key: b.key, Generation: "01A", Fence: rec.Fence}, integration.Commit{Started: now})
	}, quiet)
	run := integration.Run{Key: b.key, ID: "01R", Trigger: integration.TriggerSyncNow, State: integration.RunSucceeded, StartedAt: now}
	b.costs("a sync asked for by a person: two more than a quiet one", 1.5, 4,
		take(integration.Taken, func(c *integration.Claim) { c.Queue, c.NewRunID = true, "promised" }),
		take(integration.Taken, func(c *integration.Claim) { c.RunID = "promised" }), credential, outbox, quiet,
		func(ctx context.Context) error { return b.Journal.PutRun(ctx, run) })
	b.free(take(integration.Taken, func(c *integration.Claim) { c.Due = now.Add(time.Second) }))
	b.costs("a takeover: refused once, then written", 0, 2, take(integration.Taken, func(c *integration.Claim) { c.Now = now.Add(time.Hour) }))
	b.costs("an end whose channel moved the slot", 0, 3, end(integration.Ending{Outcome: integration.RunSucceeded, Slot: ptr("60#1#1")}))
	b.costs("a status query", 1, 0, func(ctx context.Context) error {
		_, err := b.Store.List(ctx, b.key.Account)
		return err
	})
	b.costs("a slot with one due", .5, 0, func(ctx context.Context) error {
		_, _, err := b.Slots.Due(ctx, "60#1#1", integration.Page{Limit: 500})
		return err
	})
	b.costs("an empty slot", .5, 0, func(ctx context.Context) error {
		_, _, err := b.Slots.Due(ctx, "60#1#2", integration.Page{Limit: 500})
		return err
	})
	b.costs("a refresh", 0, 1, func(ctx context.Context) error {
		c := *cred
		c.Version = 1
		_, err := b.Credentials.Refresh(ctx, c)
		return err
	})
}

func ptr[T any](v T) *T { return &v }

// TestEventCosts holds what pull and push cost to their bounds.
func TestEventCosts(t *testing.T) {
	t.Parallel()
	b := newBill(t, tables(t))
	now := b.Clock.Now()
	row := &calendar.Row{
		Account: b.key.Account, ID: "evt_" + strings.Repeat("x", 26), Version: 1, Origin: calendar.BornAtProvider,
		Content: calendar.Content{Title: "Title", Description: strings.Repeat("d", 300), Status: calendar.Confirmed, Busy: true,
			Start: calendar.Time{At: now, Zone: "Europe/Berlin"}, End: calendar.Time{At: now.Add(time.Hour), Zone: "Europe/Berlin"}},
		Link: &calendar.Link{Provider: b.key.Provider, Calendar: "primary", ProviderID: strings.Repeat("p", 26), ETag: `"3456789012345678"`, Updated: now},
	}
	put := func(expect int64) func(context.Context) error {
		return func(ctx context.Context) error {
			row.Version = expect + 1
			_, err := b.Events.Put(ctx, calendar.Write{Row: row, Expect: expect, Generation: "01A", Fence: 1})
			return err
		}
	}
	rows := func(ctx context.Context) error {
		_, err := b.Events.Rows(ctx, row.Account, []string{row.ID})
		return err
	}
	b.costs("one event pulled, new, first sync", 0, 2, put(0))
	b.costs("an echo", .5, 0, rows)
	row.Title = "Changed"
	b.costs("one event pulled, changed", .5, 2, rows, put(1))
	row.Start.At, row.End.At = row.Start.At.Add(time.Hour), row.End.At.Add(time.Hour)
	b.costs("one event pulled, moved in time", .5, 3, rows, put(2))
	b.costs("one event that isn't there", .5, 0, func(ctx context.Context) error {
		_, err := b.Events.Rows(ctx, row.Account, []string{"evt_gone"})
		return err
	})
	b.costs("a diff, half a unit for 4 KB", .5, 0, func(ctx context.Context) error {
		_, _, err := b.Events.Links(ctx, row.Account, b.key.Provider, "primary", "")
		return err
	})
	b.costs("a range: three queries", 1.5, 0, func(ctx context.Context) error {
		_, err := b.Events.Range(ctx, row.Account, now, now.Add(24*time.Hour))
		return err
	})

	hold := calendar.Hold{Generation: "01A", Fence: 1}
	item := &calendar.Item{Account: row.Account, EventID: row.ID, Op: calendar.OpChange, Base: &row.Content, Version: 4, Since: now}
	edit := func(expect int64, moved time.Duration) func(context.Context) error {
		return func(ctx context.Context) error {
			stood := calendar.PlaceOf(row)
			row.Start.At, row.End.At = row.Start.At.Add(moved), row.End.At.Add(moved)
			row.Version, row.Pending = expect+1, calendar.PendingEdit
			return b.Edits.WritePair(ctx, calendar.Pair{Account: row.Account, ID: row.ID, Row: row, Expect: expect, Stood: stood, Item: calendar.ItemWrite{Put: item}})
		}
	}
	pair := func(ctx context.Context) error {
		_, _, err := b.Edits.Pair(ctx, row.Account, row.ID)
		return err
	}
	sent := func(ctx context.Context) error {
		_, err := b.Edits.RecordSent(ctx, *item, calendar.Attempt{Stamp: "s", Fields: []calendar.Field{calendar.FieldTitle}, Content: row.Content}, hold)
		return err
	}
	settle := func(ctx context.Context) error {
		next := *row
		next.Pending, next.Version = "", row.Version+1
		err := b.Edits.WritePair(ctx, calendar.Pair{Account: row.Account, ID: row.ID, Hold: hold, Row: &next, Expect: row.Version, Stood: calendar.PlaceOf(row),
			Item: calendar.ItemWrite{Expect: item.Version, Delete: true}})
		*row = next
		return err
	}
	b.costs("one Aura edit pushed (at most 11, 2)", 2, 11, edit(3, 0), pair, sent, settle)
	item.Version = row.Version + 1
	b.costs("one Aura edit pushed, moved in time (at most 13, 2)", 2, 12, edit(row.Version, time.Hour), pair, sent, settle)
	b.costs("a deletion", 0, 2, func(ctx context.Context) error {
		_, err := b.Events.Delete(ctx, calendar.Write{Row: row, Expect: row.Version, Generation: "01A", Fence: 1})
		return err
	})
}

// TestRecordAddsUpForEachContext holds a run's own figures apart from others'.
func TestRecordAddsUpForEachContext(t *testing.T) {
	t.Parallel()
	names := tables(t)
	rec := dynamo.NewRecorder(names, nil)
	b := open(t, names, dynamo.WithRecorder(rec))
	outer, all := dynamo.Record(t.Context())
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			inner, own := dynamo.Record(outer)
			for range i + 1 {
				if _, err := b.Accounts.Account(inner, t.Name()); err != nil {
					t.Error(err)
				}
			}
			if got := own.Total(); got != (integration.Units{Read: float64(i + 1)}) {
				t.Errorf("context %d counts %+v", i, got)
			}
		})
	}
	wg.Wait()
	if _, err := b.Accounts.Account(t.Context(), t.Name()); err != nil {
		t.Error(err)
	}
	if all.Total().Read != 10 || rec.Total().Read != 11 {
		t.Errorf("outer %+v, recorder %+v; want 10 and 11", all.Total(), rec.Total())
	}
}
