package integration

import (
	"hash/fnv"
	"time"
)

// Pacing is how far polls are spread out in one shard. When more is due than the
// provider's quota allows, every interval counts as a whole number of times as
// long: its factor. An integration keeps its slot, and only some of its turns are
// taken.
//
// Which ones is told by a clock that runs the slower the greater the factor: a
// turn is taken where the clock has gone once more through the integration's
// interval, each integration's own moment of it. So while the factor is k,
// everybody's turn is every k-th; and when the factor changes, nobody waits
// longer than the greatest factor meanwhile, nor comes sooner than an interval,
// however often it changes. (Counting turns and taking every k-th would let
// somebody starve whose turn was always about to come.)
//
// A factor holds for a window, as failures do (FailureWindow). The zero Pacing
// spreads nothing out.
type Pacing struct {
	Minute  time.Time // where Clock stands
	Window  int64     // that Factors begins with
	Factors [5]int    // of Window and the ones before it: more than the longest interval; 0 counts as 1
	Clock   int64     // at Minute, in billionths of a minute
}

const (
	clockMinute = int64(1e9) // what a minute adds to the clock where nothing is spread out

	// MaxFactor bounds the factor: beyond it quota and fleet don't belong together.
	MaxFactor = 1000
)

// Factor is how many times longer intervals are at a moment.
func (p Pacing) Factor(t time.Time) int { return p.in(WindowOf(t)) }

func (p Pacing) in(window int64) int {
	last := int64(len(p.Factors) - 1)
	return min(max(p.Factors[min(max(p.Window-window, 0), last)], 1), MaxFactor)
}

// Enter gives the pacing in a window, from which on another factor holds. Windows
// that nobody entered keep the factor of the one before them.
func (p Pacing) Enter(window int64, factor int) Pacing {
	was := p
	p.Window = window
	for i := range p.Factors {
		p.Factors[i] = was.in(window - int64(i))
	}
	p.Factors[0] = min(max(factor, 1), MaxFactor)
	return p
}

// At moves the clock on to a minute.
func (p Pacing) At(minute time.Time) Pacing {
	p.Clock = p.clock(minuteOf(minute))
	p.Minute = minute
	return p
}

// Turn says which integrations of one interval have their turn at a minute that
// they stand in: a test of key and generation.
func (p Pacing) Turn(every time.Duration, minute time.Time) func(Key, string) bool {
	at, length := minuteOf(minute), max(int64(every/time.Minute), 1)
	from, to := p.clock(at-length), p.clock(at)
	if to-from >= length*clockMinute { // nothing was spread out
		return func(Key, string) bool { return true }
	}
	return func(key Key, id string) bool {
		own := momentOf("turn", key, id, length*clockMinute)
		return (from+own)/(length*clockMinute) != (to+own)/(length*clockMinute)
	}
}

// clock gives where the clock stands at a minute, before or after its own.
func (p Pacing) clock(at int64) int64 {
	if p.Minute.IsZero() {
		return at * clockMinute
	}
	own := minuteOf(p.Minute)
	if at < own {
		return p.Clock - p.between(at, own)
	}
	return p.Clock + p.between(own, at)
}

// between is by how much the clock goes on from one minute to a later one: window
// by window, those that are all alike at once.
func (p Pacing) between(from, to int64) (sum int64) {
	const each = int64(FailureWindow / time.Minute)
	oldest := p.Window - int64(len(p.Factors)-1)
	for from < to {
		window := (from + 1) / each
		end := (window+1)*each - 1
		switch {
		case window < oldest:
			end = oldest*each - 1
		case window >= p.Window:
			end = to
		}
		end = min(end, to)
		factor := int64(p.in(window))
		sum += (end - from) * ((clockMinute + factor - 1) / factor) // rounded up: never later than the factor says
		from = end
	}
	return sum
}

// Second is an integration's own moment of a minute, always the same: polls that
// are spread over it leave room for what a person asks for in between.
func Second(key Key, id string) time.Duration {
	return time.Duration(momentOf("second", key, id, int64(time.Minute)))
}

// momentOf is an integration's own point in a length, always the same and spread
// evenly: independent of its slot, which other bits of another hash decide.
func momentOf(of string, key Key, id string, length int64) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(of + "\x00" + key.Account + "\x00" + key.Provider + "\x00" + id))
	sum := h.Sum64()
	sum ^= sum >> 33 // FNV leaves its high bits too much alike for names that differ at their end
	sum *= 0xff51afd7ed558ccd
	sum ^= sum >> 33
	return int64(sum % uint64(length))
}

func minuteOf(t time.Time) int64 { return t.Unix() / 60 }

// PollsScale is in what Mark.Polls counts: thousandths of a poll.
const PollsScale = 1000

// FactorFor gives by how much intervals are to be lengthened, so that what is due
// a minute (over all shards, in thousandths) stays within the quota. It comes back
// a little later than it went up, or what is due at its edge would have it go to
// and fro. Who doesn't know
// the quota (0) leaves the factor as it is.
func FactorFor(due int64, quota, now int) int {
	if quota <= 0 {
		return now
	}
	allowed := int64(quota) * PollsScale
	need := int((max(due, 0) + allowed - 1) / allowed)
	if need < now && due > int64(now-1)*allowed*9/10 {
		need = now
	}
	return min(max(need, 1), MaxFactor)
}
