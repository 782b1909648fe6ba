package calsync

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// pageSize is the provider's largest page: fewer calls, and memory is bounded
// by three pages whatever the calendar holds.
const pageSize = 2500

// mode is what a pull reads before it writes (doc.go).
type mode string

const (
	first       mode = "first"
	incremental mode = "incremental"
	full        mode = "full"
)

// outcome is what a round reached.
type outcome struct {
	cursor       string
	linked       int
	full         bool // everything was listed and compared
	checkpointed bool // handed on before the deadline; nothing to end
}

// pull brings one round's changes in. A cursor that is no longer good turns an
// incremental pull into a full resync in the same run.
func (r *run) pull(ctx context.Context) (out outcome, err error) {
	r.phase(integration.PhasePulling)
	p := r.newPull(incremental)
	verify := !r.rec.VerifyAfter.IsZero() && r.started.After(r.rec.VerifyAfter)
	r.verifying = verify
	switch {
	case verify || r.listAll || r.owed:
		p.mode = full
	case r.rec.Cursor == "" && r.rec.LinkedCount == 0 && r.rec.Completed() == "":
		if p.mode, err = r.firstMode(ctx); err != nil {
			return outcome{}, err
		}
	case r.rec.Cursor == "":
		p.mode = full
	}
	out, err = p.do(ctx)
	if fault.Is(err, fault.Resync) && (p.mode == incremental || p.resumed) {
		if derr := r.decide(ctx, integration.Decision{What: "resync", Why: "the cursor is no longer good: everything is listed and compared"}); derr != nil {
			return out, derr
		}
		p = r.newPull(full)
		out, err = p.do(ctx)
	}
	if errors.Is(err, errCut) {
		return outcome{checkpointed: true}, r.checkpoint(ctx)
	}
	if err == nil { // one round is enough
		r.listAll, r.owed = false, r.owed && !out.full
	}
	return out, err
}

// firstMode says how a calendar that was never completed is pulled. A first
// sync that was killed resumes from its page, since the provider's list goes on
// from there; one that left rows and no page to go on from has to compare, or
// what was deleted at the provider meanwhile would stay for ever.
func (r *run) firstMode(ctx context.Context) (mode, error) {
	cp, err := r.w.Checkpoints.Checkpoint(ctx, r.rec.Key)
	if err != nil {
		return "", fmt.Errorf("reading the checkpoint: %w", err)
	}
	if cp != nil && cp.Generation == r.rec.ID && cp.CalendarID == r.rec.Settings.CalendarID && cp.Filter == r.filter() {
		r.resume = cp
		return first, nil
	}
	if cp != nil { // nor may it be gone on from later, when the settings are as they were
		if err := r.w.Checkpoints.DropCheckpoint(ctx, r.rec.Key); err != nil {
			return "", fmt.Errorf("dropping another list's checkpoint: %w", err)
		}
	}
	left, _, err := r.w.Events.Links(ctx, r.rec.Account, r.rec.Provider, r.rec.Settings.CalendarID, "")
	if err != nil {
		return "", fmt.Errorf("looking for rows of an earlier try: %w", err)
	}
	if len(left) > 0 {
		return full, nil
	}
	return first, nil
}

// filter says of which events a pull's pages are, and what became of them: where
// kinds, direction or the calendar's choice are others than when a first sync
// stopped, the pages before its checkpoint have to be listed again.
func (r *run) filter() string {
	f := strings.Join(r.rec.Settings.ImportKinds, " ")
	if r.sendsOnly() {
		f += "|not stored"
	}
	if sw := r.rec.CalendarSwitch; sw != nil {
		f += "|after " + sw.OldCalendar
	}
	return f
}

func (r *run) newPull(m mode) *pull {
	return &pull{run: r, mode: m, aside: map[string]bool{}, links: map[string]calendar.LinkRow{}, seen: map[string]struct{}{}, born: map[string]bool{}, leaving: map[string]bool{}, alive: map[string]bool{}, remade: map[string]bool{}, series: map[string]bool{}, arrived: map[string]found{}}
}

// pull is one pass over a calendar's events.
type pull struct {
	*run
	mode    mode
	links   map[string]calendar.LinkRow // full: what is stored, by id
	seen    map[string]struct{}         // full: what was listed
	born    map[string]bool             // first and full: provider ids of what was born in Aura
	leaving map[string]bool             // first and full: what waits to be deleted there, by id
	remade  map[string]bool             // first and full: series whose order to be made anew has yet to take their exceptions along
	kept    []string                    // first and full: ids of what has a copy here from an earlier connection
	gone    []calendar.LinkRow          // to be deleted at the end
	alive   map[string]bool             // of what was listed as deleted: whether it was listed alive since
	live    int                         // listed and not deleted
	delta   int                         // incremental: rows that came
	kinds   []string                    // that are listed; nil: all

	series    map[string]bool  // incremental: provider ids of the series that were listed
	arrived   map[string]found // incremental: the exceptions that were listed, by provider id
	unheardOf []string         // provider ids that were deleted and of which nothing is stored
	unknown   []string         // provider ids that were deleted and may be occurrences', to which no computed id leads

	resumed bool            // a first sync that began in another process
	aside   map[string]bool // what was set aside, by id
	ours    bool            // a calendar that was left: only events of Aura's
}

func (p *pull) do(ctx context.Context) (outcome, error) {
	q := calendar.Query{
		Calendar: p.rec.Settings.CalendarID, Cursor: p.rec.Cursor, MaxResults: pageSize, Kinds: p.rec.Settings.ImportKinds,
	}
	if p.mode != incremental {
		q.Cursor = ""
	}
	if cut, err := p.leave(ctx); err != nil {
		return outcome{}, err
	} else if cut {
		return outcome{checkpointed: true}, p.checkpoint(ctx)
	}
	if err := p.prepare(ctx, &q); err != nil {
		return outcome{}, err
	}
	if !p.resumed { // whatever was listed before is listed again
		p.progress(func(at *integration.Progress) { at.Pages, at.Events = 0, 0 })
		p.report.Pulled.Unchanged = 0
	}
	cursor, cut, err := p.stream(ctx, q)
	if fault.Is(err, fault.Resync) && p.resumed { // the page token has died with its process
		if ferr := p.forget(ctx); ferr != nil {
			return outcome{}, ferr
		}
	}
	if err != nil {
		return outcome{}, err
	}
	if cut {
		return outcome{checkpointed: true}, p.checkpoint(ctx)
	}
	if err := p.release(ctx); err != nil {
		return outcome{}, err
	}
	deleted, err := p.deletions(ctx)
	if err != nil {
		return outcome{}, err
	}
	out := outcome{cursor: cursor, full: p.mode == full}
	switch {
	case p.sendsOnly(): // nothing was linked, whatever was listed
		out.linked = p.rec.LinkedCount
	case p.mode != incremental:
		out.linked = p.live
	default:
		out.linked = max(0, p.rec.LinkedCount+p.delta-deleted)
	}
	if p.mode == incremental && out.cursor == "" {
		out.cursor = p.rec.Cursor // the provider forgot to give one; the old one is still good
	}
	return out, nil
}

// prepare reads what the mode compares with, and where a first sync goes on.
func (p *pull) prepare(ctx context.Context, q *calendar.Query) error {
	switch p.mode {
	case full:
		if err := p.readLinks(ctx); err != nil {
			return err
		}
		if err := p.readBorn(ctx); err != nil {
			return err
		}
		return p.regain(ctx)
	case first:
		if err := p.readBorn(ctx); err != nil {
			return err
		}
		if len(p.kept) > 0 { // what was deleted there since only a list of everything tells
			return p.compareAll(ctx)
		}
		if cp := p.resume; cp != nil {
			q.PageToken, p.resumed, p.marked = cp.PageToken, true, true
			p.noteUnreadable(true) // who knows what its first part met
			p.live = cp.Events
			p.progress(func(at *integration.Progress) { at.Pages, at.Events = cp.Pages, cp.Events })
		}
	}
	return nil
}

func (p *pull) forget(ctx context.Context) error {
	p.live = 0
	p.progress(func(at *integration.Progress) { *at = integration.Progress{Phase: integration.PhasePulling} })
	if err := p.w.Checkpoints.DropCheckpoint(ctx, p.rec.Key); err != nil {
		return fmt.Errorf("dropping a dead checkpoint: %w", err)
	}
	p.marked = false
	return nil
}

// readLinks reads the projection of what is linked to this calendar.
func (p *pull) readLinks(ctx context.Context) error {
	cursor := ""
	for {
		rows, next, err := p.w.Events.Links(ctx, p.rec.Account, p.rec.Provider, p.rec.Settings.CalendarID, cursor)
		if err != nil {
			return fmt.Errorf("reading what is stored: %w", err)
		}
		for _, l := range rows {
			p.links[l.ID] = l
			if l.MasterID == "" && (l.Origin == calendar.BornInAura || calendar.ProviderIDOf(l.ID) == l.ProviderID) {
				p.born[l.ProviderID] = true // an imported one that was made anew there has Aura's id too
			}
		}
		if next == "" {
			return nil
		}
		if err := p.commit(ctx, integration.PhasePulling, false); err != nil {
			return err
		}
		cursor = next
	}
}
