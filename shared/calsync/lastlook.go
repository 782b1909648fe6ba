package calsync

import (
	"context"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// A calendar that was left is never read again. What was edited there since its
// last pull, of events that go along, is brought in first: a call for each page of
// it, once. Nothing else of that calendar is looked at, and its cursor is gone.

// lastLook reads the calendars that were left once more, as far as events of
// Aura's are there. cut says that the deadline came first.
func (r *run) lastLook(ctx context.Context, calendars []string) (cut bool, err error) {
	was, role := r.rec, r.role
	defer func() { r.rec, r.role = was, role }()
	for _, cal := range calendars {
		rec := was.Clone()
		rec.Settings.CalendarID, rec.CalendarSwitch = cal, nil
		r.rec = rec
		p := r.newPull(full)
		p.ours = true
		cut, err := p.look(ctx)
		switch {
		case fault.Is(err, fault.CalendarLost, fault.Refused): // nothing of it can be read any more
			continue
		case err != nil || cut:
			return cut, err
		}
	}
	return false, nil
}

func calendarsOf(rows []calendar.LinkRow) []string {
	var out []string
	for _, l := range rows {
		out = append(out, l.Calendar)
	}
	return unique(out)
}

// look lists one calendar and brings in what Aura has there. What vanished there is
// deleted here, but never most of it at once: nobody could be asked about a
// calendar that was left, so it goes along.
func (p *pull) look(ctx context.Context) (cut bool, err error) {
	if err := p.prepare(ctx, nil); err != nil {
		return false, err
	}
	for id, l := range p.links {
		if l.Origin != calendar.BornInAura {
			delete(p.links, id)
		}
	}
	q := calendar.Query{Calendar: p.rec.Settings.CalendarID, MaxResults: pageSize, Kinds: p.rec.Settings.ImportKinds}
	if _, cut, err = p.stream(ctx, q); err != nil || cut {
		return cut, err
	}
	gone, err := p.candidates(ctx)
	if err != nil {
		return false, err
	}
	switch {
	case p.sendsOnly():
		return false, p.ignoreGone(ctx, gone)
	case len(gone) >= tripAtLeast && 2*len(gone) > len(p.links):
		return false, p.decide(ctx, integration.Decision{What: "kept", Why: heldMessage(len(gone), len(p.links)) + " They go along to the calendar that was chosen."})
	}
	_, err = p.remove(ctx, gone, "deleted at the provider before its calendar was left")
	return false, err
}

// onlyOurs leaves of a page what stands for events of Aura's.
func (p *pull) onlyOurs(page calendar.Page) calendar.Page {
	if !p.ours {
		return page
	}
	ours := page.Events[:0:0]
	for i := range page.Events {
		if p.born[base(&page.Events[i])] {
			ours = append(ours, page.Events[i])
		}
	}
	page.Events = ours
	return page
}
