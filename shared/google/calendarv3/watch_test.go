package calendarv3_test

import (
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/calendartest"
	"aura.example/integrations/shared/fault"
)

// hook is an address that Google takes and nobody answers at.
const hook = "https://127.0.0.1:1/hook"

func TestWatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.Open(w.Access()).(calendar.Watcher)
	ask := calendar.Watch{Calendar: calendartest.Primary, Channel: "ch1", Address: hook, Token: "token"}
	got, err := a.Watch(t.Context(), ask)
	w.must(err)
	if open := w.google.Calendar.Channels(); len(open) != 1 || open[0].ID != "ch1" || open[0].Address != hook {
		t.Fatalf("Google has %+v", open)
	}
	if left := time.Until(got.Expires); got.Resource == "" || left < 6*24*time.Hour || left > 7*24*time.Hour {
		t.Errorf("got %+v", got)
	}
	for range 2 { // one that is gone is no error
		w.must(a.StopWatch(t.Context(), "ch1", got.Resource))
	}
	if open := w.google.Calendar.Channels(); len(open) != 0 {
		t.Errorf("still open: %+v", open)
	}
}

func TestWatchRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.Open(w.Access()).(calendar.Watcher)
	for name, x := range map[string]struct {
		ask  calendar.Watch
		kind fault.Kind
	}{
		"not https":   {calendar.Watch{Calendar: calendartest.Primary, Channel: "a", Address: "http://example.com/"}, fault.Refused},
		"bad channel": {calendar.Watch{Calendar: calendartest.Primary, Channel: "ä", Address: hook}, fault.Refused},
		"no calendar": {calendar.Watch{Calendar: "nobody@example.com", Channel: "b", Address: hook}, fault.CalendarLost},
	} {
		if _, err := a.Watch(t.Context(), x.ask); !fault.Is(err, x.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
