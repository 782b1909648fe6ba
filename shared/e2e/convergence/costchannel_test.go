package convergence_test

import (
	"testing"
	"time"

	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/watch"
)

// What a push channel costs: an opening is two writes more (its id before Google
// is asked, then its resource and end), and two for the index, since the calendar
// is polled less from then on; a replacement is the two writes alone, once a
// week; and a quiet sync in between costs what it costs without one.
func TestCostsOfAPushChannel(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24))
	p := w.process(3)
	p.spendSync() // warms it
	keeper := &watch.Keeper{
		Leases: p.db.Integrations, Store: p.db.Integrations, Providers: p.worker.Providers, Access: p.worker.Access,
		Addresses: map[string]string{google.Key: "https://127.0.0.1:1/hook"}, Keys: watch.Keys{Current: []byte("a key")},
		Now: w.now, NewID: w.newID, Log: p.worker.Log,
	}
	quiet := p.spendSync()
	p.worker.Watch = keeper.Keep
	want := func(what string, write, read float64, calls int) {
		t.Helper()
		got := p.spendSync().minus(quiet)
		t.Logf("%s: %+v more than a quiet sync", what, got)
		if got.Write != write || got.Read != read || got.calls != calls {
			t.Errorf("%s cost %+v more than a quiet sync, want %v writes, %v reads, %d calls", what, got, write, read, calls)
		}
	}
	want("opening", 4, 1, 1)
	first := w.rec().Channel
	if first == nil || !first.Live(w.now()) || len(w.sim.Calendar.Channels()) != 1 {
		t.Fatalf("no channel: %+v", first)
	}
	want("a quiet sync with a channel", 0, 0, 0)
	w.pass(first.NotBefore.Sub(w.now()) - 40*time.Second)
	p.spendSync() // renews the access token, and makes the day's data key
	want("the last quiet sync before a replacement", 0, 0, 0)
	w.pass(time.Minute)
	want("replacing", 2, 1, 2) // watch, stop
	if next := w.rec().Channel; next == nil || next.ID == first.ID || len(w.sim.Calendar.Channels()) != 1 {
		t.Errorf("%+v after %+v", next, first)
	}
	want("afterwards", 0, 0, 0)
}
