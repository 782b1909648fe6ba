package storetest

import (
	"fmt"
	"reflect"
	"slices"
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
	former := &calendar.Former{Provider: "google", Subject: "s", Calendar: "primary", Updated: at(2), Mirror: w.brimmingRow().Mirror, ReadOnly: true}
	left := &calendar.Rest{Heir: "evt_h", From: instant(noon), Was: instant(noon), Is: day("2026-11-23"), Since: at(4), Notify: &yes}
	gone := w.timed("gone", noon)
	gone.MasterID, gone.OriginalStart, gone.Recurrence = "evt_"+id, instant(noon), nil
	gone.Link.Generation, gone.Link.Fence = "", 0
	beside := &calendar.Beside{Series: "s_1", Was: base, Here: []string{"RRULE:FREQ=DAILY;COUNT=2"}, There: []string{"RRULE:FREQ=DAILY;COUNT=3"}, Heirs: []string{"evt_h"}}
	return &calendar.Item{Under: 7, Dropped: []*calendar.Row{gone}, Rest: left, Beside: beside, Heirs: []string{"evt_h", "evt_i"}, Parted: &calendar.Parted{Fields: []calendar.Field{calendar.FieldTitle, calendar.FieldWhen}, Until: at(9)}, Later: &calendar.Later{Than: 3, Notify: &yes}, Refused: refused, Former: former, Account: w.key.Account, EventID: "evt_" + id, Op: calendar.OpChange, Base: &base, NotifyGuests: &yes, Version: version, Since: at(3)}
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
			i.Fresh = []string{"evt_a", "evt_b"}
			i.Op, i.Base, i.NotifyGuests, i.Refused = calendar.OpCreate, nil, nil, nil
			i.Rest = &calendar.Rest{Anew: true, Since: at(4)}
			i.Former = &calendar.Former{Provider: "google", Subject: "s", Calendar: "primary", Updated: at(2), ProviderID: "p", ETag: "e", Version: 1}
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
			r, i := w.edit("x")
			w.must(w.Edits.WritePair(w.ctx, calendar.Pair{Account: w.key.Account, ID: r.ID, Expect: 1, Row: r, KeepRow: true,
				Item: calendar.ItemWrite{Expect: 1, Fresh: []string{"evt_a"}, Aware: true}}))
			got, err := w.Edits.RecordSent(w.ctx, *i, attempt, run1)
			w.must(err)
			want := w.item("x", 1)
			want.Fresh = []string{"evt_a"}
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
			update.NotifyGuests, update.Former, update.Refused = nil, nil, nil
			w.must(w.Edits.WritePair(w.ctx, calendar.Pair{Account: w.key.Account, ID: r.ID, Hold: run2, KeepRow: true, Expect: 1,
				Item: calendar.ItemWrite{Expect: 1, Update: update, ClearSent: true}}))
			got, item := w.pair("x")
			update.Generation, update.Fence = run2.Generation, run2.Fence
			if !reflect.DeepEqual(item, update) || !reflect.DeepEqual(got, r) {
				w.t.Errorf("got  %+v\nwant %+v", item, update)
			}
		},
		"what was refused outright is taken off the attempts": func(w *world) {
			r, i := w.edit("x")
			second := attempt
			second.Stamp = "s2"
			for _, at := range []calendar.Attempt{attempt, second} {
				var err error
				i, err = w.Edits.RecordSent(w.ctx, *i, at, run1)
				w.must(err)
			}
			p := calendar.Pair{Account: w.key.Account, ID: r.ID, Hold: run1, KeepRow: true, Expect: 1,
				Item: calendar.ItemWrite{Expect: 1, Update: w.item("x", 1)}}
			for _, other := range []int{1, 3} { // another list than was read
				p.Item.Unlanded = other
				w.refuses(w.Edits.WritePair(w.ctx, p), fault.Stale, "")
			}
			p.Item.Unlanded = 2
			w.must(w.Edits.WritePair(w.ctx, p))
			if _, got := w.pair("x"); len(got.Sent) != 1 || !reflect.DeepEqual(got.Sent[0], attempt) {
				w.t.Fatalf("got %+v", got.Sent)
			}
			p.Item.Unlanded = 1
			w.must(w.Edits.WritePair(w.ctx, p))
			_, got := w.pair("x")
			if len(got.Sent) != 0 {
				w.t.Fatalf("got %+v", got.Sent)
			}
			w.refuses(w.Edits.WritePair(w.ctx, p), fault.Stale, "")
			got, err := w.Edits.RecordSent(w.ctx, *got, second, run1) // the list begins anew
			if err != nil || len(got.Sent) != 1 {
				w.t.Errorf("got %+v, %v", got, err)
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
		"what was sent meanwhile isn't removed as if it never had been": func(w *world) {
			r, i := w.edit("x")
			_, err := w.Edits.RecordSent(w.ctx, *i, attempt, run1) // leaves the version alone
			w.must(err)
			p := calendar.Pair{Account: w.key.Account, ID: r.ID, Expect: 1, Item: calendar.ItemWrite{Expect: 1, Delete: true, Unsent: true}}
			w.refuses(w.Edits.WritePair(w.ctx, p), fault.Stale, "")
			if row, item := w.pair("x"); row == nil || item == nil || len(item.Sent) != 1 {
				w.t.Errorf("got %+v, %+v", row, item)
			}
			w.edit("y")
			p.ID = "evt_y"
			w.must(w.Edits.WritePair(w.ctx, p))
			if row, item := w.pair("y"); row != nil || item != nil {
				w.t.Errorf("got %+v, %+v", row, item)
			}
		},
		"what is made of a series is noted beside what waits of it": func(w *world) {
			r, i := w.edit("x")
			note := func(knew int, list ...string) error {
				return w.Edits.WritePair(w.ctx, calendar.Pair{Account: w.key.Account, ID: r.ID, Expect: 1, Row: r, KeepRow: true,
					Item: calendar.ItemWrite{Expect: 1, Fresh: list, Aware: true, Knew: knew}})
			}
			w.must(note(0, "evt_a"))
			w.refuses(note(0, "evt_b"), fault.Stale, "")
			w.must(note(1, "evt_a", "evt_b"))
			next := *i
			next.Version, next.Op = 2, calendar.OpDelete
			p := calendar.Pair{Account: w.key.Account, ID: r.ID, Expect: 1, Row: r, KeepRow: true, Item: calendar.ItemWrite{Expect: 1, Update: &next, Aware: true, Knew: 1}}
			w.refuses(w.Edits.WritePair(w.ctx, p), fault.Stale, "")
			p.Item.Knew = 2
			w.must(w.Edits.WritePair(w.ctx, p)) // and leaves the list alone
			if _, item := w.pair("x"); item == nil || item.Version != 2 || !slices.Equal(item.Fresh, []string{"evt_a", "evt_b"}) {
				w.t.Errorf("got %+v", item)
			}
			gone := calendar.Pair{Account: w.key.Account, ID: r.ID, Expect: 1, Item: calendar.ItemWrite{Expect: 2, Delete: true, Aware: true, Knew: 0}}
			w.refuses(w.Edits.WritePair(w.ctx, gone), fault.Stale, "")
			gone.Item.Knew = 2
			w.must(w.Edits.WritePair(w.ctx, gone))
		},
		"several events are written together or not at all": func(w *world) {
			r, _ := w.edit("x")
			other := w.timed("y", noon)
			other.Link, other.Pending = nil, calendar.PendingEdit
			moved := *r
			moved.Version, moved.Title = 2, "moved"
			pairs := []calendar.Pair{
				{Account: w.key.Account, ID: other.ID, Row: other, Item: calendar.ItemWrite{Put: w.item("y", 1)}},
				{Account: w.key.Account, ID: r.ID, Row: &moved, Expect: 9, Item: calendar.ItemWrite{Expect: 1, Update: w.item("x", 2)}},
			}
			w.refuses(w.Edits.WritePair(w.ctx, pairs...), fault.Stale, "")
			if row, item := w.pair("y"); row != nil || item != nil {
				w.t.Errorf("half of it was written: %+v, %+v", row, item)
			}
			pairs[1].Expect = 1
			w.must(w.Edits.WritePair(w.ctx, pairs...))
			row, item := w.pair("y")
			if row == nil || item == nil {
				w.t.Errorf("got %+v, %+v", row, item)
			}
			if row, item = w.pair("x"); row.Title != "moved" || item.Version != 2 {
				w.t.Errorf("got %+v, %+v", row, item)
			}
		},
		"as many as one transaction takes": func(w *world) {
			var pairs []calendar.Pair
			for n := range calendar.MostPairs {
				r := w.timed(fmt.Sprintf("n%03d", n), noon)
				pairs = append(pairs, calendar.Pair{Account: w.key.Account, ID: r.ID, Row: r, Item: calendar.ItemWrite{Put: w.item(fmt.Sprintf("n%03d", n), 1)}})
			}
			w.must(w.Edits.WritePair(w.ctx, pairs...))
			if r, i := w.pair(fmt.Sprintf("n%03d", calendar.MostPairs-1)); r == nil || i == nil {
				w.t.Errorf("got %+v, %+v", r, i)
			}
		},
		"the exceptions of a series": func(w *world) {
			master := w.timed("series", noon)
			master.Recurrence = []string{"RRULE:FREQ=DAILY"}
			for id, of := range map[string]string{"1": master.ID, "2": master.ID, "3": master.ID, "4": "evt_other"} {
				x := w.timed("x"+id, noon)
				x.MasterID, x.OriginalStart = of, instant(noon.AddDate(0, 0, len(id)))
				switch id {
				case "2": // it takes an occurrence away, so it counts
					x.Status = calendar.Cancelled
				case "3":
					x.Start, x.End = instant(noon.AddDate(-3, 0, 0)), instant(noon.AddDate(-3, 0, 1))
				}
				w.put(x)
			}
			w.put(master)
			w.put(w.timed("single", noon))
			list, err := w.Edits.Exceptions(w.ctx, w.key.Account, master.ID)
			w.must(err)
			var got []string
			for _, r := range list {
				got = append(got, r.ID)
			}
			if fmt.Sprint(got) != "[evt_x1 evt_x2 evt_x3]" {
				w.t.Errorf("got %v", got)
			}
			if list, err = w.Edits.Exceptions(w.ctx, w.key.Account, "evt_single"); err != nil || len(list) != 0 {
				w.t.Errorf("of an event that is alone: %v, %v", list, err)
			}
		},
		"several events in one transaction": func(w *world) {
			a, _ := w.edit("a")
			b, _ := w.edit("b")
			next := func(r *calendar.Row) *calendar.Row {
				n := *r
				n.Version, n.Title = r.Version+1, "both"
				return &n
			}
			both := []calendar.Pair{
				{Account: w.key.Account, ID: a.ID, Row: next(a), Expect: 1, Item: calendar.ItemWrite{Expect: 1, Update: w.item("a", 2)}},
				{Account: w.key.Account, ID: b.ID, Row: next(b), Expect: 9, Item: calendar.ItemWrite{Expect: 1, Update: w.item("b", 2)}},
			}
			w.refuses(w.Edits.WritePair(w.ctx, both...), fault.Stale, "")
			if r, i := w.pair("a"); r.Title == "both" || i.Version != 1 {
				w.t.Errorf("one of two was written: %+v, %+v", r, i)
			}
			both[1].Expect = 1
			w.must(w.Edits.WritePair(w.ctx, both...))
			for _, id := range []string{"a", "b"} {
				if r, i := w.pair(id); r.Title != "both" || i.Version != 2 {
					w.t.Errorf("%s was not written: %+v, %+v", id, r, i)
				}
			}
			if err := w.Edits.WritePair(w.ctx, make([]calendar.Pair, calendar.MostPairs+1)...); err == nil || fault.Is(err, fault.Stale, fault.Transient) {
				w.t.Errorf("more than fit: %v", err)
			}
		},
		"exceptions of a series": func(w *world) {
			of := func(id, master string, set func(*calendar.Row)) {
				r := w.timed(id, noon)
				r.MasterID, r.OriginalStart = master, instant(noon)
				set(r)
				w.put(r)
			}
			of("c", "evt_m", func(r *calendar.Row) { r.OriginalStart = instant(noon.AddDate(-5, 0, 0)) })
			of("b", "evt_m", func(r *calendar.Row) {
				r.Status, r.Start, r.End = calendar.Cancelled, calendar.Time{}, calendar.Time{}
			})
			of("a", "evt_other", func(*calendar.Row) {})
			m := w.timed("m", noon)
			m.Recurrence = []string{"RRULE:FREQ=DAILY"}
			w.put(m)
			got, err := w.Edits.Exceptions(w.ctx, w.key.Account, "evt_m")
			w.must(err)
			if len(got) != 2 || got[0].ID != "evt_b" || !reflect.DeepEqual(got[1], w.row("evt_c")) {
				w.t.Errorf("got %+v", got)
			}
			if got, err = w.Edits.Exceptions(w.ctx, w.key.Account, "evt_nobody"); len(got) != 0 || err != nil {
				w.t.Errorf("got %+v, %v", got, err)
			}
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
