package edit

import (
	"context"
	"fmt"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// Scope says what of a series is meant.
type Scope string

// The scopes.
const (
	This      Scope = "this"      // one occurrence
	Following Scope = "following" // one and all after it
	All       Scope = "all"       // the whole event
)

// Target is what an edit is aimed at.
type Target struct {
	ID       string
	Original *calendar.Time // one occurrence of the series with that id
	Scope    Scope          // "" is This for an occurrence, All for anything else
	// Unchanged reports whether a row is as the caller saw it: the exception's
	// own where the occurrence is one, else the series'.
	Unchanged func(*calendar.Row) bool
	// SeriesUnchanged reports the same of the series of an occurrence that is an
	// exception: asked where the scope is wider than that one. nil: it may be
	// whatever it is.
	SeriesUnchanged func(*calendar.Row) bool
	Notify          *bool // whether the guests are told; nil: nobody decided
}

// aimed is a target as it was read.
type aimed struct {
	scope Scope

	row  *calendar.Row // a single event, a master, an exception; nil for an occurrence that is as its series has it
	item *calendar.Item

	// Of one occurrence: its series (nil where an exception outlived it), its
	// original start, and when it is now.
	occurrence bool
	master     *calendar.Row
	masterItem *calendar.Item
	original   calendar.Time
	span       calendar.Span
}

// subject is the row that says what holds for the target: whether it may be
// edited, who is invited.
func (a *aimed) subject() *calendar.Row {
	if a.row != nil {
		return a.row
	}
	return a.master
}

// content is what the target holds now.
func (a *aimed) content() calendar.Content {
	c := a.subject().Content
	if a.row == nil {
		c.Start, c.End, c.Recurrence = a.span.Start, a.span.End, nil
	}
	return c
}

// series is the event that has the target, or is it; nil where it is gone.
func (a *aimed) series() *calendar.Row {
	if a.occurrence {
		return a.master
	}
	return a.row
}

// link is where the target lives at a provider, an occurrence with its series.
func (a *aimed) link() *calendar.Link {
	link := a.subject().Link
	if link == nil && a.series() != nil {
		link = a.series().Link
	}
	return link
}

// unfinished reports that an earlier edit of the series has left something to do.
func (a *aimed) unfinished() bool {
	item := a.item
	if a.occurrence {
		item = a.masterItem
	}
	return a.series() != nil && item != nil && item.Rest != nil
}

// aim reads what a target stands for. NotFound; Stale where it isn't as the
// caller saw it; Invalid where the scope doesn't fit. An occurrence that its series
// no longer has is not found, and its series is given: whether that is as the caller
// saw it may be asked then.
func (e *Editor) aim(ctx context.Context, by Author, t Target) (*aimed, error) {
	row, item, err := e.pair(ctx, by.Account, t.ID)
	if err != nil {
		return nil, err
	}
	var a *aimed
	switch {
	case t.Original != nil:
		a = &aimed{occurrence: true, master: row, masterItem: item, original: *t.Original}
		if a.row, a.item, err = e.pair(ctx, by.Account, calendar.ExceptionID(t.ID, *t.Original)); err != nil {
			return nil, err
		}
	case row == nil || row.Hidden():
		return nil, errNotFound
	case row.IsException():
		a = &aimed{occurrence: true, row: row, item: item}
		if a.master, a.masterItem, err = e.pair(ctx, by.Account, row.MasterID); err != nil {
			return nil, err
		}
	default:
		a = &aimed{row: row, item: item}
	}
	if a.occurrence && a.master != nil && a.master.IsSpent() {
		a.master, a.masterItem = nil, nil
	}
	if a.unfinished() {
		if err := e.Finish(ctx, by.Account, a.series().ID); err != nil {
			return nil, err
		}
		return e.aim(ctx, by, t)
	}
	if a.occurrence {
		if err := e.place(a); err != nil {
			return a, err
		}
	}
	if !t.Unchanged(a.subject()) {
		return nil, errStale
	}
	if err := a.scoped(t.Scope); err != nil {
		return a, err
	}
	if a.occurrence && a.row != nil && a.scope != This && t.SeriesUnchanged != nil && !t.SeriesUnchanged(a.master) {
		return nil, errStale // who saw the exception hasn't seen what its series is by now
	}
	return a, nil
}

// toChange is aim for a change. An occurrence that a series had when the caller saw
// it, and hasn't any more, is stale: it was moved, or went over to another series,
// most often by the first try of the very edit that is repeated. A deletion that is
// repeated wants no more than that it is gone.
func (e *Editor) toChange(ctx context.Context, by Author, t Target) (*aimed, error) {
	a, err := e.aim(ctx, by, t)
	if err == nil || fault.Of(err) != errNotFound || a == nil || a.row != nil || a.master == nil || a.master.Hidden() {
		return a, err
	}
	if !t.Unchanged(a.master) {
		return a, errStale
	}
	return a, err
}

// place finds where an occurrence stands.
func (e *Editor) place(a *aimed) error {
	switch {
	case a.master.TakesAlong(), a.row != nil && a.row.Hidden():
		return errNotFound
	case a.row != nil:
		a.original, a.span = a.row.OriginalStart, calendar.Span{Start: a.row.Start, End: a.row.End}
		return nil
	case a.master == nil || !a.master.IsMaster():
		return errNotFound
	}
	span, ok := e.occurrence(a.master, a.original)
	if !ok {
		return errNotFound
	}
	a.original, a.span = span.Start, span
	return nil
}

// occurrence gives a series' occurrence with an original start.
func (e *Editor) occurrence(master *calendar.Row, original calendar.Time) (calendar.Span, bool) {
	from := original.Instant()
	spans, _ := e.Series.Occurrences(master, from, from.Add(time.Second))
	for _, s := range spans {
		if s.Start.SameMoment(original) {
			return s, true
		}
	}
	return calendar.Span{}, false
}

func (a *aimed) scoped(asked Scope) error {
	a.scope = asked
	switch {
	case asked == "" && a.occurrence:
		a.scope = This
	case asked == "":
		a.scope = All
	case asked != This && asked != Following && asked != All:
		return errScope("must be this, following or all")
	case asked != All && !a.occurrence:
		return errScope("only all goes with an event's own id; address one occurrence as <event id>_<original start>")
	case asked != This && a.occurrence && a.master == nil:
		return errScope("only this occurrence is left of its series")
	}
	return nil
}

func (e *Editor) pair(ctx context.Context, account, id string) (*calendar.Row, *calendar.Item, error) {
	row, item, err := e.Store.Pair(ctx, account, id)
	if err != nil {
		return nil, nil, fmt.Errorf("reading an event: %w", err)
	}
	return row, item, nil
}
