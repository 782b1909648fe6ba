package devstack

import (
	"context"
	"os"
	"sync"
)

// The environment by which a command that starts the stand-ins once, such as
// shared/cmd/withstack, hands them to the tests that it runs.
const (
	EnvDynamoDB = "DYNAMODB_URL"
	EnvMoto     = "MOTO_URL"
)

// TB is what is needed of a *testing.T. A test fails, and never skips, where a
// stand-in can't be had: a skipped proof looks like a proof.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Stack gives a test its stand-ins, each started only when first asked for.
type Stack struct{ t TB }

// ForTest gives the stand-ins that the surrounding command provides, else one of
// each for this whole test process, ended by its leash when the process is.
//
// All tests share them: make tables, queues and keys under names of your own.
func ForTest(t TB) *Stack { return &Stack{t: t} }

// DynamoDB is the address of a DynamoDB Local in memory.
func (s *Stack) DynamoDB() string {
	s.t.Helper()
	return s.address(EnvDynamoDB, sharedDynamoDB)
}

// Moto is the address of a moto server.
func (s *Stack) Moto() string {
	s.t.Helper()
	return s.address(EnvMoto, sharedMoto)
}

func (s *Stack) address(env string, started func() (string, error)) string {
	s.t.Helper()
	if url := os.Getenv(env); url != "" {
		return url
	}
	url, err := started()
	if err != nil {
		s.t.Fatalf("no stand-in for AWS: %v", err)
	}
	return url
}

// One of each a process. They are the only package variables here, and hold what
// can't be injected: a test process has no main of ours to start them.
var (
	sharedDynamoDB = sync.OnceValues(func() (string, error) {
		d, err := StartDynamoDB(context.Background(), Options{})
		if err != nil {
			return "", err
		}
		return d.URL(), nil
	})
	sharedMoto = sync.OnceValues(func() (string, error) {
		m, err := StartMoto(context.Background(), Options{})
		if err != nil {
			return "", err
		}
		return m.URL(), nil
	})
)
