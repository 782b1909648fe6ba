package storetest

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// item is an outbox item of an event.
func (w *world) item(id string, version int64) *calendar.Item {
	base := calendar.Content{Title: "base", Start: instant(noon), End: instant(noon.Add(time.Hour)), Recurrence: []string{"RRULE:FREQ=DAILY"}, Busy: true}
	yes := false
	refused := &calendar.Refusal{Code: "bad", Version: 1, ETag: "e"}
	return &calendar.Item{Refused: refused, Account: w.key.Account, EventID: "evt_" + id, Op: calendar.OpChange, Base: &base, NotifyGuests: &yes, Version: version, Since: at(3)}
}

// run1 and run2 are two runs' right to write, the second the later.
var (
	run1 = calendar.Hold{Generation: "01A", Fence: 4}
	run2 = calendar.Hold{Generation: "01A", Fence: 5}
)

// pair reads an event with its item.
func (w *world) pair(id string) (*calendar.Row, *calendar.Item) {
	w.t.Helper()
	r, i, err := w.Edits.Pair(w.ctx, w.key.Account, "evt_"+id)
	w.must(err)
	return r, i
}

// edit stores a person's edit of an event, which waits in the outbox.
func (w *world) edit(id string) (*calendar.Row, *calendar.Item) {
	w.t.Helper()
	r := w.timed(id, noon)
	r.Link, r.Pending = nil, calendar.PendingEdit
	w.must(w.Edits.WritePair(w.ctx, calendar.Pair{Account: w.key.Account, ID: r.ID, Row: r, Item: calendar.ItemWrite{Put: w.item(id, 1)}}))
	return w.pair(id)
}

func testEdits(t *testing.T, open Open) {
	attempt := calendar.Attempt{Stamp: "s1", Fields: []calendar.Field{calendar.FieldTitle, calendar.FieldWhen}, Version: 1,
		Content: calendar.Content{Title: "sent", Start: instant(noon), End: day("2026-11-23")}}
	each(t, open, map[string]func(*world){
		"nothing there": func(w *world) {
			if r, i := w.pair("x"); r != nil || i != nil {
				w.t.Errorf("got %+v, %+v", r, i)
			}
			list, next, err := w.Edits.Outbox(w.ctx, w.key.Account, "")
			if len(list) != 0 || next != "" || err != nil {
				w.t.Errorf("got %+v, %q, %v", list, next, err)
			}
		},
		"a person's edit is written with its item": func(w *world) {
			r, i := w.edit("x")
			want := w.timed("x", noon)
			want.Link, want.Pending = nil, calendar.PendingEdit
			if !reflect.DeepEqual(r, want) {
				w.t.Errorf("got  %+v\nwant %+v", r, want)
			}
			if wantItem := w.item("x", 1); !reflect.DeepEqual(i, wantItem) {
				w.t.Errorf("got  %+v\nwant %+v", i, wantItem)
			}
		},
		"a create has no base, and nobody decided about guests": func(w *world) {
			i := w.item("x", 1)
			i.Op, i.Base, i.NotifyGuests, i.Refused = calendar.OpCreate, nil, nil, nil
			w.must(w.Edits.WritePair(w.ctx, calendar.Pair{Account: w.key.Account, ID: "evt_x", Row: w.timed("x", noon), Item: calendar.ItemWrite{Put: i}}))
			if _, got := w.pair("x"); !reflect.DeepEqual(got, i) {
				w.t.Errorf("got  %+v\nwant %+v", got, i)
			}
		},
		"all or nothing": func(w *world) {
			r, i := w.edit("x")
			next := *r
			next.Version, next.Title = 2, "again"
			update := w.item("x", 2)
			for name, p := range map[string]calendar.Pair{
				"the row moved on":            {Row: &next, Expect: 9, Item: calendar.ItemWrite{Expect: 1, Update: update}},
				"the item moved on":           {Row: &next, Expect: 1, Item: calendar.ItemWrite{Expect: 9, Update: update}},
				"there is an item":            {Row: &next, Expect: 1, Item: calendar.ItemWrite{Put: update}},
				"there is an item to keep":    {Row: &next, Expect: 1, Item: calendar.ItemWrite{}},
				"there is a row":              {Row: &next, Expect: 0, Item: calendar.ItemWrite{Expect: 1, Update: update}},
				"the kept row moved on":       {KeepRow: true, Expect: 9, Item: calendar.ItemWrite{Expect: 1, Delete: true}},
				"the row to delete moved on":  {Expect: 9, Item: calendar.ItemWrite{Expect: 1, Delete: true}},
				"the item to delete moved on": {Expect: 1, Item: calendar.ItemWrite{Expect: 9, Delete: true}},
			} {
				p.Account, p.ID = w.key.Account, "evt_x"
				if err := w.Edits.WritePair(w.ctx, p); !fault.Is(err, fault.Stale) {
					w.t.Errorf("%s: %v, want stale", name, err)
				}
				if r2, i2 := w.pair("x"); !reflect.DeepEqual(r2, r) || !reflect.DeepEqual(i2, i) {
					w.t.Fatalf("%s: it left its mark: %+v, %+v", name, r2, i2)
				}
			}
		},
		"an attempt is recorded on what was read": func(w *world) {
			_, i := w.edit("x")
			got, err := w.Edits.RecordSent(w.ctx, *i, attempt, run1)
			w.must(err)
			want := w.item("x", 1)
			want.Sent, want.Generation, want.Fence = []calendar.Attempt{attempt}, run1.Generation, run1.Fence
			if !reflect.DeepEqual(got, want) {
				w.t.Errorf("got  %+v\nwant %+v", got, want)
			}
			v := reflect.ValueOf(*got)
			for i := range v.NumField() {
				if v.Field(i).IsZero() {
					w.t.Errorf("the test leaves %s empty", v.Type().Field(i).Name)
				}
			}
			if _, stored := w.pair("x"); !reflect.DeepEqual(stored, want) {
				w.t.Errorf("stored %+v\nwant   %+v", stored, want)
			}
			second := attempt
			second.Stamp = "s2"
			_, err = w.Edits.RecordSent(w.ctx, *i, second, run1) // one attempt is there that wasn't read
			w.refuses(err, fault.Stale, "")
			same, err := w.Edits.RecordSent(w.ctx, *got, attempt, run1) // there already: not added again
			if err != nil || len(same.Sent) != 1 {
				w.t.Errorf("got %+v, %v", same, err)
			}
			got, err = w.Edits.RecordSent(w.ctx, *got, second, run2)
			w.must(err)
			if len(got.Sent) != 2 || got.Sent[1].Stamp != "s2" || got.Fence != run2.Fence {
				w.t.Errorf("got %+v", got)
			}
			third := attempt
			third.Stamp = "s3"
			_, err = w.Edits.RecordSent(w.ctx, *got, third, run1) // a later run has written it
			w.refuses(err, fault.Stale, "")
			gone := *got
			gone.EventID = "evt_gone"
			_, err = w.Edits.RecordSent(w.ctx, gone, third, run2)
			w.refuses(err, fault.Stale, "")
		},
		"an edit over a sent one keeps the attempts": func(w *world) {
			r, i := w.edit("x")
			_, err := w.Edits.RecordSent(w.ctx, *i, attempt, run1)
			w.must(err)
			next := *r
			next.Version, next.Title = 2, "again"
			w.must(w.Edits.WritePair(w.ctx, calendar.Pair{Account: w.key.Account, ID: r.ID, Row: &next, Expect: 1,
				Item: calendar.ItemWrite{Expect: 1, Update: w.item("x", 2)}}))
			_, got := w.pair("x")
			if len(got.Sent) != 1 || got.Version != 2 || got.Generation != run1.Generation || got.Fence != run1.Fence {
				w.t.Errorf("got %+v", got)
			}
		},
		"settling at the pushed version ends the item": func(w *world) {
			r, _ := w.edit("x")
			next := *r
			next.Version, next.Pending = 2, ""
			next.Link = &calendar.Link{Provider: w.key.Provider, Calendar: "primary", ProviderID: "px", ETag: "e2", Updated: at(9)}
			w.must(w.Edits.WritePair(w.ctx, calendar.Pair{Account: w.key.Account, ID: r.ID, Hold: run1, Row: &next, Expect: 1,
				Item: calendar.ItemWrite{Expect: 1, Delete: true}}))
			got, i := w.pair("x")
			next.Link.Generation, next.Link.Fence = run1.Generation, run1.Fence
			if i != nil || !reflect.DeepEqual(got, &next) {
				w.t.Errorf("got  %+v %+v, %+v\nwant %+v %+v", got, got.Link, i, &next, next.Link)
			}
			// A person edits it again: the last run's mark stays, so a late holder is refused.
			edited := *got
			edited.Version, edited.Title = 3, "again"
			w.must(w.Edits.WritePair(w.ctx, calendar.Pair{Account: w.key.Account, ID: r.ID, Row: &edited, Expect: 2, Item: calendar.ItemWrite{Put: w.item("x", 3)}}))
			if got, _ = w.pair("x"); got.Link == nil || got.Link.Generation != run1.Generation || got.Link.Fence != run1.Fence || got.Title != "again" {
				w.t.Errorf("got %+v %+v", got, got.Link)
			}
			late := write(got, 3, run1.Generation, run1.Fence-1)
			_, err := w.Events.Put(w.ctx, late)
			w.refuses(err, fault.Stale, "")
		},
		"settling at a newer version empties the attempts": func(w *world) {
			r, i := w.edit("x")
			_, err := w.Edits.RecordSent(w.ctx, *i, attempt, run1)
			w.must(err)
			update := w.item("x", 1)
			update.Base = &calendar.Content{Title: "answer"}
			update.NotifyGuests, update.Refused = nil, nil
			w.must(w.Edits.WritePair(w.ctx, calendar.Pair{Account: w.key.Account, ID: r.ID, Hold: run2, KeepRow: true, Expect: 1,
				Item: calendar.ItemWrite{Expect: 1, Update: update, ClearSent: true}}))
			got, item := w.pair("x")
			update.Generation, update.Fence = run2.Generation, run2.Fence
			if !reflect.DeepEqual(item, update) || !reflect.DeepEqual(got, r) {
				w.t.Errorf("got  %+v\nwant %+v", item, update)
			}
		},
		"a later run's hand refuses an earlier one": func(w *world) {
			r, i := w.edit("x")
			_, err := w.Edits.RecordSent(w.ctx, *i, attempt, run2)
			w.must(err)
			settle := calendar.Pair{Account: w.key.Account, ID: r.ID, Hold: run1, Row: r, Expect: 1, Item: calendar.ItemWrite{Expect: 1, Delete: true}}
			w.refuses(w.Edits.WritePair(w.ctx, settle), fault.Stale, "")
			settle.Hold = run2
			w.must(w.Edits.WritePair(w.ctx, settle))
		},
		"deleting both": func(w *world) {
			w.edit("x")
			w.must(w.Edits.WritePair(w.ctx, calendar.Pair{Account: w.key.Account, ID: "evt_x", Hold: run1, Expect: 1, Item: calendar.ItemWrite{Expect: 1, Delete: true}}))
			if r, i := w.pair("x"); r != nil || i != nil {
				w.t.Errorf("got %+v, %+v", r, i)
			}
			w.refuses(w.Edits.WritePair(w.ctx, calendar.Pair{Account: w.key.Account, ID: "evt_x", Hold: run1, Expect: 1, Item: calendar.ItemWrite{Expect: 1, Delete: true}}), fault.Stale, "")
		},
		"the outbox is listed page by page": func(w *world) {
			for n := range 105 {
				w.edit(fmt.Sprintf("n%03d", n))
			}
			w.put(w.timed("quiet", noon))
			var got []string
			cursor := ""
			for {
				list, next, err := w.Edits.Outbox(w.ctx, w.key.Account, cursor)
				w.must(err)
				for _, i := range list {
					got = append(got, i.EventID)
				}
				if cursor = next; next == "" {
					break
				}
			}
			if len(got) != 105 || got[0] != "evt_n000" || got[104] != "evt_n104" {
				w.t.Errorf("listed %d: %v", len(got), got)
			}
		},
	})
}
