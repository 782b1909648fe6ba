package edit

import (
	"context"
	"slices"
	"strconv"

	"aura.example/integrations/shared/calendar"
)

// changeFollowing changes an occurrence and all that follow: the series ends
// before it, and a new one, born in Aura, begins with it. The exceptions from
// there on go over to the new series.
func (e *Editor) changeFollowing(ctx context.Context, a *aimed, p *Patch, notify *bool) (writing, error) {
	if first(a) {
		w, err := e.changeAll(ctx, a, p, notify)
		if err == nil && a.row != nil {
			e.along(&w, a, p, notify)
		}
		return w, err
	}
	if a.master.Invited() > 0 {
		return writing{}, errScope("this series has guests, who would be lost to a new one; change one occurrence, or all")
	}
	head, rest, err := e.cut(a.master, a.original, true)
	if err != nil {
		return writing{}, err
	}
	regular, _ := e.occurrence(a.master, a.original)
	base := a.master.Content
	base.Start, base.End, base.Recurrence = regular.Start, regular.End, rest
	next, m := p.tail(base)
	fields := calendar.Differing(base, next)
	if len(fields) == 0 {
		return e.changeOne(a, p.ofOne(), notify) // no more than what it has of its own
	}
	if err := e.check(next, &base, fields...); err != nil { // the halves' rules are held to what the series is (cut)
		return writing{}, err
	}
	tail := e.born(a.master.Account, next)
	tail.ID = calendar.DerivedID("following", a.master.ID, calendar.OccurrenceKey(a.original), strconv.FormatInt(a.master.Version, 10))
	tail.Edited = e.touched(a.master, next, fields).Edited // what the rest of it is, is as old as the series'
	w := writing{result: whole(tail), pairs: []calendar.Pair{{
		Account: tail.Account, ID: tail.ID, Row: tail, Item: calendar.ItemWrite{Put: e.ordered(tail, calendar.OpCreate, nil)},
	}}}
	if a.row != nil {
		if err := e.carryOver(&w, a.master, tail, stored{a.row, a.item}, p.ofOne().Apply(a.row.Content), m); err != nil {
			return w, err
		}
	}
	ended := a.master.Content
	ended.Recurrence = head
	e.rewrite(&w, a.master, a.masterItem, ended, []calendar.Field{calendar.FieldRecurrence}, notify)
	w.divided(tail.ID)
	e.series(&w, calendar.Rest{Heir: tail.ID, From: a.original, Was: m.from, Is: m.to})
	later, err := e.after(ctx, a)
	if err != nil {
		return w, err
	}
	for _, x := range later {
		if a.row != nil && x.row.ID == a.row.ID {
			continue
		}
		if err := e.carryOver(&w, a.master, tail, x, x.row.Content, m); err != nil {
			return w, err
		}
	}
	order := w.pairs[0].Item.Put // what is left to a rest is noted with that
	for _, id := range w.madeOf(tail) {
		order.Fresh = order.Freshest(id)
	}
	return w, nil
}

// madeOf gives the exceptions that a writing makes of a series: all of them, or those
// that are decided with it where the rest comes later.
func (w *writing) madeOf(series *calendar.Row) []string {
	pairs := w.pairs
	if w.decide > 0 && len(pairs) > calendar.MostPairs {
		pairs = pairs[:w.decide]
	}
	var ids []string
	for _, p := range pairs {
		if p.Expect == 0 && p.Row != nil && p.Row.MasterID == series.ID {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// divided notes in the order of the series, written last, what came of it.
func (w *writing) divided(heir string) {
	it := w.pairs[len(w.pairs)-1].Item.Put
	if it == nil {
		it = w.pairs[len(w.pairs)-1].Item.Update
	}
	it.Heirs = append(it.Heirs, heir)
}

// along lets an edit of a whole series change the very occurrence too that it was
// made at, where that one differs from the series already.
func (e *Editor) along(w *writing, a *aimed, p *Patch, notify *bool) {
	if slices.ContainsFunc(w.pairs, func(p calendar.Pair) bool { return p.ID == a.row.ID }) {
		return // it is the series' again
	}
	next := p.ofOne().Apply(a.row.Content)
	fields := calendar.Differing(a.row.Content, next)
	if len(fields) == 0 {
		return
	}
	edited := e.touched(a.row, next, fields)
	edited.Pending = calendar.PendingEdit
	w.pairs = slices.Insert(w.pairs, 0, e.replaced(a.row, a.item, edited, calendar.OpChange, &a.row.Content, notify))
	if w.decide > 0 {
		w.decide++
	} else {
		w.result = one(edited, a.original, calendar.Span{Start: edited.Start, End: edited.End})
	}
}

// ofOne is what a patch says of one occurrence: its series has the rest.
func (p *Patch) ofOne() *Patch {
	q := *p
	q.Recurrence, q.Visibility = nil, nil
	return &q
}

// tail gives the new series' content, and how its occurrences moved.
func (p *Patch) tail(base calendar.Content) (calendar.Content, move) {
	next := p.Apply(base)
	m := move{base.Start, next.Start}
	if p.Recurrence == nil && m.days() != 0 {
		next.Recurrence = m.lines(next.Recurrence)
	}
	return next, m
}

// carryOver makes an exception one of the new series, with the content that it is
// to have, where that series has such an occurrence. What it has of its own it
// keeps, and what it has as its series had it follows the new one, as it does where
// the whole series is changed; when it is, it keeps too, unless it was when its series said.
func (e *Editor) carryOver(w *writing, series, tail *calendar.Row, x stored, c calendar.Content, m move) error {
	if x.row.Invited() > 0 {
		return errScope("an occurrence of this series has guests, who would be lost to a new one; change one occurrence, or all")
	}
	w.remove(x)
	original := m.of(x.row.OriginalStart)
	span, ok := e.occurrence(tail, original)
	if !ok {
		return nil
	}
	base := tail.Content
	base.Start, base.End, base.Recurrence = span.Start, span.End, nil
	if x.row.Start.SameMoment(x.row.OriginalStart) {
		own := calendar.Span{Start: c.Start, End: c.End}
		c.Start, c.End = span.Start, span.End
		if own.End.Equal(x.row.End) && x.row.Lasts() != series.Lasts() {
			c.End = ending(span.Start, own) // as long as it was made
		}
	}
	if c.Status != calendar.Cancelled {
		c = following(c, series.Content, base)
	}
	fields := calendar.Differing(base, c)
	fields = slices.DeleteFunc(fields, func(f calendar.Field) bool { return f == calendar.FieldVisibility })
	if len(fields) == 0 {
		return nil
	}
	c.Visibility = base.Visibility
	row := e.newException(tail, span.Start, c, fields)
	op := calendar.OpChange
	if c.Status == calendar.Cancelled {
		op = calendar.OpDelete
	}
	w.pairs = append(w.pairs, calendar.Pair{
		Account: row.Account, ID: row.ID, Row: row, Item: calendar.ItemWrite{Put: e.ordered(row, op, &base)},
	})
	return nil
}

// following gives an exception's content with what it had as the old series did as
// the new one has it. When it is, is another matter.
func following(c, was, is calendar.Content) calendar.Content {
	own := calendar.Differing(was, c)
	for _, f := range calendar.Differing(c, is) {
		if f != calendar.FieldWhen && f != calendar.FieldRecurrence && !slices.Contains(own, f) {
			c.Take(f, is)
		}
	}
	return c
}
