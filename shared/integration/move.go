package integration

import (
	"fmt"
	"hash/fnv"
	"time"
)

// Moving is what a transition needs to know besides its name.
type Moving struct {
	Now           time.Time
	EntryID       string // ULID for the history
	CorrelationID string
	Actor         Actor     // "" takes the table's
	Message       string    // instead of the reason's default message
	RetryAt       time.Time // deactivated: the next probe
	Run           *Lease    // a queued run that follows at once; its job is sent after the write
}

// Move carries a record through a transition and gives the record as it is to
// be, with its history entry; the record that was read is left alone. It is the
// one place that assigns a status.
//
// A transition raises version and fence and clears the lease: a run that was
// under way ends as superseded at its next write. Where that run was reading or
// writing, what it may still write to rows that don't exist yet can't be
// refused, so the first run after its time limit verifies everything.
func Move(rec *Integration, name Name, m Moving) (*Integration, Entry, error) {
	var reason ReasonCode
	if rec.Reason != nil {
		reason = rec.Reason.Code
	}
	t, err := Find(name, rec.Status, reason)
	if err != nil {
		return nil, Entry{}, err
	}
	after := rec.Clone()
	entry := Entry{
		ID: m.EntryID, Key: rec.Key, Generation: rec.ID, At: m.Now, Transition: name,
		From: rec.Status, To: rec.Status, Actor: m.Actor, CorrelationID: m.CorrelationID, Reason: string(t.Sets),
	}
	if entry.Actor == "" {
		entry.Actor = t.By
	}
	if t.Quiet {
		return after, entry, nil
	}
	to := t.To
	if name == Verified && rec.WasPaused {
		to = Paused
	}
	entry.To = to
	after.Status = to
	after.StatusSince = m.Now
	after.Reason = nil
	if t.Sets != "" {
		after.Reason = &Reason{Code: t.Sets, Message: m.Message, Since: m.Now}
		if after.Reason.Message == "" {
			after.Reason.Message = InfoOf(t.Sets).Message
		}
	}
	after.Version++
	after.Fence++
	clearLease(after, m.Now)
	switch name {
	case Authorized:
		after.Failures, after.FailureWindow = 0, 0
		after.RetryAt, after.RetryNotBefore, after.FlowExpires = time.Time{}, time.Time{}, time.Time{}
		after.PushPausedUntil, after.PushRest = time.Time{}, 0
		after.WasPaused = false
		after.Channel = nil // the provider may have dropped it with the old grant; the caller has it stopped
	case CalendarChosen:
		after.WasPaused = rec.Status == Paused
		after.Channel = nil // it watches the calendar that is left; the caller has it stopped
	case Pause:
		after.Channel = nil // the caller has it stopped
	case Verified:
		after.WasPaused = false
	case Recovered:
		after.Failures, after.FailureWindow = 0, 0
		after.RetryAt = time.Time{}
	case Deactivated:
		after.RetryAt = m.RetryAt
	case DeletionsConfirm:
		after.DeletionsDecision = DeletionsConfirmed
	case DeletionsReject:
		after.DeletionsDecision = DeletionsRejected
	case Disconnect, AccessRevoked:
		after.Channel = nil
		after.RetryAt, after.RetryNotBefore = time.Time{}, time.Time{}
		after.DeletionsDecision = "" // it was about what was held then: a later connection asks again
	}
	if m.Run != nil {
		after.Fence++ // every taking of the lease raises it
		run := *m.Run
		after.Lease = &run
	}
	after.Slot = SlotOf(after)
	return after, entry, nil
}

// Break clears a lease on the operator's order, as a transition would.
func Break(rec *Integration, now time.Time) *Integration {
	after := rec.Clone()
	after.Version++
	after.Fence++
	clearLease(after, now)
	return after
}

func clearLease(rec *Integration, now time.Time) {
	if l := rec.Lease; l != nil && (l.State == RunRunning || l.Begun()) {
		rec.VerifyAfter = now.Add(FunctionLimit + Skew)
	}
	rec.Lease, rec.Dirty = nil, false
}

// QueuedRun makes the lease of a run that is promised and not yet begun.
func QueuedRun(runID, attempt string, trigger Trigger, now time.Time) *Lease {
	return &Lease{RunID: runID, Attempt: attempt, State: RunQueued, Until: now.Add(QueuedFor), Trigger: trigger, Phase: PhaseQueued}
}

// New makes the first record of a generation, before any transition: its
// status is None, and Move(…, Create) makes it a draft.
func New(key Key, id string, now time.Time) *Integration {
	return &Integration{
		Key: key, ID: id, Status: None, CreatedAt: now, StatusSince: now,
		Settings: Settings{Direction: TwoWay, Interval: DefaultInterval},
	}
}

// Shards is over how many index partitions each minute's slot is spread.
const Shards = 8

// SafetyInterval is how often an integration with a live push channel is
// polled all the same, since pushes get lost.
const SafetyInterval = time.Hour

// SlotOf says where the dispatcher finds a record: "" where nothing is ever due.
// The place is fixed by a hash while status and interval stay, so a quiet sync
// moves no index key, and the spread is the jitter.
func SlotOf(rec *Integration) string {
	switch {
	case rec.Status == Testing, rec.Status == Active:
	case rec.Status == Error && rec.Reason != nil && rec.Reason.Code == ReasonRepeatedFailures:
	default:
		return ""
	}
	return slot(rec.Key, rec.ID, rec.PollEvery())
}

// PollEvery is how often the record is polled: its interval, or the safety
// interval where a live channel tells of changes.
func (i *Integration) PollEvery() time.Duration {
	if i.Channel != nil && i.Channel.ID != "" && !i.Channel.Expires.IsZero() && i.Settings.Interval < SafetyInterval {
		return SafetyInterval
	}
	return i.Settings.Interval
}

// OrderSlot is where the dispatcher finds a wind-down: every minute, until it is done.
func OrderSlot(key Key, generation string) string {
	return slot(key, generation, time.Minute)
}

func slot(key Key, id string, every time.Duration) string {
	minutes := int(every / time.Minute)
	if minutes < 1 {
		minutes = 1
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(key.Account + "\x00" + key.Provider + "\x00" + id))
	sum := h.Sum64()
	return SlotName(minutes, int(sum%uint64(minutes)), int((sum>>32)%Shards))
}

// SlotName is the index's partition key: interval, minute of the interval, shard.
func SlotName(interval, minute, shard int) string {
	return fmt.Sprintf("%d#%d#%d", interval, minute, shard)
}

// Place is where a record stands in the slot index.
type Place struct {
	Interval int // minutes
	Minute   int // of the interval
	Shard    int
}

// Place gives the record's; false where it stands nowhere.
func (i *Integration) Place() (p Place, ok bool) {
	if i.Slot == "" {
		return p, false
	}
	_, err := fmt.Sscanf(i.Slot, "%d#%d#%d", &p.Interval, &p.Minute, &p.Shard)
	return p, err == nil && p.Interval > 0 && p.Shard >= 0 && p.Shard < Shards
}

// Spread reports whether the record's polls are spread out when more is due than
// the quota allows: only those are that merely look whether anything is new.
func (s Status) Spread() bool { return s == Active }

// NextSync says when the record is due next, after now, by the pacing of its
// shard: the minute of its slot that is sent for, and that it isn't told to wait
// beyond. Zero where it never is.
func (i *Integration) NextSync(now time.Time, pacing Pacing) time.Time {
	place, ok := i.Place()
	if !ok || place.Minute < 0 || place.Minute >= place.Interval {
		return time.Time{}
	}
	t := now.UTC().Truncate(time.Minute).Add(time.Minute)
	wait := i.RetryNotBefore
	if i.Status == Error && wait.Before(i.RetryAt) {
		wait = i.RetryAt
	}
	if t.Before(wait) {
		t = wait.UTC().Add(time.Minute - 1).Truncate(time.Minute)
	}
	at := int(minuteOf(t)) % place.Interval
	t = t.Add(time.Duration((place.Minute-at+place.Interval)%place.Interval) * time.Minute)
	if !i.Status.Spread() || !i.EditsWait.IsZero() {
		return t
	}
	every := time.Duration(place.Interval) * time.Minute
	for range MaxFactor {
		if pacing.Turn(every, t)(i.Key, i.ID) {
			break
		}
		t = t.Add(every)
	}
	return t
}

// MoveAs is Move into a new generation: a replacement keeps the place, the
// version and the fence (which only grow) and the verifying resync that is
// still owed; everything else begins anew.
func MoveAs(rec *Integration, name Name, id string, m Moving) (*Integration, Entry, error) {
	moved, entry, err := Move(rec, name, m)
	if err != nil {
		return nil, Entry{}, err
	}
	fresh := New(rec.Key, id, m.Now)
	fresh.Status, fresh.Version, fresh.Fence = moved.Status, moved.Version, moved.Fence
	fresh.VerifyAfter = moved.VerifyAfter
	fresh.Slot = SlotOf(fresh)
	entry.Generation = id
	return fresh, entry, nil
}
