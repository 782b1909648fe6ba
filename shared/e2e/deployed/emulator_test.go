package deployed_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"aura.example/integrations/shared/boot"
)

// emulator is Amazon's Runtime Interface Emulator around one bootstrap.
type emulator struct {
	t   *testing.T
	url string
	log *bytes.Buffer
}

// emulate starts it on ports of its own: it has defaults, which others may have.
func emulate(t *testing.T, folder string, env []string) *emulator {
	t.Helper()
	door, inner := freePort(t), freePort(t)
	e := &emulator{t: t, url: "http://" + door + "/2015-03-31/functions/function/invocations", log: &bytes.Buffer{}}
	tool, err := filepath.Abs(filepath.Join(root, ".tools", "bin", "aws-lambda-rie"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tool, "--log-level", "error", "--runtime-interface-emulator-address", door, "--runtime-api-address", inner, filepath.Join(bootstraps(t), folder, "bootstrap"))
	cmd.Env = append([]string{"PATH=/usr/bin:/bin", "AWS_LAMBDA_FUNCTION_NAME=" + folder}, env...)
	cmd.Stdout, cmd.Stderr = e.log, e.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatalf("the emulator is missing (make tools): %v", err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // the bootstrap with it
		_ = cmd.Wait()
		if t.Failed() && os.Getenv("E2E_LOGS") != "" {
			t.Logf("the emulator of %s said:\n%s", folder, tail(e.log.String()))
		}
	})
	for deadline := time.Now().Add(30 * time.Second); ; {
		c, err := net.Dial("tcp", door)
		if err == nil {
			_ = c.Close()
			return e
		}
		if time.Now().After(deadline) {
			t.Fatalf("the emulator of %s doesn't listen", folder)
		}
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// invoke sends an event and gives the answer.
func (e *emulator) invoke(event []byte) string {
	e.t.Helper()
	resp, err := http.Post(e.url, "application/json", bytes.NewReader(event))
	if err != nil {
		e.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	return string(raw)
}

// golden is what each function answers to its event.json, in a world in which
// nothing has happened yet: the status and what the body holds; for those that
// nobody calls over HTTP, the whole answer.
var golden = map[string]struct {
	status int
	holds  string
}{
	"console":        {200, "<title>"},
	"events":         {200, `"items":[]`},
	"integrations":   {201, `"status":"draft"`},
	"oauth-callback": {400, "Sign-in not finished"}, // the captured state is nobody's
	"status":         {200, `"items":[`},
	"subscription":   {200, `"plan":"free"`},
	"sync-now":       {404, `"code":"not_found"`},
	"webhook":        {204, ""},
	"scheduled-sync": {0, "null"},
	"sync-worker":    {0, `{"batchItemFailures":null}`},
}

// D2: every bootstrap under Amazon's emulator, with the environment that
// template.yaml gives it: its captured event is answered as it should be, no
// malformed event ends it, and without claims or a verifier nobody gets in.
func TestD2EveryBootstrapUnderTheEmulator(t *testing.T) {
	t.Parallel()
	for _, folder := range boot.Functions() {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			w := newDeployment(t) // each its own: what one creates another would find
			e := emulate(t, folder, w.environment(folder, ""))
			captured := read(t, filepath.Join(root, "functions", folder, "event.json"))
			want := golden[folder]
			if want.status == 0 {
				if got := e.invoke(captured); !sameJSON(got, want.holds) {
					t.Errorf("answered %s, want %s", got, want.holds)
				}
				e.background(folder)
				return
			}
			e.http(captured, want.status, want.holds)
			for name, event := range malformed(t, captured) {
				if a := e.reply(event); a.StatusCode != 400 || !strings.Contains(a.Body, `"code":"malformed_request"`) {
					t.Errorf("%s: %+v", name, a)
				}
			}
			if strings.Contains(string(captured), `"authorizer"`) {
				e.http(without(t, captured, "requestContext", "authorizer"), 401, `"code":"unauthorized"`)
				e.http(emptied(t, captured), 401, `"code":"unauthorized"`)
			}
			if a := e.reply(captured); a.StatusCode == 0 || a.StatusCode >= 500 { // a creation's second time is a conflict
				t.Errorf("it is no longer there: %+v", a)
			}
		})
	}
}

// background tries what a queue or a clock would never send.
func (e *emulator) background(folder string) {
	e.t.Helper()
	for _, event := range []string{`[]`, `"x"`, `7`, `{"Records":7}`} {
		got := e.invoke([]byte(event))
		if folder == "sync-worker" && !strings.Contains(got, "errorMessage") {
			e.t.Errorf("%s is worked off: %s", event, got)
		}
	}
	if folder != "sync-worker" {
		return
	}
	// one bad message of two comes back, the other doesn't
	jobs := `{"Records":[{"messageId":"bad","body":"{"},{"messageId":"gone","body":` + quoted(`{"kind":"sync","account":"a","provider":"google-calendar","generation":"01M8D4JVGM24MXTE579Q1GRSNH","trigger":"schedule","due":"2026-01-01T00:00:00Z"}`) + `},{"messageId":"odd","body":"{\"kind\":\"dance\"}"}]}`
	if got := e.invoke([]byte(jobs)); !sameJSON(got, `{"batchItemFailures":[{"itemIdentifier":"bad"},{"itemIdentifier":"odd"}]}`) {
		e.t.Errorf("a mixed batch is answered %s", got)
	}
}

type reply struct {
	StatusCode int
	Headers    map[string]string
	Body       string
}

func (e *emulator) reply(event []byte) (a reply) {
	e.t.Helper()
	raw := e.invoke(event)
	if err := json.Unmarshal([]byte(raw), &a); err != nil {
		e.t.Errorf("answered %s", raw)
	}
	return a
}

func (e *emulator) http(event []byte, status int, holds string) {
	e.t.Helper()
	if a := e.reply(event); a.StatusCode != status || !strings.Contains(a.Body, holds) {
		e.t.Errorf("answered %d %s, want %d and %s", a.StatusCode, tail(a.Body), status, holds)
	}
}

// malformed are events that API Gateway would never send.
func malformed(t *testing.T, captured []byte) map[string][]byte {
	t.Helper()
	changed := func(change func(map[string]any)) []byte {
		var e map[string]any
		if err := json.Unmarshal(captured, &e); err != nil {
			t.Fatal(err)
		}
		change(e)
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	return map[string][]byte{
		"an empty object": []byte(`{}`),
		"a list":          []byte(`[]`),
		"a text":          []byte(`"event"`),
		"payload 1.0":     changed(func(e map[string]any) { e["version"] = "1.0" }),
		"no method":       without(t, captured, "requestContext", "http"),
		"a bad body":      changed(func(e map[string]any) { e["body"], e["isBase64Encoded"] = "%%%", true }),
		"a split header":  changed(func(e map[string]any) { e["headers"] = map[string]any{"x": "a\r\nb: c"} }),
		"types":           changed(func(e map[string]any) { e["headers"] = 7 }),
	}
}

// without drops a member.
func without(t *testing.T, raw []byte, parent, name string) []byte {
	t.Helper()
	var e map[string]any
	if err := json.Unmarshal(raw, &e); err != nil {
		t.Fatal(err)
	}
	in, _ := e[parent].(map[string]any)
	in = maps.Clone(in)
	delete(in, name)
	e[parent] = in
	out, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// emptied leaves an authorizer that proved nothing.
func emptied(t *testing.T, raw []byte) []byte {
	t.Helper()
	var e map[string]any
	if err := json.Unmarshal(raw, &e); err != nil {
		t.Fatal(err)
	}
	in, _ := e["requestContext"].(map[string]any)
	in["authorizer"] = map[string]any{"jwt": map[string]any{"claims": map[string]any{}}}
	out, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func quoted(s string) string {
	raw, _ := json.Marshal(s)
	return string(raw)
}

func sameJSON(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	p, _ := json.Marshal(x)
	q, _ := json.Marshal(y)
	return bytes.Equal(p, q)
}
