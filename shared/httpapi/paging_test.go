package httpapi

import (
	"slices"
	"testing"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

func self(s string) string { return s }

func TestPagesAddUpWhileTheListChanges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		then []string // the list when the second page is asked for
		want []string // the second page
	}{
		"unchanged":                {[]string{"c", "a", "b", "e", "d"}, []string{"b", "e"}},
		"one came before":          {[]string{"x", "c", "a", "b", "e", "d"}, []string{"b", "e"}},
		"one went before":          {[]string{"a", "b", "e", "d"}, []string{"b", "e"}},
		"the cursor's own went":    {[]string{"c", "b", "e", "d"}, []string{"e", "d"}}, // by position: nothing repeats
		"all went":                 {nil, nil},
		"it ended before the page": {[]string{"c", "a"}, nil},
	} {
		first, next, err := paginate([]string{"c", "a", "b", "e", "d"}, integration.Page{Limit: 2}, self)
		if err != nil || !slices.Equal(first, []string{"c", "a"}) || next == "" {
			t.Fatalf("first page %v, %q, %v", first, next, err)
		}
		got, _, err := paginate(c.then, integration.Page{Limit: 2, Cursor: next}, self)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: second page %v (%v), want %v", name, got, err, c.want)
		}
	}
}

func TestTheLastPageHasNoCursor(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{3, 4} {
		if page, next, err := paginate([]string{"a", "b", "c"}, integration.Page{Limit: limit}, self); len(page) != 3 || next != "" || err != nil {
			t.Errorf("limit %d: %v, %q, %v", limit, page, next, err)
		}
	}
}

func FuzzCursors(f *testing.F) {
	f.Add(writeCursor(1, "a"))
	f.Add("")
	f.Add("LTEuYQ")
	f.Fuzz(func(t *testing.T, cursor string) {
		if _, _, err := paginate([]string{"a", "b"}, integration.Page{Limit: 1, Cursor: cursor}, self); err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("cursor %q: %v", cursor, err)
		}
		if _, err := readPlace(cursor); err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("cursor %q: %v", cursor, err)
		}
	})
}
