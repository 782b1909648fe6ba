package calsync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// An account is one partition of the database, good for 1,000 write units a
// second (AWS); a run leaves a tenth to others.
const (
	unitsPerSecond = 900
	writers        = 32
	putTries       = 4
)

// tally collects what parallel writers did.
type tally struct {
	sync.Mutex
	created, updated, unchanged int
	setAside                    int
	ignored                     int // the direction leaves them at the provider
	gone                        []calendar.LinkRow
	unknown                     []string // deleted at the provider, by an id that may be an occurrence's
	unheardOf                   []string // deleted at the provider, and nothing is stored of them
	decisions                   []integration.Decision
	holes                       map[string]string // of decisions without a title: event → its series
}

// page brings one page in: reads what it must, writes what differs.
func (p *pull) page(ctx context.Context, page calendar.Page) error {
	page = p.onlyOurs(page)
	if page.Role != "" {
		p.role = page.Role
	}
	if page.TimeZone != "" {
		p.zone = page.TimeZone
	}
	p.kinds = page.Kinds
	who, rows, err := p.identify(ctx, page.Events)
	if err != nil {
		return err
	}
	if p.mode == incremental {
		p.arrive(page.Events, who, rows)
	}
	var t tally
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(cmp.Or(p.w.Writers, writers))
	for i := range page.Events {
		if p.mode == full {
			p.seen[who[i].id] = struct{}{}
		}
		if _, was := p.alive[who[i].id]; was || page.Events[i].Deleted {
			p.alive[who[i].id] = !page.Events[i].Deleted
		}
		e := &page.Events[i]
		if !e.Deleted || e.MasterID != "" { // a removed occurrence has a row too
			p.live++
		}
		p.came = p.came || !e.Deleted && len(e.Recurrence) > 0
		g.Go(func() error { return p.bring(gctx, who[i], e, rows[who[i].id], &t) })
		if i%writers == 0 { // the lease is kept while a long page is written
			if err := p.commit(ctx, integration.PhasePulling, false); err != nil {
				_ = g.Wait()
				return err
			}
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	p.report.Pulled.Created += t.created
	p.report.Pulled.Updated += t.updated
	p.report.Pulled.Unchanged += t.unchanged
	p.report.Quarantined += t.setAside
	if t.setAside > 0 {
		p.noteUnreadable(true)
	}
	p.report.NotApplied += t.ignored
	p.delta += t.created
	p.live -= t.setAside
	p.gone = append(p.gone, t.gone...)
	p.unknown = append(p.unknown, t.unknown...)
	if p.mode == incremental { // whatever lists everything says more
		p.unheardOf = append(p.unheardOf, t.unheardOf...)
	}
	p.progress(func(at *integration.Progress) {
		at.Pages++
		at.Events += len(page.Events)
	})
	titles, err := p.titles(ctx, t.holes, rows)
	if err != nil {
		return err
	}
	for _, d := range t.decisions {
		d.Title = cmp.Or(d.Title, titles[t.holes[d.Event]])
		if err := p.decide(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// titles gives what the series are called whose occurrences were cancelled: of
// such an occurrence the provider may say no more than when it would have been.
// What no list has is read, half a unit a series.
func (p *pull) titles(ctx context.Context, holes map[string]string, rows map[string]*calendar.Row) (map[string]string, error) {
	out := map[string]string{}
	var unread []string
	for _, series := range holes {
		if row := rows[series]; row != nil {
			out[series] = row.Title
		} else if l, ok := p.links[series]; ok {
			out[series] = l.Title
		} else {
			unread = append(unread, series)
		}
	}
	if len(unread) == 0 {
		return out, nil
	}
	read, err := p.w.Events.Rows(ctx, p.rec.Account, unique(unread))
	if err != nil {
		return nil, fmt.Errorf("reading what the series of cancelled occurrences are called: %w", err)
	}
	for id, row := range read {
		out[id] = row.Title
	}
	return out, nil
}

// rows reads what the mode has to compare with: nothing in a first sync, the
// page's rows in an incremental one, in a full one those whose etag differs.
func (p *pull) rows(ctx context.Context, events []calendar.Remote, who []found) (map[string]*calendar.Row, error) {
	var want []string
	switch p.mode {
	case first:
		return nil, nil
	case incremental:
		for i := range who {
			want = append(want, who[i].id)
		}
	case full:
		for i := range who {
			if l, ok := p.links[who[i].id]; ok && (l.ETag != events[i].ETag || l.Generation != p.hold.Generation || p.thorough()) {
				want = append(want, who[i].id)
			}
		}
	}
	if len(want) == 0 {
		return nil, nil
	}
	rows, err := p.w.Events.Rows(ctx, p.rec.Account, unique(want))
	if err != nil {
		return nil, fmt.Errorf("reading a page's events: %w", err)
	}
	return rows, nil
}

// bring stores one remote event, or notes why it isn't.
func (p *pull) bring(ctx context.Context, who found, e *calendar.Remote, row *calendar.Row, t *tally) error {
	if l, ok := p.links[who.id]; ok && l.ETag == e.ETag && l.Generation == p.hold.Generation && row == nil {
		t.count(&t.unchanged)
		return nil
	}
	if why := poison(e); why != "" {
		return p.setAside(ctx, who, e, why, t)
	}
	for range putTries {
		next, what := p.decideRow(who, e, row)
		if what != keepRow && p.sendsOnly() {
			p.ignore(who, e, row, t)
			return nil
		}
		switch what {
		case keepRow:
			t.count(&t.unchanged)
			if row == nil && e.Deleted {
				t.unheard(e)
			}
			return nil
		case meetRow:
			left, err := p.meetPending(ctx, who, e, t)
			if errors.Is(err, errMet) {
				return nil
			}
			if err != nil {
				return err
			}
			row = left
			continue
		case dropRow:
			t.Lock()
			t.gone = append(t.gone, linkOf(row))
			t.Unlock()
			return nil
		}
		stored, err := p.put(ctx, next, row)
		if err == nil {
			t.wrote(p.mode, row, next)
			p.note(row, next)
			return nil
		}
		if !fault.Is(err, fault.Stale) {
			return fmt.Errorf("storing an event: %w", err)
		}
		if stored != nil && newer(stored.Link, p.hold) {
			return fmt.Errorf("an event was written by a later run: %w", errSuperseded)
		}
		row = stored
	}
	return fault.New(fault.Transient, "event_contended", "An event keeps changing.")
}

// put writes a row, paced to the account's partition.
func (p *pull) put(ctx context.Context, next, read *calendar.Row) (*calendar.Row, error) {
	if err := p.pace().WaitN(ctx, writeUnits(next)); err != nil {
		return nil, fault.Wrap(fault.Transient, "paced", "The sync ran out of time.", err)
	}
	w := calendar.Write{Row: next, Generation: p.hold.Generation, Fence: p.hold.Fence}
	if read != nil {
		w.Expect = read.Version
	}
	return p.w.Events.Put(ctx, w)
}

func (r *run) pace() *rate.Limiter {
	r.paceOnce.Do(func() {
		n := cmp.Or(r.w.UnitsPerSecond, unitsPerSecond)
		r.limiter = rate.NewLimiter(rate.Limit(n), n)
	})
	return r.limiter
}

// writeUnits estimates what a put consumes: a unit per KB, for row and index.
func writeUnits(row *calendar.Row) int {
	return min(2*(1+row.Weight()/1024), unitsPerSecond)
}

// unheard notes what was deleted at the provider and isn't stored.
func (t *tally) unheard(e *calendar.Remote) {
	t.Lock()
	defer t.Unlock()
	t.unheardOf = append(t.unheardOf, e.ProviderID)
	if e.MaybeOccurrence {
		t.unknown = append(t.unknown, e.ProviderID)
	}
}

func (t *tally) count(n *int) {
	t.Lock()
	*n++
	t.Unlock()
}

// wrote counts a write; a first sync's plain creates are left out of the
// decisions, since they would be the whole calendar.
func (t *tally) wrote(m mode, was, now *calendar.Row) {
	t.Lock()
	defer t.Unlock()
	d := integration.Decision{Event: now.ID, Title: now.Title, What: "created", Why: "new at the provider"}
	switch {
	case was == nil && now.Status == calendar.Cancelled:
		t.created++
		d.What, d.Why = "occurrence_removed", "cancelled at the provider"
	case was == nil:
		t.created++
	case now.Status == calendar.Cancelled:
		t.updated++
		d.What, d.Why = "occurrence_removed", "cancelled at the provider"
	default:
		t.updated++
		d.What, d.Why = "updated", "changed at the provider"
	}
	if m == first && was == nil {
		return
	}
	if d.Title == "" && now.IsException() {
		if t.holes == nil {
			t.holes = map[string]string{}
		}
		t.holes[now.ID] = now.MasterID
	}
	t.decisions = append(t.decisions, d)
}

// newer reports whether a row was written by a later holder than h.
func newer(l *calendar.Link, h integration.Hold) bool {
	return l != nil && (l.Generation > h.Generation || l.Generation == h.Generation && l.Fence > h.Fence)
}

func linkOf(row *calendar.Row) calendar.LinkRow {
	l := calendar.LinkRow{ID: row.ID, MasterID: row.MasterID, Title: row.Title, Kind: row.Kind, Origin: row.Origin, Pending: row.Pending, Version: row.Version}
	if row.IsMaster() {
		l.Series = true
	}
	if row.Link != nil {
		l.ProviderID, l.ETag, l.Calendar = row.Link.ProviderID, row.Link.ETag, row.Link.Calendar
		l.Generation, l.Fence = row.Link.Generation, row.Link.Fence
	}
	return l
}

func unique(ids []string) []string {
	seen := make(map[string]bool, len(ids))
	out := ids[:0:0]
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}
