package calsync

import "aura.example/integrations/shared/calendar"

// action is what a remote state does to a row.
type action int

const (
	keepRow  action = iota // nothing: an echo, something older, or nothing known
	writeRow               // store the state
	dropRow                // delete it at the end of the run
	meetRow                // an edit waits there: merge
)

// decideRow compares a remote state with the row that stands for it. A row of
// an earlier generation is written even where nothing differs: that makes it
// this generation's, and the earlier one's purge leaves it alone.
func (p *pull) decideRow(who found, e *calendar.Remote, row *calendar.Row) (*calendar.Row, action) {
	switch {
	case row == nil && e.Deleted && e.MasterID == "":
		return nil, keepRow
	case row == nil:
		return p.newRow(who, e), writeRow
	case replaced(who, e, row):
		return nil, keepRow
	case p.copiesWait && row.Origin == calendar.BornInAura && row.Link != nil && row.Link.Calendar != p.rec.Settings.CalendarID:
		return nil, keepRow // it hasn't left its calendar; its creation here will meet what is here
	case e.Deleted && e.MasterID == "" && row.Link == nil && row.Pending == "" && row.Hidden():
		return nil, keepRow // deleted on both sides: only its key is remembered
	case row.Link != nil && e.ETag != "" && row.Link.ETag == e.ETag && row.Link.Generation == p.hold.Generation &&
		(!p.thorough() || e.Deleted || row.Pending != "" || len(calendar.Differing(row.Content, e.Content)) == 0):
		return nil, keepRow // an echo, or unchanged
	case row.Link != nil && !e.Updated.IsZero() && e.Updated.Before(row.Link.Updated):
		return nil, keepRow // no regress: the row has seen a newer state
	case row.Pending != "":
		return nil, meetRow // a new etag is never stored under an edit without merging
	case e.Deleted && e.MasterID == "":
		return nil, dropRow
	case e.Deleted && row.Status == calendar.Cancelled && row.Link != nil &&
		row.Link.Calendar == p.rec.Settings.CalendarID && row.Link.Generation == p.hold.Generation:
		return nil, keepRow
	}
	next := p.newRow(who, e)
	next.Origin, next.CreatedAt, next.Edited, next.CreateHash = row.Origin, row.CreatedAt, row.Edited, row.CreateHash
	next.Version = row.Version + 1
	if row.Link != nil && row.Link.Calendar == next.Link.Calendar {
		next.Link.Under = row.Link.Under // when it came to be there at all
	}
	if e.Deleted { // the minimal body: what isn't guaranteed is kept
		content := row.Content
		content.Status = calendar.Cancelled
		next.Content, next.Mirror = content, row.Mirror
	}
	return next, writeRow
}

// newRow makes the row of a remote event that was born at the provider.
func (p *pull) newRow(who found, e *calendar.Remote) *calendar.Row {
	now := p.w.Now()
	row := &calendar.Row{
		Account: p.rec.Account, ID: who.id, MasterID: who.master, OriginalStart: e.OriginalStart, Content: e.Content, Mirror: e.Mirror,
		Origin: calendar.BornAtProvider, Version: 1, CreatedAt: e.Created, UpdatedAt: e.Updated,
		ReadOnly: e.OnlyThere(),
		Link: &calendar.Link{
			Provider: p.rec.Provider, Calendar: p.rec.Settings.CalendarID, ProviderID: e.ProviderID, ETag: e.ETag,
			Updated: e.Updated, Generation: p.hold.Generation, Fence: p.hold.Fence,
		},
	}
	if who.born {
		row.Origin = calendar.BornInAura
	}
	if e.Deleted {
		row.Status = calendar.Cancelled
		if row.Start.IsZero() {
			row.Start, row.End = e.OriginalStart, e.OriginalStart
		}
	}
	if row.CreatedAt.IsZero() {
		row.CreatedAt = now
	}
	if row.UpdatedAt.IsZero() {
		row.UpdatedAt = now
	}
	row.Odd = p.w.Check(row, p.zone)
	return row
}
