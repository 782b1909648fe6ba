package edit

import (
	"context"
	"slices"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// Patch is what a change says; what is nil stays as it is.
type Patch struct {
	Title, Description, Location *string
	Start, End                   *calendar.Time
	Recurrence                   *[]string
	Status                       *calendar.EventStatus
	Busy                         *bool
	Visibility                   *calendar.Visibility
}

// Apply gives a content with the patch's fields in place of its own.
func (p *Patch) Apply(c calendar.Content) calendar.Content {
	set(&c.Title, p.Title)
	set(&c.Description, p.Description)
	set(&c.Location, p.Location)
	set(&c.Start, p.Start)
	set(&c.End, p.End)
	set(&c.Recurrence, p.Recurrence)
	set(&c.Status, p.Status)
	set(&c.Busy, p.Busy)
	set(&c.Visibility, p.Visibility)
	return settled(c)
}

func set[T any](field, to *T) {
	if to != nil {
		*field = *to
	}
}

// moves reports whether the patch says when the event is.
func (p *Patch) moves() bool { return p.Start != nil || p.End != nil }

// Result is what carries an edit: a row and, for one occurrence, which one and
// when it is.
type Result struct {
	Row      *calendar.Row
	Series   *calendar.Row // of an exception: its series, where there is one
	Original calendar.Time // zero for a whole event
	Span     calendar.Span
}

func whole(row *calendar.Row) Result {
	return Result{Row: row, Span: calendar.Span{Start: row.Start, End: row.End}}
}

func one(row *calendar.Row, original calendar.Time, span calendar.Span) Result {
	return Result{Row: row, Original: original, Span: span}
}

// Change changes an event: the fields that are given, of what the target's scope
// means. A change that changes nothing writes nothing.
//
// NotFound, Stale, Invalid (fields, scope, guests_decision_required), Conflict
// event_read_only and direction_read_only, Unavailable busy.
func (e *Editor) Change(ctx context.Context, by Author, t Target, p Patch) (Result, error) {
	var out Result
	err := e.again(ctx, func() error {
		a, err := e.toChange(ctx, by, t)
		if err != nil {
			return err
		}
		recs, err := e.records(ctx, by.Account)
		if err != nil {
			return err
		}
		if err := mayEdit(a, recs); err != nil {
			return err
		}
		var w writing
		switch a.scope {
		case This:
			w, err = e.changeOne(a, &p, t.Notify)
		case Following:
			w, err = e.changeFollowing(ctx, a, &p, t.Notify)
		default:
			w, err = e.changeAll(ctx, a, &p, t.Notify)
		}
		if err != nil {
			return err
		}
		if out = w.result; out.Row.IsException() {
			out.Series = a.master
		}
		w.keep, w.under = onlyGo(a, recs), underOf(a.link(), recs)
		if err := e.write(ctx, w); err != nil {
			return err
		}
		if len(w.pairs) > 0 {
			e.announce(ctx, by, recs, out.Row)
		}
		return nil
	})
	return out, err
}

// changeOne changes one occurrence, which becomes an exception if it isn't one.
func (e *Editor) changeOne(a *aimed, p *Patch, notify *bool) (writing, error) {
	var bad []fault.Field
	if p.Recurrence != nil {
		bad = append(bad, fault.Field{Field: "recurrence", Message: "is a whole series', not one occurrence's"})
	}
	if p.Visibility != nil {
		bad = append(bad, fault.Field{Field: "visibility", Message: "can't be one occurrence's own; the provider would change the whole series"})
	}
	if len(bad) > 0 {
		return writing{}, fault.Fields(bad...)
	}
	base := a.content()
	next := p.Apply(base)
	fields := calendar.Differing(base, next)
	if len(fields) == 0 {
		w := writing{result: one(a.subject(), a.original, a.span)}
		if row := e.answer(&w, a.row, a.item, notify); row != nil {
			w.result.Row = row
		}
		return w, nil
	}
	if err := e.allowed(a.subject(), next, fields, notify); err != nil {
		return writing{}, err
	}
	w := writing{}
	row := e.exception(a, &w, base, next, fields, calendar.OpChange, notify)
	w.result = one(row, a.original, calendar.Span{Start: row.Start, End: row.End})
	return w, nil
}

// answer gives the decision about the guests to an edit that waits for it: to say
// the same again, and whether they are told, is how a person answers. nil where
// nothing waits for that.
func (e *Editor) answer(w *writing, row *calendar.Row, item *calendar.Item, notify *bool) *calendar.Row {
	if notify == nil || row == nil || item == nil || row.Pending != calendar.PendingEdit || item.NotifyGuests != nil {
		return nil
	}
	if row.Invited() == 0 && (item.Refused == nil || item.Refused.Code != "guests_decision_required") {
		return nil
	}
	next := e.touched(row, row.Content, nil)
	w.pairs = append(w.pairs, e.replaced(row, item, next, item.Op, item.Base, notify))
	return next
}

// allowed holds a change to what can be accepted, and asks about the guests.
func (e *Editor) allowed(row *calendar.Row, next calendar.Content, fields []calendar.Field, notify *bool) error {
	if err := e.check(next, &row.Content, fields...); err != nil {
		return err
	}
	if concernsGuests(fields) {
		return askGuests(row, notify)
	}
	return nil
}

// changeAll changes a whole event. For a series that is addressed by one of its
// occurrences, the series moves by as much as that occurrence does.
func (e *Editor) changeAll(ctx context.Context, a *aimed, p *Patch, notify *bool) (writing, error) {
	row, item := a.row, a.item
	next := calendar.Content{}
	if a.occurrence {
		row, item = a.master, a.masterItem
		next = p.movedSeries(row.Content, a.span)
	} else {
		next = p.Apply(row.Content)
	}
	fields := calendar.Differing(row.Content, next)
	if len(fields) == 0 {
		w := writing{result: whole(row)}
		if answered := e.answer(&w, row, item, notify); answered != nil {
			w.result = whole(answered)
		}
		return w, nil
	}
	if err := e.allowed(row, next, fields, notify); err != nil {
		return writing{}, err
	}
	w := writing{}
	edited := e.rewrite(&w, row, item, next, fields, notify)
	w.result = whole(edited)
	e.series(&w, calendar.Rest{})
	if row.IsMaster() && (slices.Contains(fields, calendar.FieldWhen) || slices.Contains(fields, calendar.FieldRecurrence)) {
		return w, e.dropOrphans(ctx, &w, edited, item, notify)
	}
	return w, nil
}

// dropOrphans removes the exceptions whose occurrence a series no longer has.
func (e *Editor) dropOrphans(ctx context.Context, w *writing, master *calendar.Row, item *calendar.Item, notify *bool) error {
	exceptions, err := e.exceptions(ctx, master, item)
	if err != nil {
		return err
	}
	orphans := slices.DeleteFunc(exceptions, func(x stored) bool { return e.keeps(master, x.row) })
	for _, x := range orphans {
		w.remove(x)
	}
	return askOccurrences(orphans, notify)
}
