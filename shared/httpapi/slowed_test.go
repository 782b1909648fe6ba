package httpapi_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"aura.example/integrations/shared/httpapi"
	"aura.example/integrations/shared/integration"
)

// slow has the dispatcher lengthen all intervals.
func (w *world) slow(factor int) {
	w.t.Helper()
	minute := w.now.Truncate(time.Minute)
	for shard := range integration.Shards {
		mark, err := w.db.Integrations.Watermark(context.Background(), shard)
		if err == nil {
			next := mark.Next(minute, 0, 0)
			next.Pacing = next.Enter(integration.WindowOf(minute), factor)
			err = w.db.Integrations.SetWatermark(context.Background(), shard, mark.Minute, next)
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

// slowed gives what is said of lengthened intervals; "" where nothing is.
func slowed(a answer) string {
	list, _ := a.doc["notices"].([]any)
	for _, n := range list {
		if notice, _ := n.(map[string]any); notice["code"] == "polling_slowed" {
			s, _ := notice["message"].(string)
			return s
		}
	}
	return ""
}

// While more is due than the quota allows, every answer that shows the
// integration says so with the true interval, and the next sync is the one that
// is sent for; only of what is polled.
func TestLengthenedIntervalsAreSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	w.edit(func(rec *integration.Integration) { rec.Lease = nil })
	if a := w.get(at); slowed(a) != "" {
		t.Errorf("nothing is lengthened: %s", a.raw)
	}
	soon := w.get(at).text("next_sync_at")
	w.now = w.now.Add(time.Minute) // an answer is believed so long
	w.slow(3)
	const want = "Google’s quota is in great demand just now, so it is looked at every 15 minutes instead of every 5 minutes."
	a := w.get(at)
	if slowed(a) != want {
		t.Errorf("the status says %q, want %q", slowed(a), want)
	}
	rec := w.record()
	place, _ := rec.Place()
	mark, err := w.db.Integrations.Watermark(context.Background(), place.Shard)
	if err != nil {
		t.Fatal(err)
	}
	next, err := time.Parse(time.RFC3339, a.text("next_sync_at"))
	if err != nil || !next.Equal(rec.NextSync(w.now, mark.Pacing)) || !mark.Turn(5*time.Minute, next)(rec.Key, rec.ID) {
		t.Errorf("next sync %s (was %s), want %s", a.text("next_sync_at"), soon, rec.NextSync(w.now, mark.Pacing))
	}
	if a := w.want(w.do(request{method: "PATCH", path: at, body: `{"interval_minutes":60}`, header: map[string]string{"If-Match": a.header.Get("ETag")}}), 200, ""); slowed(a) !=
		"Google’s quota is in great demand just now, so it is looked at every 3 hours instead of every hour." {
		t.Errorf("the change's answer says %q", slowed(a))
	}
	w.move(integration.Pause)
	if a := w.get(at); slowed(a) != "" || a.doc["next_sync_at"] != nil {
		t.Errorf("a paused one isn't looked at: %s", a.raw)
	}
	w.move(integration.Resume)
	w.now = w.now.Add(20 * time.Minute)
	w.slow(1)
	if a := w.get(at); slowed(a) != "" {
		t.Errorf("it is over: %s", a.raw)
	}
}

// asked counts how often the store is asked, and fails where that is wanted.
type asked struct {
	times int
	err   error
}

func (a *asked) Pacing(context.Context, int) (integration.Pacing, error) {
	a.times++
	return integration.Pacing{}, a.err
}

// A status stays one read: the store is asked once a minute, and a store that
// doesn't answer is no reason to show nothing.
func TestThePacerAsksOnceAMinute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	source := &asked{}
	edge := httpapi.Edge{Auth: httpapi.Authorize{Verifier: tokens{}}, Log: slog.New(slog.DiscardHandler), Now: w.clock, NewID: w.newID}
	h := httpapi.New(edge, httpapi.StatusRoutes(&httpapi.Status{
		Catalogue: integration.Catalogue{{Key: provider}}, Store: w.db.Integrations, Lists: w.db.Integrations, Journal: w.db.Integrations, Quarantines: w.db.Events,
		Paced: &httpapi.Pacer{Source: source, Now: w.clock, Log: edge.Log}, Now: w.clock,
	}))
	get := func() int {
		r := httptest.NewRequest("GET", at, nil)
		r.Header.Set("Authorization", "Bearer "+everything)
		out := httptest.NewRecorder()
		h.ServeHTTP(out, r)
		return out.Code
	}
	for minute := range 3 {
		for range 5 {
			if code := get(); code != 200 || source.times != minute+1 {
				t.Errorf("minute %d: answered %d, asked %d times", minute, code, source.times)
			}
		}
		w.now = w.now.Add(time.Minute)
	}
	source.err = errors.New("no table")
	if code := get(); code != 200 || source.times != 4 {
		t.Errorf("while the store doesn't answer: %d, asked %d times", code, source.times)
	}
}
