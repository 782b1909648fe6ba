package calendartest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
)

// Primary is the calendar that every account has.
const Primary = "primary"

// day is the first day of the events made here: long gone and before a change
// of clocks, so that nothing depends on when a test runs.
var day = time.Date(2026, 3, 16, 0, 0, 0, 0, time.UTC)

// at is a moment of the nth day, in a zone whose clocks change between days 12
// and 13.
func at(n, hour int) calendar.Time {
	madrid := 1 // hours ahead of UTC
	if n >= 13 {
		madrid = 2
	}
	return calendar.Time{At: day.AddDate(0, 0, n).Add(time.Duration(hour-madrid) * time.Hour), Zone: "Europe/Madrid"}
}

// on is the nth day, as a date.
func on(n int) calendar.Time { return calendar.Time{Date: day.AddDate(0, 0, n).Format(time.DateOnly)} }

// meeting is an ordinary hour on the nth day.
func meeting(title string, n int) calendar.Content {
	return calendar.Content{
		Title: title, Start: at(n, 10), End: at(n, 11),
		Status: calendar.Confirmed, Busy: true, Visibility: calendar.DefaultVisibility,
	}
}

// weekly is a series of ten, whose kth occurrence is on day 7k.
func weekly(title string) calendar.Content {
	c := meeting(title, 0)
	c.Recurrence = []string{"RRULE:FREQ=WEEKLY;COUNT=10"}
	return c
}

// read follows a list to its end, holds every page to what is promised of
// pages, and gives the events and the cursor.
func read(t *testing.T, r calendar.Reader, q calendar.Query) ([]calendar.Remote, string) {
	t.Helper()
	if q.Calendar == "" {
		q.Calendar = Primary
	}
	var events []calendar.Remote
	for range 1000 {
		p, err := r.Changes(t.Context(), q)
		if err != nil {
			t.Fatalf("reading %+v: %v", q, err)
		}
		checkPage(t, q, p)
		events = append(events, p.Events...)
		if p.Cursor != "" {
			return events, p.Cursor
		}
		q.PageToken = p.NextPage
	}
	t.Fatal("a list without an end")
	return nil, ""
}

func checkPage(t *testing.T, q calendar.Query, p calendar.Page) {
	t.Helper()
	if (p.NextPage == "") == (p.Cursor == "") {
		t.Errorf("a page with next page %q and cursor %q", p.NextPage, p.Cursor)
	}
	if q.MaxResults > 0 && len(p.Events) > q.MaxResults {
		t.Errorf("%d events on a page of %d", len(p.Events), q.MaxResults)
	}
	if !p.Role.CanRead() && p.Role != calendar.RoleFreeBusyReader {
		t.Errorf("a page of a calendar with role %q", p.Role)
	}
	for _, e := range p.Events {
		if e.ProviderID == "" {
			t.Error("an event without an id")
		}
		if !e.Deleted && (e.Start.IsZero() || e.End.IsZero() || e.ETag == "" || e.Updated.IsZero()) {
			t.Errorf("a live event without start, end, etag or time of change: %+v", e)
		}
		if e.MasterID != "" && len(e.Recurrence) > 0 {
			t.Errorf("an exception that recurs: %+v", e)
		}
	}
}

// find gives the one event with an id.
func find(t *testing.T, events []calendar.Remote, id string) calendar.Remote {
	t.Helper()
	var found []calendar.Remote
	for _, e := range events {
		if e.ProviderID == id {
			found = append(found, e)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%s is listed %d times among %s", id, len(found), titles(events))
	}
	return found[0]
}

func has(events []calendar.Remote, id string) bool {
	return slices.ContainsFunc(events, func(e calendar.Remote) bool { return e.ProviderID == id })
}

// titles names events, in order, for comparing and for messages.
func titles(events []calendar.Remote) string {
	out := make([]string, len(events))
	for i, e := range events {
		if out[i] = e.Title; e.Deleted {
			out[i] = "-" + e.ProviderID
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// same compares what travels both ways.
func same(a, b calendar.Content) bool {
	return a.Title == b.Title && a.Description == b.Description && a.Location == b.Location &&
		a.Start.Equal(b.Start) && a.End.Equal(b.End) && slices.Equal(a.Recurrence, b.Recurrence) &&
		a.Status == b.Status && a.Busy == b.Busy && a.Visibility == b.Visibility
}

// replica is what somebody knows who has read lists: events by id. It is the
// smallest thing that an engine does with them.
type replica map[string]calendar.Remote

// apply takes over a list. A cancelled exception stays, since it removes an
// occurrence of a series; everything else that is cancelled goes, with what
// belonged to it.
func (r replica) apply(events []calendar.Remote) {
	for _, e := range events {
		known, had := r[e.ProviderID]
		if e.Deleted && e.MasterID == "" && had { // perhaps only the id was given
			e.MasterID, e.OriginalStart = known.MasterID, known.OriginalStart
		}
		r[e.ProviderID] = e
	}
	for id, e := range r {
		if e.MasterID == "" && e.Deleted {
			delete(r, id)
		}
	}
	for id, e := range r {
		if _, lives := r[e.MasterID]; e.MasterID != "" && !lives {
			delete(r, id)
		}
	}
}

// String is everything that matters, in a fixed order: two replicas of the same
// calendar print alike.
func (r replica) String() string {
	var lines []string
	for id, e := range r {
		if e.Deleted {
			lines = append(lines, fmt.Sprintf("%s: no occurrence of %s at %s", id, e.MasterID, e.OriginalStart.Instant()))
			continue
		}
		lines = append(lines, fmt.Sprintf("%s: %s %q %v–%v %v of %s at %s", id, e.ETag, e.Title, e.Start, e.End, e.Recurrence, e.MasterID, e.OriginalStart.Instant()))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
