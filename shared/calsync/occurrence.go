package calsync

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// One occurrence that differs from its series is written at the provider by a
// patch of the instance, never by an insert. The instance is looked up by its
// series and its original start each time: nothing about it can be told from an
// id.

// occurrence brings an edit of one occurrence to the provider. Its series goes
// first: before that, the instance may not be there, or not be what the edit
// started from.
func (p *pusher) occurrence(ctx context.Context) error {
	err := p.seriesFirst(ctx)
	switch {
	case fault.Is(err, fault.Gone):
		if p.series = p.went[p.row.MasterID]; p.series != "" { // what came of its division before may have the date
			p.asked[p.series] = true
		}
		return p.vanished(ctx, err)
	case errors.Is(err, errSeriesAside) && (p.row.Pending == calendar.PendingDelete || p.refused()):
		return nil // it isn't shown, or says so already
	case err != nil:
		return err
	case p.series == "":
		return nil // its series waits itself: both go together
	case p.row.Pending == calendar.PendingDelete:
		return p.comeBack(ctx)
	case p.etag() == "":
		return p.lookUp(ctx)
	case p.item.Op == calendar.OpDelete:
		return p.delete(ctx)
	case p.item.Op == calendar.OpRestore:
		return p.restore(ctx)
	}
	return p.change(ctx)
}

// lookUp finds the instance for the first time. It merges, and leaves the etag
// that the write depends on.
func (p *pusher) lookUp(ctx context.Context) error {
	theirs, err := p.instance(ctx)
	if fault.Is(err, fault.Gone) {
		return p.vanished(ctx, p.dateGone())
	}
	if err != nil {
		return err
	}
	inherited := calendar.Inherited(p.whole, p.row.OriginalStart, theirs.Content)
	p.item = p.item.OnOccurrence(p.row.Content, inherited, theirs)
	m := p.unlessAsSeries(p.meeting(theirs), theirs)
	if m.item != nil && p.item.Op != calendar.OpDelete && calendar.AsSeries(theirs.Content, inherited) { // whoever edited that meanwhile
		m.what, m.why = whatTakenUp, whyHere
	}
	return p.carryOn(ctx, m)
}

// unlessAsSeries leaves no row of an occurrence of which nothing is left to push, and
// that is as its series has it: there it is no exception, and no list would name it.
func (p *pusher) unlessAsSeries(m met, theirs calendar.Remote) met {
	if p.series != "" && m.item == nil && !m.nothing && !m.wait && !theirs.Deleted &&
		calendar.AsSeries(theirs.Content, calendar.Inherited(p.whole, p.row.OriginalStart, theirs.Content)) {
		m.row = nil
	}
	return m
}

// seriesFirst settles what waits of the series, and finds its id at the
// provider; none where it still waits. Gone where there is no series any more,
// errSeriesAside where the series is in quarantine.
func (p *pusher) seriesFirst(ctx context.Context) error {
	p.series, p.seriesTag = "", ""
	settled := false
	for range 2 {
		row, item, err := p.w.Edits.Pair(ctx, p.rec.Account, p.row.MasterID)
		switch {
		case err != nil:
			return fmt.Errorf("reading the series of an occurrence: %w", err)
		case (row == nil || row.IsSpent()) && settled:
			return errAgain // it took its occurrences along
		case row == nil || row.IsSpent():
			return errSeriesGone
		case item != nil && row.Pending != "" && refused(row, item) && item.Refused.Code != integration.CodeOnlyIn:
			return errSeriesAside
		case item != nil && row.Pending != "":
			first := &pusher{run: p.run, writer: p.writer, id: row.ID}
			if err := first.settleItem(ctx); err != nil {
				return err
			}
			if item.Beside != nil {
				if now, _, err := p.w.Edits.Pair(ctx, p.rec.Account, p.id); err != nil || now == nil || now.Version != p.row.Version {
					return cmp.Or(err, errAgain) // it went over to the provider's half
				}
			}
			settled = true
			continue
		case row.Link != nil && row.Link.Calendar == p.rec.Settings.CalendarID:
			p.series, p.seriesTag, p.whole, p.odd = row.Link.ProviderID, row.Link.ETag, row.Content, row.Odd
		}
		return nil
	}
	return nil
}

var (
	// Tried again in each run, unlike what else is set aside: it costs a read.
	errSeriesAside = fault.New(fault.Item, "series_quarantined", "The series that it belongs to can't be synced. Once that can be, this change follows by itself.")
	errSeriesGone  = fault.New(fault.Gone, "series_gone", "The series was deleted at Google, so the change to this occurrence can't be made there. It is kept here.")
	errDateGone    = fault.New(fault.Gone, "occurrence_gone", "The series no longer has this date at Google, so the change to it can't be made there. It is kept here.")
)

// dateGone says why the provider hasn't an occurrence's date: its series has it no
// longer, or never had it there. The latter happens where the series is one that
// two calendars may read differently.
func (p *pusher) dateGone() error {
	if p.odd == "" {
		return errDateGone
	}
	return fault.Newf(fault.Gone, "occurrence_gone",
		"Google doesn't have this date of the series, so the change to it can't be made there. It is kept here. What is odd about the series: %s.", p.odd)
}

// vanished is an edit of an occurrence that the provider no longer has where it
// was. It goes over to the series that came of a division, where one did. Else a
// deletion has nothing left to delete; any other edit is set aside with its reason,
// and what it says is kept.
func (p *pusher) vanished(ctx context.Context, why error) error {
	if p.waiting() {
		return nil
	}
	if late, err := p.behind(ctx); err != nil || late {
		return err
	}
	if went, err := p.carryOver(ctx); err != nil || went {
		return err
	}
	if p.item.Op != calendar.OpDelete {
		f := fault.Of(why)
		return p.quarantine(ctx, fault.New(fault.Item, f.Code, f.Message))
	}
	reason, left := "the series no longer has it either", (*calendar.Row)(nil)
	if p.odd != "" { // Aura may have it still, as it reads the series: its place stays empty
		reason, left = "Google doesn't have it either", hole(p.row)
	}
	// Named first: once the order is gone, nothing says that somebody wanted it.
	if err := p.decide(ctx, integration.Decision{Event: p.id, Title: p.row.Title, What: "deleted", Why: reason}); err != nil {
		return err
	}
	if err := p.keepSoFar(ctx); err != nil {
		return err
	}
	return p.write(ctx, calendar.Pair{Row: left, Item: calendar.ItemWrite{Delete: true}})
}

// instance reads the occurrence there, a deleted one too.
func (p *pusher) instance(ctx context.Context) (calendar.Remote, error) {
	return p.lookAt(ctx, p.series)
}

// lookAt is instance, of any series.
func (p *pusher) lookAt(ctx context.Context, series string) (calendar.Remote, error) {
	theirs, err := p.surely(ctx, func(ctx context.Context) (calendar.Remote, error) {
		return p.writer.Occurrence(ctx, p.rec.Settings.CalendarID, series, p.row.OriginalStart)
	})
	if err != nil {
		return theirs, fmt.Errorf("looking an occurrence up: %w", err)
	}
	return theirs, nil
}

// hole is an occurrence that is taken out of its series: the row stays, since
// its place has to stay empty.
func hole(row *calendar.Row) *calendar.Row {
	next := *row
	next.Status, next.Pending = calendar.Cancelled, ""
	next.Version++
	return &next
}
