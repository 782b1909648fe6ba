package e2e_test

import (
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"

	"aura.example/integrations/shared/googlesim"
)

// TestR2OfManySyncNowsExactlyOneIsAccepted asks with many callers at once, round
// after round, over HTTP. The long form (E2E_ROUNDS=100) is
// the published figure; the quick one is for every change.
func TestR2OfManySyncNowsExactlyOneIsAccepted(t *testing.T) {
	t.Parallel()
	rounds, callers := fromEnv(t, "E2E_ROUNDS", 2), fromEnv(t, "E2E_CALLERS", 100)
	p := newWorld(t).person("acme", "mia").draft()
	p.connect(ana)
	p.synced()
	violations := 0
	for range rounds {
		answers := make([]answer, callers)
		release, gate := make(chan struct{}), make(chan struct{})
		p.google.fail(func(*http.Request) googlesim.Decision { <-gate; return googlesim.Decision{} }) // the run takes as long as the round
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() {
				<-release
				answers[i] = p.do("POST", google+"/sync", map[string]any{})
			})
		}
		close(release)
		wg.Wait()
		p.google.fail(nil)
		close(gate)
		var accepted []string
		for _, a := range answers {
			if a.status == 202 {
				accepted = append(accepted, a.header.Get("Location"))
			}
		}
		if len(accepted) != 1 {
			violations++
			t.Errorf("%d of %d were accepted: %v", len(accepted), callers, accepted)
		}
		for _, a := range answers {
			if a.status == 202 {
				continue
			}
			if a.status != 409 || a.str("code") != "sync_in_progress" || a.str("detail") != "A sync operation is already in progress" || a.str("run", "id") == "" {
				violations++
				t.Errorf("refused with %d %s", a.status, a.raw)
			}
		}
		for _, l := range accepted {
			p.await("the accepted run", func() (answer, bool) {
				a := p.want(200, p.do("GET", l, nil))
				return a, a.str("state") == "succeeded"
			})
		}
	}
	t.Logf("%d rounds of %d callers: %d violations", rounds, callers, violations)
}

func fromEnv(t *testing.T, name string, usual int) int {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return usual
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		t.Fatalf("%s must be a number above 0", name)
	}
	return n
}
