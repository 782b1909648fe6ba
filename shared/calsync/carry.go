package calsync

import (
	"context"
	"fmt"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// An edit of one occurrence may wait while somebody divides its series at the
// provider: the date is the new series' by then. The edit goes over to it, as an
// edit of the occurrence with the same original start, and merges with whatever
// that one is there (lookUp).

// carryOver moves an edit whose date its series no longer has to the series that
// came of a division and has it. False where there is none, or where that
// occurrence has an edit of its own that waits.
func (p *pusher) carryOver(ctx context.Context) (bool, error) {
	if p.row.Pending == calendar.PendingDelete || p.series == "" { // its series' own order says so, or there is none
		return false, nil
	}
	heir, err := p.heir(ctx)
	if err != nil || heir == nil {
		return false, err
	}
	id := calendar.ExceptionID(heir.ID, p.row.OriginalStart)
	there, waits, err := p.w.Edits.Pair(ctx, p.rec.Account, id)
	if err != nil {
		return false, fmt.Errorf("reading the occurrence that takes an edit over: %w", err)
	}
	if waits != nil || there != nil && there.Pending != "" {
		return false, nil
	}
	if p.item.Refused != nil {
		if err := p.w.Quarantines.DropQuarantine(ctx, p.rec.Account, p.id); err != nil {
			return false, fmt.Errorf("releasing an event: %w", err)
		}
	}
	leave := calendar.Leave(p.row, p.item)
	take := p.taken(id, heir, there)
	leave.Hold, take.Hold = p.pairHold(), p.pairHold()
	if err := p.w.Edits.WritePair(ctx, leave, take); err != nil {
		return false, fmt.Errorf("carrying an edit over to another series: %w", err)
	}
	err = p.decide(ctx, integration.Decision{
		Event: id, Title: p.row.Title, What: "carried_over", Why: "its series was divided at the provider before this edit was sent: it goes to the new series",
	})
	if err != nil {
		return true, err
	}
	return true, (&pusher{run: p.run, writer: p.writer, id: id}).settleItem(ctx)
}

// taken is the edit as one of the heir's occurrence. It has no link: so it is
// looked up and merged before anything is written there. The attempts stay, since
// one may have reached the occurrence before it changed hands.
func (p *pusher) taken(id string, heir, there *calendar.Row) calendar.Pair {
	next, it := *p.row, *p.item
	next.ID, next.MasterID, next.Origin, next.Mirror, next.Link = id, heir.ID, heir.Origin, heir.Mirror, nil
	pair := calendar.Pair{Account: p.rec.Account, ID: id}
	if there != nil {
		pair.Expect, pair.Stood = there.Version, calendar.PlaceOf(there)
	}
	next.Version = max(p.row.Version, pair.Expect) + 1
	it.EventID, it.Version, it.Refused = id, next.Version, nil
	it.Generation, it.Fence = p.hold.Generation, p.hold.Fence
	pair.Row, pair.Item.Put = &next, &it
	return pair
}

// heir finds the series that came of a division and has the date: among those that
// show then and those that this run brought in, which the index may not know yet.
// That it came of this series' division only its id suggests; that it has the date
// the provider says.
func (p *pusher) heir(ctx context.Context) (*calendar.Row, error) {
	at := p.row.OriginalStart.Instant()
	near, err := p.w.Events.Range(ctx, p.rec.Account, at, at.Add(time.Second))
	if err != nil {
		return nil, fmt.Errorf("looking for the series that an occurrence went to: %w", err)
	}
	var ids []string
	for _, row := range near {
		ids = append(ids, row.ID)
	}
	rows := map[string]*calendar.Row{}
	for _, row := range near {
		rows[row.ID] = row
	}
	for _, id := range unique(append(ids, p.begun...)) {
		row := rows[id]
		if row == nil {
			if row, _, err = p.w.Edits.Pair(ctx, p.rec.Account, id); err != nil {
				return nil, fmt.Errorf("reading a series that an occurrence may have gone to: %w", err)
			}
		}
		if row == nil || !p.mayInherit(row) {
			continue
		}
		_, err := p.lookAt(ctx, row.Link.ProviderID)
		if err == nil {
			return row, nil
		}
		if !fault.Is(err, fault.Gone) {
			return nil, err
		}
	}
	return nil, nil
}

func (p *pusher) mayInherit(row *calendar.Row) bool {
	return row.IsMaster() && !row.Hidden() && !row.ReadOnly && row.ID != p.row.MasterID && row.Link != nil && row.Link.ETag != "" &&
		row.Link.Calendar == p.rec.Settings.CalendarID && p.writer.Divided(p.series, row.Link.ProviderID)
}

// behind reports that the series has changed at the provider since it was pulled:
// what became of its dates is decided after another round. It is asked once in a run.
func (p *pusher) behind(ctx context.Context) (bool, error) {
	switch {
	case p.series == "" || p.sendsOnly():
		return false, nil
	case p.asked[p.series]:
		return p.run.again, nil
	}
	p.asked[p.series] = true
	var now calendar.Remote
	err := p.call(ctx, func(ctx context.Context) (err error) {
		now, err = p.reader.Event(ctx, p.rec.Settings.CalendarID, p.series)
		return err
	})
	if err != nil && !fault.Is(err, fault.Gone) {
		return false, fmt.Errorf("reading the series of an occurrence: %w", err)
	}
	late := now.ETag != p.seriesTag
	p.run.again = p.run.again || late
	return late, nil
}
