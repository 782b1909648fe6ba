package convergence_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/filekey"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// childOrder is the variable that turns this test's own binary into a worker
// process, which stops at a boundary and waits there for its killer.
const childOrder = "CONVERGENCE_CHILD"

// order is what such a worker is to do.
type order struct {
	DynamoDB, Google, KeyFile, Account string
	Names                              dynamo.Names
	Now                                time.Time
	IDs                                int64 // ids below it are used up
	Job                                job.Job
	Boundary                           int
	After                              bool
}

// childTB ends the child where a test would fail.
type childTB struct{}

func (childTB) Helper()                   {}
func (childTB) Cleanup(func())            {}
func (childTB) Failed() bool              { return false }
func (childTB) Errorf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }
func (childTB) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }
func (childTB) Fatal(a ...any)            { panic(fmt.Sprint(a...)) }

// beChild works one job off in this process and says so; at its boundary it says
// that it is there, and waits.
func beChild(raw string) {
	var o order
	if err := json.Unmarshal([]byte(raw), &o); err != nil {
		panic(err)
	}
	keys, err := filekey.Open(o.KeyFile)
	if err != nil {
		panic(err)
	}
	var ticks atomic.Int64
	w := &world{
		tb: childTB{}, site: &site{url: o.DynamoDB, names: o.Names, keys: keys}, account: o.Account,
		key: integration.Key{Account: o.Account, Provider: google.Key}, by: edit.Author{Account: o.Account}, queue: &queue{},
		google: http.DefaultTransport, url: o.Google,
		clock: googlesim.NewClock(func() time.Time { return o.Now.Add(time.Duration(ticks.Add(1)) * time.Millisecond) }),
	}
	w.queue.now = w.now
	w.ids.Store(o.IDs)
	p := w.process(3)
	wait := func(n int, _ crossing) bool {
		if n == o.Boundary {
			fmt.Println("here")
			select {}
		}
		return false
	}
	if o.After {
		p.after = wait
	} else {
		p.before = wait
	}
	err = p.worker.Handle(context.Background(), o.Job)
	fmt.Println("done", err)
}

// killed has a child work a job off and kills it (SIGKILL) at a boundary; false
// where the child was done before.
func (w *world) killed(google string, j job.Job, boundary int, after bool) bool {
	w.Helper()
	o, err := json.Marshal(order{
		DynamoDB: w.site.url, Google: google, KeyFile: w.site.keyFile, Account: w.account, Names: w.site.names, Now: w.now(),
		IDs: w.ids.Add(1000), Job: j, Boundary: boundary, After: after,
	})
	w.must(err)
	self, err := os.Executable()
	w.must(err)
	child := exec.Command(self)
	child.Env = append(os.Environ(), childOrder+"="+string(o))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	w.must(err)
	w.must(child.Start())
	line, _ := bufio.NewReader(out).ReadString('\n')
	if strings.HasPrefix(line, "done") {
		w.must(child.Wait())
		return false
	}
	if strings.TrimSpace(line) != "here" {
		w.Fatalf("the child said %q", line)
	}
	w.must(child.Process.Kill())
	_ = child.Wait() // killed is what it was to be
	return true
}

// TestR1SIGKILLOfAChildProcess kills real worker processes, which share nothing
// with the test but the database, the key file and Google, at samples of the
// boundaries; the long form at each.
func TestR1SIGKILLOfAChildProcess(t *testing.T) {
	t.Parallel()
	var killed atomic.Int64
	t.Cleanup(func() { t.Logf("R1: %d child processes killed", killed.Load()) })
	samples := []int{1, 2, 4, 5, 8, 11}
	if long() {
		samples = samples[:0]
		for k := range 22 {
			samples = append(samples, k+1)
		}
	}
	for i, k := range samples {
		t.Run(fmt.Sprint("boundary ", k), func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			w := connected(t, timed("a", 24), timed("b", 26), timed("c", 28))
			server := httptest.NewServer(w.sim)
			defer server.Close()
			w.pass(time.Minute)
			w.must(w.me.create(ctx, content("d", 30), "d"))
			w.must(w.me.retitle(ctx, w.row("a").ID, "a changed"))
			w.must(w.me.delete(ctx, w.row("c").ID))
			w.patchThere(w.row("b").Link.ProviderID, map[string]any{"summary": "b changed there"})
			m, ok := w.queue.take()
			if !ok {
				t.Fatal("no job was sent")
			}
			w.pass(10 * time.Second) // the burst is over
			if w.killed(server.URL, m.job, k, i%2 == 1) {
				killed.Add(1)
				w.queue.back(m) // nobody acknowledged it
			} else if !long() {
				t.Error("the child was done before it could be killed")
			}
			w.heal()
			w.wantConverged("after the kill")
			w.wantTitles("after the kill", "a changed", "b changed there", "d")
		})
	}
}
