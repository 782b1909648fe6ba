package devstack

import (
	"context"
	"errors"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// sh starts a shell script in a stand-in's place.
func sh(t *testing.T, ctx context.Context, script string) *process {
	t.Helper()
	p, err := start(ctx, "script", cleanEnv(), []string{"/bin/sh", "-c", script})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// ready is a probe that is satisfied once the script has printed "ready".
func ready(p *process) func(context.Context) error {
	return func(context.Context) error {
		if !strings.Contains(p.out.String(), "ready") {
			return errors.New("not yet")
		}
		return nil
	}
}

func gone(pid int) bool { return errors.Is(syscall.Kill(-pid, 0), syscall.ESRCH) }

func TestCloseEndsTheWholeGroup(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"obedient":     `echo ready; exec sleep 1000`,
		"with a child": `sleep 1000 & echo ready; wait`,
		"deaf":         `trap '' TERM; sleep 1000 & echo ready; while :; do wait; done`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := sh(t, t.Context(), script)
			p.grace = 50 * time.Millisecond
			if err := p.await(t.Context(), ready(p)); err != nil {
				t.Fatal(err)
			}
			var closers sync.WaitGroup
			for range 4 {
				closers.Go(p.Close)
			}
			closers.Wait()
			// The kernel takes a moment to bury a killed child of a killed shell.
			eventually(t, "the group is gone", func() bool { return gone(p.cmd.Process.Pid) })
		})
	}
}

func TestTheContextEndsIt(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	p := sh(t, ctx, `exec sleep 1000`)
	cancel()
	select {
	case <-p.done:
	case <-t.Context().Done():
		t.Fatal("it outlived its context")
	}
}

func TestAwaitTellsWhy(t *testing.T) {
	t.Parallel()
	never := func(context.Context) error { return errors.New("no answer") }
	refuses := func(context.Context) error { return unreadable{"x.db"} }

	p := sh(t, t.Context(), `echo "Caused by: the disk is full" >&2; echo "   at java.Frame" >&2; exit 0`)
	err := p.await(t.Context(), never)
	if !errors.Is(err, errEnded) || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("a program that ended: %v", err)
	}

	p = sh(t, t.Context(), `echo still loading; exec sleep 1000`)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	err = p.await(ctx, never)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "still loading") {
		t.Errorf("a program that never answers: %v", err)
	}

	p = sh(t, t.Context(), `exec sleep 1000`)
	if err = p.await(t.Context(), refuses); !errors.Is(err, errRefuses) {
		t.Errorf("a program that refuses: %v", err)
	}
}

func TestAStrangersEnvironmentStaysOutside(t *testing.T) {
	t.Setenv("JAVA_TOOL_OPTIONS", "-Xmx1m")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "real")
	t.Setenv("LC_DEVSTACK", "kept")
	env := strings.Join(cleanEnv(), "\n")
	if strings.Contains(env, "JAVA_TOOL_OPTIONS") || strings.Contains(env, "real") {
		t.Error("what changes a stand-in's behaviour was handed down")
	}
	if !strings.Contains(env, "LC_DEVSTACK=kept") || !strings.Contains(env, "PATH=") {
		t.Error("the rest was not handed down")
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	t.Parallel()
	var out tail
	for range tailSize {
		_, _ = out.Write([]byte("noise\n"))
	}
	_, _ = out.Write([]byte("the end\n\tat some.Frame(File.java:1)\n\t... 16 more\n"))
	if got := len(out.String()); got != tailSize {
		t.Errorf("kept %d bytes, not %d", got, tailSize)
	}
	if got := out.lastLine(); got != "the end" {
		t.Errorf("last line %q", got)
	}
	if got := new(tail).lastLine(); got != "it printed nothing" {
		t.Errorf("silence reads %q", got)
	}
}

// eventually waits for what the kernel does in its own time.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(10 * time.Second)
	for !is() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("after 10 s it is not so that %s", what)
		}
	}
}
