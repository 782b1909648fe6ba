package calsync

import (
	"context"
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// fetched is a page on its way from the fetcher to the writer.
type fetched struct {
	page calendar.Page
	err  error
}

// stream lists page by page, the next fetched while this one is written. cut
// says that the deadline came first and the rest is another process's.
func (p *pull) stream(ctx context.Context, q calendar.Query) (cursor string, cut bool, err error) {
	ctx, stop := context.WithCancel(ctx)
	pages := make(chan fetched)
	done := make(chan struct{})
	defer func() { stop(); <-done }()
	go func() {
		defer close(done)
		defer close(pages)
		p.fetch(ctx, q, pages)
	}()
	for f := range pages {
		if f.err != nil {
			return "", false, f.err
		}
		if err := p.page(ctx, f.page); err != nil {
			return "", false, err
		}
		if f.page.NextPage == "" {
			return f.page.Cursor, false, nil
		}
		if err := p.mark(ctx, f.page.NextPage); err != nil {
			return "", false, err
		}
		if p.deadlineNear(ctx) {
			return "", true, nil
		}
	}
	return "", false, ctx.Err()
}

// fetch asks for page after page until the last. A page token that comes twice
// would go round for ever: the provider lies, and the run fails.
func (p *pull) fetch(ctx context.Context, q calendar.Query, pages chan<- fetched) {
	asked := map[string]bool{q.PageToken: true}
	for {
		var f fetched
		f.err = p.call(ctx, func(ctx context.Context) (err error) {
			f.page, err = p.reader.Changes(ctx, q)
			return err
		})
		if f.err == nil && f.page.NextPage != "" && asked[f.page.NextPage] {
			f.err = fault.New(fault.Transient, "page_repeated", "The provider repeated a page.")
		}
		if f.err == nil && f.page.Role == calendar.RoleFreeBusyReader {
			f.err = errBusyOnly
		}
		select {
		case pages <- f:
		case <-ctx.Done():
			return
		}
		if f.err != nil || f.page.NextPage == "" {
			return
		}
		q.PageToken = f.page.NextPage
		asked[q.PageToken] = true
	}
}

// mark notes after a page where a killed first sync resumes, and extends the lease.
func (p *pull) mark(ctx context.Context, next string) error {
	if err := p.commit(ctx, integration.PhasePulling, true); err != nil {
		return err
	}
	if p.mode != first {
		return nil
	}
	p.marked = true
	at := p.progress(nil)
	err := p.w.Checkpoints.PutCheckpoint(ctx, integration.Checkpoint{
		Key: p.rec.Key, Generation: p.rec.ID, Fence: p.hold.Fence, CalendarID: p.rec.Settings.CalendarID, Filter: p.filter(), PageToken: next,
		Pages: at.Pages, Events: at.Events, At: p.w.Now(),
	})
	if err != nil {
		return p.refused(fmt.Errorf("storing the checkpoint: %w", err))
	}
	return nil
}
