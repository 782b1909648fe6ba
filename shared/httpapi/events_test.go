package httpapi_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
)

// put stores rows as a sync would have.
func (w *world) put(rows ...*calendar.Row) {
	w.t.Helper()
	for _, r := range rows {
		r.Account = "acme"
		if r.Origin == "" {
			r.Origin = calendar.BornAtProvider
		}
		r.CreatedAt, r.UpdatedAt = w.now.Add(-time.Hour), w.now
		if r.Origin == calendar.BornAtProvider {
			r.Link = &calendar.Link{Provider: provider, Calendar: "primary", ProviderID: "p-" + r.ID, Generation: "01M83WFNSR0000000000000000"}
		}
		if _, err := w.db.Events.Put(context.Background(), calendar.Write{Row: r, Generation: "01M83WFNSR0000000000000000", Fence: 1}); err != nil {
			w.t.Fatalf("storing %s: %v", r.ID, err)
		}
	}
}

func at9(day string, zone string) calendar.Time {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", day, loc)
	if err != nil {
		panic(err)
	}
	return calendar.Time{At: at.UTC(), Zone: zone}
}

func timed(id, start, end string) *calendar.Row {
	return &calendar.Row{ID: id, Content: calendar.Content{
		Title: id, Start: at9(start, "Europe/Madrid"), End: at9(end, "Europe/Madrid"), Busy: true,
	}}
}

func allDay(id, start, end string) *calendar.Row {
	return &calendar.Row{ID: id, Content: calendar.Content{Title: id, Start: calendar.Time{Date: start}, End: calendar.Time{Date: end}}}
}

const (
	series  = "evt_o3ttoe5heok53a923drkk4ofq8"
	single  = "evt_p5tcsj4ftsmet3t0uf4vaalb30"
	holiday = "evt_6ihojlsgvgltr12osnosrpkj7g"
)

// aWeek fills a calendar: a daily series over a DST change with one occurrence
// moved and one cancelled, a single event, a day off.
func (w *world) aWeek() {
	w.t.Helper()
	master := timed(series, "2026-10-20 09:15", "2026-10-20 09:30")
	master.Recurrence = []string{"RRULE:FREQ=DAILY;COUNT=12"}
	moved := timed(calendar.ExceptionID(series, at9("2026-10-26 09:15", "Europe/Madrid")), "2026-10-26 16:00", "2026-10-26 16:15")
	moved.MasterID, moved.OriginalStart, moved.Title = series, at9("2026-10-26 09:15", "Europe/Madrid"), "moved"
	dropped := timed(calendar.ExceptionID(series, at9("2026-10-27 09:15", "Europe/Madrid")), "2026-10-27 09:15", "2026-10-27 09:30")
	dropped.MasterID, dropped.OriginalStart, dropped.Status = series, at9("2026-10-27 09:15", "Europe/Madrid"), calendar.Cancelled
	one := timed(single, "2026-10-25 12:00", "2026-10-25 13:00")
	one.Title, one.MyResponse = `<b onclick="x">Review</b>`, "declined"
	one.Guests = []calendar.Guest{{Email: "owner@example.com", Response: "declined", Self: true}, {Name: "hidden", Response: ""}}
	w.put(master, moved, dropped, one, allDay(holiday, "2026-10-25", "2026-10-26"))
}

func rangeOf(from, to string) string {
	return "/v1/events?" + url.Values{"from": {from}, "to": {to}}.Encode()
}

// items gives the ids and starts of a list, in order.
func items(a answer) (out []string) {
	list, _ := a.doc["items"].([]any)
	for _, x := range list {
		e, _ := x.(map[string]any)
		start, _ := e["start"].(map[string]any)
		when, _ := start["date_time"].(string)
		if when == "" {
			when, _ = start["date"].(string)
		}
		id, _ := e["id"].(string)
		out = append(out, strings.TrimPrefix(id, "evt_")+" "+when)
	}
	return out
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

const s = "o3ttoe5heok53a923drkk4ofq8"

func TestARangeWithItsSeriesExpanded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.aWeek()
	a := w.want(w.get(rangeOf("2026-10-24T00:00:00+02:00", "2026-10-28T00:00:00+01:00")), 200, "")
	want := []string{
		s + "_20261024T071500Z 2026-10-24T09:15:00+02:00",
		"6ihojlsgvgltr12osnosrpkj7g 2026-10-25",
		s + "_20261025T081500Z 2026-10-25T09:15:00+01:00", // the clocks went back in the night
		"p5tcsj4ftsmet3t0uf4vaalb30 2026-10-25T12:00:00+01:00",
		s + "_20261026T081500Z 2026-10-26T16:00:00+01:00", // moved, addressed by where it was; the 27th is cancelled
	}
	same(t, items(a), want)
	if !strings.Contains(a.raw, `\u003cb onclick=\"x\"\u003eReview`) { // kept verbatim, inert in any page
		t.Errorf("the title with HTML: %s", a.raw)
	}
	list, _ := a.doc["items"].([]any)
	declined, _ := list[3].(map[string]any)
	if declined["busy"] != true || declined["counts_as_busy"] != false {
		t.Errorf("a declined event counts: %v", declined)
	}
	moved, _ := list[4].(map[string]any)
	if moved["recurring_event_id"] != series || moved["title"] != "moved" {
		t.Errorf("the moved occurrence is %v", moved)
	}
}

// However a range is paged, the same events come in the same order, once each.
func TestPagesOfARangeAddUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.aWeek()
	path := rangeOf("2026-10-19T00:00:00Z", "2026-11-02T00:00:00Z")
	whole := items(w.get(path))
	if len(whole) != 13 {
		t.Fatalf("the range holds %d: %v", len(whole), whole)
	}
	for _, limit := range []string{"1", "2", "5", "12", "13", "1000"} {
		var got []string
		cursor := ""
		for range 20 {
			a := w.get(path + "&limit=" + limit + cursor)
			got = append(got, items(a)...)
			if a.text("next_cursor") == "" {
				break
			}
			cursor = "&cursor=" + url.QueryEscape(a.text("next_cursor"))
		}
		same(t, got, whole)
	}
}

// A day begins at midnight where the range was written, not in Greenwich.
func TestDaysAreComparedInTheOffsetOfTheRange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(allDay(holiday, "2026-10-25", "2026-10-26"))
	for _, c := range []struct {
		from, to string
		shown    bool
	}{
		{"2026-10-25T00:00:00+13:00", "2026-10-26T00:00:00+13:00", true},
		{"2026-10-24T00:00:00+13:00", "2026-10-25T00:00:00+13:00", false},
		{"2026-10-26T00:00:00+13:00", "2026-10-27T00:00:00+13:00", false},
		{"2026-10-25T00:00:00-11:00", "2026-10-26T00:00:00-11:00", true},
		{"2026-10-24T00:00:00-11:00", "2026-10-25T00:00:00-11:00", false},
		{"2026-10-26T00:00:00-11:00", "2026-10-27T00:00:00-11:00", false},
		{"2026-10-25T23:59:59Z", "2026-10-26T00:00:00Z", true},
		{"2026-10-26T00:00:00Z", "2026-10-27T00:00:00Z", false},
	} {
		if got := items(w.get(rangeOf(c.from, c.to))); (len(got) == 1) != c.shown {
			t.Errorf("%s to %s shows %v, want shown=%v", c.from, c.to, got, c.shown)
		}
	}
}

// What a range begins or ends with: whatever overlaps it, and what takes no
// time at its own moment.
func TestTheEndsOfARange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(timed("evt_00000000000000000000000001", "2026-10-24 10:00", "2026-10-24 11:00"),
		timed("evt_00000000000000000000000002", "2026-10-24 12:00", "2026-10-24 12:00"),
		timed("evt_00000000000000000000000003", "2026-10-23 10:00", "2026-10-30 11:00"))
	for _, c := range []struct{ from, to, want string }{
		{"2026-10-24T11:00:00+02:00", "2026-10-24T11:30:00+02:00", "3"},
		{"2026-10-24T10:59:59+02:00", "2026-10-24T11:30:00+02:00", "3 1"},
		{"2026-10-24T09:00:00+02:00", "2026-10-24T10:00:00+02:00", "3"},
		{"2026-10-24T12:00:00+02:00", "2026-10-24T12:00:01+02:00", "3 2"},
		{"2026-10-24T12:00:01+02:00", "2026-10-24T13:00:00+02:00", "3"},
		{"2026-10-24T11:00:00+02:00", "2026-10-24T12:00:00+02:00", "3"},
	} {
		var got []string
		for _, line := range items(w.get(rangeOf(c.from, c.to))) {
			got = append(got, strings.TrimLeft(strings.Fields(line)[0], "0"))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s to %s shows %v, want %s", c.from, c.to, got, c.want)
		}
	}
}

func TestOneEventByItsAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.aWeek()
	a := w.want(w.get("/v1/events/"+series), 200, "")
	if !strings.Contains(a.raw, `"recurrence":["RRULE:FREQ=DAILY;COUNT=12"]`) || a.header.Get("ETag") != a.text("etag") {
		t.Errorf("the master: %s", a.raw)
	}
	a = w.want(w.get("/v1/events/"+series+"_20261025T081500Z"), 200, "")
	if a.text("recurring_event_id") != series || !strings.Contains(a.raw, `"recurrence":[]`) || a.text("etag") != w.get("/v1/events/"+series).text("etag") {
		t.Errorf("an occurrence: %s", a.raw)
	}
	a = w.want(w.get("/v1/events/"+series+"_20261026T081500Z"), 200, "")
	if a.text("title") != "moved" || !strings.Contains(a.raw, `"start":{"date_time":"2026-10-26T16:00:00+01:00"`) {
		t.Errorf("a moved occurrence: %s", a.raw)
	}
	own := w.want(w.get("/v1/events/"+calendar.ExceptionID(series, at9("2026-10-26 09:15", "Europe/Madrid"))), 200, "")
	if own.text("id") != a.text("id") {
		t.Errorf("by its own id it is %s", own.text("id"))
	}
	for _, gone := range []string{
		series + "_20261027T081500Z", // cancelled
		series + "_20261027T091500Z", // never was one
		series + "_20261101T081500Z", // after the end
		series + "_20261025",         // a day, of a series with a time
		single + "_20261025T110000Z", // not a series
		"evt_0000000000000000000000000v",
	} {
		if a := w.do(request{method: "GET", path: "/v1/events/" + gone, deliberate: true}); a.status != 404 {
			t.Errorf("%s: %d %s", gone, a.status, a.raw)
		}
	}
}

func TestWhereAnEventStands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.aWeek()
	alone := timed("evt_00000000000000000000000004", "2026-10-24 10:00", "2026-10-24 11:00")
	alone.Origin = calendar.BornInAura
	w.put(alone)
	err := w.db.Events.PutQuarantine(context.Background(), calendar.Quarantine{
		Account: "acme", EventID: single, Provider: provider, ProviderID: "p", Title: "Review", Code: "forbiddenForNonOrganizer", Reason: "Only its organizer may change it.", Since: w.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := w.get("/v1/events/" + series); !strings.Contains(a.raw, `"sync":{"state":"synced","reason":null}`) {
		t.Errorf("synced: %s", a.raw)
	}
	if a := w.get("/v1/events/" + alone.ID); !strings.Contains(a.raw, `"sync":{"state":"unlinked","reason":null}`) {
		t.Errorf("in Aura only: %s", a.raw)
	}
	if a := w.get("/v1/events/" + single); !strings.Contains(a.raw, `"sync":{"state":"quarantined","reason":{"code":"forbiddenForNonOrganizer"`) {
		t.Errorf("set aside: %s", a.raw)
	}
}

// A zone that nobody knows keeps its name; the moment is right, and the clock
// that a series keeps to is the calendar's.
func TestAZoneThatNobodyKnows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	odd := timed(single, "2026-10-24 10:00", "2026-10-24 11:00")
	odd.Recurrence = []string{"RRULE:FREQ=DAILY;COUNT=3"}
	odd.Start.Zone, odd.End.Zone, odd.Odd = "Mars/Olympus", "Mars/Olympus", "there is no time zone Mars/Olympus"
	w.put(odd)
	a := w.get("/v1/events/" + single)
	if !strings.Contains(a.raw, `"start":{"date_time":"2026-10-24T08:00:00Z","time_zone":"Mars/Olympus"}`) || a.text("note") == "" {
		t.Errorf("without a calendar it is shown as %s", a.raw)
	}
	w.connected(integration.Active)
	err := w.db.Integrations.PutCalendars(context.Background(), integration.CalendarList{
		Key: integration.Key{Account: "acme", Provider: provider}, FetchedAt: w.now,
		Calendars: []integration.ListedCalendar{
			{ID: "other", Name: "Other", Role: "reader", TimeZone: "Asia/Tokyo"},
			{ID: "owner@example.com", Name: "Mine", Role: "owner", Primary: true, TimeZone: "Europe/Madrid"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	x := strings.TrimPrefix(single, "evt_")
	same(t, items(w.get(rangeOf("2026-10-24T00:00:00+02:00", "2026-10-28T00:00:00+01:00"))), []string{
		x + "_20261024T080000Z 2026-10-24T10:00:00+02:00",
		x + "_20261025T090000Z 2026-10-25T10:00:00+01:00", // the clocks went back in Madrid
		x + "_20261026T090000Z 2026-10-26T10:00:00+01:00",
	})
	w.want(w.get("/v1/events/"+single+"_20261026T090000Z"), 200, "")
}
