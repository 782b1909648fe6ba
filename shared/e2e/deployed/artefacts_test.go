package deployed_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"aura.example/integrations/shared/boot"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := built(); err == nil {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

// limit bounds a bootstrap's file, in KiB: a tenth above what it has, so that a
// dependency that slips in is noticed. calendar/v3 brings grpc and OpenTelemetry
// along; nothing else is allowed to.
func limit(function string) int64 {
	if function == "sync-worker" {
		return 28 << 10
	}
	return 12 << 10
}

func TestABootstrapKeepsToItsLimit(t *testing.T) {
	t.Parallel()
	dir := bootstraps(t)
	for _, f := range boot.Functions() {
		info, err := os.Stat(filepath.Join(dir, f, "bootstrap"))
		if err != nil {
			t.Fatal(err)
		}
		if kib := info.Size() >> 10; kib > limit(f) {
			t.Errorf("%s has %d KiB, its limit is %d", f, kib, limit(f))
		}
	}
}

// S15: the same sources give the same bytes wherever they are built. The quick
// form builds one function from a copy of the tree; with REPRODUCE set, all of
// them, from nothing: with a build cache of their own.
func TestS15BuildsAreReproducible(t *testing.T) {
	t.Parallel()
	dir, copied := bootstraps(t), filepath.Join(t.TempDir(), "elsewhere")
	list := exec.CommandContext(t.Context(), "git", "ls-files", "-co", "--exclude-standard", "functions", "shared", "go.mod", "go.sum")
	list.Dir = root
	files, err := list.Output()
	if err != nil {
		t.Fatalf("listing the tree: %v", err)
	}
	for name := range strings.Lines(string(files)) {
		name = strings.TrimSpace(name)
		raw, err := os.ReadFile(filepath.Join(root, name))
		if err != nil || strings.HasSuffix(name, "_test.go") {
			continue // deleted and not committed yet, or not built
		}
		to := filepath.Join(copied, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out := t.TempDir()
	functions := []string{"webhook"}
	var env []string
	if os.Getenv("REPRODUCE") != "" {
		functions, env = boot.Functions(), []string{"GOCACHE=" + t.TempDir()}
	}
	if err := build(copied, out, functions, env...); err != nil {
		t.Fatal(err)
	}
	for _, f := range functions {
		if a, b := sum(t, filepath.Join(dir, f, "bootstrap")), sum(t, filepath.Join(out, f, "bootstrap")); a != b {
			t.Errorf("%s is %s here and %s elsewhere", f, a, b)
		}
	}
}

func sum(t *testing.T, file string) string {
	t.Helper()
	return fmt.Sprintf("%x", sha256.Sum256(read(t, file)))
}

// S15: what is linked into any bootstrap is named, at its version, with its
// licence, in shared/docs/third-party.md; `make notices` writes it.
func TestS15NoticesNameWhatIsLinked(t *testing.T) {
	t.Parallel()
	dir := bootstraps(t)
	args := []string{"run", "./shared/cmd/notices"}
	for _, f := range boot.Functions() {
		args = append(args, filepath.Join(dir, f, "bootstrap"))
	}
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = root
	want, err := cmd.Output()
	if err != nil {
		t.Fatalf("listing what is linked: %v", err)
	}
	if got := read(t, filepath.Join(root, "shared", "docs", "third-party.md")); !bytes.Equal(got, want) {
		t.Error("shared/docs/third-party.md isn't what is linked: make notices writes it")
	}
}
