package deployed_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
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
		return 25 << 10
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

// S15: the list of components is what is linked, by the binaries' own words: each
// module once, at its version, with its checksum and a licence.
func TestS15TheListOfComponentsIsWhatIsLinked(t *testing.T) {
	t.Parallel()
	dir := bootstraps(t)
	args, want := []string{"run", "./shared/cmd/notices", "-sbom"}, map[string]string{}
	for _, f := range boot.Functions() {
		file := filepath.Join(dir, f, "bootstrap")
		args = append(args, file)
		out, err := exec.CommandContext(t.Context(), "go", "version", "-m", file).Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			if words := strings.Fields(line); len(words) == 4 && words[0] == "dep" {
				want["pkg:golang/"+words[1]+"@"+words[2]] = words[3]
			}
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = root
	raw, err := cmd.Output()
	if err != nil {
		t.Fatalf("listing what is linked: %v", err)
	}
	var bom struct {
		BomFormat, SpecVersion string
		Components             []struct {
			Name, Version, Purl string
			Licenses            []struct{ License struct{ ID string } }
			Properties          []struct{ Name, Value string }
		}
	}
	if err := json.Unmarshal(raw, &bom); err != nil || bom.BomFormat != "CycloneDX" || bom.SpecVersion != "1.5" {
		t.Fatalf("it is a %s %s, %v", bom.BomFormat, bom.SpecVersion, err)
	}
	if len(want) < 20 {
		t.Fatalf("go version -m names %d modules", len(want))
	}
	for _, c := range bom.Components {
		if len(c.Licenses) != 1 || c.Licenses[0].License.ID == "" {
			t.Errorf("%s has no licence", c.Purl)
		}
		if c.Name == "stdlib" {
			continue
		}
		if len(c.Properties) != 1 || c.Properties[0].Value != want[c.Purl] || c.Purl != "pkg:golang/"+c.Name+"@"+c.Version {
			t.Errorf("%+v isn't linked, has another checksum, or stands here twice", c)
		}
		delete(want, c.Purl)
	}
	for purl := range want {
		t.Errorf("%s is linked and not listed", purl)
	}
}

// S15: an answer that wasn't had isn't a good one. The scanner is a stand-in here;
// it ends as govulncheck does: 0 for nothing, 3 for findings, and otherwise
// without an answer.
func TestS15AnUnansweredQuestionIsNoCleanBill(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scanner string
		code    int
		says    string
	}{
		{"exit 0", 0, "vulnerabilities: none known"},
		{"echo GO-2026-0001; exit 3", 3, "known to be vulnerable"},
		{"echo no such host >&2; exit 1", 75, "NOT CHECKED"},
		{"exit 2", 75, "NOT CHECKED"},
		{"kill -9 $$", 75, "NOT CHECKED"},
	} {
		file := filepath.Join(t.TempDir(), "scanner")
		if err := os.WriteFile(file, []byte("#!/bin/sh\n"+c.scanner+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), filepath.Join(root, ".ci", "vulnerabilities.sh"), file)
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != c.code || !strings.Contains(string(out), c.says) || c.code != 0 && strings.Contains(string(out), "none known") {
			t.Errorf("a scanner that does %q makes it end with %d and say %q, want %d and %q", c.scanner, got, out, c.code, c.says)
		}
	}
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
