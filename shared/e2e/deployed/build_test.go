package deployed_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"aura.example/integrations/shared/boot"
)

const root = "../../.."

// built is where the bootstraps are, one folder a function, built for this
// machine with the flags of `make build`.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "aura-bootstraps-")
	if err != nil {
		return "", err
	}
	return dir, build(root, dir, boot.Functions())
})

// flags are those that the Makefile builds with: the sizes and the behaviour
// that are tested are those that are deployed.
var flags = []string{"-tags", "lambda.norpc", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w"}

func build(from, to string, functions []string, env ...string) error {
	for _, f := range functions {
		args := append(append([]string{"build"}, flags...), "-o", filepath.Join(to, f, "bootstrap"), "./functions/"+f)
		cmd := exec.CommandContext(context.Background(), "go", args...)
		cmd.Dir = from
		cmd.Env = append(append(os.Environ(), "CGO_ENABLED=0"), env...)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w: %s", f, err, out)
		}
	}
	return nil
}

func bootstraps(t *testing.T) string {
	t.Helper()
	dir, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
