package devstack

import (
	"errors"
	"fmt"
	"testing"
)

// failing stands in for a *testing.T that fails.
type failing struct{ said string }

func (f *failing) Helper() {}
func (f *failing) Fatalf(format string, args ...any) {
	f.said = fmt.Sprintf(format, args...)
}

func TestForTestTakesWhatItIsGiven(t *testing.T) {
	t.Setenv(EnvDynamoDB, "http://127.0.0.1:1")
	t.Setenv(EnvMoto, "http://127.0.0.1:2")
	s := ForTest(t)
	if s.DynamoDB() != "http://127.0.0.1:1" || s.Moto() != "http://127.0.0.1:2" {
		t.Errorf("got %s and %s", s.DynamoDB(), s.Moto())
	}
}

func TestForTestStartsOneForTheWholeProcess(t *testing.T) {
	t.Setenv(EnvDynamoDB, "")
	first := ForTest(t).DynamoDB()
	call(t, first, "ListTables", `{}`)
	if second := ForTest(t).DynamoDB(); second != first {
		t.Errorf("two were started: %s and %s", first, second)
	}
}

func TestForTestFailsRatherThanSkips(t *testing.T) {
	t.Parallel()
	var f failing
	s := ForTest(&f)
	s.address("DEVSTACK_NEVER_SET", func() (string, error) { return "", missing{"it is missing: run `make tools`"} })
	if want := "no stand-in for AWS: it is missing: run `make tools`"; f.said != want {
		t.Errorf("said %q, not %q", f.said, want)
	}
	if !errors.Is(missing{""}, ErrMissingTool) {
		t.Error("a missing tool can't be told apart")
	}
}
