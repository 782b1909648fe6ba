package calsync_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

func TestConnectingVerifiesAndPullsAsOneRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 7 {
		w.remote.put(fmt.Sprintf("e%d", i), fmt.Sprintf("Event %d", i))
	}
	w.remote.size = 3
	promised := w.rec().Lease.RunID
	j := w.job(integration.TriggerConnected)
	j.Run = promised
	w.must(w.worker.Handle(context.Background(), j))

	rec := w.rec()
	if rec.Status != integration.Active || rec.Lease != nil {
		t.Fatalf("status %s with lease %+v, want active without one", rec.Status, rec.Lease)
	}
	if got := len(w.rows()); got != 7 {
		t.Errorf("%d events are stored, want 7", got)
	}
	if rec.LastRun == nil || rec.LastRun.ID != promised || rec.LastRun.Created != 7 {
		t.Errorf("last run %+v, want the promised one with 7 created", rec.LastRun)
	}
	if rec.Settings.CalendarID != integration.PrimaryCalendar || rec.Cursor == "" || rec.LinkedCount != 7 {
		t.Errorf("calendar %q, cursor %q, linked %d", rec.Settings.CalendarID, rec.Cursor, rec.LinkedCount)
	}
	if cp, _ := w.db.Integrations.Checkpoint(context.Background(), key); cp != nil {
		t.Errorf("the checkpoint outlived the first sync: %+v", cp)
	}
}

// connected is a world whose first sync is done.
func connected(t *testing.T, titles ...string) *world {
	t.Helper()
	w := newWorld(t)
	for _, title := range titles {
		w.remote.put("id-"+title, title)
	}
	w.sync()
	if w.rec().Status != integration.Active {
		t.Fatalf("not active after the first sync: %s", w.rec().Status)
	}
	w.clock.Advance(time.Minute)
	return w
}

func TestIncrementalWritesOnlyWhatDiffers(t *testing.T) {
	t.Parallel()
	w := connected(t, "kept", "changed", "deleted")
	before := w.rows()["kept"].Version
	w.remote.put("id-changed", "renamed")
	w.remote.put("id-new", "new")
	w.remote.delete("id-deleted")
	w.sync()
	if got, want := w.titles(), []string{"kept", "new", "renamed"}; !slices.Equal(got, want) {
		t.Errorf("stored %v, want %v", got, want)
	}
	last := w.rec().LastRun
	if last.Created != 1 || last.Updated != 1 || last.Deleted != 1 {
		t.Errorf("counted %+v, want one of each", last)
	}
	if w.rows()["kept"].Version != before {
		t.Error("an unchanged event was written")
	}
}

func TestQuietSyncKeepsNoReport(t *testing.T) {
	t.Parallel()
	w := connected(t, "one")
	calls := w.remote.calls
	w.sync()
	if got := w.remote.calls - calls; got != 1 {
		t.Errorf("a quiet sync made %d calls, want 1", got)
	}
	_, err := w.db.Integrations.Run(context.Background(), key, w.rec().LastRun.ID, w.clock.Now())
	if !fault.Is(err, fault.NotFound) {
		t.Errorf("a quiet run was kept: %v", err)
	}
}

func TestExpiredCursorResyncsByDiffAndDeletesWhatIsGone(t *testing.T) {
	t.Parallel()
	w := connected(t, "a", "b", "c", "d", "e", "f")
	versions := w.rows()
	w.remote.put("id-b", "b changed")
	w.remote.delete("id-f")
	w.remote.expired = true
	w.remote.size = 2
	w.sync()
	if got, want := w.titles(), []string{"a", "b changed", "c", "d", "e"}; !slices.Equal(got, want) {
		t.Errorf("stored %v, want %v", got, want)
	}
	for title, row := range w.rows() {
		if was := versions[title]; was != nil && was.Version != row.Version {
			t.Errorf("%q was rewritten though nothing changed", title)
		}
	}
	if w.rec().LinkedCount != 5 {
		t.Errorf("linked %d, want 5", w.rec().LinkedCount)
	}
}

func TestMassDeletionIsHeldAndConfirmed(t *testing.T) {
	t.Parallel()
	w := connected(t, "a", "b", "c", "d", "e", "f", "g")
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		w.remote.delete("id-" + id)
	}
	cursor := w.rec().Cursor
	w.sync()
	rec := w.rec()
	if rec.Status != integration.Error || rec.Reason.Code != integration.ReasonMassDeletionHeld {
		t.Fatalf("status %s, reason %+v, want held deletions", rec.Status, rec.Reason)
	}
	if rec.Reason.Message != "5 of 7 events were deleted at Google. Nothing was deleted here." {
		t.Errorf("message %q", rec.Reason.Message)
	}
	if len(w.rows()) != 7 || rec.Cursor != cursor {
		t.Errorf("%d rows, cursor %q: something was deleted or the cursor moved", len(w.rows()), rec.Cursor)
	}
	held, err := w.db.Integrations.Held(context.Background(), key)
	w.must(err)
	if held == nil || held.Count != 5 || len(held.Titles) != 5 {
		t.Errorf("held %+v, want five with titles", held)
	}
	after, entry, err := integration.Move(rec, integration.DeletionsConfirm, integration.Moving{Now: w.clock.Now(), EntryID: "01X"})
	w.must(err)
	w.must(w.db.Integrations.Apply(context.Background(), integration.Change{Before: rec, After: after, Entry: &entry}))
	w.sync()
	if got, want := w.titles(), []string{"f", "g"}; !slices.Equal(got, want) {
		t.Errorf("after confirming %v is left, want %v", got, want)
	}
	if w.rec().DeletionsDecision != "" {
		t.Error("the decision outlived the run that carried it out")
	}
}

// A run that died between its deletions and its end left the count of what is
// linked too high: what is left is counted before half of it goes unasked.
func TestTheTripwireCountsWhatIsThere(t *testing.T) {
	t.Parallel()
	w := connected(t, "a", "b", "c", "d", "e", "f")
	before := w.rec()
	after := before.Clone()
	after.LinkedCount = 10
	w.must(w.db.Integrations.Apply(context.Background(), integration.Change{Before: before, After: after}))
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		w.remote.delete("id-" + id)
	}
	w.sync()
	if rec := w.rec(); rec.Status != integration.Error || rec.Reason.Message != "5 of 6 events were deleted at Google. Nothing was deleted here." {
		t.Errorf("status %s, reason %+v, want held deletions", rec.Status, rec.Reason)
	}
	if n := len(w.rows()); n != 6 {
		t.Errorf("%d rows, want all 6", n)
	}
}

func TestDeletingASeriesTakesItsExceptionsAlong(t *testing.T) {
	t.Parallel()
	w := connected(t, "a", "b", "c")
	master := calendar.Remote{ProviderID: "m", Content: content("series")}
	master.Recurrence = []string{"RRULE:FREQ=DAILY"}
	w.remote.change(master)
	w.remote.change(calendar.Remote{ProviderID: "whatever_it_is_called", MasterID: "m", OriginalStart: content("").Start, Content: content("moved")})
	w.sync()
	if got := len(w.rows()); got != 5 {
		t.Fatalf("%d rows, want 5", got)
	}
	w.remote.delete("m")
	w.sync()
	if got, want := w.titles(), []string{"a", "b", "c"}; !slices.Equal(got, want) {
		t.Errorf("left %v, want %v", got, want)
	}
}

func TestADeletionThatGivesOnlyAnIDFindsTheException(t *testing.T) {
	t.Parallel()
	w := connected(t, "a", "b", "c")
	w.remote.change(calendar.Remote{ProviderID: "odd-name", MasterID: "m", OriginalStart: content("").Start, Content: content("moved")})
	w.sync()
	w.remote.delete("odd-name") // {id, status: cancelled} and nothing else
	w.sync()
	if got, want := w.titles(), []string{"a", "b", "c"}; !slices.Equal(got, want) {
		t.Errorf("left %v, want %v", got, want)
	}
}

func TestAnOlderStateIsNeverStored(t *testing.T) {
	t.Parallel()
	w := connected(t, "now")
	w.remote.mu.Lock()
	w.remote.seq++
	old := w.remote.events[0]
	old.Title, old.ETag, old.Updated = "then", "99", old.Updated.Add(-time.Hour)
	w.remote.events[0] = old
	w.remote.mu.Unlock()
	w.sync()
	if got := w.titles(); !slices.Equal(got, []string{"now"}) {
		t.Errorf("stored %v: a state older than the link's was stored", got)
	}
}

func TestFirstSyncResumesFromItsPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.remote.change(calendar.Remote{ProviderID: "no-time", Content: calendar.Content{Title: "no time"}}) // of the first page
	for i := range 6 {
		w.remote.put(fmt.Sprintf("e%d", i), fmt.Sprintf("Event %d", i))
	}
	w.remote.size = 2
	ctx, die := context.WithCancel(context.Background())
	var asked []string
	w.remote.before = func(_ int, q calendar.Query) error {
		asked = append(asked, q.PageToken)
		if q.PageToken == "p4" {
			die()
			return context.Canceled
		}
		return nil
	}
	_ = w.worker.Handle(ctx, w.job(integration.TriggerConnected))
	cp, err := w.db.Integrations.Checkpoint(t.Context(), key)
	w.must(err)
	// p4 was asked for while p2 was written, which may have come to its end yet.
	if cp == nil || cp.PageToken != "p2" && cp.PageToken != "p4" {
		t.Fatalf("stopped at %+v, want the page after the last one that was stored", cp)
	}
	w.remote.before = func(_ int, q calendar.Query) error { asked = append(asked, q.PageToken); return nil }
	w.clock.Advance(time.Hour) // the lease has passed, whatever the dying run could still write
	asked = nil
	w.sync()
	if got := len(w.rows()); got != 6 {
		t.Fatalf("%d events, want 6", got)
	}
	if len(asked) == 0 || asked[0] != cp.PageToken {
		t.Errorf("resumed at pages %q, want %s first", asked, cp.PageToken)
	}
	// What the first process set aside is known of in the second: deleted there, it goes.
	if q, err := w.db.Events.Quarantined(t.Context(), key.Account); err != nil || len(q) != 1 {
		t.Fatalf("set aside: %+v, %v", q, err)
	}
	w.remote.change(calendar.Remote{ProviderID: "no-time", Deleted: true})
	w.sync()
	if q, err := w.db.Events.Quarantined(t.Context(), key.Account); err != nil || len(q) != 0 {
		t.Errorf("deleted at the provider, still set aside: %+v, %v", q, err)
	}
}

func TestFailuresMoveTheIntegrationAsTheTableSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		err    error
		status integration.Status
		reason integration.ReasonCode
	}{
		{"refused refresh", fault.New(fault.CredentialGone, "credentials_rejected", ""), integration.Error, integration.ReasonCredentialsExpired},
		{"revoked access", fault.New(fault.CredentialGone, "access_revoked", ""), integration.Disconnected, integration.ReasonCredentialsRevoked},
		{"refused again after a forced refresh", fault.New(fault.Unauthorized, "unauthorized", ""), integration.Error, integration.ReasonCredentialsExpired},
		{"scope missing", fault.New(fault.ScopeMissing, "scope_missing", "calendar.events was withdrawn"), integration.Error, integration.ReasonScopeMissing},
		{"no calendar service", fault.New(fault.ServiceDisabled, "x", ""), integration.Error, integration.ReasonCalendarServiceDisabled},
		{"calendar gone", fault.New(fault.CalendarLost, "x", ""), integration.Error, integration.ReasonCalendarNotFound},
		{"our registration", fault.New(fault.Operator, "x", ""), integration.Active, ""},
		{"an unknown 403", fault.New(fault.Refused, "x", ""), integration.Active, ""},
		{"an outage", fault.New(fault.Transient, "x", ""), integration.Active, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := connected(t, "a")
			w.remote.before = func(int, calendar.Query) error { return c.err }
			w.sync()
			rec := w.rec()
			var reason integration.ReasonCode
			if rec.Reason != nil {
				reason = rec.Reason.Code
			}
			if rec.Status != c.status || reason != c.reason || rec.Lease != nil {
				t.Errorf("status %s, reason %q, lease %v; want %s, %q, none", rec.Status, reason, rec.Lease, c.status, c.reason)
			}
			if len(w.rows()) != 1 {
				t.Error("a failure took an event away")
			}
			runs, _, err := w.db.Integrations.Runs(context.Background(), key, integration.Page{Limit: 10}, w.clock.Now())
			w.must(err)
			if len(runs) == 0 || runs[0].State != integration.RunFailed || runs[0].Error == nil {
				t.Fatalf("the failed run was not kept: %+v", runs)
			}
			if l := rec.LastRun; l.ID != runs[0].ID || l.Outcome != integration.RunFailed || !l.Ended.Equal(runs[0].EndedAt) || rec.Completed() == "" || rec.Completed() == l.ID {
				t.Errorf("the last run is %+v, want %s that failed, after one that completed", l, runs[0].ID)
			}
		})
	}
}

func TestAFirstSyncThatIsTriedAnewKeepsNoGhosts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, title := range []string{"a", "b", "c"} {
		w.remote.put("id-"+title, title)
	}
	w.remote.size = 1
	fail := func(kind fault.Kind) func(int, calendar.Query) error {
		return func(_ int, q calendar.Query) error {
			if q.PageToken != "" {
				return fault.New(kind, "x", "")
			}
			return nil
		}
	}
	w.remote.before = fail(fault.Transient) // page 1 is stored, then Google is gone
	w.sync()
	w.remote.delete("id-a")              // meanwhile
	w.remote.before = fail(fault.Resync) // and the page token has died
	w.clock.Advance(time.Minute)
	w.sync()
	w.remote.before = nil
	w.clock.Advance(time.Minute)
	w.sync()
	if got, want := w.titles(), []string{"b", "c"}; !slices.Equal(got, want) {
		t.Errorf("stored %v, want %v: what the first try left has stayed for ever", got, want)
	}
}

func TestAFullPullBeforeItsTimeLeavesTheVerifyingResyncOwed(t *testing.T) {
	t.Parallel()
	w := connected(t, "a")
	rec := w.rec()
	after := integration.Break(rec, w.clock.Now())
	after.VerifyAfter = w.clock.Now().Add(integration.FunctionLimit)
	after.Cursor = "" // other kinds were chosen: everything is listed
	w.must(w.db.Integrations.Apply(context.Background(), integration.Change{Before: rec, After: after}))
	w.sync()
	if w.rec().VerifyAfter.IsZero() {
		t.Error("a full pull that started before verify_after cleared it: a late holder's row would never be found")
	}
	w.clock.Advance(2 * integration.FunctionLimit)
	w.sync()
	if !w.rec().VerifyAfter.IsZero() {
		t.Error("the verifying resync didn't clear its order")
	}
}

func TestAFirstSyncWhoseSettingsChangeListsFromTheStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 6 {
		w.remote.put(fmt.Sprintf("e%d", i), fmt.Sprintf("Event %d", i))
	}
	w.remote.size = 2
	set := func(d integration.Direction) {
		before := w.rec()
		after := integration.Break(before, w.clock.Now())
		after.Settings.Direction, after.Cursor = d, ""
		w.must(w.db.Integrations.Apply(t.Context(), integration.Change{Before: before, After: after}))
	}
	set(integration.ToProvider)
	w.remote.before = func(_ int, q calendar.Query) error {
		if q.PageToken == "p4" {
			return fault.New(fault.Refused, "x", "")
		}
		return nil
	}
	w.sync() // two pages that are only looked at
	cp, err := w.db.Integrations.Checkpoint(t.Context(), key)
	w.must(err)
	if cp == nil || cp.PageToken != "p4" {
		t.Fatalf("the first sync did not stop at p4: %+v", cp)
	}
	w.remote.before = nil
	set(integration.TwoWay)
	w.clock.Advance(time.Minute)
	w.sync()
	if got := len(w.rows()); got != 6 {
		t.Errorf("%d of 6 events came in: the sync went on behind pages that nobody stored", got)
	}
}
