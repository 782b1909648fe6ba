package storetest

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"aura.example/integrations/shared/calendar"
)

// links reads all of them.
func (w *world) links(provider, cal string) []calendar.LinkRow {
	w.t.Helper()
	var out []calendar.LinkRow
	cursor := ""
	for {
		rows, next, err := w.Events.Links(w.ctx, w.key.Account, provider, cal, cursor)
		w.must(err)
		out = append(out, rows...)
		if cursor = next; next == "" {
			return out
		}
	}
}

func testLinks(t *testing.T, open Open) {
	each(t, open, map[string]func(*world){
		"of one calendar, of one provider": func(w *world) {
			mine := w.timed("a", noon)
			mine.MasterID, mine.Pending, mine.Kind = "evt_m", calendar.PendingEdit, "workingLocation"
			w.put(mine)
			series := w.timed("b", noon)
			series.Recurrence = []string{"RRULE:FREQ=DAILY"}
			series.Origin = calendar.BornInAura
			w.put(series)
			elsewhere := w.timed("c", noon)
			elsewhere.Link.Calendar = "other"
			w.put(elsewhere)
			stranger := w.timed("d", noon)
			stranger.Link.Provider = "other-calendar"
			w.put(stranger)
			unlinked := w.timed("e", noon)
			unlinked.Link = nil
			w.put(unlinked)
			w.must(w.Quarantines.PutQuarantine(w.ctx, calendar.Quarantine{Account: w.key.Account, EventID: "evt_q"}))
			got := w.links(w.key.Provider, "primary")
			want := []calendar.LinkRow{
				{ID: "evt_a", MasterID: "evt_m", Calendar: "primary", Title: "Event a", Kind: "workingLocation", ProviderID: "pa", ETag: "e1", Origin: calendar.BornAtProvider,
					Pending: calendar.PendingEdit, Generation: "01A", Fence: 4, Version: 1},
				{ID: "evt_b", Series: true, Calendar: "primary", Title: "Event b", ProviderID: "pb", ETag: "e1", Origin: calendar.BornInAura,
					Generation: "01A", Fence: 4, Version: 1},
			}
			if !reflect.DeepEqual(got, want) {
				w.t.Errorf("got  %+v\nwant %+v", got, want)
			}
			if got := w.links(w.key.Provider, ""); len(got) != 3 || got[2].Calendar != "other" {
				w.t.Errorf("of any calendar: %+v", got)
			}
			if got := w.links("nobody", ""); len(got) != 0 {
				w.t.Errorf("of nobody: %+v", got)
			}
		},
		"page by page": func(w *world) {
			// More than a megabyte: DynamoDB gives it in two pages, memory in one.
			for i := range 60 {
				r := w.timed(fmt.Sprintf("n%04d", i), at(i))
				r.Description = strings.Repeat("x", 20000)
				w.put(r)
			}
			seen := map[string]bool{}
			for _, r := range w.links(w.key.Provider, "primary") {
				seen[r.ID] = true
			}
			if len(seen) != 60 {
				w.t.Errorf("got %d rows, want 60", len(seen))
			}
		},
	})
}
