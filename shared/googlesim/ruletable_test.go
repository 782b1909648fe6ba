package googlesim_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEveryRuleHasItsTest holds the page of rules to the source: a rule whose test was renamed or lost has none.
func TestEveryRuleHasItsTest(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, m := range declared.FindAllStringSubmatch(string(raw), -1) {
			tests[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../docs/googlesim-rules.md")
	if err != nil {
		t.Fatal(err)
	}
	rules, named := 0, regexp.MustCompile("`(Test\\w+)`")
	for line := range strings.Lines(string(page)) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| rule") {
			continue
		}
		rules++
		names := named.FindAllStringSubmatch(line, -1)
		if len(names) == 0 {
			t.Errorf("a rule without a test: %s", line)
		}
		for _, n := range names {
			if !tests[n[1]] {
				t.Errorf("no test %s for: %s", n[1], line)
			}
		}
	}
	if rules < 70 {
		t.Errorf("%d rules: the page has lost some", rules)
	}
}
