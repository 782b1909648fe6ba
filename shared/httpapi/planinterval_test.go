package httpapi_test

import (
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
)

// A plan may bound the interval: a new integration begins within it, a shorter one
// is refused by a problem that says so and changes nothing, and what was chosen
// under a greater plan stays, also when something else is changed.
func TestAPlanBoundsTheInterval(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.service.PlanIntervals = map[string]time.Duration{"free": 15 * time.Minute}
	w.connected(integration.Active)
	a := w.get(at)
	patch := func(body string) answer {
		return w.do(request{method: "PATCH", path: at, body: body, header: map[string]string{"If-Match": w.get(at).header.Get("ETag")}})
	}
	if !strings.Contains(a.raw, `"interval_minutes":15`) {
		t.Errorf("a new one on the free plan: %s", a.raw)
	}
	before := w.record().Version
	refused := w.want(patch(`{"interval_minutes":5,"direction":"from_provider"}`), 422, "invalid")
	if !strings.Contains(refused.raw, `"field":"interval_minutes"`) || !strings.Contains(refused.raw, "your plan (free) allows every 15 minutes at the most often") {
		t.Errorf("refused with %s", refused.raw)
	}
	if w.record().Version != before {
		t.Error("a refused change changed something")
	}
	w.want(patch(`{"interval_minutes":60}`), 200, "")
	w.plan("pro")
	w.want(patch(`{"interval_minutes":1}`), 200, "")
	w.plan("free")
	w.want(patch(`{"direction":"from_provider"}`), 200, "")
	if a := w.want(patch(`{"interval_minutes":1}`), 200, ""); !strings.Contains(a.raw, `"interval_minutes":1`) {
		t.Errorf("what was chosen under a greater plan: %s", a.raw)
	}
	w.want(patch(`{"interval_minutes":5}`), 422, "invalid")
	w.want(w.post(at+"/disconnect", ""), 200, "")
	if a := w.want(w.post("/v1/integrations", `{"provider":"`+provider+`"}`), 201, ""); !strings.Contains(a.raw, `"interval_minutes":15`) {
		t.Errorf("the one in its place: %s", a.raw)
	}
}

// plan puts the account on another plan.
func (w *world) plan(name string) {
	w.t.Helper()
	w.want(w.do(request{method: "PUT", path: "/v1/subscription", body: `{"plan":"` + name + `"}`}), 200, "")
}
