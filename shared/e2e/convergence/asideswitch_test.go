package convergence_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/fault"
)

// TestASwitchSaysWhatWasSetAside: no sync sends what Google refused for good, so nobody
// is told to wait for one.
func TestASwitchSaysWhatWasSetAside(t *testing.T) {
	t.Parallel()
	w, team := twoCalendars(t)
	refused := w.row("a")
	w.refusing(http.MethodPatch, nil, 400, "global", "invalid")
	w.must(w.me.retitle(context.Background(), refused.ID, "a x"))
	w.settle()
	said := func(waiting int) string {
		t.Helper()
		e := fault.Of(w.me.choose(context.Background(), team, false, false))
		if e == nil || e.Code != "pending_changes" || e.Extra["pending_count"] != waiting {
			t.Fatalf("%d changes wait: %+v", waiting, e)
		}
		for _, p := range e.Extra["pending"].([]connect.PendingChange) {
			if p.SetAside != (p.EventID == refused.ID) {
				t.Errorf("listed as %+v", p)
			}
		}
		return e.Message
	}
	if m := said(1); strings.Contains(m, "Wait") || !strings.Contains(m, "“Events set aside”") {
		t.Errorf("one, set aside: %q", m)
	}
	w.must(w.me.create(context.Background(), content("new", 80), "k2"))
	if m := said(2); !strings.Contains(m, "1 of them was set aside") || !strings.Contains(m, "Wait for the next sync for the rest") {
		t.Errorf("one of two: %q", m)
	}
	w.must(w.me.retitle(context.Background(), refused.ID, "a y"))
	e := fault.Of(w.me.choose(context.Background(), team, false, false))
	if e == nil || strings.Contains(e.Message, "set aside") {
		t.Errorf("edited since, so it is tried: %+v", e)
	}
}
