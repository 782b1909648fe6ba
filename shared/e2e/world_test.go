package e2e_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"aura.example/integrations/shared/devstack"
	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/googlesim/discovery"
	"aura.example/integrations/shared/httpapi/apitest"
	"aura.example/integrations/shared/local"
)

const (
	ana = "ana@example.com"
	ben = "ben@example.org"

	integrations = "/v1/integrations"
	google       = integrations + "/google-calendar"
)

// One validator serves the whole package, so that it knows what was exercised.
var contract = sync.OnceValues(apitest.New)

// world is one running program.
type world struct {
	*testing.T
	program *local.Program
	clock   *googlesim.Clock
	client  *http.Client
	logs    *bytes.Buffer
	google  *watched
	prefix  string // of the tables
}

// watched counts what reaches Google, and lets a test make it go wrong.
type watched struct {
	mu    sync.Mutex
	calls map[string]int // by method and path
	fault googlesim.Fault
}

func (g *watched) see(r *http.Request) googlesim.Decision {
	g.mu.Lock()
	g.calls[r.Method+" "+r.URL.Path]++
	fault := g.fault
	g.mu.Unlock()
	if fault == nil {
		return googlesim.Decision{}
	}
	return fault(r)
}

// count gives how often a method and path were asked for.
func (g *watched) count(call string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.calls[call]
}

// fail makes Google fail as the hook says; nil mends it.
func (g *watched) fail(f googlesim.Fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fault = f
}

// newWorld starts a program with tables of its own. change may adjust what it
// is made of.
func newWorld(t *testing.T, change ...func(*local.Options)) *world {
	t.Helper()
	v, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	var raw [8]byte
	_, _ = rand.Read(raw[:])
	w := &world{T: t, clock: googlesim.NewClock(nil), logs: &bytes.Buffer{}, google: &watched{calls: map[string]int{}}}
	o := local.Options{
		DynamoURL: devstack.ForTest(t).DynamoDB(), Prefix: "e2e-" + hex.EncodeToString(raw[:]) + "-",
		Sim: googlesim.Options{Clock: w.clock, Fault: w.google.see, Around: discovery.Around(t, false)}, Now: w.clock.Now, NoTicks: true,
		Log: slog.New(slog.NewJSONHandler(&locked{w: w.logs}, nil)),
	}
	for _, c := range change {
		c(&o)
	}
	w.prefix = o.Prefix
	underPolicy(t, &o)
	if w.program, err = local.Start(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.program.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
		if t.Failed() && os.Getenv("E2E_LOGS") != "" {
			t.Logf("%s", w.logs)
		}
	})
	u, err := url.Parse(w.program.URL)
	if err != nil {
		t.Fatal(err)
	}
	w.client = &http.Client{
		Transport:     v.Transport(t, http.DefaultTransport).On(u.Host),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return w
}

// locked lets several goroutines log into one buffer.
type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// person is a user of an account.
type person struct {
	*world
	account, user string
	scope         string // "": all but billing:write
	anonymous     bool   // sends no token
}

func (w *world) person(account, user string) *person {
	w.Helper()
	return w.personWith(account, user, "")
}

func (w *world) personWith(account, user, scope string) *person {
	w.Helper()
	return &person{world: w, account: account, user: user, scope: scope}
}

// token is a fresh one, as the page would fetch it: worlds' clocks jump.
func (p *person) token() string {
	p.Helper()
	tok, err := p.program.Token(p.account, p.user, p.scope)
	if err != nil {
		p.Fatal(err)
	}
	return tok
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   map[string]any
	raw    string
}

func (a answer) str(path ...string) string {
	s, _ := a.at(path...).(string)
	return s
}

// at walks into the body.
func (a answer) at(path ...string) any {
	var v any = a.body
	for _, p := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[p]
	}
	return v
}

func (a answer) items() []map[string]any {
	list, _ := a.body["items"].([]any)
	out := make([]map[string]any, len(list))
	for i, v := range list {
		out[i], _ = v.(map[string]any)
	}
	return out
}

// do sends a request that the contract allows.
func (p *person) do(method, path string, body any, headers ...string) answer {
	p.Helper()
	return p.send(p.request(method, path, body, headers...))
}

// try sends a request that may be against the contract.
func (p *person) try(method, path string, body any, headers ...string) answer {
	p.Helper()
	return p.send(apitest.Deliberate(p.request(method, path, body, headers...)))
}

func (p *person) request(method, path string, body any, headers ...string) *http.Request {
	p.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			p.Fatal(err)
		}
		r = bytes.NewReader(raw)
	}
	req, err := http.NewRequest(method, p.program.URL+path, r)
	if err != nil {
		p.Fatal(err)
	}
	if r != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if !p.anonymous {
		req.Header.Set("Authorization", "Bearer "+p.token())
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return req
}

func (w *world) send(req *http.Request) answer {
	w.Helper()
	resp, err := w.client.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		w.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &a.body)
	return a
}

// want fails unless the answer has the status; it gives the answer back.
func (p *person) want(status int, a answer) answer {
	p.Helper()
	if a.status != status {
		p.Fatalf("answered %d, want %d: %s", a.status, status, a.raw)
	}
	return a
}

// consent is what a person does on the provider's page.
type consent struct {
	email  string
	cancel bool
	untick string // part of a scope's name
}

// begin opens a flow and gives the address of the consent page.
func (p *person) begin() string {
	p.Helper()
	return p.want(201, p.do("POST", google+"/authorization", map[string]any{"return_to": "integrations"})).str("authorization_url")
}

// visit goes to the consent page, fills its form in, and follows the redirects
// back to the page that the flow was opened from; it gives what stands in that
// address's fragment.
func (p *person) visit(authURL string, c consent) url.Values {
	p.Helper()
	page := p.browse("GET", authURL, nil)
	form := readForm(p.T, page.raw)
	form.Set("account", c.email)
	if c.untick != "" {
		kept := form["granted"][:0:0]
		for _, s := range form["granted"] {
			if !strings.Contains(s, c.untick) {
				kept = append(kept, s)
			}
		}
		form["granted"] = kept
	}
	form.Set("decision", "allow")
	if c.cancel {
		form.Set("decision", "cancel")
	}
	u, err := url.Parse(authURL)
	if err != nil {
		p.Fatal(err)
	}
	back := p.browse("POST", u.Scheme+"://"+u.Host+"/o/oauth2/v2/auth", form)
	callback := back.header.Get("Location")
	if callback == "" {
		p.Fatalf("the consent page led nowhere: %d %s", back.status, back.raw)
	}
	home := p.browse("GET", callback, nil)
	target, err := url.Parse(home.header.Get("Location"))
	if err != nil || home.status != http.StatusSeeOther {
		p.Fatalf("the callback answered %d to %q: %s", home.status, home.header.Get("Location"), home.raw)
	}
	values, err := url.ParseQuery(target.Fragment)
	if err != nil {
		p.Fatal(err)
	}
	return values
}

// browse is a browser: no token, no redirect followed.
func (p *person) browse(method, address string, form url.Values) answer {
	p.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequest(method, address, body)
	if err != nil {
		p.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return p.send(req)
}

// complete posts what came back.
func (p *person) complete(v url.Values) answer {
	p.Helper()
	body := map[string]any{"state": v.Get("state")}
	if v.Get("error") != "" {
		body["error"] = v.Get("error")
	} else {
		body["code"] = v.Get("code")
	}
	return p.await("the end of an old grant's revoking", func() (answer, bool) {
		a := p.do("POST", "/v1/oauth/complete", body)
		return a, a.str("code") != "revoking" // the state isn't consumed by that
	})
}

// connect goes through the whole of it.
func (p *person) connect(email string) answer {
	p.Helper()
	return p.await("a connection", func() (answer, bool) {
		a := p.complete(p.visit(p.begin(), consent{email: email}))
		if a.str("code") == "code_refused" { // an old grant's revoke ended this consent too: Try again
			return a, false
		}
		return p.want(200, a), true
	})
}

// await asks again until something is so; the world's clock runs by itself.
func (p *person) await(what string, ask func() (answer, bool)) answer {
	p.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for {
		a, ok := ask()
		if ok {
			return a
		}
		if time.Now().After(deadline) {
			p.Fatalf("%s never came about; last: %s", what, a.raw)
		}
		pause()
	}
}

// synced waits until the integration is active and has completed a run.
func (p *person) synced() answer {
	p.Helper()
	return p.await("a first sync", func() (answer, bool) {
		a := p.want(200, p.do("GET", google, nil))
		return a, a.str("status") == "active" && a.at("last_run") != nil
	})
}

// readForm reads the first form of a page as a browser would submit it.
func readForm(t *testing.T, page string) url.Values {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "input" {
			continue
		}
		attr := map[string]string{}
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
		}
		_, checked := attr["checked"]
		if attr["type"] == "hidden" || checked {
			form.Add(attr["name"], attr["value"])
		}
	}
	if len(form) == 0 {
		t.Fatalf("no form on the page: %s", page)
	}
	return form
}

// pause yields for as long as a request takes: what is awaited is another
// goroutine's work behind real sockets, which no channel reaches from here.
func pause() {
	t := time.NewTimer(20 * time.Millisecond)
	<-t.C
}
