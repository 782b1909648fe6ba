package calsync_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// R5 for the lease: clients take, commit, hand over, end, drop and ask for rounds
// at once, on DynamoDB Local, and whatever they were told fits one order in which
// they might have done so one after the other.

// step is what a client asks of the lease.
type step struct {
	op      string // take, sync now, take late, dirty, commit, checkpoint, round, end, hand over, drop
	attempt string // of a taking, or of the lease that is asked after
	fence   int64  // held by a run
}

// told is what it is answered.
type told struct {
	verdict string // a verdict, "" for done, or a fault's code
	fence   int64  // of what was taken
}

// held is the sequential model's state: porcupine compares it with ==.
type held struct {
	fence   int64
	attempt string // "": no lease
	queued  bool
	late    bool // taken by a clock an hour ahead: expired for nobody
	dirty   bool
}

// lease is the sequential model.
var lease = porcupine.Model{
	Init: func() any { return held{} },
	Step: func(state, input, output any) (bool, any) {
		s, in, out := state.(held), input.(step), output.(told)
		holds := s.attempt != "" && s.fence == in.fence
		switch in.op {
		case "take", "take late", "sync now":
			late := in.op == "take late"
			live := s.attempt != "" && (s.late || !late)
			busy := live && (in.op == "sync now" || !s.queued)
			if busy {
				return out.verdict == string(integration.Busy), s
			}
			next := held{fence: s.fence + 1, attempt: in.attempt, queued: in.op == "sync now", late: late}
			return out.verdict == string(integration.Taken) && out.fence == next.fence, next
		case "dirty":
			if s.attempt == "" || s.attempt != in.attempt || s.queued {
				return out.verdict == "stale", s
			}
			s.dirty = true
			return out.verdict == "", s
		case "drop":
			if s.attempt == "" || s.attempt != in.attempt || !s.queued {
				return out.verdict == "stale", s
			}
			s.attempt, s.queued, s.late = "", false, false
			return out.verdict == "", s
		case "commit", "round":
			if !holds {
				return out.verdict == "stale", s
			}
			if in.op == "round" {
				s.dirty = false
			}
			return out.verdict == "", s
		case "end", "hand over":
			switch {
			case s.attempt == "" && s.fence == in.fence: // ended by this run already: its acknowledgement was lost
				return out.verdict == "", s
			case !holds:
				return out.verdict == "stale", s
			case s.dirty && in.op == "end":
				return out.verdict == "dirty", s
			case in.op == "hand over":
				return out.verdict == "", held{fence: s.fence + 1, attempt: in.attempt, queued: true, late: s.late}
			}
			return out.verdict == "", held{fence: s.fence}
		}
		return false, s
	},
	DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v → %+v", in, out) },
}

// ask carries a step out.
func (w *world) ask(c step) told {
	at := start.Add(time.Minute)
	due := at.Add(2 * time.Hour) // covered by nobody
	if c.op == "take late" {
		at = at.Add(time.Hour)
	}
	ctx := context.Background()
	hold := integration.Hold{Key: key, Generation: w.gen, Fence: c.fence}
	for {
		var err error
		switch c.op {
		case "take", "take late", "sync now":
			var rec *integration.Integration
			var verdict integration.Verdict
			rec, verdict, err = w.db.Integrations.Take(ctx, integration.Claim{
				Key: key, Generation: w.gen, NewRunID: "run-" + c.attempt, Attempt: c.attempt, Due: due, Now: at,
				Trigger: integration.TriggerSchedule, Queue: c.op == "sync now",
			})
			if err == nil {
				return told{string(verdict), map[bool]int64{true: rec.Fence}[verdict == integration.Taken]}
			}
		case "dirty":
			err = w.db.Integrations.SetDirty(ctx, key, w.gen, c.attempt)
		case "drop":
			err = w.db.Integrations.Drop(ctx, key, w.gen, c.attempt)
		case "commit":
			err = w.db.Integrations.Commit(ctx, hold, integration.Commit{Phase: integration.PhasePulling, Pages: 1})
		case "round":
			err = w.db.Integrations.Commit(ctx, hold, integration.Commit{Started: at})
		case "end":
			err = w.db.Integrations.End(ctx, hold, integration.Ending{Outcome: integration.RunFailed})
		case "hand over":
			err = w.db.Integrations.End(ctx, hold, integration.Ending{
				Outcome: integration.RunFailed, Next: integration.QueuedRun("run-"+c.attempt, c.attempt, integration.TriggerContinuation, at.Add(2*time.Hour)),
			})
		}
		switch {
		case err == nil:
			return told{}
		case fault.Is(err, fault.Transient): // nothing was done: asked again
		case fault.CodeOf(err) == "dirty":
			return told{verdict: "dirty"}
		case fault.Is(err, fault.Stale, fault.NotFound):
			return told{verdict: "stale"}
		default:
			return told{verdict: err.Error()}
		}
	}
}

func TestR5TheLeaseIsLinearizable(t *testing.T) {
	t.Parallel()
	const clients, steps = 6, 25
	w := connectedInDynamoDB(t)
	first := w.rec().Fence
	var mu sync.Mutex
	var history []porcupine.Operation
	var known []step // what any client may use: attempts and fences that somebody got
	began := time.Now()
	var wg sync.WaitGroup
	for client := range clients {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(1, uint64(client)))
			for i := range steps {
				c := step{op: []string{"take", "take", "sync now", "take late", "dirty", "dirty", "drop", "commit", "round", "end", "end", "hand over"}[rng.IntN(12)]}
				switch c.op {
				case "take", "sync now", "take late":
					c.attempt = fmt.Sprintf("01ATT%02d%019d", client, i)
				default: // mostly the latest holder's, sometimes an older one's
					mu.Lock()
					if len(known) == 0 {
						mu.Unlock()
						continue
					}
					k := known[max(0, len(known)-1-rng.IntN(3))]
					mu.Unlock()
					if c.op != "drop" && c.op != "dirty" && k.op != "run" {
						continue // what is queued has no run that could write
					}
					c.attempt, c.fence = k.attempt, k.fence
					if c.op == "hand over" {
						c.attempt = fmt.Sprintf("01HND%02d%019d", client, i)
					}
				}
				call := time.Since(began).Nanoseconds()
				out := w.ask(c)
				done := time.Since(began).Nanoseconds()
				mu.Lock()
				if out.verdict == string(integration.Taken) {
					known = append(known, step{op: map[bool]string{true: "run"}[c.op != "sync now"], attempt: c.attempt, fence: out.fence})
				}
				if c.op == "hand over" && out.verdict == "" {
					known = append(known, step{attempt: c.attempt, fence: c.fence + 1})
				}
				shown := c
				shown.fence -= first
				out.fence -= map[bool]int64{true: first}[out.fence != 0]
				history = append(history, porcupine.Operation{ClientId: client, Input: shown, Call: call, Output: out, Return: done})
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	took := time.Now()
	result, _ := porcupine.CheckOperationsVerbose(lease, history, time.Minute)
	t.Logf("%d operations of %d clients, checked in %d ms", len(history), clients, time.Since(took).Milliseconds())
	if result != porcupine.Ok {
		t.Errorf("the history of %d operations is not linearizable: %s", len(history), result)
		for _, op := range history {
			t.Logf("client %d [%d, %d] %+v → %+v", op.ClientId, op.Call, op.Return, op.Input, op.Output)
		}
	}
}

func TestTheLeasesModelFailsOnAPlantedViolation(t *testing.T) {
	t.Parallel()
	one := func(i int, in step, out told) porcupine.Operation {
		return porcupine.Operation{ClientId: i % 2, Input: in, Output: out, Call: int64(2 * i), Return: int64(2*i + 1)}
	}
	taken := func(f int64) told { return told{string(integration.Taken), f} }
	for name, bad := range map[string][]porcupine.Operation{
		"two holders":              {one(0, step{op: "take", attempt: "a"}, taken(1)), one(1, step{op: "take", attempt: "b"}, taken(2))},
		"a fence that stands":      {one(0, step{op: "take", attempt: "a"}, taken(1)), one(1, step{op: "end", fence: 1}, told{}), one(2, step{op: "sync now", attempt: "b"}, taken(1))},
		"a forgotten round":        {one(0, step{op: "take", attempt: "a"}, taken(1)), one(1, step{op: "dirty", attempt: "a"}, told{}), one(2, step{op: "end", fence: 1}, told{})},
		"an end of somebody else":  {one(0, step{op: "take", attempt: "a"}, taken(1)), one(1, step{op: "take late", attempt: "b"}, taken(2)), one(2, step{op: "end", fence: 1}, told{})},
		"a drop of an adopted run": {one(0, step{op: "sync now", attempt: "a"}, taken(1)), one(1, step{op: "take", attempt: "b"}, taken(2)), one(2, step{op: "drop", attempt: "a"}, told{})},
	} {
		if porcupine.CheckOperations(lease, bad) {
			t.Errorf("%s passes the checker", name)
		}
	}
}
