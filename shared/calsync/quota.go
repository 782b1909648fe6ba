package calsync

import (
	"context"
	"time"

	"aura.example/integrations/shared/integration"
)

// A spent quota for writes rests every write of this integration, and nothing
// else: what changes at the provider comes in meanwhile. The rest
// doubles as long as nothing is taken in between.
const (
	firstRest = time.Hour
	lastRest  = 24 * time.Hour
)

// resting reports whether no write is to be tried now: an earlier run was told so,
// or an earlier round of this one.
func (r *run) resting() bool {
	return r.w.Now().Before(r.rec.PushPausedUntil) || r.pausedUntil != nil && !r.pausedUntil.IsZero()
}

// pausePush lets the writes rest. took says that some were taken before: then the
// rest is a first one, as it is long after the last.
func (r *run) pausePush(ctx context.Context, took bool) error {
	rest := firstRest
	if !took && r.rec.PushRest > 0 && r.w.Now().Sub(r.rec.PushPausedUntil) < lastRest {
		rest = min(2*r.rec.PushRest, lastRest)
	}
	until := r.w.Now().Add(rest + time.Minute - 1).Truncate(time.Minute) // whole minutes: the record is full to the brim
	r.pausedUntil, r.pushRest = &until, rest
	return r.decide(ctx, integration.Decision{What: "push_paused", Why: "Google's limit for changes is used up until " + until.UTC().Format(time.RFC3339)})
}

// rested forgets the last rest, once something was taken after it.
func (r *run) rested(took bool) {
	if took && r.rec.PushRest > 0 {
		r.pausedUntil, r.pushRest = new(time.Time), 0
	}
}
