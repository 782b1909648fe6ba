package connect

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// Patch is a change of settings; nil leaves a setting alone.
type Patch struct {
	CalendarID   *string
	Direction    *integration.Direction
	Interval     *time.Duration
	ImportKinds  *[]string
	Discard      bool // edits that wait to be pushed to the calendar that is left, or until edits only come in
	RemoveCopies bool // of Aura's events in the calendar that is left
}

// Configure changes settings; a caller says by If which version they read.
// Another calendar goes back through testing. Conflict pending_changes where edits
// wait to be pushed to the one that is left, or before they only come in, unless
// they are discarded.
func (s *Service) Configure(ctx context.Context, c Caller, provider string, p Patch) (*integration.Integration, error) {
	key := integration.Key{Account: c.Account, Provider: provider}
	for range tries {
		before, err := s.get(ctx, key)
		if err != nil {
			return nil, err
		}
		after, err := s.configure(ctx, c, before, p)
		if fault.Is(err, fault.Stale) {
			continue // only the fence moved, or the next read says that the version did
		}
		return after, err
	}
	return nil, errBusy()
}

func (s *Service) configure(ctx context.Context, c Caller, before *integration.Integration, p Patch) (*integration.Integration, error) {
	if err := s.check(ctx, before, p); err != nil {
		return nil, err
	}
	chosen, err := s.chosen(ctx, before, p)
	if err != nil {
		return nil, err
	}
	if p, err = s.fitRole(ctx, before, chosen, p); err != nil {
		return nil, err
	}
	if chosen == nil {
		return s.adjust(ctx, c, before, p)
	}
	m := s.moving(c, s.Now())
	m.Run = integration.QueuedRun(s.NewID(), s.NewID(), integration.TriggerConnected, s.Now())
	after, entry, err := integration.Move(before, integration.CalendarChosen, m)
	if err != nil {
		return nil, err
	}
	if !p.Discard {
		if err := s.nothingWaits(ctx, before, "the old calendar"); err != nil {
			return nil, err
		}
	}
	apply(after, p)
	after.GaveUpIn = 0 // what waited of the calendar that is left goes with it
	after.CalendarSwitch = &integration.CalendarSwitch{OldCalendar: before.Settings.CalendarID, RemoveCopies: p.RemoveCopies}
	if sw := before.CalendarSwitch; sw != nil { // an earlier switch that no run has followed yet
		after.CalendarSwitch.RemoveCopies = p.RemoveCopies || sw.RemoveCopies
	}
	after.Settings.CalendarID, after.Settings.CalendarName = chosen.ID, chosen.Name
	after.Cursor, after.LinkedCount = "", 0
	after.ReadOnly = !calendar.Role(chosen.Role).CanWrite()
	after.Slot = integration.SlotOf(after)
	ch := integration.Change{Before: before, After: after, Entry: &entry, Ended: integration.Superseded(before, after, m.Now, c.CorrelationID)}
	if err := s.Store.Apply(ctx, ch); err != nil {
		return nil, err
	}
	s.send(ctx, RunJob(after, c.CorrelationID, s.Now()))
	s.stopWatching(ctx, c, before)
	return after, nil
}

// adjust changes settings that need no verification.
func (s *Service) adjust(ctx context.Context, c Caller, before *integration.Integration, p Patch) (*integration.Integration, error) {
	after := before.Clone()
	kinds := p.ImportKinds != nil && !slices.Equal(*p.ImportKinds, before.Settings.ImportKinds)
	// What was edited at the provider while edits only went there was never
	// applied, and the cursor has passed it.
	back := before.Settings.Direction == integration.ToProvider && p.Direction != nil && *p.Direction != integration.ToProvider
	in := p.Direction != nil && *p.Direction == integration.FromProvider
	if in && !p.Discard && before.Settings.Direction != integration.FromProvider {
		if err := s.nothingWaits(ctx, before, "the calendar"); err != nil {
			return nil, err
		}
	}
	switch {
	case kinds || back: // another filter, another cursor: a run under way must not store the old one's
		after = integration.Break(before, s.Now())
		after.Cursor = ""
	case in && p.Discard: // nor must it send what is given up
		after = integration.Break(before, s.Now())
	default:
		after.Version++
	}
	apply(after, p)
	if in && p.Discard {
		after.GaveUpIn = after.Version
	}
	after.Slot = integration.SlotOf(after)
	ch := integration.Change{Before: before, After: after, Ended: integration.Superseded(before, after, s.Now(), c.CorrelationID)}
	if err := s.Store.Apply(ctx, ch); err != nil {
		return nil, err
	}
	if in && p.Discard { // what was hidden comes back now, and not with the next poll
		s.send(ctx, job.Job{
			Kind: job.Sync, Account: after.Account, Provider: after.Provider, Generation: after.ID,
			Trigger: integration.TriggerAuraEdit, Due: s.Now(), CorrelationID: c.CorrelationID,
		})
	}
	return after, nil
}

func apply(rec *integration.Integration, p Patch) {
	if p.Direction != nil {
		rec.Settings.Direction = *p.Direction
	}
	if p.Interval != nil {
		rec.Settings.Interval = *p.Interval
	}
	if p.ImportKinds != nil {
		rec.Settings.ImportKinds = *p.ImportKinds
	}
}

// check refuses values that can't be, naming each field. An interval that the plan
// doesn't allow any more may stay as it is.
func (s *Service) check(ctx context.Context, rec *integration.Integration, p Patch) error {
	var bad []fault.Field
	if p.Direction != nil && !slices.Contains([]integration.Direction{integration.TwoWay, integration.FromProvider, integration.ToProvider}, *p.Direction) {
		bad = append(bad, fault.Field{Field: "direction", Message: "must be two_way, from_provider or to_provider"})
	}
	if p.Interval != nil && !slices.Contains(integration.Intervals(), *p.Interval) {
		bad = append(bad, fault.Field{Field: "interval_minutes", Message: "must be 1, 5, 15 or 60"})
	}
	if p.Interval != nil && len(bad) == 0 && *p.Interval != rec.Settings.Interval {
		plan, shortest, err := s.shortest(ctx, rec.Account)
		if err != nil {
			return err
		}
		if *p.Interval < shortest {
			bad = append(bad, fault.Field{Field: "interval_minutes", Message: fmt.Sprintf("your plan (%s) allows every %d minutes at the most often", plan, int(shortest/time.Minute))})
		}
	}
	if p.ImportKinds != nil {
		provider, err := s.Catalogue.Find(rec.Provider)
		if err != nil {
			return err
		}
		for _, k := range *p.ImportKinds {
			if !slices.ContainsFunc(provider.Kinds, func(x integration.Kind) bool { return x.Key == k }) {
				bad = append(bad, fault.Field{Field: "import_kinds", Message: fmt.Sprintf("%q is not a kind that can be imported", k)})
			}
		}
	}
	if len(bad) > 0 {
		return fault.Fields(bad...)
	}
	return nil
}

// chosen gives the calendar that the patch chooses, nil where it stays. The
// primary calendar is stored as such, also when it is chosen by its e-mail.
func (s *Service) chosen(ctx context.Context, rec *integration.Integration, p Patch) (*integration.ListedCalendar, error) {
	if p.CalendarID == nil || *p.CalendarID == rec.Settings.CalendarID && !lost(rec) {
		return nil, nil
	}
	list, err := s.Lists.Calendars(ctx, rec.Key)
	if err != nil {
		return nil, fmt.Errorf("reading the calendar list: %w", err)
	}
	if list == nil {
		return nil, fault.Fields(fault.Field{Field: "calendar_id", Message: "the calendars of this account aren't known yet"})
	}
	for _, cal := range list.Calendars {
		if cal.ID != *p.CalendarID && !(cal.Primary && (*p.CalendarID == integration.PrimaryCalendar || strings.EqualFold(*p.CalendarID, rec.Email))) {
			continue
		}
		if !calendar.Role(cal.Role).CanRead() {
			return nil, fault.Fields(fault.Field{Field: "calendar_id", Message: "this calendar shares only when you are busy, not the events, so it can't be chosen"})
		}
		if cal.Primary {
			cal.ID = integration.PrimaryCalendar
		}
		if cal.ID == rec.Settings.CalendarID && !lost(rec) {
			return nil, nil
		}
		return &cal, nil
	}
	return nil, integration.ErrNotFound() // somebody else's calendar and one that never was look alike
}

// lost reports that choosing the same calendar again means something: it was gone.
func lost(rec *integration.Integration) bool {
	return rec.Reason != nil && rec.Reason.Code == integration.ReasonCalendarNotFound
}
