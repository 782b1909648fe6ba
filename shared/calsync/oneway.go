package calsync

import (
	"context"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
)

// Where edits travel to the provider only, what is edited there is listed in the
// run and not applied. Nothing of it is stored, so a row may differ from the
// state whose etag it has. Turning the direction round drops the cursor, and the
// full resync without one compares what events say, not only their etags.

// sendsOnly reports whether edits travel to the provider only.
func (r *run) sendsOnly() bool { return r.rec.Settings.Direction == integration.ToProvider }

// thorough reports whether a pull compares contents too.
func (p *pull) thorough() bool { return p.mode == full && p.rec.Cursor == "" && !p.sendsOnly() }

// onlySent is why something of the provider's is not applied.
const onlySent = "changed at the provider, and this integration only sends edits there"

// onlySentGone is why a deletion of the provider's is not.
const onlySentGone = "deleted at the provider, and this integration only sends edits there"

// ignore notes an edit at the provider that isn't applied. The plain events of a
// first sync are left out: they would be the whole calendar.
func (p *pull) ignore(who found, e *calendar.Remote, row *calendar.Row, t *tally) {
	t.count(&t.unchanged)
	if row == nil && p.mode != incremental {
		return
	}
	title := e.Title
	if title == "" && row != nil {
		title = row.Title
	}
	t.Lock()
	defer t.Unlock()
	t.ignored++
	t.decisions = append(t.decisions, integration.Decision{Event: who.id, Title: title, What: "not_applied", Why: onlySent})
}

// ignoreGone notes deletions at the provider that aren't applied.
func (p *pull) ignoreGone(ctx context.Context, gone []calendar.LinkRow) error {
	p.report.NotApplied += len(gone)
	for _, l := range gone {
		err := p.decide(ctx, integration.Decision{
			Event: l.ID, Title: l.Title, What: "not_applied", Why: onlySentGone,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// meeting decides what a remote state does to the edit at hand.
func (p *pusher) meeting(theirs calendar.Remote) met {
	m := meet(p.linked(), p.here(p.item), theirs, p.waiting())
	if m.nothing || m.wait || !p.sendsOnly() {
		return p.inStep(m, theirs)
	}
	if theirs.Deleted {
		return p.notDeleted(m, theirs)
	}
	next, it := relink(p.linked(), theirs), *p.item
	next.Mirror = theirs.Mirror
	m = met{row: next, item: &it}
	m.what, m.why = sending(p.row.Content, p.here(p.item), theirs)
	if p.item.Op == calendar.OpDelete { // no edit there brings it back
		m.item = it.Based(theirs.Content)
		return m
	}
	base, lost := p.here(p.item).OneWay(p.row.Content, p.row.Edited, theirs)
	it.Op, it.Base, it.Former, m.conflicts = calendar.OpChange, &base, nil, lost
	if len(calendar.Differing(p.row.Content, base)) == 0 {
		next.Pending, m.item = "", nil
	}
	return m
}

// notDeleted keeps in Aura what was deleted there after all that was sent had
// reached it. Its link stays at what was deleted, so that the next edit's If-Match
// doesn't fit, and that edit puts the event back. What was never linked is put
// back now: a change of it would have nothing to be conditional on.
func (p *pusher) notDeleted(m met, theirs calendar.Remote) met {
	if p.item.Op == calendar.OpDelete || m.item != nil {
		return m
	}
	if p.etag() == "" {
		it := *p.item
		it.Op = calendar.OpRestore
		return met{row: relink(p.linked(), theirs), item: &it, what: "to_be_restored", why: onlySentGone}
	}
	next := *p.row
	next.Pending, next.Version = "", next.Version+1
	return met{row: &next, what: "not_applied", why: onlySentGone}
}

// settled is the content of an event after a write was answered: the answer, or
// where edits travel one way only what the write carried of it.
func (p *pusher) settled(answer calendar.Remote) calendar.Content {
	if !p.sendsOnly() {
		return answer.Content
	}
	c := p.row.Content
	for _, a := range p.item.Sent {
		if a.Stamp != answer.Stamp {
			continue
		}
		for _, f := range a.Fields {
			c.Take(f, answer.Content)
		}
	}
	return c
}
