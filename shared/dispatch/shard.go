package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// ahead is how far a watermark may be ahead of a clock: another dispatcher's is a
// little faster.
const ahead = 2 * time.Minute

// shard catches one shard up. Each interval looks back no further than itself:
// what stood in an older minute stands in a newer one again.
func (s *Scheduler) shard(ctx context.Context, shard int, mark integration.Mark, minute time.Time, factor int) (Sent, error) {
	var sent Sent
	stood := mark.Minute
	if stood.After(minute.Add(ahead)) { // somebody's clock was wrong, and nothing would be due until then
		s.Log.ErrorContext(ctx, "the watermark lies in the future; it is put back", "shard", shard, "watermark", stood)
		mark = integration.Mark{Pacing: mark.Enter(integration.WindowOf(minute), factor)}
		mark.Minute = minute.Add(-time.Minute)
	}
	if !mark.Minute.IsZero() {
		sent.Behind = max(0, minute.Sub(mark.Minute))
	}
	if !mark.Minute.Before(minute) {
		return sent, nil
	}
	pacing := mark.Pacing
	if window := integration.WindowOf(minute); pacing.Window != window {
		pacing = pacing.Enter(window, factor)
	}
	var tally tally
	reached := minute
	for t := s.earliest(mark.Minute, minute); !t.After(minute); t = t.Add(time.Minute) {
		for _, every := range integration.Intervals() {
			if !t.After(minute.Add(-every)) { // stands in a newer minute again
				continue
			}
			minutes := int(every / time.Minute)
			sl := slot{integration.SlotName(minutes, int(t.Unix()/60)%minutes, shard), minute, pacing.Turn(every, t), pacing.Factor(t) > 1}
			p, err := s.slot(ctx, sl, &sent)
			if err != nil {
				return sent, fmt.Errorf("slot %s: %w", sl.name, err)
			}
			tally.add(every, pacing.Factor(t), p)
		}
		if t.Before(minute) && s.late(ctx) { // what was done stays done: the next tick goes on here
			reached = t
			break
		}
	}
	sent.Minutes = 1
	if !mark.Minute.IsZero() {
		sent.Minutes = int(reached.Sub(mark.Minute) / time.Minute)
	}
	next := mark
	next.Pacing = pacing
	err := s.Slots.SetWatermark(ctx, shard, stood, next.Next(reached, tally.due, tally.polls()))
	if fault.Is(err, fault.Stale) { // another dispatcher did the same; nothing is skipped
		return sent, nil
	}
	return sent, err
}

// earliest is the first minute that is caught up: the one after the watermark, or
// so far back as the longest interval reaches.
func (s *Scheduler) earliest(mark, minute time.Time) time.Time {
	first := minute.Add(-catchUpMax + time.Minute)
	if next := mark.Add(time.Minute); next.After(first) {
		return next
	}
	return first
}

// spare is how long before its end a tick stops catching up: longer than a
// minute's slots take.
const spare = 15 * time.Second

// late reports whether the tick's time is nearly over. Without this a backlog that
// takes longer than a tick may live would be begun by every tick and finished by
// none.
func (s *Scheduler) late(ctx context.Context) bool {
	end, ok := ctx.Deadline()
	return ok && s.Now().Add(spare).After(end)
}

// tally is what a tick found in one shard.
type tally struct {
	due   int64                   // sent for, as a Mark counts it
	found map[time.Duration]count // by interval
}

// count is how many a number of slots held.
type count struct{ polls, slots int }

func (t *tally) add(every time.Duration, factor int, p polled) {
	t.due += int64(p.sent) * integration.DueWeight(every*time.Duration(factor))
	if t.found == nil {
		t.found = map[time.Duration]count{}
	}
	c := t.found[every]
	t.found[every] = count{c.polls + p.found, c.slots + 1}
}

// polls is what is due a minute, in thousandths: of each interval what its slots
// hold on average, since one of them is due a minute.
func (t *tally) polls() (n int64) {
	for _, c := range t.found {
		n += int64(c.polls) * integration.PollsScale / int64(c.slots)
	}
	return n
}

// slot is one to be dispatched: for which minute, and whose turn it is.
type slot struct {
	name   string
	due    time.Time
	turn   func(integration.Key, string) bool
	spread bool // polls over the minute: the quota has none to spare
}

// polled is how many integrations a slot holds that are polled, and how many of
// them were sent for.
type polled struct{ found, sent int }

func (s *Scheduler) slot(ctx context.Context, sl slot, sent *Sent) (p polled, err error) {
	cursor := ""
	for {
		items, next, err := s.Slots.Due(ctx, sl.name, integration.Page{Limit: pageSize, Cursor: cursor})
		if err != nil {
			return p, fmt.Errorf("reading what is due: %w", err)
		}
		for msgs := range slices.Chunk(s.messages(ctx, items, sl, sent, &p), batchSize) {
			if err := s.Queue.Send(ctx, msgs...); err != nil {
				return p, fmt.Errorf("sending jobs: %w", err)
			}
		}
		if next == "" {
			return p, nil
		}
		cursor = next
	}
}

// messages makes the jobs of a page. Only polls wait for their turn: what is
// verified for the first time, probed or wound down doesn't, nor who has edits that
// nobody else comes for. What no job can be
// made of is left out and told, so that it stops nobody else's.
func (s *Scheduler) messages(ctx context.Context, items []integration.DueItem, sl slot, sent *Sent, p *polled) []job.Message {
	out := make([]job.Message, 0, len(items))
	for _, it := range items {
		j := job.Job{
			Kind: job.Sync, Account: it.Key.Account, Provider: it.Key.Provider, Generation: it.Generation,
			Trigger: integration.TriggerSchedule, Due: sl.due, CorrelationID: s.NewID(),
		}
		if it.WindDown {
			j.Kind = job.WindDown
		}
		if err := j.Check(); err != nil || it.Unreadable != "" {
			sent.Unreadable++
			s.Log.ErrorContext(ctx, "an entry of the slot index can't be read; it is left out", "slot", sl.name, "entry", it.Unreadable, "error", err)
			continue
		}
		if it.Status == integration.Error && sl.due.Before(it.RetryAt) {
			continue // it rests, and its job would be refused: only its probe is sent for
		}
		poll := !it.WindDown && it.Status.Spread()
		if poll {
			p.found++
			switch turn := sl.turn(it.Key, it.Generation); {
			case turn:
				p.sent++
			case it.EditsWait: // nobody else comes for them
			default:
				sent.Held++
				continue
			}
		}
		if it.WindDown {
			sent.WindDowns++
		} else {
			sent.Syncs++
		}
		delay := Delay(j, s.Now())
		if poll && sl.spread && !it.EditsWait { // or a minute's worth of polls would stand before every edit
			delay += integration.Second(it.Key, it.Generation)
		}
		out = append(out, job.Message{Job: j, Delay: delay})
	}
	return out
}
