package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test binary be the local run itself, seen from outside.
func TestMain(m *testing.M) {
	if os.Getenv("LOCAL_TEST_MAIN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// started is a local run in a process of its own.
type started struct {
	*testing.T
	cmd  *exec.Cmd
	dir  string
	file runFile
}

// runFile is what scripts read.
type runFile struct {
	ConsoleURL   string `json:"console_url"`
	APIURL       string `json:"api_url"`
	GoogleURL    string `json:"google_url"`
	ClientID     string `json:"google_client_id"`
	ClientSecret string `json:"google_client_secret"`
	Accounts     []struct {
		Email string `json:"email"`
	} `json:"google_accounts"`
	DynamoURL string `json:"dynamodb_url"`
}

func command(t *testing.T, dir string, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "LOCAL_TEST_MAIN=1", "PORT=0", "STORE=", "SEED=", "GOOGLE_CLIENT_ID="), env...)
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// start waits for the last line of a start, which is the page's address.
func start(t *testing.T, dir string, env ...string) *started {
	t.Helper()
	s := &started{T: t, cmd: command(t, dir, env...), dir: dir}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("it printed %q and ended: %v", line, err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, ".local", "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &s.file); err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(line); got != s.file.ConsoleURL {
		t.Errorf("the last line is %q, run.json has %q", got, s.file.ConsoleURL)
	}
	return s
}

// interrupt is Ctrl-C.
func (s *started) interrupt() {
	s.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGINT); err != nil {
		s.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		s.Errorf("Ctrl-C: %v", err)
	}
	if _, err := os.Stat(filepath.Join(s.dir, ".local", "run.json")); !errors.Is(err, os.ErrNotExist) {
		s.Errorf("run.json still says that something runs: %v", err)
	}
	for _, url := range []string{s.file.APIURL, s.file.GoogleURL, s.file.DynamoURL} {
		if url == "" {
			continue
		}
		if c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://")); err == nil {
			_ = c.Close()
			s.Errorf("%s still listens after Ctrl-C", url)
		}
	}
}

func (s *started) post(path, token, body string) (int, map[string]any) {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), http.MethodPost, s.file.APIURL+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer res.Body.Close()
	var doc map[string]any
	_ = json.NewDecoder(res.Body).Decode(&doc)
	return res.StatusCode, doc
}

func (s *started) create() (int, map[string]any) {
	s.Helper()
	status, doc := s.post("/local/token", "", `{"account":"demo","user":"me"}`)
	token, _ := doc["access_token"].(string)
	if status != http.StatusOK || token == "" {
		s.Fatalf("/local/token: %d %v", status, doc)
	}
	return s.post("/v1/integrations", token, `{"provider":"google-calendar"}`)
}

func TestItServesWhatScriptsNeedWithNothingButGo(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir(), "STORE=memory")
	if s.file.ClientID == "" || s.file.ClientSecret == "" || len(s.file.Accounts) < 2 || s.file.DynamoURL != "" {
		t.Errorf("run.json: %+v", s.file)
	}
	if status, doc := s.create(); status != http.StatusCreated {
		t.Errorf("create: %d %v", status, doc)
	}
	for _, url := range []string{s.file.ConsoleURL, s.file.GoogleURL + "/.well-known/openid-configuration", s.file.APIURL + "/v1/openapi.yaml", s.file.APIURL + "/v1/docs"} {
		res, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s answers %s", url, res.Status)
		}
	}
	foreign, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.file.APIURL+"/local/token", strings.NewReader(`{"account":"demo","user":"me"}`))
	if err != nil {
		t.Fatal(err)
	}
	foreign.Host = "evil.example"
	res, err := http.DefaultClient.Do(foreign)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("under a name that isn't this machine's a token is given out: %s", res.Status)
	}
	s.interrupt()
}

func TestDataSurviveARestartAndASeedOverThemIsRefused(t *testing.T) {
	t.Parallel()
	// Below the checkout, where the tools are found.
	above := filepath.Join("..", "..", "..", ".artifacts")
	if err := os.MkdirAll(above, 0o755); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(above, "local-run-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := start(t, dir)
	if status, doc := s.create(); status != http.StatusCreated {
		t.Errorf("create: %d %v", status, doc)
	}
	s.interrupt()
	if _, stderr := fails(t, dir, "SEED=more.ics"); !strings.Contains(stderr, "make reset") {
		t.Errorf("SEED over data: %q", stderr)
	}
	again := start(t, dir)
	if status, doc := again.create(); status != http.StatusConflict || doc["code"] != "provider_exists" {
		t.Errorf("create after a restart: %d %v, want provider_exists", status, doc)
	}
	again.interrupt()
}

// fails runs what can't start; it says so in one sentence and exits non-zero.
func fails(t *testing.T, dir string, env ...string) (stdout, stderr string) {
	t.Helper()
	cmd := command(t, dir, env...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err == nil {
		t.Errorf("%v passes for a success", env)
	}
	return out.String(), errs.String()
}

func TestWhatKeepsItFromStartingIsOneSentence(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	dir := t.TempDir()
	broken := filepath.Join(dir, "bad.ics")
	if err := os.WriteFile(broken, []byte("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:nonsense\r\nUID:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ env, says string }{
		{"PORT=" + port, "make run PORT=0"},
		{"PORT=many", "PORT must be a number"},
		{"STORE=paper", "STORE must be"},
		{"SEED=bad.ics", "bad.ics:3"},
		{"SEED=nowhere.ics", "nowhere.ics"},
		{"GOOGLE_CLIENT_ID=x", "GOOGLE_CLIENT_SECRET is missing"},
	} {
		env := []string{"STORE=memory", c.env}
		if c.env == "GOOGLE_CLIENT_ID=x" {
			env = append(env, "GOOGLE_CLIENT_SECRET=")
		}
		stdout, stderr := fails(t, dir, env...)
		if stdout != "" || !strings.Contains(stderr, c.says) || strings.Count(strings.TrimSpace(stderr), "\n") > 0 {
			t.Errorf("%s: printed %q and said %q; want one line with %q", c.env, stdout, stderr, c.says)
		}
	}
}
