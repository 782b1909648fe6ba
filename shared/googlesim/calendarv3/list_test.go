package calendarv3_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

// seed puts n bare events on the owner's calendar.
func (w *world) seed(n int) {
	w.t.Helper()
	for i := range n {
		_, err := w.Server.PutEvent(owner, calendarv3.Event{
			"id": fmt.Sprintf("seed%05d", i), "summary": "Seed",
			"start": map[string]any{"date": "2026-12-01"}, "end": map[string]any{"date": "2026-12-02"},
		})
		w.must(err)
	}
}

func TestMaxResultsIs250UnlessSaidAndAtMost2500(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.seed(2600)
	for _, c := range []struct {
		param string
		want  int
	}{{"", 250}, {"maxResults=1", 1}, {"maxResults=2500", 2500}, {"maxResults=9999", 2500}} {
		parts := []string{}
		if c.param != "" {
			parts = append(parts, c.param)
		}
		if got := len(w.owner().do("GET", events(parts...), nil).ok().items()); got != c.want {
			t.Errorf("%q: %d events, want %d", c.param, got, c.want)
		}
	}
	w.owner().do("GET", events("maxResults=0"), nil).refused("400 invalidParameter")
}

func TestPagesMayBeShortOrEmptyAndStillGoOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 6 {
		id := fmt.Sprintf("page%d", i)
		w.insert(meeting(id, 1+i, 10))
		if i < 3 { // the tombstones fill the first page and half of the second
			w.owner().do("DELETE", events(id), nil).ok()
		}
	}
	var sizes []int
	page := ""
	for {
		a := w.owner().do("GET", events("maxResults=2", "pageToken="+page), nil).ok()
		sizes = append(sizes, len(a.items()))
		if page = a.text("nextPageToken"); page == "" {
			break
		}
	}
	if want := []int{0, 1, 2}; !slices.Equal(sizes, want) {
		t.Errorf("pages of %v events, want %v", sizes, want)
	}
}

func TestPageRowsShortensPages(t *testing.T) {
	t.Parallel()
	calls := 0
	w := newWorld(t, func(o *calendarv3.Options) {
		o.PageRows = func(n int) int { calls++; return (calls % 2) * n / 2 } // half a page, then none, and so on
	})
	w.seed(10)
	seen, pages, page := 0, 0, ""
	for {
		a := w.owner().do("GET", events("maxResults=4", "pageToken="+page), nil).ok()
		seen, pages = seen+len(a.items()), pages+1
		if page = a.text("nextPageToken"); page == "" {
			break
		}
	}
	if seen != 10 || pages < 8 {
		t.Errorf("%d events on %d pages", seen, pages)
	}
}

func TestPageTokenOrSyncTokenNeverBothAndTheLatterLast(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.seed(5)
	page := ""
	for i := range 3 {
		a := w.owner().do("GET", events("maxResults=2", "pageToken="+page), nil).ok()
		page = a.text("nextPageToken")
		if last := i == 2; (page == "") != last || (a.text("nextSyncToken") != "") != last {
			t.Errorf("page %d: page token %q, sync token %q", i, page, a.text("nextSyncToken"))
		}
	}
}

func TestPageTokenIsBoundToItsQuery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.share()
	w.seed(5)
	w.insert(weekly("series"))
	page := w.owner().do("GET", events("maxResults=2", "eventTypes=default"), nil).ok().text("nextPageToken")
	w.owner().do("GET", events("maxResults=3", "eventTypes=default", "pageToken="+page), nil).ok() // the size may change
	for _, parts := range [][]string{{}, {"eventTypes=fromGmail"}, {"eventTypes=default", "q=x"}, {"eventTypes=default", "singleEvents=true"}} {
		w.owner().do("GET", events(append(parts, "pageToken="+page)...), nil).refused("400 invalid")
	}
	w.owner().do("GET", events("series", "instances", "pageToken="+page), nil).refused("400 invalid")
	w.as(writer, everything).do("GET", on(owner, "eventTypes=default", "pageToken="+page), nil).refused("400 invalid")
	w.owner().do("GET", events("eventTypes=default", "pageToken=garbage"), nil).refused("400 invalid")
	w.owner().do("GET", events("eventTypes=default", "pageToken="+w.syncToken(w.owner())), nil).refused("400 invalid")
}

func TestSyncTokenShowsWhatChangedSinceTheListingBegan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.seed(4)
	first := w.owner().do("GET", events("maxResults=2"), nil).ok()
	// Behind the reader's back: one event that was already read, one that wasn't yet, and a new one.
	w.owner().do("PATCH", events("seed00000"), obj{"summary": "read"}).ok()
	w.owner().do("PATCH", events("seed00003"), obj{"summary": "unread"}).ok()
	w.insert(meeting("added", 3, 9))
	rest := w.owner().do("GET", events("pageToken="+first.text("nextPageToken")), nil).ok()
	if rest.find("seed00003") == nil {
		t.Errorf("second page: %v", rest.ids())
	}
	token := rest.text("nextSyncToken")
	changes := w.owner().do("GET", events("syncToken="+token), nil).ok()
	if want := []string{"seed00000", "seed00003", "added"}; !slices.Equal(changes.ids(), want) {
		t.Errorf("changes %v, want %v", changes.ids(), want)
	}
	quiet := w.owner().do("GET", events("syncToken="+changes.text("nextSyncToken")), nil).ok()
	if len(quiet.items()) != 0 || quiet.text("nextSyncToken") == "" {
		t.Errorf("quiet listing: %s", quiet.raw)
	}
	// The old token still works and shows the same again.
	if again := w.owner().do("GET", events("syncToken="+token), nil).ok(); len(again.items()) != 3 {
		t.Errorf("old token shows %v", again.ids())
	}
}

func TestPagingAnIncrementalListNeedsTheSameSyncToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.syncToken(w.owner())
	w.seed(5)
	a := w.owner().do("GET", events("syncToken="+token, "maxResults=2"), nil).ok()
	page := a.text("nextPageToken")
	w.owner().do("GET", events("pageToken="+page), nil).refused("400 invalid")
	w.owner().do("GET", events("syncToken="+w.syncToken(w.owner()), "pageToken="+page), nil).refused("400 invalid")
	// An event that changes again while its listing is paged moves to the next one and is not lost.
	w.owner().do("PATCH", events("seed00004"), obj{"summary": "again"}).ok()
	b := w.owner().do("GET", events("syncToken="+token, "pageToken="+page, "maxResults=9"), nil).ok()
	if want := []string{"seed00002", "seed00003"}; !slices.Equal(b.ids(), want) {
		t.Errorf("second page %v, want %v", b.ids(), want)
	}
	c := w.owner().do("GET", events("syncToken="+b.text("nextSyncToken")), nil).ok()
	if want := []string{"seed00004"}; !slices.Equal(c.ids(), want) {
		t.Errorf("next listing %v, want %v", c.ids(), want)
	}
}

func TestFiltersForbiddenWithSyncToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.syncToken(w.owner())
	for _, p := range []string{"iCalUID=x@google.com", "orderBy=updated", "privateExtendedProperty=a=b", "q=x", "sharedExtendedProperty=a=b",
		"timeMin=2026-01-01T00:00:00Z", "timeMax=2027-01-01T00:00:00Z", "updatedMin=2026-11-22T00:00:00Z", "showDeleted=false"} {
		a := w.owner().do("GET", events("syncToken="+token, p), nil).refused("400 invalid")
		if name, _, _ := strings.Cut(p, "="); a.text("error", "errors", 0, "location") != name {
			t.Errorf("%s: blamed %v", p, a.get("error", "errors", 0))
		}
	}
	w.owner().do("GET", events("syncToken="+token, "showDeleted=true"), nil).ok()
}

func TestAllElseHasToBeAsInTheFirstRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.syncToken(w.owner(), "eventTypes=default", "singleEvents=false")
	w.owner().do("GET", events("syncToken="+token, "eventTypes=default"), nil).ok() // false is as good as left out
	w.owner().do("GET", events("syncToken="+token, "eventTypes=default", "maxResults=7", "fields=items(id),nextSyncToken"), nil).ok()
	w.owner().do("GET", events("syncToken="+token), nil).refused("400 invalid")
	w.owner().do("GET", events("syncToken="+token, "eventTypes=default", "eventTypes=fromGmail"), nil).refused("400 invalid")
	w.owner().do("GET", events("syncToken="+token, "eventTypes=default", "singleEvents=true"), nil).refused("400 invalid")
}

func TestExpiredSyncTokenIs410(t *testing.T) {
	t.Parallel()
	t.Run("expired by hand, also in the middle of paging", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		token := w.syncToken(w.owner())
		w.seed(3)
		page := w.owner().do("GET", events("syncToken="+token, "maxResults=1"), nil).ok().text("nextPageToken")
		w.must(w.Server.ExpireSyncTokens(owner))
		w.owner().do("GET", events("syncToken="+token, "pageToken="+page), nil).refused("410 fullSyncRequired")
		w.owner().do("GET", events("syncToken="+token), nil).refused("410 fullSyncRequired")
		w.owner().do("GET", events("syncToken="+w.syncToken(w.owner())), nil).ok()
	})
	t.Run("expired by age", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		token := w.syncToken(w.owner())
		w.advance(27 * 24 * time.Hour)
		w.owner().do("GET", events("syncToken="+token), nil).ok()
		w.advance(2 * 24 * time.Hour)
		w.owner().do("GET", events("syncToken="+token), nil).refused("410 fullSyncRequired")
	})
	t.Run("ended by a change of the role", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.share()
		c := w.as(reader, everything)
		token := c.do("GET", on(owner), nil).ok().text("nextSyncToken")
		w.must(w.Server.Share(reader, owner, calendarv3.RoleWriter))
		c.do("GET", on(owner, "syncToken="+token), nil).refused("410 fullSyncRequired")
	})
}

func TestGarbageSyncTokenIs400(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, err := w.Server.AddCalendar(owner, calendarv3.Calendar{Summary: "Other", TimeZone: "Europe/Madrid"}, calendarv3.RoleOwner)
	w.must(err)
	good := w.syncToken(w.owner())
	foreign := newWorld(t)
	for name, token := range map[string]string{
		"words": "garbage", "empty": "", "cut": good[:len(good)-4], "changed": "A" + good[1:],
		"of another calendar": w.owner().do("GET", on(id), nil).ok().text("nextSyncToken"),
		"of another Google":   foreign.syncToken(foreign.owner()),
	} {
		a := w.owner().do("GET", events("syncToken="+token), nil).refused("400 invalid")
		if !strings.Contains(a.message(), "Invalid sync token value") {
			t.Errorf("%s: %s", name, a.message())
		}
	}
}

func TestInitialCallWithOrderByHasNoSyncToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(meeting("first", 1, 10))
	for _, parts := range [][]string{{"orderBy=updated"}, {"orderBy=startTime", "singleEvents=true"}, {"q=meeting"}, {"updatedMin=2026-11-01T00:00:00Z"}} {
		a := w.owner().do("GET", events(parts...), nil).ok()
		if a.text("nextSyncToken") != "" || a.text("nextPageToken") != "" || len(a.items()) != 1 {
			t.Errorf("%v: %s", parts, a.raw)
		}
	}
	if w.owner().do("GET", events("timeMin=2026-01-01T00:00:00Z"), nil).ok().text("nextSyncToken") == "" {
		t.Error("timeMin alone: no sync token")
	}
}

func TestSingleEventsFloodsAndTruncatesSeries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := meeting("endless", 1, 10)
	m["recurrence"] = []string{"RRULE:FREQ=DAILY"}
	w.insert(m)
	n, last, page := 0, "", ""
	for {
		a := w.owner().do("GET", events("singleEvents=true", "maxResults=2500", "pageToken="+page), nil).ok()
		n += len(a.items())
		last, _ = dig(a.items()[len(a.items())-1], "start", "dateTime").(string)
		if page = a.text("nextPageToken"); page == "" {
			break
		}
	}
	if n < 700 || n > 800 || !strings.HasPrefix(last, "2028-1") { // two years, and then it just stops
		t.Errorf("%d instances up to %s", n, last)
	}
	if a := w.owner().do("GET", events(), nil).ok(); !slices.Equal(a.ids(), []string{"endless"}) {
		t.Errorf("not expanded: %v", a.ids())
	}
}

func TestOrderings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(meeting("later", 9, 10))
	w.advance(time.Second)
	w.insert(meeting("sooner", 3, 10))
	w.advance(time.Second)
	w.insert(weekly("series"))
	w.advance(time.Second)
	w.owner().do("PATCH", events("later"), obj{"summary": "changed"}).ok()
	w.owner().do("GET", events("orderBy=startTime"), nil).refused("400 badRequest")
	if got := w.owner().do("GET", events("orderBy=updated"), nil).ok().ids(); !slices.Equal(got, []string{"sooner", "series", "later"}) {
		t.Errorf("by updated: %v", got)
	}
	var got []string
	page := ""
	for { // page by page, to see the keys hold
		a := w.owner().do("GET", events("singleEvents=true", "orderBy=startTime", "timeMax=2026-12-16T00:00:00Z", "maxResults=1", "pageToken="+page), nil).ok()
		got = append(got, a.ids()...)
		if page = a.text("nextPageToken"); page == "" {
			break
		}
	}
	if want := []string{"series_20261201T090000Z", "sooner", "series_20261208T090000Z", "later", "series_20261215T090000Z"}; !slices.Equal(got, want) {
		t.Errorf("by start: %v, want %v", got, want)
	}
}

func TestTimeRangeIsExclusiveAtBothEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(meeting("hours", 1, 10)) // 09:00 to 10:00 UTC
	allDay := obj{"id": "dated", "start": obj{"date": "2026-12-01"}, "end": obj{"date": "2026-12-02"}}
	w.insert(allDay) // from 23:00 UTC of the day before, in Madrid
	series := meeting("past0", 1, 7)
	series["recurrence"] = []string{"RRULE:FREQ=DAILY;COUNT=2"}
	w.insert(series)
	for _, c := range []struct {
		from, to string
		want     []string
	}{
		{"2026-12-01T10:00:00Z", "2026-12-01T11:00:00Z", []string{"dated"}},                    // ends at timeMin: not shown
		{"2026-12-01T08:00:00Z", "2026-12-01T09:00:00Z", []string{"dated"}},                    // starts at timeMax: not shown
		{"2026-12-01T09:59:59Z", "2026-12-01T10:00:00Z", []string{"hours", "dated"}},           // the last second
		{"2026-12-01T22:59:59Z", "2026-12-02T00:00:00Z", []string{"dated"}},                    // the day's last second in Madrid
		{"2026-12-01T23:00:00Z", "2026-12-02T06:00:00Z", []string{}},                           // and no further
		{"2026-12-02T06:00:00Z", "2026-12-02T06:00:01Z", []string{"past0"}},                    // a series by its second occurrence
		{"2026-12-01T11:30:00+05:00", "2026-12-01T13:00:00+05:00", []string{"past0", "dated"}}, // any offset
		{"2026-12-01T08:59:59.999Z", "2026-12-01T09:00:00.999Z", []string{"dated"}},            // fractions are ignored
	} {
		got := w.owner().do("GET", events("timeMin="+c.from, "timeMax="+c.to), nil).ok().ids()
		slices.Sort(got)
		slices.Sort(c.want)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s to %s: %v, want %v", c.from, c.to, got, c.want)
		}
	}
	w.owner().do("GET", events("timeMin=2026-12-02T00:00:00Z", "timeMax=2026-12-02T00:00:00Z"), nil).refused("400 timeRangeEmpty")
	w.owner().do("GET", events("timeMin=2026-12-02T00:00:00"), nil).refused("400 invalidParameter")
}

func TestContentFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := meeting("tagged", 1, 10)
	m["extendedProperties"] = obj{"private": obj{"k": "v"}, "shared": obj{"s": "1"}}
	m["location"], m["attendees"] = "Aula Magna", []obj{{"email": "guest@example.com", "displayName": "Some Guest"}}
	w.insert(m)
	w.insert(meeting("plain", 2, 10))
	_, err := w.Server.PutEvent(owner, calendarv3.Event{"id": "away", "eventType": "outOfOffice",
		"start": map[string]any{"date": "2026-12-01"}, "end": map[string]any{"date": "2026-12-02"}})
	w.must(err)
	for param, want := range map[string][]string{
		"privateExtendedProperty=k=v": {"tagged"}, "privateExtendedProperty=k=w": {}, "sharedExtendedProperty=s=1": {"tagged"},
		"q=MAGNA aula": {"tagged"}, "q=guest@example": {"tagged"}, "q=nothing": {}, "iCalUID=plain@google.com": {"plain"},
		"eventTypes=outOfOffice": {"away"}, "eventTypes=default": {"tagged", "plain"}, "updatedMin=2026-11-23T09:00:01Z": {},
	} {
		if got := w.owner().do("GET", events(param), nil).ok().ids(); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", param, got, want)
		}
	}
	w.owner().do("DELETE", events("plain"), nil).ok()
	if got := w.owner().do("GET", events("updatedMin=2026-11-23T08:00:00Z"), nil).ok().ids(); !slices.Equal(got, []string{"tagged", "plain", "away"}) {
		t.Errorf("updatedMin shows deleted events regardless: %v", got)
	}
	w.owner().do("GET", events("updatedMin=2026-01-01T00:00:00Z"), nil).refused("410 updatedMinTooLongAgo")
}
