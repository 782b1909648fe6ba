package watch_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/watch"
)

func (w *world) receiver(q *queue) *watch.Receiver {
	return &watch.Receiver{Store: w.store, Queue: q, Keys: keys, Now: w.Now, NewID: w.id, Log: slog.New(slog.DiscardHandler)}
}

func message(token, channel string) watch.Message {
	return watch.Message{Provider: key.Provider, Channel: channel, Token: token, Resource: "resource"}
}

// S10: what isn't authentic queues nothing and isn't even looked up.
func TestForgedNotificationsQueueNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ch := w.keep()
	good := keys.Token(key, generation, ch.ID)
	retired := watch.Keys{Current: []byte("a key that was retired long ago.")}
	parts := strings.Split(good, ".")
	for name, m := range map[string]watch.Message{
		"missing":             message("", ch.ID),
		"wrong":               message("wrong", ch.ID),
		"dots":                message("..", ch.ID),
		"retired key":         message(retired.Token(key, generation, ch.ID), ch.ID),
		"empty key":           message(watch.Keys{}.Token(key, generation, ch.ID), ch.ID),
		"another channel's":   message(keys.Token(key, generation, "other"), ch.ID),
		"another account's":   message(keys.Token(integration.Key{Account: "other", Provider: key.Provider}, generation, ch.ID), "x"),
		"account exchanged":   message("b3RoZXI."+parts[1]+"."+parts[2], ch.ID),
		"generation changed":  message(parts[0]+".01OTHER."+parts[2], ch.ID),
		"cut":                 message(good[:len(good)-1], ch.ID),
		"longer":              message(good+"A", ch.ID),
		"a line end in it":    message(good[:len(good)-9]+"\n"+good[len(good)-9:], ch.ID),
		"and in the account":  message(good[:2]+"\r\n"+good[2:], ch.ID),
		"another provider's":  {Provider: "other", Channel: ch.ID, Token: good, Resource: "resource"},
		"no channel":          message(keys.Token(key, generation, ""), ""),
		"previous key, wrong": message(watch.Keys{Current: keys.Previous}.Token(key, generation, "x"), ch.ID),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := &queue{}
			r := w.receiver(q)
			r.Store = unasked{t}
			r.Keys = keys
			if name == "empty key" {
				r.Keys = watch.Keys{Current: keys.Current}
			}
			r.Receive(t.Context(), m)
			if len(q.sent) != 0 {
				t.Errorf("queued %+v", q.sent)
			}
		})
	}
}

// unasked is a store that nobody may look into.
type unasked struct{ t *testing.T }

func (u unasked) Get(context.Context, integration.Key) (*integration.Integration, error) {
	u.t.Error("looked up for a forged message")
	return nil, errors.New("unasked")
}
func (u unasked) List(context.Context, string) ([]*integration.Integration, error) { return nil, nil }
func (u unasked) Apply(context.Context, integration.Change) error                  { return nil }
func (u unasked) Note(context.Context, *integration.Integration, *integration.Flow, *integration.Entry) error {
	return nil
}
func (u unasked) EditsWait(context.Context, integration.Key, string, time.Time) error { return nil }

// S10: a flood is one job a window, whose due stands for all of the window.
func TestAFloodIsOneJobAWindow(t *testing.T) {
	t.Parallel()
	w, q := newWorld(t), &queue{}
	ch := w.keep()
	r := w.receiver(q)
	var last time.Time
	for range 1000 {
		last = w.Now()
		r.Receive(t.Context(), message(keys.Token(key, generation, ch.ID), ch.ID))
		w.pass(time.Millisecond)
	}
	if len(q.sent) != 1 {
		t.Fatalf("%d jobs for 1,000 messages in a window", len(q.sent))
	}
	j := q.sent[0].Job
	if j.Kind != job.Sync || j.Trigger != integration.TriggerNotification || j.Due.Before(last) || q.sent[0].Delay <= 0 {
		t.Errorf("job %+v, due %v; the last message came at %v", j, j.Due, last)
	}
	r.Receive(t.Context(), message(keys.Token(key, generation, ch.ID), ch.ID))
	if len(q.sent) != 2 {
		t.Error("the next window's message was lost")
	}
}

func TestEitherKeyIsGoodAndOpeningAsksForNothing(t *testing.T) {
	t.Parallel()
	w, q := newWorld(t), &queue{}
	ch := w.keep()
	r := w.receiver(q)
	m := message(watch.Keys{Current: keys.Previous}.Token(key, generation, ch.ID), ch.ID)
	m.Opening = true
	r.Receive(t.Context(), m)
	if len(q.sent) != 0 {
		t.Error("a run for a channel that was only opened")
	}
	m.Opening = false
	r.Receive(t.Context(), m)
	if len(q.sent) != 1 {
		t.Error("the previous key's message was dropped")
	}
}

// S10: authentic, but not the current channel: one stop job.
func TestAStrayIsStoppedOnce(t *testing.T) {
	t.Parallel()
	w, q := newWorld(t), &queue{}
	w.keep()
	r := w.receiver(q)
	for range 100 {
		r.Receive(t.Context(), message(keys.Token(key, generation, "stray"), "stray"))
		r.Receive(t.Context(), message(keys.Token(key, "01EARLIER", "older"), "older"))
		w.pass(time.Second)
	}
	if len(q.sent) != 2 {
		t.Fatalf("%d jobs for two strays", len(q.sent))
	}
	for i, want := range []string{"stray", "older"} {
		j := q.sent[i].Job
		if j.Kind != job.StopChannel || j.Channel != want || j.Resource != "resource" || j.Check() != nil {
			t.Errorf("job %+v", j)
		}
	}
}

func TestAJobThatCouldNotBeSentIsSentByTheNextMessage(t *testing.T) {
	t.Parallel()
	w, q := newWorld(t), &queue{fail: errors.New("down")}
	ch := w.keep()
	r := w.receiver(q)
	r.Receive(t.Context(), message(keys.Token(key, generation, ch.ID), ch.ID))
	q.fail = nil
	r.Receive(t.Context(), message(keys.Token(key, generation, ch.ID), ch.ID))
	if len(q.sent) != 1 {
		t.Errorf("%d jobs", len(q.sent))
	}
}

func TestTheLongestTokenFits(t *testing.T) {
	t.Parallel()
	token := keys.Token(integration.Key{Account: strings.Repeat("ä", 64), Provider: "google-calendar"}, generation, generation)
	if len(token) > 256 {
		t.Errorf("a token of %d bytes; 256 are allowed", len(token))
	}
}
