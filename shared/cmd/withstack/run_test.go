package main

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"aura.example/integrations/shared/devstack"
)

// TestMain lets the test binary be withstack itself, seen from outside.
func TestMain(m *testing.M) {
	if os.Getenv("WITHSTACK_TEST_MAIN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func withstack(ctx context.Context, env []string, argv ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], argv...)
	cmd.Env = append(append(os.Environ(), "WITHSTACK_TEST_MAIN=1"), env...)
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// given names stand-ins that are there already, so that none is started.
var given = []string{devstack.EnvDynamoDB + "=http://127.0.0.1:1", devstack.EnvMoto + "=http://127.0.0.1:2"}

// twoLines starts the command and waits for the two lines that it prints.
func twoLines(t *testing.T, cmd *exec.Cmd) []string {
	t.Helper()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for scanner := bufio.NewScanner(stdout); len(lines) < 2 && scanner.Scan(); {
		lines = append(lines, scanner.Text())
	}
	if len(lines) < 2 {
		t.Fatalf("the command printed %q and ended", lines)
	}
	return lines
}

func TestTheCommandsExitCodeIsOurs(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]int{"exit 0": 0, "exit 7": 7, "kill -9 $$": 128 + 9} {
		cmd := withstack(t.Context(), given, "--", "/bin/sh", "-c", script)
		_ = cmd.Run()
		if got := cmd.ProcessState.ExitCode(); got != want {
			t.Errorf("%q: exit code %d, not %d", script, got, want)
		}
	}
	for _, argv := range [][]string{{"--"}, {}, {"--", filepath.Join(t.TempDir(), "nothing")}} {
		cmd := withstack(t.Context(), given, argv...)
		if err := cmd.Run(); err == nil {
			t.Errorf("%q passes for a success", argv)
		}
	}
}

func TestTheCommandHasBothAndNothingStays(t *testing.T) {
	t.Parallel()
	cmd := withstack(t.Context(), []string{devstack.EnvDynamoDB + "=", devstack.EnvMoto + "="},
		"--", "/bin/sh", "-c", "echo $DYNAMODB_URL; echo $MOTO_URL; read go")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	urls := twoLines(t, cmd)
	for _, url := range urls {
		res, err := http.Get(url)
		if err != nil {
			t.Errorf("while the command runs: %v", err)
			continue
		}
		_ = res.Body.Close()
	}
	_ = stdin.Close()
	_ = cmd.Wait()
	for _, url := range urls {
		if conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://")); err == nil {
			_ = conn.Close()
			t.Errorf("%s still listens afterwards", url)
		}
	}
}

func TestATerminatedRunEndsTheCommand(t *testing.T) {
	t.Parallel()
	cmd := withstack(t.Context(), given, "--", "/bin/sh", "-c", "trap 'exit 3' TERM; echo a; echo b; read forever")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	twoLines(t, cmd)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 3 {
		t.Errorf("exit code %d, not the 3 that the command chose on SIGTERM", got)
	}
}
