package boot_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aura.example/integrations/shared/boot"
)

// D5, the last third: every variable is described in shared/docs, in the words of
// the list. With WRITE_DOCS set the table is written instead.
func TestVariablesAreDocumented(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("# Configuration\n\nThe functions' environment. `template.yaml` sets all but those that Lambda sets itself; parameters are named there, each with what it means.\n" +
		"Written by `WRITE_DOCS=1 go test ./shared/boot -run Documented`; a test holds it to what the functions read.\n\n| variable | functions | without it | what it is |\n|---|---|---|---|\n")
	for _, v := range boot.Variables() {
		functions := "all"
		if v.Functions != nil {
			functions = strings.Join(v.Functions, ", ")
		}
		without := "the function doesn't start"
		switch {
		case v.Default != "":
			without = "`" + v.Default + "`"
		case v.Optional:
			without = "–"
		}
		if v.Given {
			without += "; set by Lambda"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", v.Name, functions, without, v.Doc)
	}
	file := filepath.Join(root, "shared", "docs", "configuration.md")
	if os.Getenv("WRITE_DOCS") != "" {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if raw, err := os.ReadFile(file); err != nil || string(raw) != b.String() {
		t.Errorf("shared/docs/configuration.md isn't what the functions read (%v)", err)
	}
}

// Every document is linked from the README, and every link of theirs leads
// somewhere.
func TestDocumentsAreLinked(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"deploy", "google-setup", "configuration", "playbooks", "backup", "keys", "data-deletion", "quotas", "upgrade", "third-party"} {
		if !strings.Contains(string(readme), "(shared/docs/"+name+".md)") {
			t.Errorf("the README doesn't link %s.md", name)
		}
		raw, err := os.ReadFile(filepath.Join(root, "shared", "docs", name+".md"))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split(string(raw), "](")[1:] {
			target, _, _ := strings.Cut(part, ")")
			target, _, _ = strings.Cut(target, "#")
			if target == "" || strings.Contains(target, "://") || name == "third-party" {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, "shared", "docs", target)); err != nil {
				t.Errorf("%s.md links %s, which isn't there", name, target)
			}
		}
	}
}

// Whoever reads the code has the repository and nothing else: a document that is
// named anywhere in it is there.
func TestDocumentsThatAreNamedAreThere(t *testing.T) {
	t.Parallel()
	there, named := map[string]bool{}, map[string][]string{}
	name := regexp.MustCompile(`[A-Za-z0-9-]{2,}\.md\b`)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch base := filepath.Base(path); {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(base, ".") && base != ".ci" && path != root, d.IsDir() && base == "node_modules":
			return filepath.SkipDir
		case d.IsDir():
			return nil
		case strings.HasSuffix(base, ".md"):
			there[base] = true
		}
		if !slices.Contains([]string{".go", ".md", ".js", ".sh", ".yaml", ".py", ".html", ""}, filepath.Ext(path)) || strings.HasSuffix(path, "third-party.md") {
			return nil
		}
		raw, err := os.ReadFile(path)
		for _, n := range name.FindAllString(string(raw), -1) {
			named[n] = append(named[n], path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(there) < 12 || len(named["playbooks.md"]) == 0 {
		t.Fatalf("of %d documents nobody names one", len(there))
	}
	for n, where := range named {
		if !there[n] {
			t.Errorf("there is no %s, which %q name", n, where)
		}
	}
}
