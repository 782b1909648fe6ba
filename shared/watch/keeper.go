package watch

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

const (
	// Overlap is how long before its end a channel is replaced, at most: 24 polls
	// at the safety interval, each of which tries again.
	Overlap = 24 * time.Hour
	// refusedFor is how long a calendar that can't be watched is left in peace.
	refusedFor = 24 * time.Hour
	// failedFor is the pause after any other failure.
	failedFor = 15 * time.Minute
)

// Keeper opens, renews and stops channels. It is safe for concurrent use.
type Keeper struct {
	Leases    integration.Leases
	Store     integration.Store
	Providers map[string]calendar.Open // by provider key
	Access    func(key integration.Key, generation string) calendar.Access
	Addresses map[string]string // where each provider is to notify us; without one it is polled
	Keys      Keys
	Pace      calendar.Pace // the worker's: a channel opened or stopped is a call like any; nil for none
	Now       func() time.Time
	NewID     func() string // ULIDs
	Log       *slog.Logger
}

// Keep sees to it that an active integration has a live channel: it opens one
// where there is none, and replaces one whose end is near. The run that holds the
// lease calls it before it lists the calendar. rec is changed as the stored
// record is.
//
// A provider that refuses or fails is no error: the calendar is polled then, at
// its own interval. Stale where the run no longer holds the lease.
func (k *Keeper) Keep(ctx context.Context, h integration.Hold, rec *integration.Integration) error {
	if rec.Status != integration.Active {
		return nil
	}
	now := k.Now()
	var ch integration.Channel
	if rec.Channel != nil {
		ch = *rec.Channel
	}
	if ch.ID != "" && !now.Before(ch.Expires) { // it ended before another could be opened
		ch.ID, ch.Resource, ch.Expires = "", "", time.Time{}
	}
	watcher, address := k.watcher(rec.Key, rec.ID), k.Addresses[rec.Provider]
	if watcher == nil || address == "" || now.Before(ch.NotBefore) {
		return k.store(ctx, h, rec, ch)
	}
	old := ch
	ch.Next, ch.NotBefore = k.NewID(), time.Time{} // never both: the record has no room
	if err := k.store(ctx, h, rec, ch); err != nil {
		return err
	}
	var got calendar.Watched
	err := calendar.Await(ctx, k.Pace)
	if err == nil {
		got, err = watcher.Watch(ctx, calendar.Watch{
			Calendar: rec.Settings.CalendarID, Channel: ch.Next, Address: address, Token: k.Keys.Token(rec.Key, rec.ID, ch.Next),
		})
	}
	now = k.Now()
	if err != nil { // one that was opened all the same is a stray now
		asked := ch.Next
		ch.Next, ch.NotBefore = "", now.Add(failedFor)
		if fault.Is(err, fault.Refused) {
			ch.NotBefore = now.Add(refusedFor)
		}
		k.Log.InfoContext(ctx, "no push channel; the calendar is polled", "channel", asked, "again", ch.NotBefore, "error", err)
		return k.store(ctx, h, rec, ch)
	}
	fresh := integration.Channel{
		ID: ch.Next, Resource: got.Resource, Expires: got.Expires,
		NotBefore: got.Expires.Add(-min(Overlap, got.Expires.Sub(now)/4)),
	}
	if err := k.store(ctx, h, rec, fresh); err != nil {
		// Only where it was refused is the channel surely nobody's: whoever took the
		// lease doesn't know its resource. A write whose answer was lost may have made
		// it the integration's own.
		if fault.Is(err, fault.Stale, fault.NotFound) {
			k.end(ctx, watcher, fresh.ID, fresh.Resource)
		}
		return err
	}
	if old.ID != "" {
		k.end(ctx, watcher, old.ID, old.Resource)
	}
	return nil
}

// watcher gives the side of the provider that tells of changes; nil for one that
// doesn't.
func (k *Keeper) watcher(key integration.Key, generation string) calendar.Watcher {
	open := k.Providers[key.Provider]
	if open == nil {
		return nil
	}
	w, _ := open(k.Access(key, generation)).(calendar.Watcher)
	return w
}

// store writes channel and slot together where either differs.
func (k *Keeper) store(ctx context.Context, h integration.Hold, rec *integration.Integration, ch integration.Channel) error {
	after := rec.Clone()
	after.Channel = &ch
	if ch == (integration.Channel{}) {
		after.Channel = nil
	}
	after.Slot = integration.SlotOf(after)
	same := rec.Channel == nil && after.Channel == nil || rec.Channel != nil && after.Channel != nil && *rec.Channel == ch
	if same && after.Slot == rec.Slot {
		return nil
	}
	c := integration.Commit{Channel: &ch}
	if after.Slot != rec.Slot {
		c.Slot = &after.Slot
	}
	if err := k.Leases.Commit(ctx, h, c); err != nil {
		return fmt.Errorf("storing the push channel: %w", err)
	}
	rec.Channel, rec.Slot = after.Channel, after.Slot
	return nil
}

// end stops a channel that nobody needs, as far as that can be done: one that
// goes on is a stray, and its next message has it stopped.
func (k *Keeper) end(ctx context.Context, w calendar.Watcher, channel, resource string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := k.stop(ctx, w, channel, resource); err != nil {
		k.Log.InfoContext(ctx, "push channel not stopped; its next message has it stopped", "channel", channel, "error", err)
	}
}

func (k *Keeper) stop(ctx context.Context, w calendar.Watcher, channel, resource string) error {
	if err := calendar.Await(ctx, k.Pace); err != nil {
		return err
	}
	return w.StopWatch(ctx, channel, resource)
}

// Stop works off a job that names a channel to be stopped, unless it is the
// integration's own meanwhile. Where the credential is gone nothing can be done,
// and nothing need be. Transient where the provider can't just now.
func (k *Keeper) Stop(ctx context.Context, j job.Job) error {
	rec, err := k.Store.Get(ctx, j.Key())
	if err != nil && !fault.Is(err, fault.NotFound) {
		return fmt.Errorf("reading the integration: %w", err)
	}
	if rec != nil && rec.ID == j.Generation && rec.Channel.Names(j.Channel) {
		return nil
	}
	return k.Close(ctx, j.Key(), j.Generation, j.Channel, j.Resource)
}

// Close stops a channel whatever the record says; see Stop.
func (k *Keeper) Close(ctx context.Context, key integration.Key, generation, channel, resource string) error {
	w := k.watcher(key, generation)
	if w == nil || channel == "" || resource == "" {
		return nil
	}
	err := k.stop(ctx, w, channel, resource)
	if fault.Is(err, fault.Transient, fault.Unavailable) {
		return fmt.Errorf("stopping a push channel: %w", err)
	}
	if err != nil {
		k.Log.InfoContext(ctx, "push channel can't be stopped; it ends by itself", "channel", channel, "error", err)
	}
	return nil
}
