// Package archtest holds the tree to its architecture: which package may import
// which, who sees AWS, who knows Google, who may set a status, who may ask the
// clock. It reads source with go/parser and builds nothing, so it takes a second
// and works on a tree that doesn't compile.
//
// # The arrows
//
//	functions, local  →  boot  →  edge, adapters  →  use cases  →  domain
//
// The layers and what each may import are one table, in layers.go; the outside
// modules and who may see each, another, in technology.go. A package that is in
// no layer and a module that is in no row are findings too: a table that
// forgets is a table that permits.
//
// # Tests are freer
//
// The arrows hold for what is built, not for _test.go files: a test of a use
// case may bring the store in memory, a test of an adapter the simulator. Tests
// have rules of their own (no sleeping).
//
// # When a rule is in the way
//
// Each finding says why the rule is there. If the reason doesn't hold for your
// case, the table gets a line with the reason why, not the test a skip. Every
// rule is itself tried on planted violations in planted_test.go: one that can't
// fail is no rule.
package archtest
