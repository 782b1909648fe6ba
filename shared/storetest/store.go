package storetest

import (
	"reflect"
	"testing"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// Brimming is a record with every field set, to what a real one may hold; what
// is lost on the way through a store shows.
func Brimming(k integration.Key, id string) *integration.Integration {
	return &integration.Integration{
		Key: k, ID: id, Status: integration.Error, Version: 12, Fence: 345,
		Reason: &integration.Reason{Code: integration.ReasonScopeMissing, Message: "A permission is missing: calendar.events (to write).", Since: at(1)},
		Settings: integration.Settings{
			CalendarID: "c_1@group.calendar.example", CalendarName: "Team – Außentermine", Direction: integration.FromProvider,
			Interval: 15 * time.Minute, ImportKinds: []string{"workingLocation", "birthday"},
		},
		Subject: "104857600000000000001", Email: "someone@example.com", Scopes: []string{"openid", "email", "https://provider.example/auth/events"},
		Cursor: "CPDAlvWDx70CEPDAlvWDx70CGAU=", LinkedCount: 1234,
		Lease: &integration.Lease{
			RunID: "01JD7Q5Z8E3V9X2B4C6D8F0G1H", Attempt: "attempt", State: integration.RunRunning, Started: at(2), Until: at(32),
			Trigger: integration.TriggerContinuation, Full: true, Phase: integration.PhaseDeleting, Pages: 3, Events: 6789,
		},
		Dirty: true, VerifyAfter: at(3), LastStarted: at(4),
		LastRun: &integration.LastRun{
			ID: "01JD7Q5Z8E3V9X2B4C6D8F0G1J", Started: at(5), Ended: at(6), Trigger: integration.TriggerAuraEdit,
			Outcome: integration.RunFailed, Created: 1, Updated: 2, Deleted: 3, Conflicts: 4, Completed: "01JD7Q5Z8E3V9X2B4C6D8F0G1H",
		},
		FreshAsOf: at(7), RetryNotBefore: at(8), RetryAt: at(9), PushPausedUntil: at(10), PushRest: 2 * time.Hour, Failures: 3, FailureWindow: 1985000,
		DeletionsDecision: integration.DeletionsRejected,
		CalendarSwitch:    &integration.CalendarSwitch{OldCalendar: "primary", RemoveCopies: true},
		Channel:           &integration.Channel{ID: "01JD7Q5Z8E3V9X2B4C6D8F0G1K", Resource: "o3hgv1538sdjfh", Expires: at(11)},
		GaveUpIn:          3, ReadOnly: true, EditsWait: at(16), Unreadable: true, WasPaused: true, StatusSince: at(12), FlowExpires: at(13), CreatedAt: at(14).Add(789 * time.Millisecond), Slot: "15#7#3",
	}
}

func testStore(t *testing.T, open Open) {
	each(t, open, map[string]func(*world){
		"nothing there": func(w *world) {
			_, err := w.Store.Get(w.ctx, w.key)
			w.refuses(err, fault.NotFound, "not_found")
			list, err := w.Store.List(w.ctx, w.key.Account)
			w.must(err)
			if len(list) != 0 {
				w.t.Errorf("an account with nothing lists %d", len(list))
			}
		},
		"every field comes back": func(w *world) {
			rec := Brimming(w.key, w.id())
			w.must(w.Store.Apply(w.ctx, integration.Change{After: rec, Limit: 1}))
			if got := w.get(); !reflect.DeepEqual(got, rec) {
				w.t.Errorf("got  %+v\nwant %+v", got, rec)
			}
			v := reflect.ValueOf(*rec)
			for i := range v.NumField() {
				if name := v.Type().Field(i).Name; v.Field(i).IsZero() && name != "Vanished" {
					w.t.Errorf("the test leaves %s empty, so it doesn't show whether that is kept", name)
				}
			}
		},
		"an empty record comes back": func(w *world) {
			rec := &integration.Integration{Key: w.key, ID: "01A", Status: integration.Draft, Version: 1, Fence: 1}
			w.must(w.Store.Apply(w.ctx, integration.Change{After: rec, Limit: 1}))
			if got := w.get(); !reflect.DeepEqual(got, rec) {
				w.t.Errorf("got  %+v\nwant %+v", got, rec)
			}
		},
		"what was given and got is a copy": func(w *world) {
			rec := Brimming(w.key, w.id())
			w.must(w.Store.Apply(w.ctx, integration.Change{After: rec, Limit: 1}))
			rec.Lease.Pages, rec.Scopes[0] = 99, "changed"
			got := w.get()
			got.Lease.Pages, got.Scopes[0] = 98, "changed too"
			if again := w.get(); again.Lease.Pages != 3 || again.Scopes[0] != "openid" {
				w.t.Errorf("somebody's copy shows in the store: %+v", again)
			}
		},
		"lists an account's own, by provider": func(w *world) {
			for _, p := range []string{"zeta", "alpha", "mid"} {
				k := integration.Key{Account: w.key.Account, Provider: p}
				w.must(w.Store.Apply(w.ctx, integration.Change{After: w.draft(k), Limit: 9}))
			}
			other := integration.Key{Account: w.key.Account + "-other", Provider: "alpha"}
			w.must(w.Store.Apply(w.ctx, integration.Change{After: w.draft(other), Limit: 9}))
			list, err := w.Store.List(w.ctx, w.key.Account)
			w.must(err)
			var got []string
			for _, rec := range list {
				got = append(got, rec.Account+"/"+rec.Provider)
			}
			a := w.key.Account
			if want := []string{a + "/alpha", a + "/mid", a + "/zeta"}; !reflect.DeepEqual(got, want) {
				w.t.Errorf("listed %v, want %v", got, want)
			}
		},
		"noting a flow leaves everything else": func(w *world) {
			rec := w.record()
			claim := integration.Claim{Key: w.key, Generation: rec.ID, NewRunID: "r1", Attempt: "a1", Due: at(0), Now: at(0)}
			taken, _, err := w.Leases.Take(w.ctx, claim) // after the reader read: its note must still pass
			w.must(err)
			stale := rec.Clone()
			stale.FlowExpires, stale.Email = at(600), "not stored"
			flow := integration.Flow{StateHash: w.id(), Key: w.key, User: "u", Generation: rec.ID, ReturnTo: "console", Expires: at(600)}
			entry := integration.Entry{ID: w.id(), Key: w.key, Generation: rec.ID, At: at(0), Transition: integration.BeginAuthorization,
				From: integration.Active, To: integration.Active, Actor: integration.ByUser, CorrelationID: "c"}
			w.must(w.Store.Note(w.ctx, stale, &flow, &entry))
			want := taken.Clone()
			want.FlowExpires = at(600)
			if got := w.get(); !reflect.DeepEqual(got, want) {
				w.t.Errorf("got  %+v\nwant %+v", got, want)
			}
			if got, err := w.Flows.Flow(w.ctx, flow.StateHash, at(1)); err != nil || got != flow {
				w.t.Errorf("the flow is %+v, %v; want %+v", got, err, flow)
			}
			list, _, err := w.Journal.Entries(w.ctx, w.key, integration.Page{}, at(1))
			w.must(err)
			if len(list) != 1 || list[0] != entry {
				w.t.Errorf("history %+v, want %+v", list, entry)
			}
			stale.FlowExpires = time.Time{}
			w.must(w.Store.Note(w.ctx, stale, nil, nil))
			if got := w.get(); !got.FlowExpires.IsZero() {
				w.t.Errorf("the flow that came back still expires %s", got.FlowExpires)
			}
		},
		"noting needs its generation": func(w *world) {
			rec := w.draft(w.key)
			w.refuses(w.Store.Note(w.ctx, rec, nil, nil), fault.NotFound, "")
			w.record()
			rec.ID = "01OTHER"
			flow := integration.Flow{StateHash: w.id(), Key: w.key, Expires: at(600)}
			w.refuses(w.Store.Note(w.ctx, rec, &flow, nil), fault.Stale, "")
			_, err := w.Flows.Flow(w.ctx, flow.StateHash, at(1))
			w.refuses(err, fault.NotFound, "")
		},
	})
}
