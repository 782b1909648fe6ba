package dispatch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
)

// With three times as much due as the quota allows, polls are the quota's in
// number (a single minute's spread about it as hashes do), everybody comes round in three
// intervals, and it goes back to one when enough of them have gone. What isn't a
// poll goes as ever all the while.
func TestIntervalsLengthenByWhatIsDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const quota = 100
	w.scheduler.Quota = quota
	var log bytes.Buffer
	w.scheduler.Log = slog.New(slog.NewTextHandler(&log, nil))
	every := map[string]time.Duration{}
	var gone []*integration.Integration
	add := func(n int, interval time.Duration) {
		for i := range n {
			name := fmt.Sprintf("%s-%04d", interval, i)
			every[name] = interval
			rec := w.add(name, interval, integration.Verified)
			if i >= n/4 {
				gone = append(gone, rec)
			}
		}
	}
	add(100, time.Minute)
	add(700, 5*time.Minute)
	add(900, 15*time.Minute) // 300 a minute in all
	w.add("testing", time.Minute)
	w.add("resting", time.Minute, integration.Verified, integration.Deactivated)

	last := map[string]time.Time{}
	tick := func() (polls, held, factor int, worst float64) {
		sent, err := w.tick(time.Minute)
		w.must(err)
		got := w.take()
		for _, name := range []string{"testing", "resting"} {
			if got["sync "+name] != 1 {
				t.Errorf("at factor %d %s was sent for %d times in a minute", sent.Factor, name, got["sync "+name])
			}
		}
		for name, interval := range every {
			switch got["sync "+name] {
			case 0:
			case 1:
				last[name] = w.now
			default:
				t.Errorf("%s was sent for %d times in a minute", name, got["sync "+name])
			}
			if at, ok := last[name]; ok {
				worst = max(worst, float64(w.now.Sub(at))/float64(interval))
			}
		}
		return sent.Syncs - 2, sent.Held, sent.Factor, worst
	}
	for range 45 { // a window to measure, one to begin with, and the slowest's first turn
		tick()
	}
	polls, most := 0, 0
	const minutes = 90 // two turns of the slowest
	for minute := range minutes {
		n, held, factor, worst := tick()
		polls, most = polls+n, max(most, n)
		if factor != 3 || held == 0 || worst > 3 {
			t.Fatalf("minute %d: factor %d, %d held, somebody waited %.2f intervals", minute, factor, held, worst)
		}
	}
	if polls != minutes*quota || most > quota*14/10 {
		t.Errorf("%d polls in %d minutes, %d in one at most; the quota is %d a minute", polls, minutes, most, quota)
	}
	t.Logf("300 polls a minute are due, the quota is %d: %.1f a minute were sent, %d at most, nobody waited beyond three intervals", quota, float64(polls)/minutes, most)

	for _, rec := range gone { // three in four
		after, entry, err := integration.Move(rec, integration.Pause, integration.Moving{Now: w.now, EntryID: w.id()})
		w.must(err)
		w.must(w.db.Integrations.Apply(context.Background(), integration.Change{Before: rec, After: after, Entry: &entry}))
		delete(every, rec.Account)
		delete(last, rec.Account)
	}
	for range 45 {
		tick()
	}
	for minute := range 30 {
		if n, held, factor, worst := tick(); factor != 1 || held != 0 || worst > 1 {
			t.Fatalf("%d minutes after load fell: factor %d, %d polls, %d held, somebody waited %.2f intervals", minute, factor, n, held, worst)
		}
	}
	if said := strings.Count(log.String(), "polling intervals change"); said < 2 || said > 3 || !strings.Contains(log.String(), "factor=3") || !strings.Contains(log.String(), "factor=1 was=") {
		t.Errorf("the log says\n%s", &log)
	}
}

// Whoever has edits that nobody comes for is sent for at its own interval, however
// far the others' are spread out, and at the minute's beginning; it is not counted
// as one more that is due, so that it lengthens nobody's.
func TestEditsThatWaitAreNotHeldBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.scheduler.Quota = 40
	for i := range 120 {
		w.add(fmt.Sprintf("%03d", i), time.Minute, integration.Verified)
	}
	waits, slow := w.add("waits", time.Minute, integration.Verified), w.add("slow", 5*time.Minute, integration.Verified)
	for range 45 {
		_, err := w.tick(time.Minute)
		w.must(err)
	}
	note := func() {
		for _, rec := range []*integration.Integration{waits, slow} {
			w.must(w.db.Integrations.EditsWait(t.Context(), rec.Key, rec.ID, w.now))
		}
	}
	for _, noted := range []bool{false, true} {
		if noted {
			note()
		}
		w.take()
		for range 30 {
			sent, err := w.tick(time.Minute)
			w.must(err)
			if sent.Factor < 3 || sent.Factor > 4 {
				t.Fatalf("the factor is %d", sent.Factor)
			}
		}
		if late := w.late["sync waits"]; noted == (late > 0) {
			t.Errorf("noted: %t; its job was held back for %s", noted, late)
		}
		got, every := w.take(), 30
		if !noted {
			every = 10
		}
		if n := got["sync waits"]; n < every-3 || n > every {
			t.Errorf("noted: %t; one of a minute was sent for %d times in 30 minutes", noted, n)
		}
		if n := got["sync slow"]; noted && n != 6 || !noted && n > 2 {
			t.Errorf("noted: %t; one of five minutes was sent for %d times in 30 minutes", noted, n)
		}
	}
}

// A tick that fails half way in the minute in which the factor changes, before or
// after what failed took effect, is made up for by the next; two dispatchers
// decide alike.
func TestTheFactorsChangeSurvivesFailures(t *testing.T) {
	t.Parallel()
	fill := func() *world {
		w := newWorld(t)
		w.scheduler.Quota = 20
		for i := range 60 {
			w.add(fmt.Sprintf("%02d", i), time.Minute, integration.Verified)
		}
		for range 14 { // to the window's last minute
			_, err := w.tick(time.Minute)
			w.must(err)
		}
		w.take()
		w.calls = 0
		return w
	}
	whole := fill()
	sent, err := whole.tick(time.Minute)
	whole.must(err)
	if sent.Factor != 3 || sent.Syncs+sent.Held != 60 {
		t.Fatalf("the factor is %d, %d sent for, %d held", sent.Factor, sent.Syncs, sent.Held)
	}
	want := whole.take()
	for n := 1; n <= whole.calls; n++ {
		for _, after := range []bool{false, true} {
			w := fill()
			w.fail, w.after = n, after
			_, err := w.tick(time.Minute)
			w.fail = 0
			if err != nil && !errors.Is(err, errPlanned) {
				t.Fatal(err)
			}
			if again, err := w.tick(20 * time.Second); err != nil || again.Factor != 3 {
				t.Errorf("call %d, after %t: the next tick's factor is %d, %v", n, after, again.Factor, err)
			}
			got := w.take()
			for name := range want {
				if got[name] < 1 || got[name] > 2 {
					t.Errorf("call %d, after %t: %s was sent for %d times", n, after, name, got[name])
				}
			}
			if len(got) != len(want) {
				t.Errorf("call %d, after %t: %d were sent for, want the same %d", n, after, len(got), len(want))
			}
		}
	}
}

// Entries that nobody can read, and those that no job can be made of, stop nobody
// else's: they are left out and counted.
func TestAnUnreadableEntryStopsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 100 {
		w.add(fmt.Sprintf("%03d", i), time.Minute, integration.Verified)
	}
	w.scheduler.Slots = spoilt{slots{w}}
	sent, err := w.tick(0)
	w.must(err)
	slots := integration.Shards * (1 + 5 + 15 + 60)
	if got := w.take(); len(got) != 100 || sent.Syncs != 100 || sent.Unreadable != 2*slots {
		t.Errorf("%d reached, %d sent, %d unreadable, want %d", len(got), sent.Syncs, sent.Unreadable, 2*slots)
	}
	for shard := range integration.Shards {
		if m, err := w.db.Integrations.Watermark(context.Background(), shard); err != nil || m.Minute.IsZero() {
			t.Errorf("shard %d stands at %s, %v", shard, m.Minute, err)
		}
	}
}

// spoilt is an index with two strange entries in every slot.
type spoilt struct{ slots }

func (s spoilt) Due(ctx context.Context, slot string, p integration.Page) ([]integration.DueItem, string, error) {
	items, next, err := s.slots.Due(ctx, slot, p)
	return append([]integration.DueItem{{Unreadable: "X Y"}, {Key: integration.Key{Account: "a"}}}, items...), next, err
}
