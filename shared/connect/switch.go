package connect

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// Waiting tells which edits have not reached the provider yet; part of
// calendar.Edits and calendar.Store.
type Waiting interface {
	Outbox(ctx context.Context, account, cursor string) (items []calendar.Item, next string, err error)
	Rows(ctx context.Context, account string, ids []string) (map[string]*calendar.Row, error)
}

// PendingChange is one edit that waits, as it is shown to whoever would give it up.
type PendingChange struct {
	EventID   string             `json:"event_id"`
	Title     string             `json:"title"`
	Operation calendar.Operation `json:"operation"`
	Since     time.Time          `json:"since"`
}

// mostShown bounds the list of what waits; all of it is counted.
const mostShown = 100

// nothingWaits refuses a switch that would leave edits behind, naming them.
func (s *Service) nothingWaits(ctx context.Context, account string) error {
	var waiting []calendar.Item
	cursor := ""
	for {
		items, next, err := s.Waiting.Outbox(ctx, account, cursor)
		if err != nil {
			return fmt.Errorf("reading what waits: %w", err)
		}
		for _, it := range items { // the attempts aren't needed, and may be large
			waiting = append(waiting, calendar.Item{EventID: it.EventID, Op: it.Op, Since: it.Since})
		}
		if next == "" {
			break
		}
		cursor = next
	}
	if len(waiting) == 0 {
		return nil
	}
	slices.SortStableFunc(waiting, func(a, b calendar.Item) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.EventID, b.EventID))
	})
	shown := waiting[:min(mostShown, len(waiting))]
	ids := make([]string, len(shown))
	for i, it := range shown {
		ids[i] = it.EventID
	}
	rows, err := s.Waiting.Rows(ctx, account, ids)
	if err != nil {
		return fmt.Errorf("reading the titles of what waits: %w", err)
	}
	list := make([]PendingChange, len(shown))
	for i, it := range shown {
		list[i] = PendingChange{EventID: it.EventID, Operation: it.Op, Since: it.Since.UTC()}
		if row := rows[it.EventID]; row != nil {
			list[i].Title = row.Title
		}
	}
	said := fmt.Sprintf("%d changes have not reached the old calendar yet. Wait for the next sync, or give them up.", len(waiting))
	if len(waiting) == 1 {
		said = "1 change has not reached the old calendar yet. Wait for the next sync, or give it up."
	}
	return fault.New(fault.Conflict, "pending_changes", said).
		With("pending_count", len(waiting)).With("pending", list).WithFix("Discard changes", integration.ActionDiscardChanges)
}

// fitRole holds the direction to what the calendar's role allows: one that can
// only be read brings events in and takes none. A direction that was asked for
// and can't be is refused; one that merely stood changes with the calendar.
func (s *Service) fitRole(ctx context.Context, rec *integration.Integration, chosen *integration.ListedCalendar, p Patch) (Patch, error) {
	wants := rec.Settings.Direction
	if p.Direction != nil {
		wants = *p.Direction
	}
	if wants == integration.FromProvider || chosen == nil && p.Direction == nil {
		return p, nil
	}
	if chosen == nil {
		list, err := s.Lists.Calendars(ctx, rec.Key)
		if err != nil {
			return p, fmt.Errorf("reading the calendar list: %w", err)
		}
		if list == nil {
			return p, nil
		}
		for _, c := range list.Calendars {
			if c.ID == rec.Settings.CalendarID || c.Primary && rec.Settings.CalendarID == integration.PrimaryCalendar {
				chosen = &c
			}
		}
	}
	if chosen == nil || calendar.Role(chosen.Role).CanWrite() {
		return p, nil
	}
	if p.Direction != nil {
		return p, fault.Fields(fault.Field{Field: "direction", Message: "this calendar can only be read, so it must be from_provider"})
	}
	in := integration.FromProvider
	p.Direction = &in
	return p, nil
}
