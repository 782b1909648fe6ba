package dispatch

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// Scheduler sends jobs for what stands in the slots of the minutes since its
// watermark. One call a minute does; more are harmless.
type Scheduler struct {
	Slots integration.Slots
	Queue job.Queue
	Quota int // the project's at the provider, in calls a minute; 0, unknown: the factor stays as it is
	Now   func() time.Time
	NewID func() string
	Log   *slog.Logger
}

// Sent says what one tick did.
type Sent struct {
	Syncs      int
	WindDowns  int
	Held       int // polls whose turn it isn't, since more is due than the quota allows
	Unreadable int // entries of the index that were left out because nobody can read them
	Factor     int // how many times longer intervals are than chosen: 1 where the quota does
	Minutes    int // how many minutes were caught up, over all shards
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
	shards := s.read(ctx)
	factor := s.factor(ctx, shards, minute)
	per := make([]Sent, integration.Shards)
	var g errgroup.Group // one shard that can't be dispatched doesn't hold up the others
	for shard := range integration.Shards {
		g.Go(func() error {
			err := shards[shard].err
			if err == nil {
				per[shard], err = s.shard(ctx, shard, shards[shard].mark, minute, factor)
			}
			if err != nil {
				return fmt.Errorf("dispatching shard %d: %w", shard, err)
			}
			return nil
		})
	}
	err := g.Wait()
	all := Sent{Factor: factor}
	for _, p := range per {
		all.Syncs += p.Syncs
		all.WindDowns += p.WindDowns
		all.Held += p.Held
		all.Unreadable += p.Unreadable
		all.Minutes += p.Minutes
		all.Behind = max(all.Behind, p.Behind)
	}
	return all, err
}

// standing is where a shard's watermark stands, as far as it can be read.
type standing struct {
	mark integration.Mark
	err  error
}

func (s *Scheduler) read(ctx context.Context) []standing {
	out := make([]standing, integration.Shards)
	var all sync.WaitGroup
	for shard := range out {
		all.Go(func() {
			mark, err := s.Slots.Watermark(ctx, shard)
			if err != nil {
				err = fmt.Errorf("reading the watermark: %w", err)
			}
			out[shard] = standing{mark, err}
		})
	}
	all.Wait()
	return out
}

// factor decides how many times longer intervals are: once a window, from what
// was due in the one before. Where a shard has entered the window already, it was
// decided then.
func (s *Scheduler) factor(ctx context.Context, shards []standing, minute time.Time) int {
	window := integration.WindowOf(minute)
	now, decided, due := 1, 0, int64(0)
	for _, x := range shards {
		m := x.mark
		if x.err != nil || m.Minute.IsZero() {
			continue
		}
		if m.Window == window {
			decided = max(decided, m.Factor(minute))
		}
		now = max(now, m.Factor(m.Minute))
		due += m.PollsAMinute()
	}
	if decided > 0 {
		return decided
	}
	factor := integration.FactorFor(due, s.Quota, now)
	if factor != now {
		s.Log.WarnContext(ctx, "polling intervals change with what is due", "due_a_minute", due/integration.PollsScale, "quota", s.Quota, "factor", factor, "was", now)
	}
	return factor
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
