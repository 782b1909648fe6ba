package archtest

import (
	"os"
	"testing"
)

// The tree that this test is part of, two folders up.
const root = "../.."

func TestTheTree(t *testing.T) {
	t.Parallel()
	tree, err := Load(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	if tree.find("shared/archtest") == nil {
		t.Fatalf("this is not the tree: %d packages of %s, and none is this one", len(tree.Packages), tree.Module)
	}
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			t.Parallel()
			for _, f := range rule.Check(tree) {
				t.Error(f)
			}
		})
	}
}
