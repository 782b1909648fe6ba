package calendar

import (
	"fmt"
	"strings"
	"testing"
)

func TestAnOrderKeepsExceptionsAsTheyAreThere(t *testing.T) {
	t.Parallel()
	row := func(change func(r *Row)) *Row {
		r := &Row{ID: "evt_x", MasterID: "evt_s", Content: Content{Title: "edited"}, Link: &Link{ProviderID: "x", Generation: "g", Fence: 4}, Version: 7}
		if change != nil {
			change(r)
		}
		return r
	}
	waits := &Item{Op: OpChange, Base: &Content{Title: "there"}}
	for _, c := range []struct {
		name  string
		row   *Row
		waits *Item
		want  string // title; "" for nothing kept
	}{
		{"as it is", row(nil), nil, "edited"},
		{"an edit of it waits", row(func(r *Row) { r.Pending = PendingEdit }), waits, "there"},
		{"its deletion waits", row(func(r *Row) { r.Pending = PendingDelete }), &Item{Op: OpDelete, Base: waits.Base}, "there"},
		{"what waited is left over", row(nil), waits, "edited"},
		{"nobody knows what is there", row(func(r *Row) { r.Pending = PendingEdit }), &Item{Op: OpChange}, ""},
		{"it was deleted there", row(func(r *Row) { r.Pending = PendingEdit }), &Item{Op: OpRestore, Base: waits.Base}, ""},
		{"it was never there", row(func(r *Row) { r.Link = nil }), waits, ""},
	} {
		i := &Item{}
		i.Drop(c.row, c.waits)
		switch {
		case c.want == "" && len(i.Dropped) == 0:
		case len(i.Dropped) != 1:
			t.Errorf("%s: keeps %d, want %q", c.name, len(i.Dropped), c.want)
		default:
			if got := i.Dropped[0]; got.Title != c.want || got.Pending != "" || got.Link.Generation != "" || got.Link.Fence != 0 || got.Link.ProviderID != "x" {
				t.Errorf("%s: keeps %+v, want %q, with nothing that waits and nobody's mark", c.name, got, c.want)
			}
		}
	}
	if r := row(nil); r.Link.Fence != 4 {
		t.Error("the row itself was changed")
	}
}

func TestAnOrderKeepsTheFirstStateAndNoMoreThanFits(t *testing.T) {
	t.Parallel()
	there := func(n int, title string) *Row {
		return &Row{ID: fmt.Sprint("evt_", n), Content: Content{Title: title}, Link: &Link{ProviderID: "x"}}
	}
	i := &Item{}
	i.Drop(there(0, "first"), nil)
	i.Drop(there(0, "second"), nil)
	if len(i.Dropped) != 1 || i.Dropped[0].Title != "first" {
		t.Fatalf("keeps %+v, want the first state alone", i.Dropped)
	}
	for n := range 300 {
		i.Drop(there(n, "x"), nil)
	}
	size := 0
	for _, x := range i.Dropped {
		size += x.Weight()
	}
	if size > mostDropped || len(i.Dropped) < 50 {
		t.Errorf("keeps %d rows of %d bytes, want as many as fit into %d", len(i.Dropped), size, mostDropped)
	}
	big := &Item{Base: &Content{Description: strings.Repeat("x", HeaviestItem)}}
	if big.Drop(there(1, "x"), nil); len(big.Dropped) != 0 {
		t.Error("an order that is full keeps more than can be stored")
	}
}
