package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"aura.example/integrations/shared/integration"
)

// Each interval's integrations are dispatched once an interval, neither more
// nor less.
func TestEveryIntervalComesRound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, every := range integration.Intervals() {
		for n := range 30 {
			w.add(fmt.Sprintf("%d-%02d", i, n), every, integration.Verified)
		}
	}
	_, err := w.tick(0)
	w.must(err)
	w.take()
	for range 120 {
		_, err := w.tick(time.Minute)
		w.must(err)
	}
	got := w.take()
	for i, every := range integration.Intervals() {
		for n := range 30 {
			if name := fmt.Sprintf("sync %d-%02d", i, n); got[name] != int(2*time.Hour/every) {
				t.Errorf("every %s: %s was sent %d times in two hours", every, name, got[name])
			}
		}
	}
}

// Whoever waits for something stands in a slot, and nobody else.
func TestWhoIsFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.add("testing", 5*time.Minute)
	w.add("active", 5*time.Minute, integration.Verified)
	w.add("resting", 5*time.Minute, integration.Verified, integration.Deactivated)
	w.add("paused", 5*time.Minute, integration.Verified, integration.Pause)
	w.add("rejected", 5*time.Minute, integration.Verified, integration.CredentialsRejected)
	gone := w.add("gone", 5*time.Minute, integration.Verified)
	after, entry, err := integration.Move(gone, integration.Disconnect, integration.Moving{Now: w.now, EntryID: w.id()})
	w.must(err)
	w.must(w.db.Integrations.Apply(context.Background(), integration.Change{Before: gone, After: after, Entry: &entry, Order: &integration.Order{
		Key: gone.Key, Generation: gone.ID, Cause: integration.Disconnect, Step: integration.StepChannel, Slot: integration.OrderSlot(gone.Key, gone.ID),
	}}))
	_, err = w.tick(0)
	w.must(err)
	w.take()
	for range 5 {
		_, err := w.tick(time.Minute)
		w.must(err)
	}
	got, want := w.take(), map[string]int{"sync testing": 1, "sync active": 1, "sync resting": 1, "wind_down gone": 5}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("sent %v, want %v", got, want)
	}
}

// Who rests is left alone until its probe is due, and then sent for at the minute
// that is shown, and from then on at its interval until the probe has an outcome.
func TestARestIsNotDisturbed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.tick(0)
	w.must(err)
	for _, every := range integration.Intervals() {
		rec := w.add(every.String(), every, integration.Verified)
		after, entry, err := integration.Move(rec, integration.Deactivated, integration.Moving{Now: w.now, EntryID: w.id(), RetryAt: w.now.Add(2*time.Hour + 10*time.Second)})
		w.must(err)
		w.must(w.db.Integrations.Apply(t.Context(), integration.Change{Before: rec, After: after, Entry: &entry}))
		shown, began := after.NextSync(w.now, integration.Pacing{}), w.now
		if shown.Before(after.RetryAt) {
			t.Fatalf("every %s: shown at %s, which is before %s", every, shown, after.RetryAt)
		}
		w.take()
		for w.now.Before(shown.Add(2*every - time.Minute)) {
			_, err := w.tick(time.Minute)
			w.must(err)
			due := !w.now.Before(shown) && w.now.Sub(shown)%every < time.Minute
			if n := w.take()["sync "+every.String()]; due != (n == 1) || n > 1 {
				t.Fatalf("every %s: %d jobs %s after its rest began; the probe is shown after %s", every, n, w.now.Sub(began), shown.Sub(began))
			}
		}
	}
}

// After an outage each integration is sent once, if its minute has passed: an
// hour's at most, whatever the outage.
func TestAnOutageIsCaughtUpByOneInterval(t *testing.T) {
	t.Parallel()
	for _, outage := range []time.Duration{2 * time.Minute, 20 * time.Minute, time.Hour, 26 * time.Hour} {
		w := newWorld(t)
		for i, every := range integration.Intervals() {
			for n := range 60 {
				w.add(fmt.Sprintf("%d-%02d", i, n), every, integration.Verified)
			}
		}
		_, err := w.tick(0)
		w.must(err)
		w.take()
		sent, err := w.tick(outage)
		w.must(err)
		if sent.Behind != outage || sent.Minutes != integration.Shards*int(outage/time.Minute) {
			t.Errorf("after %s: behind %s, %d minutes", outage, sent.Behind, sent.Minutes)
		}
		got := w.take()
		for i, every := range integration.Intervals() {
			found := 0
			for n := range 60 {
				switch k := got[fmt.Sprintf("sync %d-%02d", i, n)]; k {
				case 0:
				case 1:
					found++
				default:
					t.Errorf("after %s: one of every %s was sent %d times", outage, every, k)
				}
			}
			if outage >= every && found != 60 {
				t.Errorf("after %s %d of 60 of every %s were sent", outage, found, every)
			}
		}
		if again, err := w.tick(0); err != nil || again.Syncs != 0 {
			t.Errorf("a second tick in the same minute sent %d, %v", again.Syncs, err)
		}
	}
}

// Every call to the store and the queue fails in turn, before it takes effect
// or after: the next tick makes up for it, and nothing is skipped. What was sent
// twice stands for the same moment or a later one, so one run covers it.
func TestNoFailureSkipsAnything(t *testing.T) {
	t.Parallel()
	fill := func(t *testing.T) *world {
		w := newWorld(t)
		for i := range 100 {
			w.add(fmt.Sprintf("%03d", i), time.Minute, integration.Verified)
		}
		_, err := w.tick(0)
		w.must(err)
		w.take()
		w.calls = 0
		return w
	}
	whole := fill(t)
	_, err := whole.tick(time.Minute)
	whole.must(err)
	if whole.calls < 60 {
		t.Fatalf("a tick makes %d calls", whole.calls)
	}
	failures := 0
	for n := 1; n <= whole.calls; n++ {
		for _, after := range []bool{false, true} {
			w := fill(t)
			w.fail, w.after = n, after
			if _, err := w.tick(time.Minute); errors.Is(err, errPlanned) {
				failures++
			}
			w.fail = 0
			if _, err := w.tick(20 * time.Second); err != nil { // the scheduler's retry, within the minute
				t.Errorf("call %d, after %t: the next tick fails: %v", n, after, err)
			}
			got := w.take()
			for i := range 100 {
				if k := got[fmt.Sprintf("sync %03d", i)]; k < 1 || k > 2 {
					t.Errorf("call %d, after %t: integration %d was sent %d times", n, after, i, k)
				}
			}
		}
	}
	if failures < whole.calls {
		t.Errorf("of %d planned failures %d showed", 2*whole.calls, failures)
	}
	t.Logf("%d boundaries, failed before and after their effect: 0 of 100 skipped, none sent more than twice", whole.calls)
}

// Two dispatchers at once send everything once or twice, and leave one watermark.
func TestTwoDispatchersAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 300 {
		w.add(fmt.Sprintf("%03d", i), time.Minute, integration.Verified)
	}
	for range 10 {
		w.now = w.now.Add(time.Minute)
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				if _, err := w.scheduler.Tick(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		for i, got := 0, w.take(); i < 300; i++ {
			if k := got[fmt.Sprintf("sync %03d", i)]; k < 1 || k > 2 {
				t.Errorf("integration %d was sent %d times", i, k)
			}
		}
		due := int64(0)
		for shard := range integration.Shards {
			m, err := w.db.Integrations.Watermark(context.Background(), shard)
			w.must(err)
			if !m.Minute.Equal(w.now.Truncate(time.Minute)) {
				t.Errorf("shard %d stands at %s", shard, m.Minute)
			}
			due += m.Due + m.DueBefore
		}
		if due > 300*integration.DueScale {
			t.Errorf("what is due was counted twice: %d", due/integration.DueScale)
		}
	}
}

// A slot is read page by page to its end.
func TestAFullSlotIsPaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const n = 9000 // more than two pages in each shard
	for i := range n {
		w.add(fmt.Sprintf("%05d", i), time.Minute, integration.Verified)
	}
	sent, err := w.tick(0)
	w.must(err)
	if got := w.take(); sent.Syncs != n || len(got) != n {
		t.Errorf("%d sent, %d of %d reached", sent.Syncs, len(got), n)
	}
	if empty := integration.Shards * (1 + 5 + 15 + 60); w.pages < empty+2*integration.Shards {
		t.Errorf("%d pages were read", w.pages)
	}
}

// One shard that can't be dispatched doesn't hold up the others.
func TestAShardThatFailsIsAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, aShardThatFails)
}

func aShardThatFails(t *testing.T) {
	w := newWorld(t)
	for i := range 200 {
		w.add(fmt.Sprintf("%03d", i), time.Minute, integration.Verified)
	}
	w.scheduler.Slots = broken{slots{w}}
	if _, err := w.tick(0); !errors.Is(err, errPlanned) {
		t.Errorf("the tick says %v", err)
	}
	for shard := range integration.Shards {
		m, err := w.db.Integrations.Watermark(context.Background(), shard)
		w.must(err)
		if stands := m.Minute.IsZero(); stands != (shard == 3) {
			t.Errorf("shard %d stands at %s", shard, m.Minute)
		}
	}
}

// broken is an index one of whose shards can't be read.
type broken struct{ slots }

func (b broken) Due(ctx context.Context, slot string, p integration.Page) ([]integration.DueItem, string, error) {
	if strings.HasSuffix(slot, "#3") {
		return nil, "", errPlanned
	}
	select { // in a bubble: until the shard that fails has failed
	case <-ctx.Done():
		return nil, "", ctx.Err()
	case <-time.After(time.Second):
	}
	return b.slots.Due(ctx, slot, p)
}

// Whoever dispatched by a clock that was two hours ahead left the watermarks in
// the future: the next tick by a right one puts them back, and is a tick like any.
func TestAClockThatWasWrongStopsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.add("a", time.Minute, integration.Verified)
	for _, move := range []time.Duration{0, 2 * time.Hour} {
		_, err := w.tick(move)
		w.must(err)
	}
	w.take()
	for _, move := range []time.Duration{time.Minute - 2*time.Hour, time.Minute} {
		_, err := w.tick(move)
		w.must(err)
		if got := w.take()["sync a"]; got != 1 {
			t.Errorf("after the clock was put right it was sent %d times in a minute, want once", got)
		}
	}
}

// A backlog that takes longer than a tick may live is worked off by several: each
// keeps what it has done, and nobody is skipped.
func TestABacklogLongerThanATick(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const n = 600
	for i := range n {
		w.add(fmt.Sprintf("%03d", i), time.Hour, integration.Verified)
	}
	_, err := w.tick(0)
	w.must(err)
	w.take()
	w.now = w.now.Add(time.Hour).Truncate(time.Minute)
	w.scheduler.Slots = tedious{slots{w}}
	got, ticks := map[string]int{}, 0
	for ; ticks < 60; ticks++ {
		ctx, cancel := context.WithDeadline(context.Background(), w.now.Add(55*time.Second))
		began := w.now
		sent, err := w.scheduler.Tick(ctx)
		w.must(err)
		cancel()
		for name, k := range w.take() {
			got[name] += k
		}
		if w.now.Sub(began) > 55*time.Second {
			t.Fatalf("a tick took %s of its 55 s", w.now.Sub(began))
		}
		w.now = w.now.Truncate(time.Minute).Add(time.Minute)
		if sent.Behind <= 2*time.Minute {
			break
		}
	}
	if ticks < 3 || ticks > 50 {
		t.Errorf("%d ticks worked the backlog off", ticks+1)
	}
	for i := range n {
		if k := got[fmt.Sprintf("sync %03d", i)]; k < 1 || k > 2 { // its minute may come round again meanwhile
			t.Errorf("%03d was sent for %d times", i, k)
		}
	}
}

// tedious is an index each slot of which takes a fifth of a second to read.
type tedious struct{ slots }

func (s tedious) Due(ctx context.Context, slot string, p integration.Page) ([]integration.DueItem, string, error) {
	items, next, err := s.slots.Due(ctx, slot, p)
	s.w.mu.Lock()
	s.w.now = s.w.now.Add(200 * time.Millisecond)
	s.w.mu.Unlock()
	return items, next, err
}
