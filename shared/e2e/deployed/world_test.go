package deployed_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"aura.example/integrations/shared/awscalls"
	"aura.example/integrations/shared/deployment"
	"aura.example/integrations/shared/devstack"
	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/googlesim/discovery"
	"aura.example/integrations/shared/local"
	"aura.example/integrations/shared/runtimeapi"
	"aura.example/integrations/shared/samtemplate"
)

// trace is the X-Ray header that Lambda gives to every invocation here.
const trace = "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1"

// world is one deployment: template.yaml with every function running.
type world struct {
	*testing.T
	*deployment.Stack
	policies  awscalls.Policies
	book      *awscalls.Book
	program   *local.Program // Google, and the issuer of tokens
	gateway   *httptest.Server
	sandboxes map[string]*runtimeapi.Sandbox
	secrets   map[string]string // what must never be seen, and what it is

	mu       sync.Mutex
	messages []string          // bodies that were sent to the queue
	untraced []string          // calls that didn't carry the trace header
	answers  []string          // of the API, whole
	spoken   map[string]string // what sandboxes wrote that are gone, by function
	fault    googlesim.Fault
	refuses  func(target string) string // by which code AWS refuses a call; "" does it. nil does all
}

// newWorld deploys template.yaml here.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := newDeployment(t)
	for folder := range w.Template.Functions() {
		w.start(bootstraps(t), folder)
	}
	for folder, s := range w.sandboxes {
		if err := s.Ready(t.Context()); err != nil {
			t.Fatalf("%s: %v", folder, err)
		}
	}
	return w
}

// newDeployment makes what the template's resources stand for and the routes to
// its functions, and starts none of them.
func newDeployment(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, book: awscalls.NewBook(), sandboxes: map[string]*runtimeapi.Sandbox{}, secrets: map[string]string{}, spoken: map[string]string{}}
	var err error
	data := t.TempDir()
	w.program, err = local.Start(context.Background(), local.Options{
		Dir: data, Memory: true, NoTicks: true, Sim: googlesim.Options{Fault: w.mishap, Around: discovery.Around(t, false)},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.program.Close() })
	gateway := http.NewServeMux()
	w.gateway = httptest.NewServer(gateway)
	t.Cleanup(w.gateway.Close)
	stack := devstack.ForTest(t)
	w.Stack, err = deployment.Make(t.Context(), deployment.Options{
		Root: root, DynamoDB: stack.DynamoDB(), Moto: stack.Moto(), Data: data, PublicURL: w.gateway.URL,
	})
	w.must(err)
	for name, secret := range w.Secrets {
		w.learn("the "+name, secret)
	}
	w.policies, err = awscalls.PoliciesOf(w.Template, w.Values)
	w.must(err)
	for _, rt := range w.Template.Routes() {
		gateway.HandleFunc(pattern(rt), func(rw http.ResponseWriter, r *http.Request) {
			if rest, greedy := strings.CutSuffix(rt.Path, "{page+}"); greedy && r.URL.Path == rest {
				http.NotFound(rw, r) // a path's rest has at least one letter
				return
			}
			w.route(rt, rw, r)
		})
	}
	return w
}

// pattern is a route as net/http writes it. A slash at the end is a path of its
// own, not the root of all below.
func pattern(rt samtemplate.Route) string {
	path := strings.ReplaceAll(rt.Path, "+}", "...}")
	if strings.HasSuffix(path, "/") {
		path += "{$}"
	}
	return rt.Method + " " + path
}

// mishap is what goes wrong at Google.
func (w *world) mishap(r *http.Request) googlesim.Decision {
	w.mu.Lock()
	fault := w.fault
	w.mu.Unlock()
	w.overhear(r)
	if fault == nil {
		return googlesim.Decision{}
	}
	return fault(r)
}

// refusal is the code by which AWS refuses a call; "" is none.
func (w *world) refusal(target string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refuses == nil {
		return ""
	}
	return w.refuses(target)
}

// refusing has AWS refuse calls from now on, until it is told otherwise.
func (w *world) refusing(refuses func(target string) string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refuses = refuses
}

// start runs one function, with a proxy of its own before AWS.
func (w *world) start(dir, folder string) {
	w.Helper()
	stack := devstack.ForTest(w.T)
	db, err := url.Parse(stack.DynamoDB())
	w.must(err)
	moto, err := url.Parse(stack.Moto())
	w.must(err)
	onward := awscalls.Proxy(db, moto, func(r *http.Request, target string, body []byte) { w.saw(folder, r, target, body) })
	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if code := w.refusal(r.Header.Get("X-Amz-Target")); code != "" {
			rw.Header().Set("Content-Type", "application/x-amz-json-1.0")
			rw.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(rw, `{"__type":"com.amazonaws#`+code+`","message":"not now"}`)
			return
		}
		onward.ServeHTTP(rw, r)
	}))
	w.Cleanup(proxy.Close)
	env := w.environment(folder, proxy.URL)
	s, err := runtimeapi.Start(runtimeapi.Options{Name: folder, Command: []string{filepath.Join(dir, folder, "bootstrap")}, Env: env, Trace: trace})
	w.must(err)
	w.Cleanup(func() {
		s.Close()
		if w.Failed() && os.Getenv("E2E_LOGS") != "" {
			w.Logf("%s wrote:\n%s", folder, tail(s.Output()))
		}
	})
	w.sandboxes[folder] = s
}

// environment gives a function's variables: those of the template, and what
// Lambda adds. aws is where it finds AWS; "" is the stand-ins themselves.
func (w *world) environment(folder, aws string) []string {
	w.Helper()
	env, err := w.Environment(folder, aws)
	w.must(err)
	return env
}

// saw holds a call to the function's policy, and keeps what must be looked at.
func (w *world) saw(folder string, r *http.Request, target string, body []byte) {
	calls, err := awscalls.Read(target, body)
	if err != nil {
		w.Errorf("S14: %s: %v", folder, err)
	}
	for _, c := range calls {
		if err := w.book.Note(w.policies, folder, c); err != nil {
			w.Errorf("S14: %v", err)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if strings.HasPrefix(target, "AmazonSQS.") {
		w.messages = append(w.messages, string(body))
	}
	if r.Header.Get("X-Amzn-Trace-Id") != trace && !strings.HasPrefix(target, "AmazonSSM.") { // secrets are read before there is an invocation
		w.untraced = append(w.untraced, folder+" "+target)
	}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func tail(s string) string {
	if len(s) > 6000 {
		return "…" + s[len(s)-6000:]
	}
	return s
}
