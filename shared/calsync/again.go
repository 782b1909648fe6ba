package calsync

import (
	"aura.example/integrations/shared/calendar"
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
	ref := i.Refused
	return ref != nil && ref.Version == i.Version && ref.Code != errSeriesAside.Code && i.Rest == nil &&
		r.report.Trigger != integration.TriggerSyncNow && !r.afresh()
}

// movedOn marks a refusal whose state is no longer the event's: what was merged
// since is tried, and until that settles the event stays in quarantine.
func movedOn(pair *calendar.Pair) {
	it := pair.Item.Update
	if it == nil || it.Refused == nil || pair.KeepRow || pair.Row == nil || etagOf(pair.Row) == it.Refused.ETag {
		return
	}
	next, ref := *it, *it.Refused
	ref.Version = 0
	next.Refused = &ref
	pair.Item.Update = &next
}
