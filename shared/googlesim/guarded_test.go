package googlesim_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestEverySimulatorInATestIsBehindTheDriftGuard reads the project's tests: whoever makes a simulator in one puts the
// guard around it, so that no answer of the simulator and no request of a client escapes Google's document. What is no
// test of this simulator's own has to be strict: a client's request is then judged even where it was refused.
func TestEverySimulatorInATestIsBehindTheDriftGuard(t *testing.T) {
	t.Parallel()
	set, found := token.NewFileSet(), 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			made, ok := n.(*ast.CompositeLit)
			if !ok || !isOptions(made.Type, file.Name.Name) {
				return true
			}
			found++
			wrapped, lenient := guardOf(made)
			if own := strings.HasPrefix(filepath.ToSlash(path), "../googlesim/"); !wrapped || lenient && !own {
				t.Errorf("%s: the simulator needs Around: discovery.Around(t, %v)", set.Position(made.Pos()), own)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 8 {
		t.Errorf("only %d simulators found: this test looks in the wrong place", found)
	}
}

// isOptions says whether a type is googlesim.Options.
func isOptions(of ast.Expr, pkg string) bool {
	s, ok := of.(*ast.SelectorExpr)
	if !ok {
		name, ok := of.(*ast.Ident)
		return ok && name.Name == "Options" && pkg == "googlesim"
	}
	from, ok := s.X.(*ast.Ident)
	return ok && from.Name == "googlesim" && s.Sel.Name == "Options"
}

// guardOf says whether Around is set by discovery.Around, and with which second argument.
func guardOf(made *ast.CompositeLit) (wrapped, lenient bool) {
	for _, e := range made.Elts {
		pair, ok := e.(*ast.KeyValueExpr)
		if name, isName := pair.Key.(*ast.Ident); !ok || !isName || name.Name != "Around" {
			continue
		}
		call, ok := pair.Value.(*ast.CallExpr)
		if !ok || len(call.Args) != 2 {
			return false, false
		}
		mode, ok := call.Args[1].(*ast.Ident)
		return ok, ok && mode.Name == "true"
	}
	return false, false
}
