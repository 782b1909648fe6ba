package calendar_test

import (
	"testing"

	"aura.example/integrations/shared/calendar"
)

func TestWhatIsUnlinkedKeepsWhatTheProviderHad(t *testing.T) {
	t.Parallel()
	link := &calendar.Link{Calendar: "primary", ProviderID: "x"}
	now, was := calendar.Content{Title: "now"}, calendar.Content{Title: "was"}
	for _, c := range []struct {
		name    string
		row     calendar.Row
		item    *calendar.Item
		op      calendar.Operation
		base    string // "": none
		pending calendar.Pending
	}{
		{"in step", calendar.Row{Content: now, Link: link}, nil, calendar.OpCreate, "now", calendar.PendingEdit},
		{"an edit waits", calendar.Row{Content: now, Link: link, Pending: calendar.PendingEdit}, &calendar.Item{Base: &was}, calendar.OpCreate, "was", calendar.PendingEdit},
		{"a deletion waits", calendar.Row{Content: now, Link: link, Pending: calendar.PendingDelete}, &calendar.Item{Base: &was}, calendar.OpDelete, "was", calendar.PendingDelete},
		{"never sent", calendar.Row{Content: now, Pending: calendar.PendingEdit}, &calendar.Item{}, calendar.OpCreate, "", calendar.PendingEdit},
		{"an occurrence that is being deleted with its series", calendar.Row{Content: now, Link: link, MasterID: "evt_m", Pending: calendar.PendingDelete}, &calendar.Item{Base: &was}, calendar.OpDelete, "was", calendar.PendingDelete},
		{"an occurrence", calendar.Row{Content: now, Link: link, MasterID: "evt_m"}, nil, calendar.OpChange, "", calendar.PendingEdit},
	} {
		p := calendar.Unlink(&c.row, c.item, "sub", day)
		it := p.Item.Put
		if c.item != nil {
			it = p.Item.Update
		}
		if f := it.Former; (f != nil) != (c.row.Link != nil) || f != nil && (f.Subject != "sub" || f.Calendar != "primary") {
			t.Errorf("%s: comes from %+v", c.name, f)
		}
		base := ""
		if it.Base != nil {
			base = it.Base.Title
		}
		if it.Op != c.op || base != c.base || p.Row.Pending != c.pending || p.Row.Link != nil {
			t.Errorf("%s: %s with base %q, pending %q, link %v", c.name, it.Op, base, p.Row.Pending, p.Row.Link)
		}
	}
}
