package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Who asks for help, or misspells something, starts nothing.
func TestArgumentsStartNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		arg  string
		code int
	}{{"--help", 0}, {"-h", 0}, {"-help", 0}, {"--port=9", 2}, {"", 2}} {
		dir := t.TempDir()
		cmd := command(t, dir, "STORE=memory")
		cmd.Args = append(cmd.Args, c.arg)
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.Contains(string(out), "STORE") {
			t.Errorf("%q: exit %d, %s", c.arg, code, out)
		}
		if _, err := os.Stat(filepath.Join(dir, ".local")); err == nil {
			t.Errorf("%q started something", c.arg)
		}
	}
}
