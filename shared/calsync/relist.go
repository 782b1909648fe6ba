package calsync

import (
	"context"
	"slices"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
)

// Some of what a run does only a list of everything can follow: which exceptions come
// back with a series that is put back no list of changes says. That such a list is due
// must outlive the run, which may fail, die or lose an answer right after; so the
// record gives up its cursor first, and only a run that has listed everything since
// leaves another, but for a first sync that goes on from a page. Until then any run,
// whoever makes it and whyever, lists everything.

// forgetCursor has everything listed after what is done next, in whichever run.
func (r *run) forgetCursor(ctx context.Context) error {
	r.owed = true
	if r.forgot {
		return nil
	}
	err := r.w.Leases.Commit(ctx, r.hold, integration.Commit{Until: r.w.Now().Add(integration.LeaseFor), ForgetCursor: true})
	if err != nil {
		return r.refused(err)
	}
	r.forgot = true
	return nil
}

// relist has everything listed again where a series comes back with other dates than
// those that Aura's person gave it before it was deleted: the exceptions that went with
// the dates are at the provider still.
func (p *pusher) relist(ctx context.Context) error {
	if !p.row.IsMaster() || p.item.Base == nil || p.sendsOnly() {
		return nil
	}
	fields := calendar.Differing(*p.item.Base, p.row.Content)
	if !slices.Contains(fields, calendar.FieldWhen) && !slices.Contains(fields, calendar.FieldRecurrence) {
		return nil
	}
	p.run.again = true
	return p.forgetCursor(ctx)
}
