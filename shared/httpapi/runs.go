package httpapi

import (
	"fmt"
	"net/http"
	"slices"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// runs lists what was kept, newest first, and before it the run that is going
// on: it is the newest there is.
func (h *Status) runs(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r, "limit", "cursor")
	page := q.page()
	rec, err := h.record(r, q)
	if err != nil {
		return err
	}
	stored, next, err := h.Journal.Runs(r.Context(), rec.Key, page, h.Now())
	if err != nil {
		return fmt.Errorf("reading the runs: %w", ofCursor(err))
	}
	var docs []runDoc
	if l := rec.Lease; l != nil && page.Cursor == "" {
		docs = append(docs, showLease(l))
		// The report may have been stored while the lease was read as held.
		stored = slices.DeleteFunc(stored, func(s integration.Run) bool { return s.ID == l.RunID })
	}
	for i := range stored {
		docs = append(docs, showRun(&stored[i]))
	}
	return answer(w, http.StatusOK, listOf(docs, next))
}

// run answers one run: from the lease while it is queued or running, then from
// its report, then from last_run. The address that a 202 gave never becomes a
// 404 while the integration is there.
func (h *Status) run(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r, "limit", "cursor")
	page := q.page()
	rec, err := h.record(r, q)
	if err != nil {
		return err
	}
	id := r.PathValue("run")
	if !ulidForm().MatchString(id) {
		return errNotFound()
	}
	if l := rec.Lease; l != nil && l.RunID == id {
		w.Header().Set("Retry-After", pollAfter)
		return answer(w, http.StatusOK, showLease(l))
	}
	stored, err := h.Journal.Run(r.Context(), rec.Key, id, h.Now())
	switch {
	case err == nil:
		return h.report(w, r, stored, page)
	case !fault.Is(err, fault.NotFound):
		return fmt.Errorf("reading the run: %w", err)
	case rec.LastRun != nil && rec.LastRun.ID == id:
		return answer(w, http.StatusOK, showLastRun(rec.LastRun))
	}
	return errNotFound()
}

// report sends a stored run with a page of its decisions, oldest first.
func (h *Status) report(w http.ResponseWriter, r *http.Request, run *integration.Run, p integration.Page) error {
	all, err := h.Journal.Decisions(r.Context(), run.Key, run.ID)
	if err != nil {
		return fmt.Errorf("reading the run's decisions: %w", err)
	}
	// Decisions have no ids; they never change once stored, so the position does.
	all, next, err := paginate(all, p, func(integration.Decision) string { return "" })
	if err != nil {
		return err
	}
	var docs []decisionDoc
	for _, d := range all {
		docs = append(docs, showDecision(d))
	}
	doc, decisions := showRun(run), listOf(docs, next)
	doc.Decisions = &decisions
	return answer(w, http.StatusOK, doc)
}
