package httpapi

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"aura.example/integrations/shared/integration"
)

// Pacer knows how polls are spread out, so that an answer tells when the next
// one truly comes. It asks once a minute for each shard: a status stays one
// read. It is safe for concurrent use; a nil one knows of nothing.
type Pacer struct {
	Source integration.Pacings
	Now    func() time.Time
	Log    *slog.Logger

	mu    sync.Mutex
	known [integration.Shards]struct {
		pacing integration.Pacing
		until  time.Time
	}
}

// pacingKept is how long an answer is believed: factors change once in fifteen
// minutes.
const pacingKept = time.Minute

// of gives the pacing of a record's shard. Where it can't be had the record is
// shown with the interval that was chosen: that is no reason to show nothing.
func (p *Pacer) of(ctx context.Context, rec *integration.Integration) integration.Pacing {
	place, ok := rec.Place()
	if p == nil || !ok || !rec.Status.Spread() {
		return integration.Pacing{}
	}
	p.mu.Lock()
	known := p.known[place.Shard]
	p.mu.Unlock()
	now := p.Now()
	if now.Before(known.until) && known.until.Sub(now) <= pacingKept {
		return known.pacing
	}
	pacing, err := p.Source.Pacing(ctx, place.Shard)
	if err != nil {
		p.Log.WarnContext(ctx, "how polls are spread out is unknown; the chosen interval is shown", "shard", place.Shard, "error", err)
		return known.pacing
	}
	known.pacing, known.until = pacing, now.Add(pacingKept)
	p.mu.Lock()
	p.known[place.Shard] = known
	p.mu.Unlock()
	return pacing
}

// pollingSlowed is said while an integration is polled less often than chosen.
func pollingSlowed(every time.Duration, factor int) string {
	return fmt.Sprintf("Google’s quota is in great demand just now, so it is looked at every %s instead of every %s.",
		spoken(every*time.Duration(factor)), spoken(every))
}

// spoken is an interval in words, after "every".
func spoken(d time.Duration) string {
	minutes := int((d + time.Minute - 1) / time.Minute)
	switch {
	case minutes == 1:
		return "minute"
	case minutes == 60:
		return "hour"
	case minutes < 60 || minutes%60 != 0 && minutes < 120:
		return fmt.Sprintf("%d minutes", minutes)
	case minutes%60 == 0:
		return fmt.Sprintf("%d hours", minutes/60)
	}
	return fmt.Sprintf("%d hours and %d minutes", minutes/60, minutes%60)
}
