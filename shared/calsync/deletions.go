package calsync

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// The tripwire: more than half of what is linked, and at least so many.
const (
	tripAtLeast = 5
	heldTitles  = 500
)

// deletions applies, after everything else was stored, what vanished at the
// provider, and what another calendar's choice left behind. Most of a calendar
// vanishing at once is held for the user to decide.
func (p *pull) deletions(ctx context.Context) (deleted int, err error) {
	p.phase(integration.PhaseDeleting)
	gone, err := p.candidates(ctx)
	if err != nil {
		return 0, err
	}
	gone, unlisted := p.listed(gone)
	if _, err := p.remove(ctx, unlisted, "events of this kind are no longer imported"); err != nil {
		return 0, err
	}
	gone, dropped := p.dropped(gone)
	fell, err := p.remove(ctx, dropped, whyDropped)
	if err != nil {
		return 0, err
	}
	p.live += len(dropped) - fell
	left, err := p.leftBehind(ctx)
	if err != nil {
		return 0, err
	}
	if left, err = p.giveUpEdits(ctx, left); err != nil {
		return 0, err
	}
	rejected := p.rec.DeletionsDecision == integration.DeletionsRejected
	if rejected && !p.onlyIn() {
		n, err := p.restoreAll(ctx, gone)
		p.live += n // still linked, though not listed
		if err != nil {
			return 0, err
		}
		if _, err = p.remove(ctx, left, "another calendar was chosen"); err != nil {
			return 0, err
		}
		return fell, p.giveUpOrphans(ctx)
	}
	if p.sendsOnly() {
		if err := p.ignoreGone(ctx, gone); err != nil {
			return 0, err
		}
		gone = nil
	}
	trip, linked, err := p.trips(ctx, len(gone), len(unlisted)+len(dropped))
	if err == nil && rejected && len(gone) > 0 { // nothing can be put back there any more, so it is asked again
		trip, linked = true, max(linked, p.rec.LinkedCount, len(gone))
	}
	if err == nil && trip {
		err = p.held(ctx, gone, linked)
	}
	if err != nil {
		return 0, err
	}
	if deleted, err = p.remove(ctx, gone, "deleted at the provider"); err != nil {
		return 0, err
	}
	p.live += len(gone) - deleted // refused: edited meanwhile, and still linked
	if _, err = p.remove(ctx, left, "another calendar was chosen"); err != nil {
		return deleted, err
	}
	if err = p.giveUpOrphans(ctx); err != nil {
		return deleted + fell, err
	}
	return deleted + fell, p.forgetSetAside(ctx, append(gone, dropped...))
}

// whyDropped is what a run says of an occurrence that dropped tells apart.
const whyDropped = "its series goes on at Google without it: the series was moved, or divided"

// dropped tells occurrences that are gone though their series is not from the rest.
// Who deletes an occurrence leaves a hole in its series, which is listed; so these fell
// out, since the series has other dates, or another series has them by now. Nobody
// deleted them, so nobody is asked; nor could they be put back, since the provider has
// no such dates.
func (p *pull) dropped(gone []calendar.LinkRow) (deleted, dropped []calendar.LinkRow) {
	if p.sendsOnly() {
		return gone, nil
	}
	went := map[string]bool{}
	for _, l := range gone {
		went[l.ID] = true
	}
	for _, l := range gone {
		if _, linked := p.links[l.MasterID]; l.MasterID != "" && linked && !went[l.MasterID] {
			dropped = append(dropped, l)
		} else {
			deleted = append(deleted, l)
		}
	}
	return deleted, dropped
}

// trips decides whether so many deletions are held. The record's count may be
// behind what a run that crashed has written, so where it says "too many" the
// rows themselves are counted before anybody is alarmed.
func (p *pull) trips(ctx context.Context, gone, unlisted int) (bool, int, error) {
	if gone < tripAtLeast || p.rec.DeletionsDecision == integration.DeletionsConfirmed {
		return false, 0, nil
	}
	if p.mode != full {
		// A run that died after it had deleted left the count too high, by half at
		// the most: as many as pass without asking.
		if 4*gone <= p.rec.LinkedCount {
			return false, 0, nil
		}
		if err := p.readLinks(ctx); err != nil {
			return false, 0, err
		}
	}
	linked := len(p.links) - unlisted
	return 2*gone > linked, linked, nil
}

// listed tells what vanished from what is only not listed any more, since its
// person left out its kind: that one isn't gone at the provider, and nothing that
// anybody has to be asked about.
func (p *pull) listed(gone []calendar.LinkRow) (really, unlisted []calendar.LinkRow) {
	if p.mode != full || p.kinds == nil {
		return gone, nil
	}
	for _, l := range gone {
		if l.Kind == "" || slices.Contains(p.kinds, l.Kind) {
			really = append(really, l)
		} else {
			unlisted = append(unlisted, l)
		}
	}
	return really, unlisted
}

// candidates gives what vanished. A full resync knows by what it didn't list;
// an incremental one was told, sometimes by nothing but an id, and of a series
// only that the master is gone.
func (p *pull) candidates(ctx context.Context) ([]calendar.LinkRow, error) {
	var gone []calendar.LinkRow
	if p.mode == full {
		if err := p.takeOver(ctx); err != nil {
			return nil, err
		}
		for _, id := range slices.Sorted(maps.Keys(p.links)) { // in an order that is the same each time
			l := p.links[id]
			if _, listed := p.seen[id]; !listed && l.Pending == "" && l.Generation == p.hold.Generation && !p.waitsForSeries(l) {
				gone = append(gone, l)
			}
		}
		return append(gone, p.gone...), nil
	}
	gone = p.gone
	series := map[string]bool{}
	for _, l := range gone {
		if l.Series {
			series[l.ID] = true
		}
	}
	divided := p.divided()
	if len(series) == 0 && !divided && (len(p.unknown) == 0 || p.mode == first) {
		return gone, nil
	}
	if err := p.readLinks(ctx); err != nil {
		return nil, err
	}
	unknown := map[string]bool{}
	for _, id := range p.unknown {
		unknown[id] = true
	}
	listed := map[string]bool{}
	for _, l := range gone {
		listed[l.ID] = true
	}
	coming := map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(p.links)) {
		l := p.links[id]
		switch {
		case listed[id] || l.Pending != "":
		case series[l.MasterID] || divided && p.leftSeries(l):
			gone = append(gone, l)
		case unknown[l.ProviderID]:
			if back, err := p.comesBack(ctx, l.MasterID, coming); err != nil {
				return nil, err
			} else if !back {
				gone = append(gone, l)
			}
		}
	}
	return gone, nil
}

// remove deletes rows, each on condition of version, fence and no pending edit,
// and gives how many went. One that was refused is neither counted nor named:
// it was edited meanwhile, and stays.
func (p *pull) remove(ctx context.Context, rows []calendar.LinkRow, why string) (int, error) {
	went := make([]bool, len(rows))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(cmp.Or(p.w.Writers, writers))
	for i, l := range rows {
		if i%writers == 0 {
			if err := p.commit(ctx, integration.PhaseDeleting, false); err != nil {
				_ = g.Wait()
				return 0, err
			}
		}
		g.Go(func() (err error) {
			went[i], err = p.removeOne(gctx, l)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return 0, err
	}
	n := 0
	for i, l := range rows {
		if !went[i] {
			continue
		}
		n++
		if l.Series {
			p.went[l.ID] = l.ProviderID
		}
		title := cmp.Or(l.Title, p.links[l.MasterID].Title) // a cancelled occurrence has none of its own
		if err := p.decide(ctx, integration.Decision{Event: l.ID, Title: title, What: "deleted", Why: why}); err != nil {
			return 0, err
		}
	}
	p.report.Pulled.Deleted += n
	return n, nil
}

// removeOne deletes one row. A version that was read a moment too early refuses
// as an edit does, and the provider never says again that an event is gone: so
// what is stored is looked at, and only what an edit or another list keeps stays.
func (p *pull) removeOne(ctx context.Context, l calendar.LinkRow) (bool, error) {
	for range putTries {
		if err := p.pace().WaitN(ctx, 2); err != nil {
			return false, fault.Wrap(fault.Transient, "paced", "The sync ran out of time.", err)
		}
		stored, err := p.take(ctx, l)
		switch {
		case err == nil:
			return true, nil
		case !fault.Is(err, fault.Stale):
			return false, fmt.Errorf("deleting an event: %w", err)
		case stored != nil && newer(stored.Link, p.hold):
			return false, fmt.Errorf("an event was written by a later run: %w", errSuperseded)
		case stored == nil || stored.Pending != "" || stored.Link == nil || stored.Link.Calendar != l.Calendar || p.alive[l.ID]:
			return false, nil // gone already, edited meanwhile (the edit is not lost), or listed once more
		}
		l.Version = stored.Version
	}
	return false, fault.New(fault.Transient, "event_contended", "An event keeps changing.")
}

// take deletes a row as it was read. What an Idempotency-Key made leaves behind
// that the key is spent: only what was born in Aura can have one, so only that is
// read.
func (p *pull) take(ctx context.Context, l calendar.LinkRow) (*calendar.Row, error) {
	w := calendar.Write{
		Row: &calendar.Row{Account: p.rec.Account, ID: l.ID}, Expect: l.Version,
		Generation: p.hold.Generation, Fence: p.hold.Fence,
	}
	if l.Origin == calendar.BornInAura && l.MasterID == "" {
		row, _, err := p.w.Edits.Pair(ctx, p.rec.Account, l.ID)
		if err != nil {
			return nil, fmt.Errorf("reading an event that was deleted: %w", err)
		}
		if row != nil && row.CreateHash != "" {
			if row.Version != l.Version || row.Pending != "" || row.Link == nil {
				return row, fault.New(fault.Stale, "stale", "The event has changed meanwhile.")
			}
			w.Row = row.Spent()
			return p.w.Events.Put(ctx, w)
		}
	}
	return p.w.Events.Delete(ctx, w)
}

// errHeld ends a pull whose deletions wait for the user; the cursor stays.
var errHeld = fault.New(fault.Conflict, string(integration.ReasonMassDeletionHeld), "Deletions are held for review.")

// held keeps what would be deleted for the user to look at, and asks.
func (p *pull) held(ctx context.Context, gone []calendar.LinkRow, linked int) error {
	h := integration.HeldDeletions{Key: p.rec.Key, Count: len(gone), Of: linked, At: p.w.Now()}
	for _, l := range gone[:min(heldTitles, len(gone))] {
		h.Titles = append(h.Titles, l.Title)
	}
	if err := p.w.Lists.PutHeld(ctx, h); err != nil {
		return fmt.Errorf("storing the held deletions: %w", err)
	}
	if err := p.decide(ctx, integration.Decision{What: "held", Why: heldMessage(len(gone), linked)}); err != nil {
		return err
	}
	return errHeld.With("message", heldMessage(len(gone), linked))
}

func heldMessage(n, of int) string {
	return fmt.Sprintf("%d of %d events were deleted at Google. Nothing was deleted here.", n, of)
}
