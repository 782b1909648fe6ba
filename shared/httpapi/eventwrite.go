package httpapi

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"sync"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/recurrence"
)

// create makes an event. With an Idempotency-Key the repeat of a creation is
// answered with the event that the first one made.
func (h *Events) create(w http.ResponseWriter, r *http.Request) error {
	key, err := idempotencyKey(r)
	if err != nil {
		return err
	}
	if err := readQuery(r).err(); err != nil {
		return err
	}
	p, err := readEvent(r, true)
	if err != nil {
		return err
	}
	row, made, err := h.Editor.Create(r.Context(), author(r), content(p), key)
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if !made {
		status = http.StatusOK
	}
	w.Header().Set("Location", "/v1/events/"+row.ID)
	return h.show(w, r, status, edit.Result{Row: row})
}

// change changes an event, or what its scope means of a series.
func (h *Events) change(w http.ResponseWriter, r *http.Request) error {
	t, err := target(r)
	if err != nil {
		return err
	}
	p, err := readEvent(r, false)
	if err != nil {
		return err
	}
	out, err := h.Editor.Change(r.Context(), author(r), t, p)
	if err != nil {
		return err
	}
	return h.show(w, r, http.StatusOK, out)
}

// remove deletes an event, or what its scope means of a series.
func (h *Events) remove(w http.ResponseWriter, r *http.Request) error {
	t, err := target(r)
	if err != nil {
		return err
	}
	if err := noBody(r); err != nil {
		return err
	}
	if err := h.Editor.Delete(r.Context(), author(r), t); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// show answers with what carries an edit.
func (h *Events) show(w http.ResponseWriter, r *http.Request, status int, out edit.Result) error {
	view, err := h.view(r.Context(), caller(r).Account, slices.DeleteFunc([]*calendar.Row{out.Row, out.Series}, func(r *calendar.Row) bool { return r == nil }))
	if err != nil {
		return err
	}
	doc := view.row(out.Row)
	if !out.Original.IsZero() {
		doc = view.occurrence(recurrence.Occurrence{
			Row: out.Row, OriginalStart: out.Original, Start: out.Span.Start, End: out.Span.End, Odd: out.Row.Odd,
		})
	}
	w.Header().Set("ETag", doc.ETag)
	return answer(w, status, doc)
}

func author(r *http.Request) edit.Author {
	c := caller(r)
	return edit.Author{Account: c.Account, CorrelationID: c.CorrelationID}
}

// target reads what a PATCH or DELETE is aimed at: path, If-Match and query. The
// tag is compared with whichever row the store has for the address, since only
// that says whether an occurrence is an exception by now.
func target(r *http.Request) (edit.Target, error) {
	id, original, err := eventID(r)
	if err != nil {
		return edit.Target{}, err
	}
	q := readQuery(r, "scope", "notify_guests")
	t := edit.Target{ID: id, Original: original, Scope: edit.Scope(q.values.Get("scope"))}
	if q.values.Has("scope") && t.Scope != edit.This && t.Scope != edit.Following && t.Scope != edit.All {
		q.refuse("scope", "must be this, following or all")
	}
	if q.values.Has("notify_guests") {
		told := q.flag("notify_guests")
		t.Notify = &told
	}
	if err := q.err(); err != nil {
		return t, err
	}
	tag, err := mustMatch(r)
	if err != nil {
		return t, err
	}
	t.Unchanged = func(row *calendar.Row) bool { return bears(tag, row) }
	t.SeriesUnchanged = func(series *calendar.Row) bool { return bearsSeries(tag, series) }
	return t, nil
}

var keyForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[!-~]{1,200}$`) })

// idempotencyKey reads the name that a caller gives a creation, "" for none.
func idempotencyKey(r *http.Request) (string, error) {
	values := r.Header.Values("Idempotency-Key")
	if len(values) == 0 {
		return "", nil
	}
	if len(values) > 1 || !keyForm().MatchString(values[0]) {
		return "", fault.Fields(fault.Field{Field: "Idempotency-Key", Message: fmt.Sprintf("must be 1 to %d visible ASCII characters", 200)})
	}
	return values[0], nil
}
