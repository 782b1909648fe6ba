package convergence_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain bounds the state machines where nobody said otherwise: a few sequences
// from a seed that stays, or with E2E_ROUNDS so many from any. What was said on
// the command line holds.
//
// A child that is to be killed starts here as well.
func TestMain(m *testing.M) {
	if order := os.Getenv(childOrder); order != "" {
		beChild(order)
		return
	}
	flag.Parse()
	defaults := map[string]string{"rapid.checks": "12", "rapid.steps": "30", "rapid.seed": "7", "rapid.nofailfile": "true", "rapid.shrinktime": "20s"}
	if long() {
		defaults["rapid.checks"], defaults["rapid.steps"], defaults["rapid.seed"] = os.Getenv("E2E_ROUNDS"), "40", "0"
	}
	flag.Visit(func(f *flag.Flag) { delete(defaults, f.Name) })
	for name, value := range defaults {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	if s := shared.site; s != nil {
		_ = os.Remove(s.keyFile)
	}
	os.Exit(code)
}
