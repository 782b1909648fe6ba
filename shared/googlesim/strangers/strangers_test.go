package strangers_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/googlesim/accounts"
	"aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/googlesim/discovery"
	"aura.example/integrations/shared/googlesim/seed"
)

// count is how many events each client inserts.
const count = 1000

// stranger is one client: a program and where install.sh puts what it needs.
type stranger struct {
	name, program, script string
	run                   func(tools string) *exec.Cmd
}

func TestGooglesOwnClientsDoNotNotice(t *testing.T) {
	t.Parallel()
	for _, s := range []stranger{
		{"python", "python3", "client.py", func(tools string) *exec.Cmd {
			return exec.Command(filepath.Join(tools, "python", "bin", "python"), "client.py")
		}},
		{"node", "node", "client.cjs", func(tools string) *exec.Cmd {
			cmd := exec.Command("node", "client.cjs")
			cmd.Env = append(cmd.Environ(), "NODE_PATH="+filepath.Join(tools, "node", "node_modules"))
			return cmd
		}},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.prove(t)
		})
	}
}

// saw is what a client prints at its end.
type saw struct {
	Sub, Email    string
	Calendars     map[string]string
	Listed, Pages int
	Inserted      int
	InsertedPages int `json:"inserted_pages"`
	Seconds       float64
}

func (s stranger) prove(t *testing.T) {
	if _, err := exec.LookPath(s.program); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI must have %s: %v", s.program, err)
		}
		t.Skipf("there is no %s on this machine", s.program)
	}
	if out, err := exec.Command("bash", "install.sh", s.name).CombinedOutput(); err != nil {
		t.Fatalf("installing Google's client: %v\n%s", err, out)
	}
	tools, err := filepath.Abs("../../../.tools/google-clients")
	if err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("TOOLS_DIR"); dir != "" {
		tools = filepath.Join(dir, "google-clients")
	}

	sim, refusals, url := start(t)
	stored, err := sim.Calendar.Stored(seed.DefaultAccount)
	if err != nil {
		t.Fatal(err)
	}
	cmd := s.run(tools)
	cmd.Env = append(cmd.Environ(), "SIM_URL="+url, "SIM_CLIENT_ID=stranger", "SIM_CLIENT_SECRET=known to both",
		"SIM_ACCOUNT="+seed.DefaultAccount, "SIM_COUNT=1000", "PYTHONDONTWRITEBYTECODE=1", "NO_PROXY=*", "no_proxy=*")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", s.script, err, stderr.String())
	}
	var got saw
	if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
		t.Fatalf("%v in %q", err, stdout.String())
	}
	t.Logf("%d events listed in %d pages, %d inserted in %.2f s and listed in %d pages",
		got.Listed, got.Pages, got.Inserted, got.Seconds, got.InsertedPages)

	person := sim.Accounts.Accounts()[0]
	if got.Sub != person.Subject || got.Email != person.Email {
		t.Errorf("signed in as %s %s, not as %s", got.Sub, got.Email, person.Email)
	}
	entries, err := sim.Calendar.Calendars(seed.DefaultAccount)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Calendars) != len(entries) {
		t.Errorf("%d calendars seen of %d", len(got.Calendars), len(entries))
	}
	for _, e := range entries {
		if got.Calendars[e.ID] != string(e.Role) {
			t.Errorf("calendar %s seen as %q, is %q", e.ID, got.Calendars[e.ID], e.Role)
		}
	}
	if got.Listed != len(stored) || got.Pages < len(stored)/50 {
		t.Errorf("%d events in %d pages listed, %d are stored", got.Listed, got.Pages, len(stored))
	}
	after, err := sim.Calendar.Stored(seed.DefaultAccount)
	if err != nil {
		t.Fatal(err)
	}
	if got.Inserted != count || len(after) != len(stored)+count {
		t.Errorf("%d inserted, %d were stored", got.Inserted, len(after)-len(stored))
	}
	if len(sim.Accounts.Grants()) != 0 {
		t.Error("the revocation left a grant")
	}
	// Exactly the refusals that the scripts provoke, and none that the client
	// swallowed: a stale etag, a second delete, a garbage sync token, an
	// expired access token, a revoked grant.
	if want := []int{412, 410, 400, 401, 400}; !slices.Equal(refusals(), want) {
		t.Errorf("refusals %v, want %v", refusals(), want)
	}
}

// start serves a simulator with the default calendars and notes every refusal.
func start(t *testing.T) (sim *googlesim.Sim, refusals func() []int, url string) {
	t.Helper()
	// A thousand writes in a few seconds are over Google's limits; how clients
	// meet those is not the question here.
	sim = googlesim.New(googlesim.Options{Around: discovery.Around(t, true), Limits: calendarv3.Limits{
		ProjectPerMinute: -1, UserPerMinute: -1, CalendarWritesPerMinute: -1, UserWritesPerDay: -1}})
	calendars, err := seed.Default()
	if err != nil {
		t.Fatal(err)
	}
	if err := seed.Into(sim, calendars); err != nil {
		t.Fatal(err)
	}
	if err := sim.Accounts.AddClient(accounts.Client{ID: "stranger", Secret: "known to both", AnyLoopback: true}); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var all []int
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sw := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		sim.ServeHTTP(sw, r)
		if sw.status >= 400 {
			mu.Lock()
			all = append(all, sw.status)
			mu.Unlock()
		}
	}))
	t.Cleanup(func() {
		server.Close()
		sim.Close()
	})
	return sim, func() []int {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}, server.URL
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection, which faults need.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
