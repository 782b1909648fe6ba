package browser_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/googlesim/discovery"
	"aura.example/integrations/shared/local"
)

const (
	ana = "ana@example.com"
	ben = "ben@example.org"

	integrations = "/v1/integrations"
	google       = integrations + "/google-calendar"

	patience = time.Minute // of a test with the page, on a busy machine: what works comes far sooner
)

// world is one running program.
type world struct {
	*testing.T
	program *local.Program
	clock   *googlesim.Clock
	fault   atomic.Pointer[googlesim.Fault]
	closing sync.Once
}

// newWorld starts a program. change may adjust what it is made of.
func newWorld(t *testing.T, change ...func(*local.Options)) *world {
	t.Helper()
	w := &world{T: t, clock: googlesim.NewClock(nil)}
	o := local.Options{
		Memory: true, Now: w.clock.Now, NoTicks: true,
		Sim: googlesim.Options{Clock: w.clock, Around: discovery.Around(t, false), Fault: func(r *http.Request) googlesim.Decision {
			if f := w.fault.Load(); f != nil {
				return (*f)(r)
			}
			return googlesim.Decision{}
		}},
	}
	for _, c := range change {
		c(&o)
	}
	var err error
	if w.program, err = local.Start(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	return w
}

// close ends the program; a second time does nothing.
func (w *world) close() {
	w.closing.Do(func() {
		if err := w.program.Close(); err != nil {
			w.Errorf("closing: %v", err)
		}
	})
}

// fail makes Google fail as the hook says; nil mends it.
func (w *world) fail(f googlesim.Fault) {
	if f == nil {
		w.fault.Store(nil)
		return
	}
	w.fault.Store(&f)
}

// hold keeps back what Google is asked at such a path until the test lets it go or
// the caller hangs up: what is seen meanwhile doesn't depend on how fast this
// machine is.
func (w *world) hold(at func(path string) bool) (release func()) {
	held := make(chan struct{})
	w.fail(func(r *http.Request) googlesim.Decision {
		if at(r.URL.Path) {
			select {
			case <-held:
			case <-r.Context().Done():
			}
		}
		return googlesim.Decision{}
	})
	release = sync.OnceFunc(func() { w.fail(nil); close(held) })
	w.Cleanup(release)
	return release
}

// events are the paths of lists of events, and of one that is made.
func events(path string) bool { return strings.HasSuffix(path, "/events") }

// call is somebody else at the API: another window, a script, the billing
// system. It gives the answer's body; a status of 400 or more fails the test.
func (w *world) call(method, path, scope string, body any, headers ...string) map[string]any {
	w.Helper()
	resp := w.try(method, path, scope, body, headers...)
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		w.Fatal(err)
	}
	if resp.StatusCode >= 400 {
		w.Fatalf("%s %s answered %d: %s", method, path, resp.StatusCode, raw)
	}
	out := map[string]any{}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &out); err != nil {
			w.Fatal(err)
		}
	}
	return out
}

// try is call whose answer may be any; its body is read already.
func (w *world) try(method, path, scope string, body any, headers ...string) *http.Response {
	w.Helper()
	tok, err := w.program.Token("demo", "demo", scope)
	if err != nil {
		w.Fatal(err)
	}
	var r io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			w.Fatal(err)
		}
		r = bytes.NewReader(raw)
	}
	req, err := http.NewRequest(method, w.program.URL+path, r)
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+tok)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		w.Fatal(err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(raw))
	return resp
}

// status is the integration's, as the API says it.
func (w *world) status() string {
	w.Helper()
	return fmt.Sprint(w.call("GET", google, "", nil)["status"])
}

// pause yields for a moment: what is awaited happens in another process, which
// no channel reaches from here.
func pause() {
	t := time.NewTimer(25 * time.Millisecond)
	<-t.C
}
