package integration

import (
	"context"
	"hash/fnv"
	"time"
)

// FailureWindow is the breaker's window: however many runs of an integration
// fail in it, they count once.
const FailureWindow = 15 * time.Minute

// WindowOf numbers the window that a moment lies in.
func WindowOf(t time.Time) int64 { return t.Unix() / int64(FailureWindow/time.Second) }

// Fleet tells a provider's outage from an integration's own trouble. What fails is
// compared with what the dispatcher sent for, so only runs that it sent for are
// counted: whatever fails besides (edits, notifications, what a person asked for)
// has no number of its like to be held against, and is judged by theirs.
type Fleet interface {
	// CountFailure counts a polled integration whose first failed run in a window
	// this is, and gives what that window and the one before it amount to. The tally is
	// about right: a repeated write may count twice, and what was written a moment
	// ago may be missing. The count is forgotten some time after two windows.
	CountFailure(ctx context.Context, key Key, window int64) (FleetTally, error)
	// Tally gives the same and counts nobody.
	Tally(ctx context.Context, window int64) (FleetTally, error)
}

// FleetTally is how many integrations failed in a window and in the one before
// it when the dispatcher had sent for them, against how many it had.
type FleetTally struct {
	Failed, FailedBefore int
	Due, DueBefore       int
}

// fleetLeast is how many integrations fail at least where it is the fleet that
// fails: the breaker of a handful works as if each were alone.
const fleetLeast = 10

// MostFail reports whether more than half of the fleet fails, so that no single
// integration's breaker may count it.
//
// It is compared with what was due, which the dispatcher knows already and
// writes with its watermark: nothing that succeeds writes anything for it. A
// window that has just begun is held against the whole of the one before, or
// the first few failures of each window would pass for a fleet's; and one that
// follows a window in which most failed is frozen from its first run, or those
// who stand at its beginning would be counted every time. So an outage is
// counted against an integration twice at most, before it is seen as one.
// Where nothing was dispatched for two windows there is nothing to compare
// with, and nothing is frozen.
func (t FleetTally) MostFail() bool {
	most := func(failed, due int) bool { return due > 0 && failed >= fleetLeast && 2*failed > due }
	before := t.DueBefore
	if before == 0 {
		before = t.Due
	}
	return most(t.Failed, max(t.Due, t.DueBefore)) || most(t.FailedBefore, before)
}

// Mark is how far the dispatcher has come in one shard, and what it found due
// on the way.
type Mark struct {
	Pacing // Minute is the last one that was dispatched, zero where none was; Window is that minute's
	// Due and DueBefore are the integrations that were sent for in the window so
	// far, and in the one before it, times DueScale: one that is polled every minute
	// stands in fifteen minutes of a window and counts a fifteenth in each.
	Due, DueBefore int64
	// Polls is what was due in the window's minutes so far, sent for or not, in
	// thousandths; Ticks is how many minutes that were.
	Polls, Ticks int64
}

// DueScale is how many minutes a window has.
const DueScale = int64(FailureWindow / time.Minute)

// DueWeight is what one integration that is sent for adds to a Mark's Due, by how
// often it is.
func DueWeight(every time.Duration) int64 { return min(int64(every/time.Minute), DueScale) }

// Next is the mark after a minute at which so much was sent for, and so much
// was due.
func (m Mark) Next(minute time.Time, due, polls int64) Mark {
	window := WindowOf(minute)
	next := Mark{Pacing: m.Pacing, Due: due, Polls: polls, Ticks: 1}
	if m.Window != window {
		next.Pacing = m.Enter(window, m.in(window))
	}
	next.Pacing = next.At(minute)
	switch WindowOf(m.Minute) {
	case window:
		next.Due, next.DueBefore = m.Due+due, m.DueBefore
		next.Polls, next.Ticks = m.Polls+polls, m.Ticks+1
	case window - 1:
		next.DueBefore = m.Due
	}
	return next
}

// PollsAMinute is what was due a minute, in thousandths, as far as this mark tells.
func (m Mark) PollsAMinute() int64 { return m.Polls / max(m.Ticks, 1) }

// In gives what was due in a window and in the one before it, times DueScale,
// as far as this mark tells.
func (m Mark) In(window int64) (due, before int64) {
	switch window {
	case m.Window:
		return m.Due, m.DueBefore
	case m.Window + 1:
		return 0, m.Due
	}
	return 0, 0
}

// FailureShard spreads the counting of a window's failures.
func FailureShard(key Key) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key.Account + "\x00" + key.Provider))
	return int(h.Sum32() % Shards)
}
