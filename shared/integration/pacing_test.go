package integration_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"aura.example/integrations/shared/integration"
)

var paceStart = time.Date(2031, 5, 5, 12, 0, 0, 0, time.UTC)

func paceKey(i int) (integration.Key, string) {
	return integration.Key{Account: fmt.Sprintf("acct-%05d", i), Provider: "p"}, fmt.Sprintf("01G%023d", i)
}

// While a factor stands, everybody's turn is every so-manieth, and each turn takes
// its share of them.
func TestAFactorTakesEveryKthTurn(t *testing.T) {
	t.Parallel()
	const n = 200
	for _, every := range integration.Intervals() {
		for _, k := range []int{1, 2, 3, 11} {
			p := integration.Pacing{}.At(paceStart).Enter(integration.WindowOf(paceStart), k)
			last, shares := map[int]int{}, 0
			for turn := range 8 * k {
				m := paceStart.Add(2*time.Hour + time.Duration(turn)*every)
				mine := p.Turn(every, m)
				taken := 0
				for i := range n {
					if !mine(paceKey(i)) {
						continue
					}
					if was, ok := last[i]; ok && turn-was != k && turn-was != k-1 {
						t.Fatalf("every %s, factor %d: %d turns apart", every, k, turn-was)
					} else if ok && turn-was == k-1 {
						shares++ // rounding takes a billionth off
					}
					last[i] = turn
					taken++
				}
				if taken < n/k/2 || taken > 2*n/k+n/10 {
					t.Errorf("every %s, factor %d: a turn takes %d of %d", every, k, taken, n)
				}
			}
			if len(last) != n || shares > n/100 {
				t.Errorf("every %s, factor %d: %d of %d had a turn, %d came early", every, k, len(last), n, shares)
			}
		}
	}
}

// Whatever the factor does from window to window, nobody waits longer than the
// greatest of the time allows, nobody comes earlier than an interval, and how
// often somebody came is what the factors add up to. Ticks that fail and are
// caught up change nothing.
func TestNoChangeOfFactorSkipsOrDoubles(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		every := rapid.SampledFrom(integration.Intervals()).Draw(t, "every")
		factors := rapid.SliceOfN(rapid.IntRange(1, 6), 8, 40).Draw(t, "factors")
		from := paceStart.Add(time.Duration(rapid.IntRange(0, 14).Draw(t, "offset")) * time.Minute)
		key, id := paceKey(rapid.IntRange(0, 9999).Draw(t, "who"))
		minutes := int(every / time.Minute)
		place := rapid.IntRange(0, minutes-1).Draw(t, "place")
		missed := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "missed"), 1))

		mark := integration.Mark{}
		last, taken, share, waits, window := time.Time{}, 0, 0.0, 0.0, int64(0)
		for minute := from; int(integration.WindowOf(minute)-integration.WindowOf(from)) < len(factors); minute = minute.Add(time.Minute) {
			w := integration.WindowOf(minute)
			waits += 1 / float64(factors[w-integration.WindowOf(from)]) / float64(minutes)
			if missed.IntN(3) == 0 && w == window { // that tick fails: a later one makes up for it
				continue
			}
			if window != w {
				mark.Pacing, window = mark.Enter(w, factors[w-integration.WindowOf(from)]), w
			}
			first := mark.Minute.Add(time.Minute)
			if mark.Minute.IsZero() {
				first = minute
			}
			for m := first; !m.After(minute); m = m.Add(time.Minute) {
				if int(m.Unix()/60)%minutes != place || !mark.Turn(every, m)(key, id) {
					continue
				}
				if !last.IsZero() {
					most := 1
					for x := last; x.Before(m); x = x.Add(time.Minute) {
						most = max(most, factors[integration.WindowOf(x)-integration.WindowOf(from)])
					}
					most = max(most, factors[integration.WindowOf(m)-integration.WindowOf(from)])
					if gap := m.Sub(last); gap > time.Duration(most)*every || gap < every {
						t.Fatalf("at %s it came after %s, the greatest factor was %d", every, gap, most)
					}
				}
				last = m
				taken++
			}
			mark = mark.Next(minute, 0, 0)
			share, waits = share+waits, 0
		}
		if d := float64(taken) - share; d > 2 || d < -2 {
			t.Fatalf("it came %d times, the factors add up to %.2f", taken, share)
		}
	})
}

// A shard that nobody dispatched for long goes on as it was.
func TestPacingAfterALongSilence(t *testing.T) {
	t.Parallel()
	for _, silence := range []time.Duration{time.Hour, 26 * time.Hour, 365 * 24 * time.Hour} {
		mark := integration.Mark{}.Next(paceStart, 0, 0)
		mark.Pacing = mark.Enter(mark.Window, 3)
		now := paceStart.Add(silence)
		mark.Pacing = mark.Enter(integration.WindowOf(now), 3)
		taken := 0
		for turn := range 3 {
			mine := mark.Turn(5*time.Minute, now.Add(time.Duration(turn)*5*time.Minute))
			for i := range 300 {
				if mine(paceKey(i)) {
					taken++
				}
			}
		}
		if taken != 300 {
			t.Errorf("after %s: %d of 300 had a turn in three intervals", silence, taken)
		}
		if f := mark.Factor(paceStart.Add(-time.Hour)); f != 1 && f != 3 {
			t.Errorf("the factor of long ago is %d", f)
		}
	}
}

// What is shown as the next sync is the minute that is sent for.
func TestNextSyncIsTrue(t *testing.T) {
	t.Parallel()
	for _, k := range []int{1, 2, 5} {
		p := integration.Pacing{}.At(paceStart).Enter(integration.WindowOf(paceStart), k)
		for i := range 200 {
			key, id := paceKey(i)
			rec := integration.New(key, id, paceStart)
			rec.Settings.Interval = integration.Intervals()[i%4]
			rec.Status = integration.Active
			rec.Slot = integration.SlotOf(rec)
			place, _ := rec.Place()
			want := paceStart.Add(time.Minute)
			for int(want.Unix()/60)%place.Interval != place.Minute || !p.Turn(rec.PollEvery(), want)(key, id) {
				want = want.Add(time.Minute)
			}
			if got := rec.NextSync(paceStart.Add(30*time.Second), p); !got.Equal(want) {
				t.Errorf("factor %d, every %s: next sync %s, want %s", k, rec.PollEvery(), got, want)
			}
			rec.EditsWait = paceStart
			if got := rec.NextSync(paceStart.Add(30*time.Second), p); got.Before(paceStart.Add(time.Minute)) || got.After(paceStart.Add(rec.PollEvery())) || int(got.Unix()/60)%place.Interval != place.Minute {
				t.Errorf("factor %d, every %s, edits wait: next sync %s", k, rec.PollEvery(), got)
			}
			rec.EditsWait = time.Time{}
			rec.RetryNotBefore = want.Add(10 * time.Second)
			if got := rec.NextSync(paceStart, p); got.Before(rec.RetryNotBefore) || int(got.Unix()/60)%place.Interval != place.Minute {
				t.Errorf("it waits until %s, next sync %s", rec.RetryNotBefore, got)
			}
			rec.Status, rec.RetryNotBefore, rec.RetryAt = integration.Error, time.Time{}, paceStart.Add(61*time.Minute)
			if got := rec.NextSync(paceStart, p); got.Before(rec.RetryAt) || got.Sub(rec.RetryAt) >= rec.PollEvery() {
				t.Errorf("it rests until %s, next sync %s: a probe isn't spread out", rec.RetryAt, got)
			}
		}
	}
	broken := integration.New(integration.Key{}, "", paceStart)
	for _, slot := range []string{"", "x", "5#7#1", "0#0#0", "5#-1#0", "5#1#8", "5#1#-1"} {
		broken.Slot = slot
		if got := broken.NextSync(paceStart, integration.Pacing{}); !got.IsZero() {
			t.Errorf("slot %q is due at %s", slot, got)
		}
	}
}

func TestTheFactorFollowsWhatIsDue(t *testing.T) {
	t.Parallel()
	const quota = 600
	for _, c := range []struct{ due, now, want int }{
		{0, 1, 1}, {600, 1, 1}, {601, 1, 2}, {1200, 1, 2}, {1800, 1, 3}, {1801, 3, 4},
		{1799, 3, 3}, {1199, 3, 3}, {1081, 3, 3}, {1080, 3, 2}, {541, 2, 2}, {540, 2, 1}, {541, 3, 1}, {10_000_000, 1, integration.MaxFactor},
	} {
		if got := integration.FactorFor(int64(c.due)*integration.PollsScale, quota, c.now); got != c.want {
			t.Errorf("%d due a minute at factor %d: %d, want %d", c.due, c.now, got, c.want)
		}
	}
	if got := integration.FactorFor(1e9, 0, 4); got != 4 {
		t.Errorf("who knows no quota makes it %d", got)
	}
}
