package dispatch

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// Scheduler sends jobs for what stands in the slots of the minutes since its
// watermark. One call a minute does; more are harmless.
type Scheduler struct {
	Slots integration.Slots
	Queue job.Queue
	Now   func() time.Time
	NewID func() string
	Log   *slog.Logger
}

// Sent says what one tick did.
type Sent struct {
	Syncs     int
	WindDowns int
	Minutes   int // how many minutes were caught up, over all shards
	// Behind is how far the shard that was furthest behind was behind the clock
	// when the tick began: about a minute where every tick comes.
	Behind time.Duration
}

const (
	pageSize   = 500 // keys a page: a page is in memory at a time, never a slot
	batchSize  = 10  // SQS's
	catchUpMax = time.Hour
)

// Tick dispatches every shard up to the current minute.
func (s *Scheduler) Tick(ctx context.Context) (Sent, error) {
	minute := s.Now().UTC().Truncate(time.Minute)
	per := make([]Sent, integration.Shards)
	var g errgroup.Group // one shard that can't be dispatched doesn't hold up the others
	for shard := range integration.Shards {
		g.Go(func() error {
			sent, err := s.shard(ctx, shard, minute)
			per[shard] = sent
			if err != nil {
				return fmt.Errorf("dispatching shard %d: %w", shard, err)
			}
			return nil
		})
	}
	err := g.Wait()
	var all Sent
	for _, p := range per {
		all.Syncs += p.Syncs
		all.WindDowns += p.WindDowns
		all.Minutes += p.Minutes
		all.Behind = max(all.Behind, p.Behind)
	}
	return all, err
}

// ahead is how far a watermark may be ahead of a clock: another dispatcher's is a
// little faster.
const ahead = 2 * time.Minute

// shard catches one shard up. Each interval looks back no further than itself:
// what stood in an older minute stands in a newer one again.
func (s *Scheduler) shard(ctx context.Context, shard int, minute time.Time) (Sent, error) {
	var sent Sent
	mark, err := s.Slots.Watermark(ctx, shard)
	if err != nil {
		return sent, fmt.Errorf("reading the watermark: %w", err)
	}
	stood := mark.Minute
	if stood.After(minute.Add(ahead)) { // somebody's clock was wrong, and nothing would be due until then
		s.Log.ErrorContext(ctx, "the watermark lies in the future; it is put back", "shard", shard, "watermark", stood)
		mark.Minute = minute.Add(-time.Minute)
	}
	if !mark.Minute.IsZero() {
		sent.Behind = max(0, minute.Sub(mark.Minute))
	}
	if !mark.Minute.Before(minute) {
		return sent, nil
	}
	due := int64(0)
	for _, every := range integration.Intervals() {
		from := minute.Add(-min(every, catchUpMax) + time.Minute)
		if next := mark.Minute.Add(time.Minute); next.After(from) {
			from = next
		}
		for t := from; !t.After(minute); t = t.Add(time.Minute) {
			minutes := int(every / time.Minute)
			slot := integration.SlotName(minutes, int(t.Unix()/60)%minutes, shard)
			before := sent.Syncs
			if err := s.slot(ctx, slot, minute, &sent); err != nil {
				return sent, fmt.Errorf("slot %s: %w", slot, err)
			}
			due += int64(sent.Syncs-before) * integration.DueWeight(every)
		}
	}
	sent.Minutes = 1
	if !mark.Minute.IsZero() {
		sent.Minutes = int(minute.Sub(mark.Minute) / time.Minute)
	}
	err = s.Slots.SetWatermark(ctx, shard, stood, mark.Next(minute, due))
	if fault.Is(err, fault.Stale) { // another dispatcher did the same; nothing is skipped
		return sent, nil
	}
	return sent, err
}

func (s *Scheduler) slot(ctx context.Context, slot string, due time.Time, sent *Sent) error {
	cursor := ""
	for {
		items, next, err := s.Slots.Due(ctx, slot, integration.Page{Limit: pageSize, Cursor: cursor})
		if err != nil {
			return fmt.Errorf("reading what is due: %w", err)
		}
		for len(items) > 0 {
			n := min(batchSize, len(items))
			if err := s.Queue.Send(ctx, s.messages(items[:n], due, sent)...); err != nil {
				return fmt.Errorf("sending jobs: %w", err)
			}
			items = items[n:]
		}
		if next == "" {
			return nil
		}
		cursor = next
	}
}

func (s *Scheduler) messages(items []integration.DueItem, due time.Time, sent *Sent) []job.Message {
	out := make([]job.Message, len(items))
	for i, it := range items {
		j := job.Job{
			Kind: job.Sync, Account: it.Key.Account, Provider: it.Key.Provider, Generation: it.Generation,
			Trigger: integration.TriggerSchedule, Due: due, CorrelationID: s.NewID(),
		}
		if it.WindDown {
			j.Kind = job.WindDown
			sent.WindDowns++
		} else {
			sent.Syncs++
		}
		out[i] = job.Message{Job: j, Delay: Delay(j, s.Now())}
	}
	return out
}

// Delay is how long the queue holds a job back, so that a worker doesn't have
// to wait: until the burst that it may belong to has passed on any clock.
func Delay(j job.Job, now time.Time) time.Duration {
	ready := j.Ready()
	if ready.IsZero() {
		return 0
	}
	return min(max(0, ready.Add(integration.Skew+time.Second).Sub(now)), job.MaxDelay)
}
