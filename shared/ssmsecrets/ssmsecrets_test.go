package ssmsecrets

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// store is SSM: parameters, how often they were read, and whether it answers.
type store struct {
	mu     sync.Mutex
	values map[string]string
	reads  int
	down   bool
}

func (s *store) Parameters(_ context.Context, names []string) (map[string]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	if s.down {
		return nil, errors.New("throttled")
	}
	out := map[string]string{}
	for _, n := range names {
		if v, ok := s.values[n]; ok {
			out[n] = v
		}
	}
	return out, nil
}

func (s *store) set(name, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[name] = value
}

var key = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))

func TestReadOnceKeptFiveMinutesBuiltAnewWhenChanged(t *testing.T) {
	t.Parallel()
	s := &store{values: map[string]string{"/a": "one", "/k": key}}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	built := 0
	b := New(s, func() time.Time { return now }, func(x Secrets) (string, error) {
		built++
		k, err := x.Key("/k")
		return fmt.Sprintf("%s %d", x.Text("/a"), len(k)), err
	}, "/a", "/k")
	step := func(name, want string, reads, builds int) {
		t.Helper()
		got, err := b.Get(context.Background())
		if err != nil || got != want || s.reads != reads || built != builds {
			t.Errorf("%s: %q, %v, %d reads, %d builds; want %q, %d, %d", name, got, err, s.reads, built, want, reads, builds)
		}
	}
	step("at first", "one 32", 1, 1)
	now = now.Add(fresh - time.Second)
	step("within five minutes", "one 32", 1, 1)
	now = now.Add(time.Second)
	step("after them, unchanged", "one 32", 2, 1)
	s.set("/a", "two")
	now = now.Add(fresh)
	step("changed", "two 32", 3, 2)
	s.mu.Lock()
	s.down = true
	s.mu.Unlock()
	now = now.Add(fresh)
	step("SSM down", "two 32", 4, 2)
	step("not asked again at once", "two 32", 4, 2)
	now = now.Add(again)
	step("but soon", "two 32", 5, 2)
	s.mu.Lock()
	s.down = false
	s.mu.Unlock()
	s.set("/k", "not a key")
	now = now.Add(again)
	step("a change that can't be used is not taken", "two 32", 6, 3)
}

func TestWithoutAnythingOlderAFailureIsOne(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		s    *store
		says string
	}{
		"down":      {&store{down: true}, "reading SSM parameters"},
		"missing":   {&store{values: map[string]string{"/a": "canary"}}, "/k doesn't exist or is empty"},
		"empty":     {&store{values: map[string]string{"/a": "canary", "/k": ""}}, "/k doesn't exist or is empty"},
		"no key":    {&store{values: map[string]string{"/a": "canary", "/k": "canary"}}, "/k must be 32 bytes in base64"},
		"short key": {&store{values: map[string]string{"/a": "canary", "/k": "Y2FuYXJ5"}}, "/k must be 32 bytes in base64"},
	} {
		b := New(c.s, time.Now, func(x Secrets) ([]byte, error) { return x.Key("/k") }, "/a", "/k")
		for range 2 { // and it is tried again
			_, err := b.Get(context.Background())
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "canary") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if c.s.reads != 2 {
			t.Errorf("%s: read %d times", name, c.s.reads)
		}
	}
}

func TestSecretsPrintAsNothing(t *testing.T) {
	t.Parallel()
	s := Secrets{map[string]string{"/a": "canary"}}
	for _, f := range []string{"%v", "%+v", "%#v", "%s"} {
		if out := fmt.Sprintf(f, s); strings.Contains(out, "canary") {
			t.Errorf("%s prints %s", f, out)
		}
	}
}

func TestManyAtOnceReadOnce(t *testing.T) {
	t.Parallel()
	s := &store{values: map[string]string{"/a": "one"}}
	b := New(s, time.Now, func(x Secrets) (string, error) { return x.Text("/a"), nil }, "/a")
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if got, err := b.Get(context.Background()); got != "one" || err != nil {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	wg.Wait()
	if s.reads != 1 {
		t.Errorf("read %d times", s.reads)
	}
}
