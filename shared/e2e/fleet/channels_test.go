package fleet_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/watch"
)

// channels is what a provider keeps of them: each ends after a week, and not one
// of its messages ever comes.
type channels struct {
	mu      sync.Mutex
	ends    map[string]map[string]time.Time // by account and channel
	opened  map[string]int
	refuses error                     // what opening one meets
	only    func(account string) bool // who may have one; nil: all
}

func (c *channels) live(account string, now time.Time) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, end := range c.ends[account] {
		if now.Before(end) {
			n++
		}
	}
	return n
}

func (c *channels) refuse(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refuses = err
}

// watching is remote with channels.
type watching struct {
	remote
	*channels
}

func (w watching) Watch(ctx context.Context, x calendar.Watch) (calendar.Watched, error) {
	account, err := w.a(ctx, "")
	if err != nil {
		return calendar.Watched{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refuses != nil {
		return calendar.Watched{}, w.refuses
	}
	if w.only != nil && !w.only(account) {
		return calendar.Watched{}, fault.New(fault.Refused, "not_supported", "")
	}
	if w.ends[account] == nil {
		w.ends[account] = map[string]time.Time{}
	}
	end := w.f.now().Add(7 * 24 * time.Hour)
	w.ends[account][x.Channel] = end
	w.opened[account]++
	return calendar.Watched{Resource: "resource", Expires: end}, nil
}

func (w watching) StopWatch(ctx context.Context, channel, _ string) error {
	account, err := w.a(ctx, "")
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.ends[account], channel)
	return nil
}

// watched gives a fleet's provider channels.
func (f *fleet) watched() *channels {
	c := &channels{ends: map[string]map[string]time.Time{}, opened: map[string]int{}}
	f.worker.Providers = map[string]calendar.Open{provider: func(a calendar.Access) calendar.Reader { return watching{remote{f, a}, c} }}
	f.worker.Watch = (&watch.Keeper{
		Leases: f.db.integrations, Store: f.db.integrations, Providers: f.worker.Providers, Access: f.worker.Access,
		Addresses: map[string]string{provider: "https://aura.example/hook"}, Keys: watch.Keys{Current: []byte("a key")},
		Now: f.now, NewID: f.newID, Log: f.worker.Log,
	}).Keep
	return c
}

var intervals = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}

// R14: every push is lost for 30 virtual days. While channels live no view is
// older than the safety interval, a minute of the dispatcher's and a run's start,
// and there is no minute without a channel, since the next one is open before the
// last one is stopped or ends.
func TestR14WithChannelsAndEveryPushLost(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, 20, func(t *testing.T, f *fleet) {
		c := f.watched()
		for i, every := range intervals {
			f.authorize(i, i+1, every)
		}
		pass(2*time.Hour, nil)
		f.runs.Store(0)
		oldest, gaps, most := make([]time.Duration, len(intervals)), 0, 0
		pass(30*24*time.Hour, func() {
			for i := range intervals {
				rec := f.get(i)
				oldest[i] = max(oldest[i], time.Since(rec.FreshAsOf))
				n := c.live(rec.Account, time.Now())
				if n == 0 || !rec.Channel.Live(time.Now()) {
					gaps++
				}
				most = max(most, n)
			}
		})
		for i, every := range intervals {
			if oldest[i] > integration.SafetyInterval+time.Minute {
				t.Errorf("at %s somebody's view was %s old", every, oldest[i])
			}
			if n := c.opened[keyOf(i).Account]; n < 5 || n > 6 {
				t.Errorf("at %s %d channels were opened in 30 days", every, n)
			}
		}
		if gaps != 0 || most > 1 {
			t.Errorf("%d minutes without a channel; at most %d at a time are left open", gaps, most)
		}
		if runs := f.runs.Load(); runs != int64(len(intervals)*30*24) {
			t.Errorf("%d runs, want one an hour each", runs)
		}
		t.Logf("R14: 30 days with channels, intervals %v, no push came: views at most %v old; %d minutes without a channel; %v opened", intervals, oldest, gaps, c.opened)
	})
}

// From the second day the provider opens no channel for two weeks: those that
// there are end, and polling is back at its own interval within a safety interval.
// When it opens them again, so are they.
func TestR14ChannelsThatEnd(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]error{
		"down":    fault.New(fault.Transient, "backend_error", "The provider doesn't answer."),
		"refused": fault.New(fault.Refused, "watch_refused", "It can't be watched."),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inVirtualTime(t, 20, func(t *testing.T, f *fleet) {
				c := f.watched()
				for i, every := range intervals {
					f.authorize(i, i+1, every)
				}
				pass(24*time.Hour, nil)
				c.refuse(refusal)
				lived := make([]time.Time, len(intervals)) // when a channel was last seen
				oldest := make([]time.Duration, len(intervals))
				pass(14*24*time.Hour, func() {
					for i, every := range intervals {
						rec := f.get(i)
						age := time.Since(rec.FreshAsOf)
						if rec.Channel.Live(time.Now()) {
							lived[i] = time.Now()
						}
						bound := integration.SafetyInterval
						if time.Since(lived[i]) > integration.SafetyInterval+2*time.Minute {
							bound, oldest[i] = every, max(oldest[i], age)
						}
						if age > bound+time.Minute {
							t.Fatalf("at %s a view was %s old, %s after its channel", every, age, time.Since(lived[i]))
						}
					}
				})
				for i, every := range intervals {
					if c.live(keyOf(i).Account, time.Now()) != 0 || oldest[i] == 0 || time.Since(lived[i]) < 7*24*time.Hour {
						t.Errorf("at %s channels never ended", every)
					}
				}
				c.refuse(nil)
				pass(26*time.Hour, nil) // a refusal is believed for a day
				for i, every := range intervals {
					if rec := f.get(i); !rec.Channel.Live(time.Now()) || rec.PollEvery() != max(every, integration.SafetyInterval) {
						t.Errorf("at %s no channel again: %+v", every, rec.Channel)
					}
				}
				t.Logf("without channels views at %v were at most %v old", intervals, oldest)
			})
		})
	}
}
