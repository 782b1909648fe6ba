package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
)

// statusHome is the package whose Move is the one place that sets a status.
const statusHome = "shared/integration"

// restorers may copy a status that was stored, and no other: a status that is
// written there as a constant is a transition in disguise.
var restorers = shared("dynamo", "memory")

// statuses finds a status that is set without a transition. It needs types: an
// event, a run and an HTTP response have a Status too. So the module's packages
// are type-checked among themselves, with every other import left empty; what
// that leaves unknown is never an Integration, since those come from here.
func statuses(t *Tree) []Finding {
	c := &checker{tree: t, done: map[string]*types.Package{}}
	home := c.check(statusHome, nil)
	if home == nil {
		return nil
	}
	record := home.Scope().Lookup("Integration")
	var field types.Object
	if record != nil {
		field, _, _ = types.LookupFieldOrMethod(record.Type(), true, home, "Status")
	}
	if field == nil {
		return []Finding{{statusHome, "there is no Integration with a Status", "this rule finds the field by its name"}}
	}
	var found []Finding
	for _, p := range t.Packages {
		l := layerOf(p.Path)
		if p.Path == statusHome || len(p.built()) == 0 || l != nil && l.name == suites {
			continue // a suite puts records into every status, to see what a store does with them
		}
		info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
		c.check(p.Path, info)
		r := &setter{tree: t, pkg: p, info: info, record: record.Type(), field: field}
		for _, f := range p.built() {
			ast.Inspect(f.AST, r.visit)
		}
		found = append(found, r.found...)
	}
	return found
}

// setter looks for settings of a record's status in one package.
type setter struct {
	tree   *Tree
	pkg    *Package
	info   *types.Info
	record types.Type
	field  types.Object
	found  []Finding
}

func (s *setter) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if s.isStatus(left) {
				var value ast.Expr
				if len(n.Lhs) == len(n.Rhs) {
					value = n.Rhs[i]
				}
				s.set(left.Pos(), value)
			}
		}
	case *ast.UnaryExpr:
		if n.Op == token.AND && s.isStatus(n.X) {
			s.set(n.Pos(), nil)
		}
	case *ast.CompositeLit:
		if !s.isRecord(s.info.TypeOf(n)) {
			return true
		}
		for _, element := range n.Elts {
			if kv, ok := element.(*ast.KeyValueExpr); !ok {
				s.set(n.Pos(), nil) // without keys it sets every field
				break
			} else if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "Status" {
				s.set(kv.Pos(), kv.Value)
			}
		}
	}
	return true
}

func (s *setter) set(pos token.Pos, value ast.Expr) {
	if within(s.pkg.Path, restorers) && value != nil && s.info.Types[value].Value == nil {
		return
	}
	s.found = append(s.found, Finding{s.tree.at(pos), fmt.Sprintf("%s sets an integration's status", s.pkg.Path),
		"transitions are values: a status that is set elsewhere has no history entry, raises no fence and isn't in the diagram; use integration.Move"})
}

// isStatus reports whether an expression is the field Status of a record, also
// by way of a struct that embeds one.
func (s *setter) isStatus(e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	return ok && s.info.Selections[sel] != nil && s.info.Selections[sel].Obj() == s.field
}

func (s *setter) isRecord(t types.Type) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	return t != nil && types.Identical(t, s.record)
}

// checker type-checks packages of the module against one another.
type checker struct {
	tree *Tree
	done map[string]*types.Package
}

// check gives the package, or nil where there is none. Errors are left aside:
// they come from the empty packages that stand for all others.
func (c *checker) check(pkg string, info *types.Info) *types.Package {
	p := c.tree.find(pkg)
	if p == nil {
		return nil
	}
	if info == nil {
		if done, ok := c.done[pkg]; ok {
			return done
		}
	}
	if info == nil {
		c.done[pkg] = nil // an import cycle ends here
	}
	var files []*ast.File
	for _, f := range p.built() {
		files = append(files, f.AST)
	}
	conf := types.Config{Importer: c, Error: func(error) {}, DisableUnusedImportCheck: true, IgnoreFuncBodies: info == nil}
	done, _ := conf.Check(c.tree.Module+"/"+pkg, c.tree.fset, files, info)
	if info == nil {
		c.done[pkg] = done
	}
	return done
}

// Import implements types.Importer.
func (c *checker) Import(importPath string) (*types.Package, error) {
	if local, ok := c.tree.local(importPath); ok {
		if p := c.check(local, nil); p != nil {
			return p, nil
		}
	}
	if c.done[importPath] == nil {
		empty := types.NewPackage(importPath, path.Base(importPath))
		empty.MarkComplete()
		c.done[importPath] = empty
	}
	return c.done[importPath], nil
}
