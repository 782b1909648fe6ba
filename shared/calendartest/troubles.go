package calendartest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// troubles says what each failure means to an engine.
var troubles = []struct {
	failure Failure
	kind    fault.Kind
	wait    time.Duration
	slow    bool // ends only when the caller has had enough
}{
	{failure: Throttled, kind: fault.Transient, wait: Wait},
	{failure: Slowed, kind: fault.Transient},
	{failure: Down, kind: fault.Transient},
	{failure: Unplugged, kind: fault.Transient},
	{failure: Truncated, kind: fault.Transient},
	{failure: Silent, kind: fault.Transient, slow: true},
	{failure: Dripping, kind: fault.Transient, slow: true},
	{failure: Garbled, kind: fault.Transient},
	{failure: Incomplete, kind: fault.Transient},
	{failure: Repeated, kind: fault.Transient},
	{failure: Forbidden, kind: fault.Refused},
	{failure: Forgotten, kind: fault.Resync},
}

// testTroubles is the matrix of failures, pages, and first or later lists.
func testTroubles(t *testing.T, fresh Maker) {
	for _, tr := range troubles {
		for page := range 3 {
			if page == 0 && tr.failure == Repeated {
				continue // there is no page before the first
			}
			for _, first := range []bool{true, false} {
				if first && page == 0 && tr.failure == Forgotten {
					continue // nothing was continued
				}
				t.Run(fmt.Sprintf("%s/page %d/first %v", tr.failure, page, first), func(t *testing.T) {
					t.Parallel()
					w := fresh(t)
					r := w.Open(w.Access())
					q := calendar.Query{Calendar: Primary, MaxResults: 2}
					if !first {
						_, q.Cursor = read(t, r, q)
					}
					for i := range 6 {
						w.Create(Primary, Given{Content: meeting(fmt.Sprint("event", i), i)})
					}
					met := w.Fail(tr.failure, page+1)
					var got []calendar.Remote
					for i := 0; ; i++ {
						if i == page {
							q = meet(t, r, q, tr.kind, tr.wait, tr.slow, met)
							if tr.kind == fault.Resync { // which begins anew
								got = nil
							}
						}
						p, err := r.Changes(t.Context(), q)
						if err != nil {
							t.Fatalf("page %d after the failure: %v", i, err)
						}
						got = append(got, p.Events...)
						if p.Cursor != "" {
							break
						}
						q.PageToken = p.NextPage
					}
					if want := "event0 event1 event2 event3 event4 event5"; titles(got) != want {
						t.Errorf("the list came to %s", titles(got))
					}
				})
			}
		}
	}
}

// meet makes the call that fails, and gives the query to go on with. A call
// that would never end is given up once the provider has it.
func meet(t *testing.T, r calendar.Reader, q calendar.Query, kind fault.Kind, wait time.Duration, slow bool, met <-chan struct{}) calendar.Query {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if slow {
		go func() {
			select {
			case <-met:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	_, err := r.Changes(ctx, q)
	if f := fault.Of(err); f == nil || f.Kind != kind || f.RetryAfter != wait || f.Code == "" || f.Message == "" {
		t.Fatalf("%v, want %s after %v", err, kind, wait)
	}
	if slow && !errors.Is(err, context.Canceled) {
		t.Errorf("doesn't say that it was given up: %v", err)
	}
	if kind == fault.Resync {
		q.Cursor, q.PageToken = "", ""
	}
	return q
}

// told is an access that notes what it was told.
type told struct {
	access calendar.Access

	mu      sync.Mutex
	refused []string
	given   []string
}

func (a *told) ask(ctx context.Context, refused string) (string, error) {
	token, err := a.access(ctx, refused)
	a.mu.Lock()
	defer a.mu.Unlock()
	if refused != "" {
		a.refused = append(a.refused, refused)
	}
	a.given = append(a.given, token)
	return token, err
}

func testRefusedToken(t *testing.T, w World) {
	w.Create(Primary, Given{Content: meeting("a", 0)})
	a := &told{access: w.Access()}
	r := w.Open(a.ask)

	w.Fail(TokenRefused, 1)
	if events, _ := read(t, r, calendar.Query{}); len(events) != 1 {
		t.Errorf("with a renewed token: %s", titles(events))
	}
	if len(a.refused) != 1 || a.refused[0] != a.given[0] || slices.Contains(a.given[1:], a.given[0]) {
		t.Errorf("told of %d refusals, given %d tokens", len(a.refused), len(a.given))
	}

	a.refused = nil
	w.Fail(TokensRefused, 1)
	_, err := r.Changes(t.Context(), calendar.Query{Calendar: Primary})
	if !fault.Is(err, fault.Unauthorized) || len(a.refused) != 1 {
		t.Errorf("with none that works: %v after %d renewals", err, len(a.refused))
	}

	// What access itself says is passed on as it is.
	gone := fault.New(fault.CredentialGone, "access_revoked", "Access was revoked.")
	_, err = w.Open(func(context.Context, string) (string, error) { return "", gone }).Changes(t.Context(), calendar.Query{Calendar: Primary})
	if !fault.Is(err, fault.CredentialGone) || !errors.Is(err, gone) {
		t.Errorf("with no token at all: %v", err)
	}
}

func testCancelled(t *testing.T, w World) {
	r := w.Open(w.Access())
	read(t, r, calendar.Query{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, list := r.Calendars(ctx)
	_, changes := r.Changes(ctx, calendar.Query{Calendar: Primary})
	_, event := r.Event(ctx, Primary, "neverwas")
	for _, err := range []error{list, changes, event} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	}
}

// testConcurrent: the next page is fetched while something else is looked up.
func testConcurrent(t *testing.T, w World) {
	id := w.Create(Primary, Given{Content: meeting("a", 0)})
	r := w.Open(w.Access())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := r.Changes(t.Context(), calendar.Query{Calendar: Primary}); err != nil {
				t.Error(err)
			}
			if _, err := r.Event(t.Context(), Primary, id); err != nil {
				t.Error(err)
			}
			if _, err := r.Calendars(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
