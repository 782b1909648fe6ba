package calsync

import (
	"context"
	"fmt"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// What the provider refused is tried again when the event changes, when the person
// asks, and in the first run after the credential or the calendar's role has
// changed. Until then it costs nothing but its line in the
// outbox's list.

// afresh reports a run in which every refused edit is tried again: the first since
// the integration came back from wherever it was, a new sign-in above all, and the
// first that finds the calendar writable again.
func (r *run) afresh() bool {
	return r.rec.LastStarted.Before(r.rec.StatusSince) || r.rec.ReadOnly && !r.readOnly()
}

// rests reports an edit that stays refused, by its line of the outbox alone. The
// list may be a moment behind: where a person asked in this very moment, and where
// more hangs on the item, it is read.
func (r *run) rests(i *calendar.Item) bool {
	if r.onlyIn() {
		return r.stays(i)
	}
	ref := i.Refused
	return ref != nil && ref.Version == i.Version && !resumes(ref) && i.Rest == nil && !r.gaveUp(i) &&
		r.report.Trigger != integration.TriggerSyncNow && !r.afresh()
}

// resumes reports a refusal that isn't the provider's: what it hangs on is looked at
// in each run.
func resumes(ref *calendar.Refusal) bool {
	return ref.Code == errSeriesAside.Code || ref.Code == integration.CodeOnlyIn || ref.Code == calendar.CodeGivenUp
}

// welcome makes edits worth trying again that were set aside since their series was
// gone at the provider, where it is here again. It looks only where a series was
// listed, new or not: one that comes back is listed until a run has ended well, and
// the run that stored it may have died before it came here.
func (r *run) welcome(ctx context.Context) error {
	if !r.came {
		return nil
	}
	return r.eachWaiting(ctx, func(it calendar.Item) error {
		if it.Refused == nil || it.Refused.Code != errSeriesGone.Code || it.Refused.Version == 0 {
			return nil
		}
		for range putTries {
			row, item, err := r.w.Edits.Pair(ctx, r.rec.Account, it.EventID)
			if err != nil {
				return fmt.Errorf("reading an edit whose series was gone: %w", err)
			}
			if row == nil || item == nil || item.Refused == nil || item.Refused.Code != errSeriesGone.Code || !row.IsException() {
				return nil
			}
			series, _, err := r.w.Edits.Pair(ctx, r.rec.Account, row.MasterID)
			if err != nil {
				return fmt.Errorf("looking for a series that was gone: %w", err)
			}
			if series == nil || series.Hidden() || !series.IsMaster() {
				return nil
			}
			next := item.Clone()
			next.Refused.Version = 0
			err = r.w.Edits.WritePair(ctx, calendar.Pair{
				Account: row.Account, ID: row.ID, Hold: calendar.Hold{Generation: r.hold.Generation, Fence: r.hold.Fence},
				Row: row, Expect: row.Version, KeepRow: true, Item: calendar.ItemWrite{Expect: item.Version, Update: next},
			})
			switch {
			case err == nil:
				return nil
			case !fault.Is(err, fault.Stale):
				return fmt.Errorf("taking up an edit whose series came back: %w", err)
			case later(row, item, r.hold):
				return fmt.Errorf("%w: %w", errSuperseded, err)
			}
		}
		return nil // it keeps being edited, which is reason enough to try it
	})
}

// asideSince gives since when an edit is set aside for a reason: since before, where it
// was for that very one and has only changed meanwhile. It reads what is set aside once
// in a run, and only for such an edit.
func (p *pusher) asideSince(ctx context.Context, code string) (time.Time, error) {
	if p.item.Refused == nil || p.item.Refused.Code != code {
		return p.w.Now(), nil
	}
	if p.before == nil {
		list, err := p.w.Events.Quarantined(ctx, p.rec.Account)
		if err != nil {
			return time.Time{}, fmt.Errorf("reading since when an edit is set aside: %w", err)
		}
		p.run.before = map[string]calendar.Quarantine{}
		for _, q := range list {
			p.before[q.EventID] = q
		}
	}
	if q, ok := p.before[p.id]; ok && q.Code == code && !q.Since.IsZero() {
		return q.Since, nil
	}
	return p.w.Now(), nil
}

// movedOn marks a refusal whose state is no longer the event's: what was merged
// since is tried, and until that settles the event stays in quarantine.
func movedOn(pair *calendar.Pair) {
	it := pair.Item.Update
	if it == nil || it.Refused == nil || it.Refused.Code == calendar.CodeGivenUp || pair.KeepRow || pair.Row == nil || etagOf(pair.Row) == it.Refused.ETag {
		return
	}
	next, ref := *it, *it.Refused
	ref.Version = 0
	next.Refused = &ref
	pair.Item.Update = &next
}
