package edit

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
)

// writing is what an edit comes to: pairs to be written together, those that
// decide it first, and what carries it then.
type writing struct {
	pairs  []calendar.Pair
	decide int            // how many of them decide, the last of which is the series'
	rest   *calendar.Rest // how the others are told from the series, where they are too many
	unsent bool           // the series that is deleted was never sent: nothing of it needs to stay
	gone   []stored       // exceptions that are taken away
	keep   bool           // and whose series' order keeps them
	under  int64          // version of the integration's record that was read; 0: of none
	result Result
}

// stored is a row with its item, as read.
type stored struct {
	row  *calendar.Row
	item *calendar.Item
}

// write carries an edit out, in one transaction where it fits into one. A refusal
// means that nothing of it was written.
func (e *Editor) write(ctx context.Context, w writing) error {
	switch {
	case len(w.pairs) == 0:
		return nil
	case w.keep:
		w.drop()
	}
	w.underIt()
	if len(w.pairs) > calendar.MostPairs {
		return e.begin(ctx, w)
	}
	if err := e.Store.WritePair(ctx, w.pairs...); err != nil {
		return fmt.Errorf("writing an edit: %w", err)
	}
	return nil
}

// drop has the order of a series keep the exceptions that go with it. Whoever takes the
// edit back gets them from there where no list of the provider's brings them again.
func (w *writing) drop() {
	if w.decide == 0 || len(w.gone) == 0 {
		return
	}
	write := w.pairs[w.decide-1].Item
	for _, x := range w.gone {
		switch {
		case write.Put != nil:
			write.Put.Drop(x.row, x.item)
		case write.Update != nil:
			write.Update.Drop(x.row, x.item)
		}
	}
}

// underIt has each order say which version of the record its author read: whether it was
// given up with a choice is told by that, and not by clocks.
func (w *writing) underIt() {
	for _, p := range w.pairs {
		if p.Item.Put != nil {
			p.Item.Put.Under = w.under
		}
		if p.Item.Update != nil {
			p.Item.Update.Under = w.under
		}
	}
}

// underOf gives the version of the record that an edit of an event belongs to: of the
// integration that has the event, or of the only one there is. 0 for none.
func underOf(link *calendar.Link, recs []*integration.Integration) int64 {
	if link == nil && len(recs) == 1 {
		return recs[0].Version
	}
	for _, rec := range recs {
		if link != nil && rec.Provider == link.Provider {
			return rec.Version
		}
	}
	return 0
}

// onlyGo reports whether edits of what a target means travel to the provider only.
func onlyGo(a *aimed, recs []*integration.Integration) bool {
	series := a.series()
	return series != nil && series.Link != nil && slices.ContainsFunc(recs, func(rec *integration.Integration) bool {
		return rec.Provider == series.Link.Provider && rec.Settings.Direction == integration.ToProvider
	})
}

// series notes that what is written so far decides the edit, and what is left then.
func (e *Editor) series(w *writing, rest calendar.Rest) {
	rest.Since = e.Now().UTC()
	w.decide, w.rest = len(w.pairs), &rest
}

// exceptions reads the exceptions of a series with their items, strongly: the
// index that finds them may be a second behind, also with those that are known. Of a
// series that was never sent, the item says which were made last: a run that would
// come by later there is none.
func (e *Editor) exceptions(ctx context.Context, master *calendar.Row, waits *calendar.Item, known ...string) ([]stored, error) {
	found, err := e.Store.Exceptions(ctx, master.Account, master.ID)
	if err != nil {
		return nil, fmt.Errorf("reading the exceptions of a series: %w", err)
	}
	if waits != nil {
		known = slices.Concat(known, waits.Fresh)
	}
	ids := make([]string, 0, len(found))
	for _, x := range found {
		ids = append(ids, x.ID)
	}
	for _, id := range known {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	var out []stored
	for _, id := range ids {
		row, item, err := e.pair(ctx, master.Account, id)
		if err != nil {
			return nil, err
		}
		if row != nil && row.MasterID == master.ID {
			out = append(out, stored{row, item})
		}
	}
	return out, nil
}

// rewrite writes a row's new content, with the order to push it.
func (e *Editor) rewrite(w *writing, row *calendar.Row, item *calendar.Item, next calendar.Content, fields []calendar.Field, notify *bool) *calendar.Row {
	op, base := calendar.OpChange, &row.Content
	if row.Link == nil && !row.IsException() {
		op, base = calendar.OpCreate, nil
	}
	edited := e.touched(row, next, fields)
	edited.Pending = calendar.PendingEdit
	w.pairs = append(w.pairs, e.replaced(row, item, edited, op, base, notify))
	return edited
}

// touched is a row with another content, and the times of the edit.
func (e *Editor) touched(row *calendar.Row, next calendar.Content, fields []calendar.Field) *calendar.Row {
	now := e.Now().UTC()
	out := *row
	out.Content, out.Version, out.UpdatedAt = next, row.Version+1, now
	out.Edited = maps.Clone(row.Edited)
	if out.Edited == nil {
		out.Edited = map[string]time.Time{}
	}
	for _, f := range fields {
		out.Edited[string(f)] = now
	}
	if slices.Contains(fields, calendar.FieldWhen) || slices.Contains(fields, calendar.FieldRecurrence) {
		out.Odd = e.Series.Check(&out, "")
	}
	return &out
}

// replaced is the pair of an edit over what is there. An item that waits keeps
// its base and its attempts, and what it is about; one that nothing waits behind
// begins anew.
func (e *Editor) replaced(row *calendar.Row, item *calendar.Item, next *calendar.Row, op calendar.Operation, base *calendar.Content, notify *bool) calendar.Pair {
	p := calendar.Pair{Account: next.Account, ID: next.ID, Row: next, Expect: row.Version, Stood: calendar.PlaceOf(row)}
	if item == nil {
		p.Item.Put = e.ordered(next, op, base)
		p.Item.Put.NotifyGuests = notify
		return p
	}
	aware(&p, row, item)
	it := *item.Clone()
	it.Version = next.Version
	it.Decide(notify)
	if row.Pending == "" { // left over
		it.Op, it.Base, it.Former, it.NotifyGuests, it.Later, it.Since = op, base, nil, notify, nil, e.Now().UTC()
		p.Item.ClearSent = true
	}
	if op == calendar.OpDelete {
		it.Op = op
	}
	p.Item.Expect, p.Item.Update = item.Version, &it
	return p
}

// exception writes one occurrence as a row of its own: the one that is there, or
// a new one, on condition that its series is as it was read.
func (e *Editor) exception(a *aimed, w *writing, base, next calendar.Content, fields []calendar.Field, op calendar.Operation, notify *bool) *calendar.Row {
	if a.row != nil {
		edited := e.touched(a.row, next, fields)
		edited.Pending = calendar.PendingEdit
		w.pairs = append(w.pairs, e.replaced(a.row, a.item, edited, op, &base, notify))
		return edited
	}
	row := e.newException(a.master, a.original, next, fields)
	item := e.ordered(row, op, &base)
	item.NotifyGuests = notify
	w.pairs = append(w.pairs,
		calendar.Pair{Account: row.Account, ID: row.ID, Row: row, Item: calendar.ItemWrite{Put: item}},
		calendar.Making(a.master, a.masterItem, row.ID))
	return row
}

// aware has the write of a series that was never sent refused where an exception was
// made of it meanwhile.
func aware(p *calendar.Pair, row *calendar.Row, item *calendar.Item) {
	if row.IsMaster() && row.Link == nil {
		p.Item.Aware, p.Item.Knew = true, len(item.Fresh)
	}
}

// newException is the row of an occurrence that begins to differ from its
// series. What is mirrored is the series' until the provider says otherwise.
func (e *Editor) newException(master *calendar.Row, original calendar.Time, c calendar.Content, fields []calendar.Field) *calendar.Row {
	now := e.Now().UTC()
	row := &calendar.Row{
		Account: master.Account, ID: calendar.ExceptionID(master.ID, original), MasterID: master.ID, OriginalStart: original,
		Mirror: master.Mirror, Origin: master.Origin, Version: firstVersion(now) - 1, CreatedAt: now,
	}
	row = e.touched(row, c, fields)
	row.Pending = calendar.PendingEdit
	return row
}

// unchanged is the condition that an event is as it was read.
func unchanged(row *calendar.Row, item *calendar.Item) calendar.Pair {
	p := calendar.Pair{Account: row.Account, ID: row.ID, Row: row, Expect: row.Version, KeepRow: true}
	if item != nil {
		p.Item.Expect = item.Version
	}
	return p
}

// remove takes an exception away, with what waited of it: its series' own
// change says at the provider that it is gone.
func (w *writing) remove(x stored) {
	w.gone = append(w.gone, x)
	p := calendar.Pair{Account: x.row.Account, ID: x.row.ID, Expect: x.row.Version, Stood: calendar.PlaceOf(x.row)}
	if x.item != nil {
		p.Item.Expect, p.Item.Delete = x.item.Version, true
	}
	w.pairs = append(w.pairs, p)
}
