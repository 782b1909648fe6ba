package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// googlesWords are strings that only who reads or writes Google's wire format
// has a use for.
var googlesWords = []string{"X-Goog-", "nextSyncToken", "nextPageToken", "calendar#", "iCalUID"}

// readsGoogle may use them. apispec prints Google's own call as a curl example;
// the oracle compares raw JSON with raw items, which is its purpose; the programs
// play the part of Google's user.
var readsGoogle = shared("google", "googlesim", "oracle", "httpapi/apispec", "httpapi/apitest", "e2e", "cmd", "local", "archtest")

func wireFormat(t *Tree) []Finding {
	var found []Finding
	t.inspect(func(p *Package, f *File) bool { return !f.Test && !within(p.Path, readsGoogle) },
		func(p *Package, f *File, n ast.Node) {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return
			}
			for _, word := range googlesWords {
				if strings.Contains(lit.Value, word) {
					found = append(found, Finding{t.at(lit.Pos()), fmt.Sprintf("%s knows Google's %q", p.Path, word),
						"a second provider must not find Google's shape anywhere but in its adapter"})
				}
			}
		})
	return found
}

// clock finds the wall clock where time must be handed in.
func clock(t *Tree) []Finding {
	asks := []string{"Now", "Since", "Until", "Sleep"}
	return t.uses("time", asks, func(p *Package, f *File) bool {
		l := layerOf(p.Path)
		return !f.Test && l != nil && (l.name == domain || l.name == useCases || l.name == reckoning)
	}, "%s asks the clock by time.%s",
		"time is handed in, or a month of virtual time couldn't be run in a second and an expiry couldn't be tested to the second")
}

// sleep finds waiting by guess. In a synctest bubble a sleep takes no time and
// ends exactly when it should, so files that use synctest are left alone.
func sleep(t *Tree) []Finding {
	return t.uses("time", []string{"Sleep"}, func(p *Package, f *File) bool {
		l := layerOf(p.Path)
		if !f.Test && (l == nil || l.name != suites) && !within(p.Path, shared("e2e")) {
			return false
		}
		return !slices.ContainsFunc(f.Imports(), func(i Import) bool { return i.Path == "testing/synctest" })
	}, "%s waits by time.%s",
		"a sleep is too short on a loaded machine and too long on every other; wait for the condition itself")
}

// uses finds mentions of a package's functions, called or passed on, under
// whatever name the file imports it.
func (t *Tree) uses(pkg string, functions []string, where func(*Package, *File) bool, what, why string) []Finding {
	var found []Finding
	for _, p := range t.Packages {
		for _, f := range p.Files {
			name := f.nameOf(pkg)
			if name == "" || !where(p, f) {
				continue
			}
			if name == "." {
				found = append(found, Finding{f.Path, "it imports " + pkg + " into its own names", "then nobody sees where the clock is asked"})
				continue
			}
			ast.Inspect(f.AST, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == name && slices.Contains(functions, sel.Sel.Name) {
					found = append(found, Finding{t.at(sel.Pos()), fmt.Sprintf(what, p.Path, sel.Sel.Name), why})
				}
				return true
			})
		}
	}
	return found
}

// nameOf is the name by which a file knows an import: "" where it doesn't.
func (f *File) nameOf(importPath string) string {
	for _, spec := range f.AST.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err != nil || p != importPath {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return importPath[strings.LastIndex(importPath, "/")+1:]
	}
	return ""
}

func (t *Tree) inspect(where func(*Package, *File) bool, visit func(*Package, *File, ast.Node)) {
	for _, p := range t.Packages {
		for _, f := range p.Files {
			if where(p, f) {
				ast.Inspect(f.AST, func(n ast.Node) bool { visit(p, f, n); return true })
			}
		}
	}
}
