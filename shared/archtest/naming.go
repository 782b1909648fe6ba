package archtest

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// forbidden folder names say how something is filed, not what it is.
var forbidden = []string{"utils", "util", "common", "helpers", "helper", "models", "types", "entities", "services", "managers", "mocks"}

func folders(t *Tree) []Finding {
	var found []Finding
	for _, p := range t.Packages {
		for _, part := range strings.Split(p.Path, "/") {
			if slices.Contains(forbidden, part) {
				found = append(found, Finding{p.Path, fmt.Sprintf("a folder is named %q", part),
					"such a name takes anything in; name the folder after what is in it"})
			}
		}
	}
	return found
}

// mainLines is how long a function's main may be.
const mainLines = 60

func mains(t *Tree) []Finding {
	const why = "a function is wiring; what is worth a test lives in shared/, where a test reaches it"
	var found []Finding
	for _, p := range t.Packages {
		name, ok := strings.CutPrefix(p.Path, "functions/")
		if !ok {
			continue
		}
		if strings.Contains(name, "/") {
			found = append(found, Finding{p.Path, "a package below a function's folder", why})
			continue
		}
		for _, f := range p.built() {
			switch {
			case path.Base(f.Path) != "main.go":
				found = append(found, Finding{f.Path, "a second file beside main.go", why})
			case f.Lines > mainLines:
				found = append(found, Finding{f.Path, fmt.Sprintf("%d lines, and %d are the most", f.Lines, mainLines), why})
			case f.AST.Name.Name != "main":
				found = append(found, Finding{f.Path, "not package main", why})
			}
		}
	}
	return found
}

// comments wants one file of each package to begin as Go's documentation
// expects.
func comments(t *Tree) []Finding {
	var found []Finding
	for _, p := range t.Packages {
		files := p.built()
		if len(files) == 0 {
			continue // nothing but tests
		}
		name := files[0].AST.Name.Name
		opening := "Package " + name + " "
		if name == "main" {
			opening = "Command " + path.Base(p.Path) + " "
		}
		if !slices.ContainsFunc(files, func(f *File) bool {
			return f.AST.Doc != nil && strings.HasPrefix(f.AST.Doc.Text(), opening)
		}) {
			found = append(found, Finding{p.Path, fmt.Sprintf("no comment above a package clause begins %q", opening),
				"whoever opens a folder reads there what it is for and what it promises"})
		}
	}
	return found
}
