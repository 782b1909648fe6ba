package connect

import (
	"context"
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
)

// staying lets the noted copies stay that are nobody's to remove (calendar.Stays): their
// events are unlinked like the others. They are named before, since after that nothing
// leads to a copy any more; the caller stores which are left, with its claim. tell has
// the events whose guests hear of it: their person deleted them, and wanted that.
func (w *WindDown) staying(ctx context.Context, o *integration.Order) (tell map[string]bool, err error) {
	tell = map[string]bool{}
	var met []integration.Decision
	for i := range o.Noted {
		c := &o.Noted[i]
		if c.ID == "" {
			continue
		}
		row, item, err := w.Edits.Pair(ctx, o.Key.Account, c.Event)
		if err != nil {
			return nil, fmt.Errorf("reading an event whose copy is to go: %w", err)
		}
		why, err := calendar.CopyStays(ctx, w.Edits, row, item, o.Key.Provider, c.Calendar)
		if err != nil {
			return nil, fmt.Errorf("reading the occurrences of a series whose copy is to go: %w", err)
		}
		if why != "" {
			met = append(met, integration.Decision{Event: row.ID, Title: row.Title, What: whatLeft, Why: causeOf(o) + why})
			c.ID, c.ETag = "", "" // it is unlinked, and no more
			w.Log.InfoContext(ctx, "a copy stays", "event", c.Event, "why", why)
			continue
		}
		if d := calendar.Decided(row, item); d != nil && *d {
			tell[c.Event] = true
		}
	}
	return tell, w.name(ctx, o, met)
}

// unasked says why a copy stays as it was read; "" where it may go.
func unasked(row *calendar.Row, item *calendar.Item, theirs *calendar.Remote) string {
	switch {
	case calendar.Decided(row, item) != nil:
		return ""
	case theirs.OnlyThere():
		return calendar.StaysForOthers
	case theirs.Invited() > 0:
		return calendar.StaysForGuests
	}
	return ""
}
