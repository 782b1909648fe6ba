package httpapi

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/recurrence"
)

// Events shows and changes Aura's calendar.
type Events struct {
	Events EventReader
	Editor *edit.Editor
	// Records and Lists say which zone an account's calendar is in, for events
	// whose own zone is unknown; without them that is UTC.
	Records integration.Store
	Lists   CalendarLister
}

// CalendarLister gives an account's calendars as last seen; part of
// integration.Lists.
type CalendarLister interface {
	Calendars(ctx context.Context, key integration.Key) (*integration.CalendarList, error)
}

// EventReader is the reading part of calendar.Store.
type EventReader interface {
	Rows(ctx context.Context, account string, ids []string) (map[string]*calendar.Row, error)
	Range(ctx context.Context, account string, from, to time.Time) ([]*calendar.Row, error)
	Quarantined(ctx context.Context, account string) ([]calendar.Quarantine, error)
}

const (
	usualEvents = 250
	mostEvents  = 1000
	longest     = 366 * 24 * time.Hour
	// margin is how far a day may begin from UTC's: days are compared with a
	// range in the offset that the range is written with, and the store knows UTC
	// days only.
	margin = 24 * time.Hour
)

// list shows what overlaps a range, series expanded, by start and then id.
func (h *Events) list(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r, "from", "to", "limit", "cursor")
	from, to := q.moment("from"), q.moment("to")
	page := q.pageOf(usualEvents, mostEvents)
	if q.err() == nil {
		switch {
		case !to.After(from):
			q.refuse("to", "must be later than from")
		case to.Sub(from) > longest:
			q.refuse("to", "must be later than from by at most 366 days")
		}
	}
	if err := q.err(); err != nil {
		return err
	}
	after, err := readPlace(page.Cursor)
	if err != nil {
		return err
	}
	account := caller(r).Account
	rows, apart, err := calendar.Shown(r.Context(), h.Events, account, from.Add(-margin), to.Add(margin))
	if err != nil {
		return fmt.Errorf("reading the range: %w", err)
	}
	view, err := h.view(r.Context(), account, slices.AppendSeq(slices.Clone(rows), maps.Values(apart)))
	if err != nil {
		return err
	}
	shown, rest, stuck := overlapping(rows, from, to, view.zone, after, page.Limit)
	docs := make([]eventDoc, len(shown))
	for i, p := range shown {
		docs[i] = view.occurrence(p.Occurrence)
	}
	return answer(w, http.StatusOK, eventList{listOf(docs, rest), stuck})
}

func (h *Events) view(ctx context.Context, account string, rows []*calendar.Row) (*eventView, error) {
	zone, err := h.zone(ctx, account, rows)
	if err != nil {
		return nil, err
	}
	aside, err := h.Events.Quarantined(ctx, account)
	if err != nil {
		return nil, fmt.Errorf("reading the quarantine: %w", err)
	}
	v := &eventView{zone: zone, aside: make(map[string]calendar.Quarantine, len(aside))}
	for _, q := range aside {
		v.aside[q.EventID] = q
	}
	v.series = map[string]int64{}
	masters := map[string]*calendar.Row{}
	for _, row := range rows {
		if !row.IsException() && !row.IsSpent() {
			v.series[row.ID], masters[row.ID] = row.Version, row
		}
	}
	v.here = func(row *calendar.Row) bool {
		return row.Origin == calendar.BornInAura && calendar.HereOnly(row, masters[row.MasterID])
	}
	if !slices.ContainsFunc(rows, func(r *calendar.Row) bool { return r.Pending == calendar.PendingEdit && v.here(r) }) {
		return v, nil // nothing that one would have to know for
	}
	v.kept, err = h.onlyIn(ctx, account)
	return v, err
}

// onlyIn reports whether no integration takes what is created in Aura: it stays
// there then. Where there is none yet, the first will.
func (h *Events) onlyIn(ctx context.Context, account string) (bool, error) {
	if h.Editor == nil {
		return false, nil
	}
	some, err := h.Editor.SendsNothing(ctx, account)
	if err != nil {
		return false, fmt.Errorf("looking where events go: %w", err)
	}
	return some, nil
}

// zone gives the zone of the calendar that the rows are from. It is looked up
// only where a row needs it, having none of its own or one that is marked: that
// costs two reads, and nearly no range has such a row.
func (h *Events) zone(ctx context.Context, account string, rows []*calendar.Row) (string, error) {
	i := slices.IndexFunc(rows, func(r *calendar.Row) bool {
		return r.Link != nil && !r.Start.IsDate() && (r.Odd != "" || r.Start.Zone == "")
	})
	if i < 0 || h.Records == nil || h.Lists == nil {
		return "", nil
	}
	key := integration.Key{Account: account, Provider: rows[i].Link.Provider}
	rec, err := h.Records.Get(ctx, key)
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the integration: %w", err)
	}
	list, err := h.Lists.Calendars(ctx, key)
	if err != nil || list == nil {
		return "", err
	}
	for _, c := range list.Calendars {
		if c.ID == rec.Settings.CalendarID || c.Primary && rec.Settings.CalendarID == integration.PrimaryCalendar {
			return c.TimeZone, nil
		}
	}
	return "", nil
}

// place is where an occurrence stands in the order of a range.
type place struct {
	start time.Time
	id    string
}

func (p place) compare(q place) int {
	return cmp.Or(p.start.Compare(q.start), strings.Compare(p.id, q.id))
}

type placed struct {
	place
	recurrence.Occurrence
}

// eventList is a page of a range, with the series of which the rest isn't in it.
type eventList struct {
	list[eventDoc]
	Incomplete []incompleteDoc `json:"incomplete,omitempty"`
}

// incompleteDoc says of a series up to when it could be worked out.
type incompleteDoc struct {
	ID     string  `json:"id"`
	Until  *string `json:"until"`
	Reason string  `json:"reason"`
}

// overlapping expands rows and gives up to limit of what overlaps [from, to)
// and stands after a place, with the cursor of what is left. A range, or a series
// in it, that holds more than an expansion may is shown as far as that goes; its
// cursor goes on from there. A series that no going on gets any further with is
// named, so that nothing is left out silently.
func overlapping(rows []*calendar.Row, from, to time.Time, zone string, after place, limit int) (shown []placed, next string, stuck []incompleteDoc) {
	r := recurrence.Range{From: from, To: to, Since: after.start, Zone: zone, Days: from.Location()}
	result := recurrence.Expand(rows, r)
	cut := result.Complete
	for _, c := range result.Cuts {
		if c.Stuck || !c.Since.After(after.start) {
			stuck = append(stuck, incompleteDoc{c.EventID, stamp(c.Since), c.Reason})
		} else if c.Since.Before(cut) {
			cut = c.Since
		}
	}
	for _, o := range result.Occurrences {
		p := placed{place{r.At(o.Start), o.ID}, o}
		if p.compare(after) > 0 && p.start.Before(cut) {
			shown = append(shown, p)
		}
	}
	slices.SortFunc(shown, func(a, b placed) int { return a.compare(b.place) })
	if cut.Before(to) && cut.After(after.start) {
		next = place{start: cut}.cursor()
	}
	if len(shown) > limit {
		shown = shown[:limit]
		next = shown[limit-1].cursor()
	}
	return shown, next, stuck
}

func (p place) cursor() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(p.start.UnixNano(), 10) + "." + p.id))
}

func readPlace(cursor string) (place, error) {
	if cursor == "" {
		return place{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	number, id, ok := strings.Cut(string(raw), ".")
	nanos, err2 := strconv.ParseInt(number, 10, 64)
	if err != nil || err2 != nil || !ok {
		return place{}, errCursor()
	}
	return place{time.Unix(0, nanos).UTC(), id}, nil
}

// one shows an event by its id, or one occurrence by its address.
func (h *Events) one(w http.ResponseWriter, r *http.Request) error {
	id, original, err := eventID(r)
	if err != nil {
		return err
	}
	if err := readQuery(r).err(); err != nil {
		return err
	}
	ids := []string{id}
	if original != nil {
		ids = append(ids, calendar.ExceptionID(id, *original))
	}
	account := caller(r).Account
	rows, err := h.Events.Rows(r.Context(), account, ids)
	if err != nil {
		return fmt.Errorf("reading the event: %w", err)
	}
	if row := rows[id]; row != nil && row.IsException() { // its tag is of its series too
		series, err := h.Events.Rows(r.Context(), account, []string{row.MasterID})
		if err != nil {
			return fmt.Errorf("reading the event's series: %w", err)
		}
		maps.Copy(rows, series)
	}
	view, err := h.view(r.Context(), account, slices.Collect(maps.Values(rows)))
	if err != nil {
		return err
	}
	doc, ok := view.find(rows, id, original)
	if !ok {
		return errNotFound()
	}
	w.Header().Set("ETag", doc.ETag)
	return answer(w, http.StatusOK, doc)
}

// find renders what an address stands for: a row; an occurrence that differs
// from its series; or one that the series has.
func (v *eventView) find(rows map[string]*calendar.Row, id string, original *calendar.Time) (eventDoc, bool) {
	row := rows[id]
	if original == nil {
		switch {
		case gone(row), row.IsException() && rows[row.MasterID].TakesAlong():
			return eventDoc{}, false
		case row.IsException():
			return v.occurrence(recurrence.Occurrence{Row: row, OriginalStart: row.OriginalStart, Start: row.Start, End: row.End, Odd: row.Odd}), true
		}
		return v.row(row), true
	}
	if x := rows[calendar.ExceptionID(id, *original)]; x != nil {
		if gone(x) || row.TakesAlong() {
			return eventDoc{}, false
		}
		return v.occurrence(recurrence.Occurrence{Row: x, OriginalStart: x.OriginalStart, Start: x.Start, End: x.End, Odd: x.Odd}), true
	}
	if gone(row) || !row.IsMaster() {
		return eventDoc{}, false
	}
	start := original.Instant()
	result := recurrence.Expand([]*calendar.Row{row}, recurrence.Range{From: start, Since: start, To: start.Add(time.Second), Zone: v.zone})
	for _, o := range result.Occurrences {
		if o.OriginalStart.SameMoment(*original) {
			return v.occurrence(o), true
		}
	}
	return eventDoc{}, false
}

// gone reports a row that isn't shown: none, one that is being deleted, or one
// that only says that an occurrence was cancelled.
func gone(row *calendar.Row) bool {
	return row == nil || row.Pending == calendar.PendingDelete || row.Status == calendar.Cancelled
}
