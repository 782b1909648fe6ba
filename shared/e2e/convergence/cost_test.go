package convergence_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/edit"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// spent is what something consumed: units by AWS's published rules
// (dynamo.Recorder), and calls to Google.
type spent struct {
	integration.Units
	calls int
}

func (a spent) minus(b spent) spent {
	return spent{integration.Units{Write: a.Write - b.Write, Read: a.Read - b.Read}, a.calls - b.calls}
}

// spend has a warm process do something, and gives what that consumed.
func (p *process) spend(do func(ctx context.Context) error) spent {
	p.world.Helper()
	from := len(p.crossings())
	ctx, units := dynamo.Record(context.Background())
	p.world.must(do(ctx))
	calls := 0
	for _, c := range p.crossings()[from:] {
		if strings.HasPrefix(c.what, "google") {
			calls++
		}
	}
	return spent{units.Total(), calls}
}

func (p *process) spendSync() spent {
	p.world.Helper()
	p.world.pass(10 * time.Second)
	j := p.world.job(integration.TriggerSchedule)
	return p.spend(func(ctx context.Context) error { return p.worker.Handle(ctx, j) })
}

// What a push and a quiet sync may cost, with
// the credential read and opened as in the deployed worker.
func TestCostsOfAPushAndOfAQuietSyncAreWithinTheirBounds(t *testing.T) {
	t.Parallel()
	events := []sim.Event{timed("a", 24), timed("b", 26), timed("c", 28)}
	for n := range 60 { // so that reading what is linked would show
		events = append(events, timed(fmt.Sprint("another ", n), 200+n))
	}
	w := connected(t, events...)
	ids := map[string]string{}
	for _, title := range []string{"a", "b", "c"} {
		ids[title] = w.row(title).ID
	}
	p := w.process(3)
	p.spendSync() // warms it: the data key is kept for minutes
	want := func(what string, got spent, write, read float64, calls int) {
		t.Helper()
		t.Logf("%s: %+v", what, got)
		if got.Write != write || got.Read != read || got.calls != calls {
			t.Errorf("%s: %+v; want %v write units, %v read units, %d calls", what, got, write, read, calls)
		}
	}
	const report = 1 + 1 // the run is kept, and its decisions
	quiet := p.spendSync()
	want("a quiet sync", quiet, 2, 1.5, 1)
	for _, c := range []struct {
		name             string
		edit             func(ctx context.Context) error
		editing, pushing float64 // write units
		most             float64 // of the two together
		echo             float64 // read units of the run that is told of it
		reading          float64 // read units of the edit: event, outbox item and record
	}{
		{"changed", func(ctx context.Context) error { return p.retitle(ctx, ids["a"], "a changed") }, 5, 6, 11, 0.5, 3},
		{"moved in time", func(ctx context.Context) error { return p.move(ctx, ids["b"], start.Add(90*time.Hour)) }, 6, 6, 13, 0.5, 3},
		{"created", func(ctx context.Context) error { return p.create(ctx, content("new", 60), "") }, 5, 6, 11, 0.5, 1},
		// Nothing is left to compare the echo of a deletion with: both ids are looked for.
		{"deleted", func(ctx context.Context) error { return p.delete(ctx, ids["c"]) }, 5, 5, 11, 1, 3},
	} {
		edited := p.spend(c.edit)
		run := p.spendSync().minus(quiet)
		run.Write -= report
		want(c.name+", the push", run, c.pushing, 2, 1)
		want(c.name+", the edit", edited, c.editing, c.reading, 0)
		if sum := edited.Write + run.Write; sum > c.most {
			t.Errorf("%s: %v write units in all, the most is %v", c.name, sum, c.most)
		}
		echo := p.spendSync().minus(quiet)
		if echo.Write != 0 || echo.Read != c.echo || echo.calls != 0 {
			t.Errorf("%s: its echo cost %+v more than a quiet sync, want %v read units", c.name, echo, c.echo)
		}
		want("and then", p.spendSync(), 2, 1.5, 1)
	}
	w.queue.msgs = nil
	w.wantConverged("after all that")
}

// move sets when an event is.
func (p *process) move(ctx context.Context, id string, at time.Time) error {
	from, to := calendar.Time{At: at, Zone: "Europe/Madrid"}, calendar.Time{At: at.Add(time.Hour), Zone: "Europe/Madrid"}
	_, err := p.editor.Change(ctx, p.world.by, target(id), edit.Patch{Start: &from, End: &to})
	return err
}

// TestWhatDeletingASeriesCosts: one call more than deleting anything else, to look
// for edits of its occurrences, and for each exception its tombstone and its removal.
func TestWhatDeletingASeriesCosts(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24))
	pid := w.there(weekly("S"))
	other := w.there(weekly("T"))
	w.patchOne(other, nth(2), sim.Event{"summary": "x"}, sim.SpanThis)
	w.sync()
	p := w.process(3)
	p.spendSync()
	quiet := p.spendSync()
	for _, c := range []struct {
		name        string
		pid         string
		write, read float64 // read: at most, since it hangs on whose turn comes first
	}{
		{"a series", pid, 5, 2.5},
		{"a series with an exception", other, 10, 16},
	} {
		p.spend(func(ctx context.Context) error { return p.delete(ctx, w.bornThere(c.pid).id) })
		got := p.spendSync().minus(quiet)
		got.Write -= 1 + 1 // the run is kept, and its decisions
		t.Logf("deleting %s: %+v", c.name, got)
		if got.Write != c.write || got.Read > c.read || got.calls != 2 {
			t.Errorf("deleting %s cost %+v, want %v write units, at most %v read units and 2 calls", c.name, got, c.write, c.read)
		}
	}
	w.queue.msgs = nil
	w.wantConverged("after all that")
}
