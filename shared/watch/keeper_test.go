package watch_test

import (
	"context"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

func TestAChannelIsKnownBeforeTheProviderIsAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.remote.during = func(x calendar.Watch) {
		if !w.stored().Channel.Names(x.Channel) {
			t.Error("the provider was asked for a channel that the record doesn't name")
		}
	}
	ch := w.keep()
	if !ch.Live(w.Now()) || ch.Next != "" {
		t.Fatalf("no live channel: %+v", ch)
	}
	if every := w.stored().PollEvery(); every != integration.SafetyInterval {
		t.Errorf("polled every %v with a live channel", every)
	}
	x := w.remote.asked[0]
	if k, g, ok := keys.Open(x.Token, key.Provider, x.Channel); !ok || k != key || g != generation {
		t.Errorf("the token opens as %v %q %v", k, g, ok)
	}
	w.pass(time.Hour)
	w.keep()
	if len(w.remote.asked) != 1 {
		t.Errorf("asked %d times for one channel", len(w.remote.asked))
	}
}

func TestTheNewChannelIsOpenBeforeTheOldIsStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.keep()
	w.remote.during = func(calendar.Watch) {
		if w.remote.live() == 0 || len(w.remote.stopped) > 0 {
			t.Error("the old channel was stopped first")
		}
		if !w.stored().Channel.Names(first.ID) {
			t.Error("the old channel is a stray while the new one isn't open")
		}
	}
	w.pass(6*24*time.Hour - time.Minute)
	w.keep()
	if len(w.remote.asked) != 1 {
		t.Fatal("renewed before the overlap began")
	}
	w.pass(2 * time.Minute)
	second := w.keep()
	if second.ID == first.ID || len(w.remote.stopped) != 1 || w.remote.stopped[0] != first.ID || w.remote.live() != 1 {
		t.Errorf("%v after %v; stopped %v, %d live", second, first, w.remote.stopped, w.remote.live())
	}
}

func TestARefusedCalendarIsPolled(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name  string
		err   error
		again time.Duration
	}{
		{"refused", fault.New(fault.Refused, "watch_refused", "no"), 24 * time.Hour},
		{"down", down, 15 * time.Minute},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.remote.fail = x.err
			ch := w.keep()
			if ch.Live(w.Now()) || w.stored().PollEvery() != integration.DefaultInterval {
				t.Errorf("channel %+v, polled every %v", ch, w.stored().PollEvery())
			}
			w.pass(x.again - time.Second)
			w.keep()
			if len(w.remote.asked) != 1 {
				t.Error("asked again too soon")
			}
			w.remote.fail = nil
			w.pass(2 * time.Second)
			if ch := w.keep(); !ch.Live(w.Now()) {
				t.Errorf("no channel once the provider took it: %+v", ch)
			}
		})
	}
}

func TestAChannelThatEndsIsPolledAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.keep()
	w.remote.fail = down
	w.pass(6*24*time.Hour + time.Hour)
	if ch := w.keep(); !ch.Live(w.Now()) {
		t.Errorf("a failed renewal took the old channel away: %+v", ch)
	}
	w.pass(24 * time.Hour)
	if ch := w.keep(); ch.Live(w.Now()) || w.stored().PollEvery() != integration.DefaultInterval {
		t.Errorf("polled every %v without a channel: %+v", w.stored().PollEvery(), ch)
	}
}

func TestAWatchThatFailedAndTookEffectIsStoppedByItsNextMessage(t *testing.T) {
	t.Parallel()
	w, q := newWorld(t), &queue{}
	w.remote.fail, w.remote.lands = down, true
	w.keep()
	x := w.remote.asked[0]
	w.receiver(q).Receive(t.Context(), message(x.Token, x.Channel))
	if len(q.sent) != 1 {
		t.Fatalf("%d jobs", len(q.sent))
	}
	w.must(w.keeper.Stop(t.Context(), q.sent[0].Job))
	if w.remote.live() != 0 {
		t.Error("it is still open")
	}
}

func TestAChannelOfARunThatWasReplacedIsStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.remote.during = func(calendar.Watch) { // the user pauses while the provider answers
		before := w.stored()
		after, entry, err := integration.Move(before, integration.Pause, integration.Moving{Now: w.Now(), EntryID: w.id()})
		w.must(err)
		w.must(w.store.Apply(t.Context(), integration.Change{Before: before, After: after, Entry: &entry}))
	}
	if err := w.keeper.Keep(t.Context(), w.hold(), w.rec); !fault.Is(err, fault.Stale) {
		t.Fatalf("kept on: %v", err)
	}
	if w.remote.live() != 0 || w.stored().Channel != nil {
		t.Errorf("%d channels live, the record says %+v", w.remote.live(), w.stored().Channel)
	}
}

func TestOnlyStraysAreStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ch := w.keep()
	j := job.Job{Kind: job.StopChannel, Account: key.Account, Provider: key.Provider, Generation: generation, Channel: ch.ID, Resource: "resource"}
	w.must(w.keeper.Stop(t.Context(), j))
	if len(w.remote.stopped) != 0 {
		t.Error("the integration's own channel was stopped")
	}
	j.Channel = "stray"
	w.must(w.keeper.Stop(t.Context(), j))
	if len(w.remote.stopped) != 1 {
		t.Error("the stray was not stopped")
	}
}

// lossy loses the answer of the second commit, after it took effect: the first
// names the channel that is asked for, the second makes it the integration's own.
type lossy struct {
	integration.Leases
	commits int
}

func (l *lossy) Commit(ctx context.Context, h integration.Hold, c integration.Commit) error {
	l.commits++
	if err := l.Leases.Commit(ctx, h, c); err != nil || l.commits != 2 {
		return err
	}
	return fault.New(fault.Transient, "store_unavailable", "The answer was lost.")
}

func TestAChannelWhoseStoringWasNotAcknowledgedLivesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.keeper.Leases = &lossy{Leases: w.store}
	if err := w.keeper.Keep(t.Context(), w.hold(), w.rec); !fault.Is(err, fault.Transient) {
		t.Fatalf("%v, want the lost answer", err)
	}
	if ch := w.stored().Channel; !ch.Live(w.Now()) || w.remote.live() != 1 {
		t.Errorf("the record says %+v, and %d channels live", ch, w.remote.live())
	}
}

// turns counts the calls that wait for their turn.
type turns struct {
	taken int
	fail  error
}

func (p *turns) Wait(context.Context) error { p.taken++; return p.fail }

// A channel that is opened or stopped is a call like any: it waits for its turn.
// Where nobody can wait so long the calendar is polled, and a stop comes back.
func TestChannelsKeepToThePace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pace := &turns{}
	w.keeper.Pace = pace
	first := w.keep()
	if pace.taken != 1 {
		t.Errorf("opening a channel took %d turns", pace.taken)
	}
	w.pass(6*24*time.Hour + time.Minute)
	w.keep()
	if pace.taken != 3 { // another one opened, this one stopped
		t.Errorf("renewing a channel took %d turns", pace.taken-1)
	}
	w.must(w.keeper.Close(t.Context(), key, generation, first.ID, first.Resource))
	if pace.taken != 4 {
		t.Errorf("stopping a channel took %d turns", pace.taken-3)
	}
	pace.fail = context.DeadlineExceeded
	stopped := len(w.remote.stopped)
	if err := w.keeper.Close(t.Context(), key, generation, first.ID, first.Resource); !fault.Is(err, fault.Transient) || len(w.remote.stopped) != stopped {
		t.Errorf("without a turn: %v, stopped %d times", err, len(w.remote.stopped)-stopped)
	}
	asked := len(w.remote.asked)
	w.pass(7 * 24 * time.Hour)
	if ch := w.keep(); ch.Live(w.Now()) || len(w.remote.asked) != asked {
		t.Errorf("without a turn: %+v, asked %d times", ch, len(w.remote.asked)-asked)
	}
}
