package seal_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"aura.example/integrations/shared/filekey"
	"aura.example/integrations/shared/memory"
	"aura.example/integrations/shared/seal"
)

var mine = seal.Binding{Account: "acme", Provider: "google-calendar", Purpose: "tokens", Generation: "01A"}

var errDown = errors.New("the key service is down")

// counted counts what the key service is asked, and answers late or not at all.
type counted struct {
	seal.KeyWrapper
	made, unwrapped atomic.Int32
	hold            chan struct{} // not nil: no answer until it is closed
	err             atomic.Pointer[error]
}

func (c *counted) wait(ctx context.Context) error {
	if err := c.err.Load(); err != nil {
		return *err
	}
	if c.hold == nil {
		return nil
	}
	select {
	case <-c.hold:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *counted) NewKey(ctx context.Context, p string) ([]byte, []byte, error) {
	c.made.Add(1)
	if err := c.wait(ctx); err != nil {
		return nil, nil, err
	}
	return c.KeyWrapper.NewKey(ctx, p)
}

func (c *counted) Unwrap(ctx context.Context, p string, w []byte) ([]byte, error) {
	c.unwrapped.Add(1)
	if err := c.wait(ctx); err != nil {
		return nil, err
	}
	return c.KeyWrapper.Unwrap(ctx, p, w)
}

type world struct {
	*testing.T
	now   atomic.Int64
	keys  *counted
	store seal.KeyStore
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t}
	w.now.Store(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC).UnixNano())
	file, err := filekey.Ephemeral()
	if err != nil {
		t.Fatal(err)
	}
	w.keys, w.store = &counted{KeyWrapper: file}, memory.New(w.clock).Credentials
	return w
}

func (w *world) clock() time.Time     { return time.Unix(0, w.now.Load()).UTC() }
func (w *world) sealer() *seal.Sealer { return seal.New(w.keys, w.store, w.clock) }

func (w *world) seal(s *seal.Sealer, b seal.Binding, text string) seal.Envelope {
	w.Helper()
	e, err := s.Seal(w.Context(), b, []byte(text))
	if err != nil {
		w.Fatal(err)
	}
	return e
}

func TestWhatIsSealedOpensAndIsUnreadable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.seal(w.sealer(), mine, "a refresh token")
	if bytes.Contains(e.Data, []byte("refresh")) {
		t.Error("it can be read")
	}
	got, err := w.sealer().Open(t.Context(), mine, e) // another process
	if err != nil || string(got) != "a refresh token" {
		t.Errorf("%q, %v", got, err)
	}
	if again := w.seal(w.sealer(), mine, "a refresh token"); bytes.Equal(again.Data, e.Data) {
		t.Error("sealing the same twice gives the same")
	}
}

func TestS8AnEnvelopeOpensNowhereElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.sealer()
	e := w.seal(s, mine, "secret")
	other := func(change func(*seal.Binding)) seal.Binding { b := mine; change(&b); return b }
	for name, b := range map[string]seal.Binding{
		"another account":    other(func(b *seal.Binding) { b.Account = "rival" }),
		"another provider":   other(func(b *seal.Binding) { b.Provider = "second" }),
		"another generation": other(func(b *seal.Binding) { b.Generation = "01B" }),
		"another purpose":    other(func(b *seal.Binding) { b.Purpose = "other" }),
		"shifted parts":      other(func(b *seal.Binding) { b.Account, b.Provider = "acmeg", "oogle-calendar" }),
	} {
		if _, err := s.Open(t.Context(), b, e); !errors.Is(err, seal.ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range e.Data {
		altered := e
		altered.Data = bytes.Clone(e.Data)
		altered.Data[i] ^= 1
		if _, err := s.Open(t.Context(), mine, altered); !errors.Is(err, seal.ErrBroken) {
			t.Errorf("byte %d altered: %v", i, err)
		}
	}
	for name, change := range map[string]func(*seal.Envelope){
		"another version": func(e *seal.Envelope) { e.Version = 2 },
		"truncated":       func(e *seal.Envelope) { e.Data = e.Data[:5] },
		"empty":           func(e *seal.Envelope) { e.Data = nil },
	} {
		broken := e
		change(&broken)
		if _, err := s.Open(t.Context(), mine, broken); !errors.Is(err, seal.ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOneKeyADayAskedForRarely(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.sealer()
	first := w.seal(s, mine, "x")
	w.now.Add(int64(24 * time.Hour))
	second := w.seal(s, mine, "x")
	if first.KeyID == second.KeyID {
		t.Error("the next day seals under the same key")
	}
	if _, err := s.Open(t.Context(), mine, first); err != nil {
		t.Errorf("yesterday's doesn't open: %v", err)
	}
	was := w.keys.unwrapped.Load()
	for range 20 {
		if _, err := s.Open(t.Context(), mine, first); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.keys.unwrapped.Load(); n != was {
		t.Errorf("a warm key was unwrapped %d times more", n-was)
	}
	w.now.Add(int64(5 * time.Minute))
	if _, err := s.Open(t.Context(), mine, first); err != nil || w.keys.unwrapped.Load() != was+1 {
		t.Errorf("after five minutes: %d calls more, %v; want 1", w.keys.unwrapped.Load()-was, err)
	}
}

// A burst on a cold worker asks the key service once, whether it seals the day's
// first value or opens an old one.
func TestABurstAsksTheKeyServiceOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.keys.hold = make(chan struct{})
		s := w.sealer()
		envelopes := make(chan seal.Envelope, 50)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { envelopes <- w.seal(s, mine, "x") })
		}
		synctest.Wait() // all fifty wait, for the service or for each other
		if n := w.keys.made.Load(); n != 1 {
			t.Errorf("50 at once made %d keys", n)
		}
		close(w.keys.hold)
		wg.Wait()
		e := <-envelopes

		w.keys.hold = make(chan struct{})
		cold := w.sealer()
		for range 50 {
			wg.Go(func() {
				if _, err := cold.Open(t.Context(), mine, e); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if n := w.keys.unwrapped.Load(); n != 1 {
			t.Errorf("50 at once unwrapped %d times", n)
		}
		close(w.keys.hold)
		wg.Wait()
	})
}

// Whoever fetches the key for all may be called off; the others go on.
func TestTheOneWhoFetchesMayBeCalledOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.keys.hold = make(chan struct{})
		s := w.sealer()
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := s.Seal(ctx, mine, []byte("x")); !errors.Is(err, context.Canceled) {
				t.Errorf("the one called off: %v", err)
			}
		})
		synctest.Wait()
		for range 5 {
			wg.Go(func() { w.seal(s, mine, "y") })
		}
		impatient, leave := context.WithCancel(t.Context())
		wg.Go(func() {
			if _, err := s.Seal(impatient, mine, []byte("z")); !errors.Is(err, context.Canceled) {
				t.Errorf("the one who left: %v", err)
			}
		})
		synctest.Wait()
		leave()
		cancel()
		synctest.Wait()
		close(w.keys.hold)
		wg.Wait()
		if n := w.keys.made.Load(); n != 2 {
			t.Errorf("%d keys were asked for, want 2: one for nobody, one for the five", n)
		}
	})
}

// A failure reaches everybody who waited, and is not kept.
func TestAFailureOfTheKeyServiceIsNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.sealer()
	w.keys.err.Store(&errDown)
	if _, err := s.Seal(t.Context(), mine, []byte("x")); !errors.Is(err, errDown) {
		t.Errorf("%v", err)
	}
	w.keys.err.Store(nil)
	w.seal(s, mine, "x")
}

func TestTwoProcessesRacingForTheDaysKeyAdoptOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	envelopes := make([]seal.Envelope, 8)
	var wg sync.WaitGroup
	for i := range envelopes {
		wg.Go(func() { envelopes[i] = w.seal(w.sealer(), mine, "x") })
	}
	wg.Wait()
	reader := w.sealer()
	for i, e := range envelopes {
		if _, err := reader.Open(t.Context(), mine, e); err != nil {
			t.Errorf("what process %d sealed doesn't open: %v", i, err)
		}
	}
}
