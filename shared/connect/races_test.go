package connect_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// rivalChange plants a credential in somebody else's place.
func rivalChange(c integration.Credential) integration.Change {
	rec := integration.New(c.Key, c.Generation, noon)
	after, entry, _ := integration.Move(rec, integration.Create, integration.Moving{Now: noon, EntryID: "01E"})
	return integration.Change{After: after, Entry: &entry, Limit: 5, Credential: &c}
}

// act is one operation on an account's places: what R5's model knows.
type act struct {
	provider string
	delete   bool
}

// places is the sequential model: which providers have a record, and the limit.
func places(limit int) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return "" },
		Step: func(state, input, output any) (bool, any) {
			s, in, code := state.(string), input.(act), output.(string)
			mark := "[" + in.provider + "]"
			has := strings.Contains(s, mark)
			n := count(s)
			switch {
			case in.delete && has:
				return code == "", strings.Replace(s, mark, "", 1)
			case in.delete:
				return code == "not_found", s
			case has:
				return code == "provider_exists", s
			case n >= limit:
				return code == "plan_limit_reached", s
			}
			return code == "", insert(s, mark)
		},
		DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v → %q", in, out) },
	}
}

func TestR5CreatesAndDeletesAreLinearizable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var ops []porcupine.Operation
	var mu sync.Mutex
	var wg sync.WaitGroup
	began := time.Now()
	for client := range 10 {
		wg.Go(func() {
			for i := range 10 {
				in := act{provider: catalogue[(client+i)%len(catalogue)].Key, delete: (client*7+i*3)%5 < 2}
				call := time.Since(began).Nanoseconds()
				code := w.act(in)
				mu.Lock()
				ops = append(ops, porcupine.Operation{ClientId: client, Input: in, Call: call, Output: code, Return: time.Since(began).Nanoseconds()})
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(ops) != 100 {
		t.Fatalf("%d operations", len(ops))
	}
	result, _ := porcupine.CheckOperationsVerbose(places(2), ops, time.Minute)
	if result != porcupine.Ok {
		t.Errorf("the history of 100 operations is not linearizable: %s", result)
	}
	w.countEqualsRecords()
}

// act carries an operation out and gives its code; a busy store is asked again.
func (w *world) act(in act) string {
	for {
		var err error
		if in.delete {
			err = w.service.Delete(context.WithoutCancel(w.Context()), mia, in.provider, false)
		} else {
			_, err = w.service.Create(context.WithoutCancel(w.Context()), mia, in.provider)
		}
		switch {
		case err == nil:
			return ""
		case fault.Is(err, fault.NotFound):
			return "not_found"
		case fault.Is(err, fault.Transient, fault.Unavailable):
			continue
		}
		return fault.CodeOf(err)
	}
}

func (w *world) countEqualsRecords() {
	w.Helper()
	recs, err := w.db.Integrations.List(w.Context(), key.Account)
	w.must(err)
	a, err := w.db.Integrations.Account(w.Context(), key.Account)
	w.must(err)
	if a.Used != len(recs) {
		w.Errorf("the account counts %d, there are %d records", a.Used, len(recs))
	}
}

// TestR5CredentialsAreLinearizable checks the history of one credential: every
// reader sees the version of the last write, and of two that present the same
// version one is refused.
func TestR5CredentialsAreLinearizable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rec := w.connected()
	first, err := w.db.Credentials.Credential(t.Context(), key, rec.ID)
	w.must(err)
	var ops []porcupine.Operation
	var mu sync.Mutex
	began := time.Now()
	note := func(client int, in int64, call int64, out int64) {
		mu.Lock()
		defer mu.Unlock()
		ops = append(ops, porcupine.Operation{ClientId: client, Input: in, Call: call, Output: out, Return: time.Since(began).Nanoseconds()})
	}
	var wg sync.WaitGroup
	for client := range 10 {
		wg.Go(func() {
			for range 10 {
				call := time.Since(began).Nanoseconds()
				c, err := w.db.Credentials.Credential(context.WithoutCancel(t.Context()), key, rec.ID)
				if err != nil {
					t.Error(err)
					return
				}
				note(client, 0, call, c.Version)
				call = time.Since(began).Nanoseconds()
				c.Sealed.Data = fmt.Appendf(nil, "%d %d", client, call) // every ciphertext is another
				out := int64(-1)
				if stored, err := w.db.Credentials.Refresh(context.WithoutCancel(t.Context()), *c); err == nil {
					out = stored.Version
				} else if !fault.Is(err, fault.Stale) {
					t.Error(err)
					return
				}
				note(client, c.Version, call, out)
			}
		})
	}
	wg.Wait()
	took := time.Now()
	result, _ := porcupine.CheckOperationsVerbose(versions(first.Version), ops, time.Minute)
	t.Logf("R5: %d operations on one credential checked in %s", len(ops), time.Since(took).Round(time.Millisecond))
	if result != porcupine.Ok || len(ops) != 200 {
		t.Errorf("the history of %d operations is not linearizable: %s", len(ops), result)
	}
	bad := []porcupine.Operation{{Input: int64(1), Output: int64(2), Call: 0, Return: 1}, {ClientId: 1, Input: int64(1), Output: int64(2), Call: 2, Return: 3}}
	if porcupine.CheckOperations(versions(1), bad) {
		t.Error("two renewals of one version pass the checker")
	}
}

// versions is a register that is written on condition of what it holds: input 0
// reads, any other writes above the version that it is.
func versions(first int64) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return first },
		Step: func(state, input, output any) (bool, any) {
			s, in, out := state.(int64), input.(int64), output.(int64)
			switch {
			case in == 0:
				return out == s, s
			case in == s:
				return out == s+1, s + 1
			}
			return out == -1, s
		},
	}
}

func TestThePlanLimitModelFailsOnAPlantedViolation(t *testing.T) {
	t.Parallel()
	bad := []porcupine.Operation{
		{ClientId: 0, Input: act{provider: "a"}, Output: "", Call: 0, Return: 1},
		{ClientId: 1, Input: act{provider: "a"}, Output: "", Call: 2, Return: 3}, // a second one of the same provider
	}
	if porcupine.CheckOperations(places(2), bad) {
		t.Error("two integrations of one provider pass the checker")
	}
	bad[1].Input = act{provider: "b"}
	if porcupine.CheckOperations(places(1), bad) {
		t.Error("one more than the plan allows passes the checker")
	}
}

func TestBothRefusalsSayProviderExists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, p := range []string{"second", "third"} {
		_, err := w.service.Create(t.Context(), mia, p)
		w.must(err)
	}
	_, err := w.service.Create(t.Context(), mia, "second")
	if fault.CodeOf(err) != "provider_exists" || fault.Of(err).Message != "An integration with this provider already exists." {
		t.Errorf("at the limit and taken: %v", err)
	}
	_, err = w.service.Create(t.Context(), mia, "fourth")
	f := fault.Of(err)
	if f == nil || f.Kind != fault.Forbidden || f.Message != "You’ve reached the maximum integrations for your subscription plan." || f.Fix == nil || f.Fix.Label != "Billing > Subscription > Change plan" {
		t.Errorf("at the limit: %+v", f)
	}
}

func TestALoweredPlanKeepsWhatExists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.service.SetPlan(t.Context(), mia, "pro")
	w.must(err)
	for _, p := range catalogue {
		_, err := w.service.Create(t.Context(), mia, p.Key)
		w.must(err)
	}
	a, err := w.service.SetPlan(t.Context(), mia, "free")
	w.must(err)
	if a.Limit != 2 || a.Used != 4 {
		t.Errorf("after lowering: %+v", a)
	}
	w.must(w.service.Delete(t.Context(), mia, "second", false))
	if _, err := w.service.Create(t.Context(), mia, "second"); fault.CodeOf(err) != "plan_limit_reached" {
		t.Errorf("a new one above the lowered limit: %v", err)
	}
	w.countEqualsRecords()
}

func TestTwoCompletionsOfOneFlowExchangeOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.service.Create(t.Context(), mia, key.Provider)
	w.must(err)
	opened, err := w.flows.Begin(t.Context(), mia, key.Provider, "page")
	w.must(err)
	state := opened.AuthorizationURL[len("https://provider.example/?state="):]
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 10 { // two windows, a doubled click
		wg.Go(func() {
			if _, err := w.flows.Complete(t.Context(), mia, connect.Returned{State: state, Code: "code"}); err == nil {
				won.Add(1)
			} else if fault.CodeOf(err) != "state_replayed" {
				t.Errorf("a loser got %v", err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || w.provider.exchanges != 1 {
		t.Errorf("%d completions won and %d codes were exchanged, want one of each", won.Load(), w.provider.exchanges)
	}
}

func TestAFlowOfAnEarlierGenerationIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected()
	opened, err := w.flows.Begin(t.Context(), mia, key.Provider, "page")
	w.must(err)
	_, err = w.service.Disconnect(t.Context(), mia, key.Provider, false)
	w.must(err)
	_, err = w.service.Create(t.Context(), mia, key.Provider) // replaces it
	w.must(err)
	_, err = w.flows.Complete(t.Context(), mia, connect.Returned{State: opened.AuthorizationURL[len("https://provider.example/?state="):], Code: "code"})
	if fault.CodeOf(err) != "flow_superseded" || w.provider.exchanges != 1 {
		t.Errorf("%v after %d exchanges", err, w.provider.exchanges)
	}
	a, err := w.db.Integrations.Account(t.Context(), key.Account)
	w.must(err)
	if a.Used != 1 {
		t.Errorf("a replacement counts as %d", a.Used)
	}
}

// The model's state is a sorted string, since porcupine compares states with ==.

func count(s string) int { return strings.Count(s, "[") }

func insert(s, mark string) string {
	all := append(strings.SplitAfter(s, "]"), mark)
	slices.Sort(all)
	return strings.Join(all, "")
}
