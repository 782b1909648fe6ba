package connect

import (
	"cmp"
	"context"
	"fmt"
	"maps"
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
	SetAside  bool               `json:"set_aside,omitempty"` // the provider refused it, and it won't go by itself
}

// mostShown bounds the list of what waits; all of it is counted.
const mostShown = 100

// nothingWaits refuses a choice that would leave edits behind, naming them.
func (s *Service) nothingWaits(ctx context.Context, rec *integration.Integration, there string) error {
	waiting, err := s.waiting(ctx, rec)
	if err != nil || len(waiting) == 0 {
		return err
	}
	slices.SortStableFunc(waiting, func(a, b calendar.Item) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.EventID, b.EventID))
	})
	refused := 0
	for _, it := range waiting {
		if aside(it) {
			refused++
		}
	}
	shown := waiting[:min(mostShown, len(waiting))]
	rows, err := s.rowsOf(ctx, rec.Account, shown)
	if err != nil {
		return fmt.Errorf("reading the titles of what waits: %w", err)
	}
	list := make([]PendingChange, len(shown))
	for i, it := range shown {
		list[i] = PendingChange{EventID: it.EventID, Operation: it.Op, Since: it.Since.UTC(), SetAside: aside(it)}
		if row := rows[it.EventID]; row != nil {
			list[i].Title = row.Title
		}
	}
	return fault.New(fault.Conflict, "pending_changes", waits(rec, len(waiting), refused, there)).
		With("pending_count", len(waiting)).With("pending", list).WithFix("Discard changes", integration.ActionDiscardChanges)
}

// waiting gives what a choice would leave behind: all that waits, and where edits
// only come in what would wait for ever. What lives in Aura only isn't left behind.
func (s *Service) waiting(ctx context.Context, rec *integration.Integration) (waiting []calendar.Item, err error) {
	cursor := ""
	for {
		items, next, err := s.Waiting.Outbox(ctx, rec.Account, cursor)
		if err != nil {
			return nil, fmt.Errorf("reading what waits: %w", err)
		}
		if !rec.SendsEdits() {
			if items, err = s.ofTheirs(ctx, rec.Account, items); err != nil {
				return nil, fmt.Errorf("reading what waits: %w", err)
			}
		}
		for _, it := range items { // the attempts aren't needed, and may be large
			waiting = append(waiting, calendar.Item{EventID: it.EventID, Op: it.Op, Since: it.Since, Version: it.Version, Refused: it.Refused})
		}
		if next == "" {
			return waiting, nil
		}
		cursor = next
	}
}

// ofTheirs leaves of what waits the edits of what lives at the provider.
func (s *Service) ofTheirs(ctx context.Context, account string, items []calendar.Item) ([]calendar.Item, error) {
	items = slices.DeleteFunc(items, func(it calendar.Item) bool { return it.Op == calendar.OpCreate })
	rows, err := s.rowsOf(ctx, account, items)
	if err != nil {
		return nil, err
	}
	var series []calendar.Item
	for _, row := range rows {
		if row != nil && row.Link == nil && row.IsException() {
			series = append(series, calendar.Item{EventID: row.MasterID})
		}
	}
	masters, err := s.rowsOf(ctx, account, series)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(items, func(it calendar.Item) bool {
		row := rows[it.EventID]
		return row == nil || calendar.HereOnly(row, masters[row.MasterID])
	}), nil
}

// rowsOf reads the events of items.
func (s *Service) rowsOf(ctx context.Context, account string, items []calendar.Item) (map[string]*calendar.Row, error) {
	all := map[string]*calendar.Row{}
	for part := range slices.Chunk(items, mostShown) {
		ids := make([]string, len(part))
		for i, it := range part {
			ids[i] = it.EventID
		}
		slices.Sort(ids)
		rows, err := s.Waiting.Rows(ctx, account, slices.Compact(ids))
		if err != nil {
			return nil, err
		}
		maps.Copy(all, rows)
	}
	return all, nil
}

// aside reports an edit that goes by no sync: it was set aside, and not for what the
// direction was, nor is it given up already.
func aside(it calendar.Item) bool {
	return it.Aside() && it.Refused.Code != integration.CodeOnlyIn && it.Refused.Code != calendar.CodeGivenUp
}

// waits says what is left behind, and what becomes of it: how many edits, and how many
// of them were set aside.
func waits(rec *integration.Integration, n, refused int, there string) string {
	many, them, have := "1 change", "it", "has"
	if n > 1 {
		many, them, have = fmt.Sprintf("%d changes", n), "them", "have"
	}
	if !rec.SendsEdits() {
		return rec.OnlyIn(fmt.Sprintf(", so %s can't be sent. Give %s up, or wait until changes may be sent.", many, them)).Message
	}
	said := fmt.Sprintf("%s %s not reached %s yet. ", many, have, there)
	switch {
	case refused == 0:
		return said + fmt.Sprintf("Wait for the next sync, or give %s up.", them)
	case n == 1:
		return said + "It was set aside, so it doesn't go by itself. Look under “Events set aside”, or give it up."
	case refused == n:
		return said + "They were set aside, so they don't go by themselves. Look under “Events set aside”, or give them up."
	case refused == 1:
		return said + "1 of them was set aside, so it doesn't go by itself: look under “Events set aside”. Wait for the next sync for the rest, or give all of them up."
	}
	return said + fmt.Sprintf("%d of them were set aside, so they don't go by themselves: look under “Events set aside”. Wait for the next sync for the rest, or give all of them up.", refused)
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
