package calsync_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
)

// exception is a refusal as DynamoDB words it.
func exception(code, more string) string {
	return fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"m"%s}`, code, more)
}

// R8: every call of a pull to the database is answered once with each trouble
// that DynamoDB Local never has. The run gets over it by itself: it ends well,
// both sides agree, nothing waits for healing. And where the trouble lasts until
// the job has failed, the next one heals it.
func TestR8TheDatabasesTroubles(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]func(op, body string) (int, string){
		"throttled": func(string, string) (int, string) {
			return 400, exception("ProvisionedThroughputExceededException", "")
		},
		"too many requests": func(string, string) (int, string) { return 400, exception("ThrottlingException", "") },
		"an internal error": func(string, string) (int, string) { return 500, exception("InternalServerError", "") },
		"a transaction's conflict": func(op, body string) (int, string) {
			switch {
			case strings.HasPrefix(op, "Transact"):
				n := strings.Count(body, `"TableName"`)
				reasons := strings.Repeat(`{"Code":"None"},`, max(0, n-1)) + `{"Code":"TransactionConflict"}`
				return 400, exception("TransactionCanceledException", `,"CancellationReasons":[`+reasons+`]`)
			case isWrite(op):
				return 400, exception("TransactionConflictException", "")
			}
			return 0, ""
		},
		"unprocessed keys": func(op, body string) (int, string) {
			if op != "BatchGetItem" {
				return 0, ""
			}
			var in struct{ RequestItems json.RawMessage }
			if err := json.Unmarshal([]byte(body), &in); err != nil {
				return 500, ""
			}
			return 200, `{"Responses":{},"UnprocessedKeys":` + string(in.RequestItems) + `}`
		},
	} {
		for _, lasting := range []bool{false, true} {
			if lasting && name != "throttled" {
				continue // a class of its own fails alike, and the store's own pauses are real
			}
			t.Run(fmt.Sprintf("%s, lasting %v", name, lasting), func(t *testing.T) {
				t.Parallel()
				w := connectedInDynamoDB(t, "a", "b", "c")
				p := w.process(1 + map[bool]int{false: 2}[lasting])
				troubled := 0
				for k := 1; ; k++ {
					calls, met := 0, false
					var mu sync.Mutex
					p.refuse = func(op, body string) (int, string) {
						mu.Lock()
						defer mu.Unlock()
						if calls++; calls < k || met && !lasting {
							return 0, ""
						}
						status, answer := refuse(op, body)
						met = met || status != 0
						return status, answer
					}
					w.remote.put("id-new", fmt.Sprintf("new %d", k))
					w.remote.put(fmt.Sprintf("id-b%d", k), fmt.Sprintf("b %d", k))
					w.remote.delete(fmt.Sprintf("id-b%d", k-1))
					w.clock.Advance(time.Minute)
					err := p.handle(w, w.edit())
					p.refuse = nil
					if !met {
						break // the run has no such call as its k-th or after
					}
					troubled++
					if lasting {
						w.clock.Advance(integration.Visibility)
						w.sync()
						w.queue.take()
					} else if rec := w.rec(); err != nil || rec.LastRun.Outcome != integration.RunSucceeded || rec.Failures != 0 || rec.Lease != nil || !rec.VerifyAfter.IsZero() {
						t.Errorf("at call %d: %v, last run %+v, failures %d, lease %+v", k, err, rec.LastRun, rec.Failures, rec.Lease)
					}
					w.wantEqual(fmt.Sprintf("at call %d", k))
					w.wantIdle()
				}
				if troubled < 1 {
					t.Error("nothing was refused")
				}
				t.Logf("%d calls", troubled)
			})
		}
	}
}

// R8: items that TTL has yet to delete are there for nobody.
func TestR8ExpiredItemsAreThereForNobody(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	w.remote.put("id-b", "b")
	w.sync()
	run := w.rec().LastRun.ID
	if r := w.run(run); r.Pulled.Created != 1 {
		t.Fatalf("the run reports %+v", r)
	}
	w.clock.Advance(integration.Retention + time.Hour) // the items lie there still: DynamoDB Local's clock is another
	if _, err := w.db.Integrations.Run(t.Context(), key, run, w.clock.Now()); err == nil {
		t.Error("an expired report is given")
	}
	if runs, _, err := w.db.Integrations.Runs(t.Context(), key, integration.Page{Limit: 10}, w.clock.Now()); err != nil || len(runs) != 0 {
		t.Errorf("%d expired reports are listed, %v", len(runs), err)
	}
	if d, err := w.db.Integrations.Decisions(t.Context(), key, run); err != nil || len(d) != 0 {
		t.Errorf("%d expired decisions are given, %v", len(d), err)
	}
	if h, _, err := w.db.Integrations.Entries(t.Context(), key, integration.Page{Limit: 10}, w.clock.Now()); err != nil || len(h) != 0 {
		t.Errorf("%d expired transitions are listed, %v", len(h), err)
	}
}
