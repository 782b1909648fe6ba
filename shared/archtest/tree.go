package archtest

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Tree is a module's source, parsed.
type Tree struct {
	Module   string // the module path of go.mod
	Packages []*Package
	fset     *token.FileSet
}

// Package is one folder with Go files.
type Package struct {
	Path  string // slash-separated, from the module's root; "." is the root
	Files []*File
}

// File is one Go file.
type File struct {
	Path  string // from the module's root
	Test  bool   // its name ends in _test.go
	AST   *ast.File
	Lines int
}

// Import is one import of a file.
type Import struct {
	Path string
	Pos  token.Pos
}

var moduleLine = regexp.MustCompile(`(?m)^module\s+(\S+)`)

// Load parses every package of the module whose root is fsys. As Go does, it
// passes over testdata, and folders that begin with a dot or an underscore.
func Load(fsys fs.FS) (*Tree, error) {
	gomod, err := fs.ReadFile(fsys, "go.mod")
	if err != nil {
		return nil, fmt.Errorf("reading the module's name: %w", err)
	}
	m := moduleLine.FindSubmatch(gomod)
	if m == nil {
		return nil, fmt.Errorf("go.mod names no module")
	}
	t := &Tree{Module: string(m[1]), fset: token.NewFileSet()}
	packages := map[string]*Package{}
	err = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && passedOver(d.Name()):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		f, err := t.parse(fsys, name)
		if err != nil || f == nil {
			return err
		}
		dir := path.Dir(name)
		if packages[dir] == nil {
			packages[dir] = &Package{Path: dir}
		}
		packages[dir].Files = append(packages[dir].Files, f)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the tree: %w", err)
	}
	for _, p := range packages {
		t.Packages = append(t.Packages, p)
	}
	slices.SortFunc(t.Packages, func(a, b *Package) int { return cmp.Compare(a.Path, b.Path) })
	return t, nil
}

func passedOver(folder string) bool {
	return folder[0] == '.' || folder[0] == '_' || folder == "testdata" || folder == "vendor" || folder == "node_modules"
}

// parse gives nil for a file that is never built (//go:build tools, ignore).
func (t *Tree) parse(fsys fs.FS, name string) (*File, error) {
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	a, err := parser.ParseFile(t.fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, group := range a.Comments {
		for _, c := range group.List {
			if expr, err := constraint.Parse(c.Text); err == nil && c.Pos() < a.Package &&
				!expr.Eval(func(tag string) bool { return tag != "tools" && tag != "ignore" }) {
				return nil, nil
			}
		}
	}
	return &File{
		Path: name, Test: strings.HasSuffix(name, "_test.go"), AST: a,
		Lines: strings.Count(string(src), "\n"),
	}, nil
}

// Imports lists what a file imports.
func (f *File) Imports() []Import {
	var list []Import
	for _, spec := range f.AST.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			list = append(list, Import{p, spec.Pos()})
		}
	}
	return list
}

// local gives the path inside the module of an import of it.
func (t *Tree) local(importPath string) (string, bool) {
	return strings.CutPrefix(importPath, t.Module+"/")
}

// standard tells the standard library by the rule that Go itself keeps: no dot
// in the first element of its paths.
func standard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}

// at says where something is, for a finding.
func (t *Tree) at(pos token.Pos) string {
	p := t.fset.Position(pos)
	return p.Filename + ":" + strconv.Itoa(p.Line)
}

// built lists the package's files that aren't tests.
func (p *Package) built() []*File {
	return slices.DeleteFunc(slices.Clone(p.Files), func(f *File) bool { return f.Test })
}

// within reports whether a package is one of these or lies below one of them.
func within(pkg string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return pkg == root || strings.HasPrefix(pkg, root+"/")
	})
}
