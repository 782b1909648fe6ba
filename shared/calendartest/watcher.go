package calendartest

import (
	"slices"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// WatcherWorld is a World whose provider tells of changes.
type WatcherWorld interface {
	World
	// Hook is an address that the provider takes; nobody need answer there.
	Hook() string
	// Unfit is an address that it doesn't take.
	Unfit() string
	// Watched lists the channels that are open at the provider.
	Watched() []string
	// FailWatch makes the next call about a channel meet a trouble, once: without
	// an effect, or after it.
	FailWatch(f Failure, landed bool)
}

// WatcherMaker makes a fresh WatcherWorld, which ends with the test.
type WatcherMaker func(t *testing.T) WatcherWorld

// RunWatcher holds a watcher to everything; each part gets a World of its own.
func RunWatcher(t *testing.T, fresh WatcherMaker) {
	t.Helper()
	for name, run := range map[string]func(t *testing.T, w WatcherWorld, r calendar.Watcher){
		"open and stop": testOpenAndStop, "two at once": testOverlap, "refusals": testWatchRefused, "troubles": testWatchTroubles,
		"a refused token": testWatchToken,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := fresh(t)
			r, ok := w.Open(w.Access()).(calendar.Watcher)
			if !ok {
				t.Fatal("the reader can't watch")
			}
			run(t, w, r)
		})
	}
}

func ask(w WatcherWorld, channel string) calendar.Watch {
	return calendar.Watch{Calendar: Primary, Channel: channel, Address: w.Hook(), Token: "a.token-of_256"}
}

// watched opens a channel.
func watched(t *testing.T, w WatcherWorld, r calendar.Watcher, channel string) calendar.Watched {
	t.Helper()
	got, err := r.Watch(t.Context(), ask(w, channel))
	if err != nil {
		t.Fatal(err)
	}
	if got.Resource == "" || got.Expires.Before(time.Now().Add(time.Hour)) || got.Expires.Location() != time.UTC {
		t.Errorf("opened as %+v", got)
	}
	return got
}

// openAre fails unless just these channels are open.
func openAre(t *testing.T, w WatcherWorld, want ...string) {
	t.Helper()
	if open := w.Watched(); !slices.Equal(slices.Sorted(slices.Values(open)), slices.Sorted(slices.Values(want))) {
		t.Fatalf("open are %q, want %q", open, want)
	}
}

// A channel is open once Watch returns, and gone once StopWatch does; to stop it
// again, or one that never was, is no error.
func testOpenAndStop(t *testing.T, w WatcherWorld, r calendar.Watcher) {
	got := watched(t, w, r, "one")
	openAre(t, w, "one")
	for range 2 {
		if err := r.StopWatch(t.Context(), "one", got.Resource); err != nil {
			t.Error(err)
		}
		openAre(t, w)
	}
	if err := r.StopWatch(t.Context(), "never", got.Resource); err != nil {
		t.Error(err)
	}
}

// The next channel is open before the old one is stopped; stopping the one leaves
// the other. A name that is taken is refused, and the channel of that name stays.
func testOverlap(t *testing.T, w WatcherWorld, r calendar.Watcher) {
	one := watched(t, w, r, "one")
	watched(t, w, r, "two")
	openAre(t, w, "one", "two")
	if _, err := r.Watch(t.Context(), ask(w, "two")); !fault.Is(err, fault.Refused) {
		t.Errorf("a name that is taken: %v", err)
	}
	if err := r.StopWatch(t.Context(), "one", one.Resource); err != nil {
		t.Error(err)
	}
	openAre(t, w, "two")
}

func testWatchRefused(t *testing.T, w WatcherWorld, r calendar.Watcher) {
	unfit, lost := ask(w, "one"), ask(w, "two")
	unfit.Address, lost.Calendar = w.Unfit(), w.AddCalendar("Gone", calendar.RoleOwner)
	w.DropCalendar(lost.Calendar)
	if _, err := r.Watch(t.Context(), unfit); !fault.Is(err, fault.Refused) {
		t.Errorf("an unfit address: %v", err)
	}
	if _, err := r.Watch(t.Context(), lost); !fault.Is(err, fault.CalendarLost) {
		t.Errorf("a calendar that is gone: %v", err)
	}
	openAre(t, w)
}

// What goes wrong is said in the domain's words, and is never tried again: one
// that failed may be open, and its name may be asked for by nobody else.
func testWatchTroubles(t *testing.T, w WatcherWorld, r calendar.Watcher) {
	for _, f := range []Failure{Down, Unplugged, Throttled} {
		w.FailWatch(f, false)
		if _, err := r.Watch(t.Context(), ask(w, "one")); !fault.Is(err, fault.Transient, fault.Unavailable) {
			t.Errorf("opening meets %s: %v", f, err)
		}
		openAre(t, w)
	}
	for _, f := range []Failure{Down, Unplugged, Garbled} {
		name := "landed: " + string(f)
		w.FailWatch(f, true)
		if _, err := r.Watch(t.Context(), ask(w, "two")); !fault.Is(err, fault.Transient, fault.Unavailable) {
			t.Errorf("%s: %v", name, err)
		}
		openAre(t, w, "two")
		next := watched(t, w, r, "three")
		for _, channel := range []string{"two", "three"} { // the same thing is watched
			if err := r.StopWatch(t.Context(), channel, next.Resource); err != nil {
				t.Error(err)
			}
		}
		openAre(t, w)
	}
	got := watched(t, w, r, "four")
	w.FailWatch(Down, false)
	if err := r.StopWatch(t.Context(), "four", got.Resource); !fault.Is(err, fault.Transient, fault.Unavailable) {
		t.Errorf("stopping: %v", err)
	}
	openAre(t, w, "four")
}

// A token that is refused is renewed once.
func testWatchToken(t *testing.T, w WatcherWorld, r calendar.Watcher) {
	w.FailWatch(TokenRefused, false)
	got := watched(t, w, r, "one")
	w.FailWatch(TokenRefused, false)
	if err := r.StopWatch(t.Context(), "one", got.Resource); err != nil {
		t.Error(err)
	}
	openAre(t, w)
}
