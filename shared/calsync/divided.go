package calsync

import "aura.example/integrations/shared/calendar"

// "This and following" at the provider makes a second series, and hands it the
// exceptions from there on under the ids that they had. Here an exception is who
// it is by its series and original start, so it arrives as a new one, and what
// stood for it in the first series goes.

// arrive notes what an incremental listing says of series: of one that was deleted
// as well, for that may have been divided before.
func (p *pull) arrive(events []calendar.Remote, who []found, rows map[string]*calendar.Row) {
	for i := range events {
		e, row := &events[i], rows[who[i].id]
		switch {
		case e.MasterID != "":
			p.arrived[e.ProviderID] = who[i]
		case len(e.Recurrence) > 0 && !e.Deleted, e.Deleted && row != nil && row.IsMaster():
			p.series[e.ProviderID] = true
		}
	}
}

// divided reports whether a series may have been: both halves were listed, and
// an exception. Only then is what is linked read to look for what it left.
func (p *pull) divided() bool { return len(p.series) > 1 && len(p.arrived) > 0 }

// leftSeries reports whether a row stands for an exception that is another
// series' by now.
func (p *pull) leftSeries(l calendar.LinkRow) bool {
	now, listed := p.arrived[l.ProviderID]
	return listed && now.id != l.ID
}
