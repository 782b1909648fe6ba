package httpapi_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"aura.example/integrations/shared/httpapi"
)

// The contents page, the contract and the functions say the same: every route
// with its function and its scope, and none besides.
func TestRoutesAreTheContracts(t *testing.T) {
	t.Parallel()
	v, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for path, item := range v.Document().Paths.Map() {
		for method, op := range item.Operations() {
			want[fmt.Sprintf("%s %s %v %v", method, path, op.Extensions["x-function"], op.Extensions["x-scope"])] = true
		}
	}
	got := map[string]bool{}
	for _, rt := range slices.Concat(httpapi.AllRoutes()...) {
		line := fmt.Sprintf("%s %s %s %s", rt.Method, rt.Path, rt.Function, rt.Scope)
		if got[line] {
			t.Errorf("%s is listed twice", line)
		}
		got[line] = true
		if rt.Handler == nil || rt.Caller == "" || rt.Retry == "" {
			t.Errorf("%s doesn't say what answers it, who calls it and what a second try does", line)
		}
		if rt.Method == "GET" && strings.HasSuffix(string(rt.Scope), ":write") {
			t.Errorf("%s reads with a scope that writes", line)
		}
	}
	for _, line := range slices.Sorted(maps.Keys(want)) {
		if !got[line] {
			t.Errorf("the contract has %q, the routes don't", line)
		}
	}
	for _, line := range slices.Sorted(maps.Keys(got)) {
		if !want[line] {
			t.Errorf("the routes have %q, the contract doesn't", line)
		}
	}
}
