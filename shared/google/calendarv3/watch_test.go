package calendarv3_test

import (
	"testing"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/calendartest"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/googlesim"
)

// hook is an address that Google takes and nobody answers at.
const hook = "https://127.0.0.1:1/hook"

// TestWatcherConformance holds the watcher to what every provider's must do, over
// TCP against the simulated Google.
func TestWatcherConformance(t *testing.T) {
	t.Parallel()
	calendartest.RunWatcher(t, func(t *testing.T) calendartest.WatcherWorld { return newWorld(t) })
}

// Hook implements calendartest.WatcherWorld.
func (w *world) Hook() string { return hook }

// Unfit implements calendartest.WatcherWorld: Google speaks https alone.
func (w *world) Unfit() string { return "http://example.com/" }

// Watched implements calendartest.WatcherWorld.
func (w *world) Watched() []string {
	var out []string
	for _, ch := range w.google.Calendar.Channels() {
		out = append(out, ch.ID)
	}
	return out
}

// FailWatch implements calendartest.WatcherWorld.
func (s *saboteur) FailWatch(f calendartest.Failure, lands bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := decisions[f]
	if lands {
		d = landed[f]
	}
	s.onWatch = &d
}

func (s *saboteur) decideWatch() (d googlesim.Decision) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.onWatch != nil {
		d, s.onWatch = *s.onWatch, nil
	}
	return d
}

// What Google alone refuses: a name that isn't of its letters.
func TestWatchRefusesAForeignName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.Open(w.Access()).(calendar.Watcher)
	if _, err := a.Watch(t.Context(), calendar.Watch{Calendar: calendartest.Primary, Channel: "\u00e4", Address: hook}); !fault.Is(err, fault.Refused) {
		t.Error(err)
	}
}
