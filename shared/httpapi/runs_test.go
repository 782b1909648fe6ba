package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
)

// The address that a 202 gave is answered from the lease, then from the report,
// then from the record's last run, and is a 404 at no time in between.
func TestTheAddressOfARunNeverBecomesA404(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	a := w.want(w.do(request{method: "POST", path: at + "/sync", body: `{"full":true}`}), 202, "")
	run, last := a.header.Get("Location"), w.queue.sent[len(w.queue.sent)-1]
	if a.text("state") != "queued" || !strings.HasSuffix(run, "/runs/"+a.text("id")) || a.header.Get("Retry-After") == "" {
		t.Errorf("queued: %s at %s", a.raw, run)
	}
	if last.Run != a.text("id") || !last.Full || last.Trigger != integration.TriggerSyncNow || last.CorrelationID != a.header.Get("X-Request-Id") {
		t.Errorf("the job is %+v", last)
	}
	if got := w.want(w.get(run), 200, ""); got.text("state") != "queued" || got.header.Get("Retry-After") == "" {
		t.Errorf("from the queued lease: %s", got.raw)
	}
	rec := w.take(a.text("id"))
	if got := w.want(w.get(run), 200, ""); got.text("state") != "running" || !strings.Contains(got.raw, `"phase":"pulling"`) {
		t.Errorf("from the running lease: %s", got.raw)
	}
	if got := w.get(at + "/runs"); !strings.Contains(got.raw, a.text("id")) {
		t.Errorf("the run under way isn't listed: %s", got.raw)
	}
	hold := integration.Hold{Key: rec.Key, Generation: rec.ID, Fence: rec.Fence}
	report := integration.Run{
		Key: rec.Key, ID: a.text("id"), Generation: rec.ID, Trigger: integration.TriggerSyncNow, State: integration.RunSucceeded,
		StartedAt: w.now, EndedAt: w.now.Add(time.Second), Progress: integration.Progress{Phase: integration.PhaseFinishing, Pages: 3, Events: 12},
		Pulled: integration.Pulled{Created: 2}, Conflicts: 1, CorrelationID: "asked-1",
	}
	if err := w.db.Integrations.PutRun(context.Background(), report); err != nil {
		t.Fatal(err)
	}
	w.putDecisions(report)
	if got := w.get(run); got.text("state") != "running" {
		t.Errorf("the lease is still held: %s", got.raw)
	}
	ended := integration.LastRun{ID: a.text("id"), Started: w.now, Ended: w.now.Add(time.Second), Trigger: report.Trigger, Outcome: integration.RunSucceeded, Created: 2}
	if err := w.db.Integrations.End(context.Background(), hold, integration.Ending{Outcome: integration.RunSucceeded, LastRun: &ended, Started: w.now}); err != nil {
		t.Fatal(err)
	}
	got := w.want(w.get(run+"?limit=2"), 200, "")
	if got.text("state") != "succeeded" || got.text("correlation_id") != "asked-1" || got.header.Get("Retry-After") != "" {
		t.Errorf("from the report: %s", got.raw)
	}
	decisions, _ := got.doc["decisions"].(map[string]any)
	cursor, _ := decisions["next_cursor"].(string)
	got = w.get(run + "?limit=2&cursor=" + cursor)
	if !strings.Contains(got.raw, `"conflict":{"field":"location","aura":"Room 4","provider":"Room 2","rule":"the newer edit wins","winner":"aura"}`) || strings.Contains(got.raw, `"what":"created"`) {
		t.Errorf("the second page of decisions: %s", got.raw)
	}
	if got := w.get(at + "/runs"); strings.Count(got.raw, a.text("id")) != 1 || strings.Contains(got.raw, `"decisions"`) {
		t.Errorf("the list: %s", got.raw)
	}
	// A quiet run stores no report: then the record's four counts answer.
	w.edit(func(rec *integration.Integration) {
		quiet := ended
		quiet.ID = "01M83WFNSRPNV155PBAMSKWNT1"
		rec.LastRun = &quiet
	})
	if got := w.want(w.get(at+"/runs/01M83WFNSRPNV155PBAMSKWNT1"), 200, ""); got.doc["pulled"] != nil {
		t.Errorf("from last_run: %s", got.raw)
	}
	w.want(w.get(at+"/runs/01M83WFNSRPNV155PBAMSKWNT9"), 404, "not_found")
}

// A sync that failed is the integration's last run until one succeeds, and its
// address answers even where its report couldn't be stored.
func TestTheLastRunMayHaveFailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	a := w.want(w.do(request{method: "POST", path: at + "/sync", body: `{}`}), 202, "")
	rec := w.take(a.text("id"))
	run := integration.Run{ID: a.text("id"), Trigger: integration.TriggerSyncNow, StartedAt: w.now, EndedAt: w.now.Add(2 * time.Second)}
	hold := integration.Hold{Key: rec.Key, Generation: rec.ID, Fence: rec.Fence}
	if err := w.db.Integrations.End(context.Background(), hold, integration.Ending{Outcome: integration.RunFailed, LastRun: rec.Failed(run)}); err != nil {
		t.Fatal(err)
	}
	got := w.want(w.get(at), 200, "")
	last, _ := got.doc["last_run"].(map[string]any)
	if last["state"] != "failed" || last["id"] != run.ID || last["ended_at"] != run.EndedAt.Format(time.RFC3339) || got.text("status") != "active" {
		t.Errorf("the integration: %s", got.raw)
	}
	if got = w.want(w.get(at+"/runs/"+run.ID), 200, ""); got.text("state") != "failed" || !strings.Contains(got.raw, `"message":"The sync could not be completed."`) {
		t.Errorf("the run: %s", got.raw)
	}
}

// take takes the queued lease, as a worker does, and says how far it is.
func (w *world) take(run string) *integration.Integration {
	w.t.Helper()
	rec := w.record()
	rec, verdict, err := w.db.Integrations.Take(context.Background(), integration.Claim{
		Key: rec.Key, Generation: rec.ID, RunID: run, NewRunID: w.newID(), Attempt: "worker", Due: w.now, Now: w.now, Trigger: integration.TriggerSyncNow,
	})
	if err != nil || verdict != integration.Taken {
		w.t.Fatalf("taking the lease: %s, %v", verdict, err)
	}
	err = w.db.Integrations.Commit(context.Background(), integration.Hold{Key: rec.Key, Generation: rec.ID, Fence: rec.Fence},
		integration.Commit{Until: w.now.Add(time.Minute), Phase: integration.PhasePulling, Pages: 2, Events: 5000})
	if err != nil {
		w.t.Fatal(err)
	}
	return rec
}

func (w *world) putDecisions(run integration.Run) {
	w.t.Helper()
	err := w.db.Integrations.PutDecisions(context.Background(), run.Key, run.ID, 0, []integration.Decision{
		{At: w.now, Event: "evt_gnikcgo9i5dv4pilrib4eem4tc", Title: "One", What: "created", Why: "new at the provider"},
		{At: w.now, Title: "", What: "resync", Why: "the cursor was too old"},
		{At: w.now, Event: "evt_p5tcsj4ftsmet3t0uf4vaalb30", Title: "Two", What: "conflict", Why: "both sides changed it",
			Field: "location", Ours: "Room 4", Their: "Room 2", Rule: "the newer edit wins", Won: "aura"},
	}, w.now.Add(integration.Retention))
	if err != nil {
		w.t.Fatal(err)
	}
}

// A second sync while one runs is refused and names the run that is under way,
// so that its caller can watch it too.
func TestASecondSyncNamesTheFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	first := w.want(w.post(at+"/sync", ""), 202, "")
	w.now = w.now.Add(4 * time.Second)
	a := w.want(w.post(at+"/sync", `{}`), 409, "sync_in_progress")
	run, _ := a.doc["run"].(map[string]any)
	if a.text("detail") != "A sync operation is already in progress" || run["id"] != first.text("id") || run["age_seconds"] != 4.0 {
		t.Errorf("refused with %s", a.raw)
	}
}

// Of many callers at once exactly one is promised a run.
func TestOfManyAtOnceOneIsPromisedARun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	const callers = 50
	var wg sync.WaitGroup
	results := make([]answer, callers)
	start := make(chan struct{})
	for i := range callers {
		wg.Go(func() {
			<-start
			results[i] = w.post(at+"/sync", "")
		})
	}
	close(start)
	wg.Wait()
	counts, runs := map[int]int{}, map[string]bool{}
	for _, a := range results {
		counts[a.status]++
		if a.status == http.StatusAccepted {
			runs[a.text("id")] = true
		} else if run, ok := a.doc["run"].(map[string]any); ok {
			runs[fmt.Sprint(run["id"])] = true
		}
	}
	if counts[202] != 1 || counts[409] != callers-1 || len(runs) != 1 {
		t.Errorf("answers %v, runs %v", counts, runs)
	}
}

func TestSyncWhereNothingSyncs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Paused)
	a := w.do(request{method: "POST", path: at + "/sync"})
	w.want(a, 409, "not_syncable")
	w.want(w.post(at+"/resume", ""), 200, "")
}

func TestSyncThatCannotBeQueuedIsNotPromised(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	w.queue.down = true
	a := w.want(w.post(at+"/sync", ""), 503, "queue_unavailable")
	if a.header.Get("Retry-After") == "" || w.record().Lease != nil {
		t.Errorf("Retry-After %q, lease %v", a.header.Get("Retry-After"), w.record().Lease)
	}
	if logs := w.logs.String(); !strings.Contains(logs, "queue-canary") || strings.Contains(a.raw, "canary") {
		t.Error("the cause belongs in the log and nowhere else")
	}
}
