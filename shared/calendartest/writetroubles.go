package calendartest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// writeTroubles says what each failure of a write means to an engine.
var writeTroubles = []struct {
	failure Failure
	kind    fault.Kind
	wait    time.Duration
	landed  []bool // whether the write may have taken effect
	slow    bool   // ends only when the caller has had enough
}{
	{failure: Throttled, kind: fault.Transient, wait: Wait, landed: []bool{false}},
	{failure: Slowed, kind: fault.Transient, landed: []bool{false}},
	{failure: Exhausted, kind: fault.QuotaExceeded, landed: []bool{false}},
	{failure: Down, kind: fault.Transient, landed: []bool{false, true}},
	{failure: Unplugged, kind: fault.Transient, landed: []bool{false, true}},
	{failure: Truncated, kind: fault.Transient, landed: []bool{true}},
	{failure: Silent, kind: fault.Transient, landed: []bool{false}, slow: true},
	{failure: Garbled, kind: fault.Transient, landed: []bool{false, true}},
	{failure: Forbidden, kind: fault.Refused, landed: []bool{false}},
}

// write is one kind of write: what it is done to, what it does, and what the
// same write meets that comes again after the first took effect.
type write struct {
	name   string
	before func(d *desk) calendar.Remote
	do     func(ctx context.Context, d *desk, e calendar.Remote) error
	again  fault.Kind
	bodied bool // its success has a body, which can be lost or broken
	landed func(e calendar.Remote) bool
}

var writes = []write{
	{
		"insert", func(d *desk) calendar.Remote { return calendar.Remote{ProviderID: d.insertion(meeting("", 0)).ID} },
		func(ctx context.Context, d *desk, e calendar.Remote) error {
			_, err := d.p.Insert(ctx, calendar.Insertion{Calendar: Primary, ID: e.ProviderID, Content: other(1), Stamp: "landed"})
			return err
		}, fault.Duplicate, true, func(e calendar.Remote) bool { return e.Stamp == "landed" && same(e.Content, other(1)) },
	},
	{
		"patch", func(d *desk) calendar.Remote { return d.made(meeting("Before", 0)) },
		func(ctx context.Context, d *desk, e calendar.Remote) error {
			c := edit(e, other(1), calendar.FieldTitle)
			c.Stamp = "landed"
			_, err := d.p.Patch(ctx, c)
			return err
		}, fault.Stale, true, func(e calendar.Remote) bool { return e.Stamp == "landed" && e.Title == "Other" },
	},
	{
		"restore", func(d *desk) calendar.Remote {
			e := d.made(meeting("Before", 0))
			d.Delete(Primary, e.ProviderID)
			return d.event(e.ProviderID)
		},
		func(ctx context.Context, d *desk, e calendar.Remote) error {
			c := edit(e, other(1))
			c.Stamp = "landed"
			_, err := d.p.Restore(ctx, c)
			return err
		}, fault.Stale, true, func(e calendar.Remote) bool { return e.Stamp == "landed" && !e.Deleted },
	},
	{
		"delete", func(d *desk) calendar.Remote { return d.made(meeting("Before", 0)) },
		func(ctx context.Context, d *desk, e calendar.Remote) error {
			return d.p.Delete(ctx, edit(e, e.Content))
		},
		fault.Gone, false, func(e calendar.Remote) bool { return e.Deleted },
	},
}

// testWriteTroubles is the matrix of writes and failures, each before and after
// the write took effect. What happened can always be found out by reading, and a
// write that comes again never passes over the first.
func testWriteTroubles(t *testing.T, fresh WriterMaker) {
	for _, wr := range writes {
		for _, tr := range writeTroubles {
			for _, landed := range tr.landed {
				if !wr.bodied && (tr.failure == Truncated || tr.failure == Garbled) {
					continue // there is no body to break
				}
				t.Run(fmt.Sprintf("%s/%s/landed %v", wr.name, tr.failure, landed), func(t *testing.T) {
					t.Parallel()
					d := newDesk(t, fresh(t))
					e := wr.before(d)
					met := d.FailWrite(tr.failure, landed)
					err := impatient(t, tr.slow, met, func(ctx context.Context) error { return wr.do(ctx, d, e) })
					if f := fault.Of(err); f == nil || f.Kind != tr.kind || f.RetryAfter != tr.wait || f.Code == "" || f.Message == "" {
						t.Fatalf("%v, want %s after %v", err, tr.kind, tr.wait)
					}
					there, err := d.r.Event(t.Context(), Primary, e.ProviderID)
					if err != nil && !fault.Is(err, fault.Gone) {
						t.Fatalf("reads don't go on: %v", err)
					}
					if wr.landed(there) != landed {
						t.Fatalf("landed %v, but there is %+v", landed, there)
					}
					err = wr.do(t.Context(), d, e)
					if landed && !fault.Is(err, wr.again) || !landed && err != nil {
						t.Errorf("the same write again: %v", err)
					}
					if there = d.event(e.ProviderID); !wr.landed(there) {
						t.Errorf("in the end there is %+v", there)
					}
				})
			}
		}
	}
}

// impatient gives a call up that would never end, once the provider has it.
func impatient(t *testing.T, slow bool, met <-chan struct{}, do func(ctx context.Context) error) error {
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
	err := do(ctx)
	if slow && !errors.Is(err, context.Canceled) {
		t.Errorf("doesn't say that it was given up: %v", err)
	}
	return err
}

// testRefusedTokenOfWrite: a write whose token is refused goes out once more
// with a renewed one, whole.
func testRefusedTokenOfWrite(t *testing.T, d *desk) {
	for _, wr := range writes {
		e := wr.before(d)
		a := &told{access: d.Access()}
		d.open(a.ask)
		d.FailWrite(TokenRefused, false)
		if err := wr.do(t.Context(), d, e); err != nil || len(a.refused) != 1 || a.given[len(a.given)-1] == a.refused[0] {
			t.Errorf("%s: %v after %d renewals", wr.name, err, len(a.refused))
		}
		if there := d.event(e.ProviderID); !wr.landed(there) {
			t.Errorf("%s: there is %+v", wr.name, there)
		}
	}
}
