package convergence_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/sqsqueue"
)

// delivery is an SQS at its worst: every message comes one to five times, in any
// order, at once or hours late, in batches of which a part fails and comes back.
type delivery struct {
	*world
	rand *rand.Rand
	took atomic.Int64 // writes that changed something at Google
}

// work hands out everything that was sent, and what that sends.
func (d *delivery) work(concurrent bool) (delivered int) {
	d.Helper()
	var waiting []job.Job
	for range 200 {
		for m, ok := d.queue.take(); ok; m, ok = d.queue.take() {
			for range 1 + d.rand.IntN(5) {
				waiting = append(waiting, m.job)
			}
		}
		if len(waiting) == 0 {
			return delivered
		}
		d.rand.Shuffle(len(waiting), func(i, j int) { waiting[i], waiting[j] = waiting[j], waiting[i] })
		if d.rand.IntN(4) == 0 { // late
			d.pass(time.Duration(d.rand.IntN(7200)) * time.Second)
		}
		batches := 1
		if concurrent {
			batches = 2
		}
		var wg sync.WaitGroup
		back := make([][]job.Job, batches)
		for b := range batches {
			n := min(len(waiting), 1+d.rand.IntN(10))
			batch := slices.Clone(waiting[:n])
			waiting = waiting[n:]
			delivered += n
			lost := d.rand.IntN(4) == 0 // the acknowledgement of a whole batch
			wg.Go(func() { back[b] = d.batch(batch, lost) })
		}
		wg.Wait()
		waiting = append(waiting, slices.Concat(back...)...)
	}
	d.Fatal("the queue never empties")
	return delivered
}

// batch works one batch off in a process of its own, as the function does, and
// gives what comes back.
func (d *delivery) batch(jobs []job.Job, lost bool) (back []job.Job) {
	p := d.process(3)
	records := make([]sqsqueue.Record, len(jobs))
	for i, j := range jobs {
		raw, err := json.Marshal(j)
		d.must(err)
		records[i] = sqsqueue.Record{ID: fmt.Sprint(i), Body: string(raw)}
	}
	failed := sqsqueue.Work(context.Background(), records, p.worker.Handle, nil, slog.New(slog.DiscardHandler))
	d.took.Add(int64(p.took))
	for i, j := range jobs {
		if lost || slices.Contains(failed, records[i].ID) {
			back = append(back, j)
		}
	}
	return back
}

// TestR6JobsManyTimesReorderedLateAndInPart makes edits and pulls whose jobs are
// delivered at their worst. Google is written to once an edited event, as if each
// job had come once and in order; extra writes are counted, and there are none.
func TestR6JobsManyTimesReorderedLateAndInPart(t *testing.T) {
	t.Parallel()
	var delivered, edits, extra atomic.Int64
	t.Cleanup(func() {
		t.Logf("R6: %d edits, %d deliveries, %d extra Google writes", edits.Load(), delivered.Load(), extra.Load())
	})
	for round := range rounds(t, 8) {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			t.Parallel()
			w := connected(t, timed("a", 24), timed("b", 26), timed("c", 28), timed("d", 30))
			d := &delivery{world: w, rand: rand.New(rand.NewPCG(6, uint64(round)))}
			ctx := context.Background()
			w.pass(time.Minute)
			ids := map[string]string{"a": w.row("a").ID, "b": w.row("b").ID, "c": w.row("c").ID}
			want := []string{"d changed there"}
			for i := range 3 {
				w.must(w.me.create(ctx, content(fmt.Sprint("new", i), 40+i), fmt.Sprint(i)))
				want = append(want, fmt.Sprint("new", i))
			}
			for range 1 + d.rand.IntN(3) { // the last one counts, in one write
				w.must(w.me.retitle(ctx, ids["a"], "a again"))
				w.must(w.me.retitle(ctx, ids["a"], "a changed"))
			}
			w.must(w.me.retitle(ctx, ids["b"], "b changed"))
			w.must(w.me.delete(ctx, ids["c"]))
			w.patchThere(w.row("d").Link.ProviderID, map[string]any{"summary": "d changed there"})
			want = append(want, "a changed", "b changed")
			const writes = 3 + 2 + 1
			for range 1 + d.rand.IntN(3) { // the slot, notifications and a person at once
				w.must(w.queue.Send(ctx, job.Message{Job: w.job(integration.TriggerSchedule)}))
			}
			delivered.Add(int64(d.work(round%2 == 1)))
			edits.Add(writes)
			extra.Add(d.took.Load() - writes)
			if n := d.took.Load(); n != writes {
				t.Errorf("Google was written to %d times, want %d", n, writes)
			}
			if c := w.conflicts(); len(c) > 0 {
				t.Errorf("conflicts that nobody made: %+v", c)
			}
			w.heal() // a takeover's verifying resync
			w.wantConverged("after the deliveries")
			w.wantTitles("after the deliveries", want...)
		})
	}
}
