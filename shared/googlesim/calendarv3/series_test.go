package calendarv3_test

import (
	"slices"
	"strings"
	"testing"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

// second is the id of weekly's second instance.
func second(id string) string { return id + "_20261208T090000Z" }

func TestMastersHaveRecurrenceAndInstancesPointToThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := weekly("serie")
	m["extendedProperties"] = obj{"private": obj{"aura": "1"}}
	w.insert(m)
	a := w.owner().do("GET", events(second("serie")), nil).ok()
	if a.text("recurringEventId") != "serie" || a.text("originalStartTime", "dateTime") != "2026-12-08T10:00:00+01:00" ||
		a.get("recurrence") != nil || a.text("extendedProperties", "private", "aura") != "1" || a.text("iCalUID") != "serie@google.com" {
		t.Errorf("instance: %s", a.raw)
	}
	d := obj{"id": "datae", "start": obj{"date": "2026-12-01"}, "end": obj{"date": "2026-12-03"}, "recurrence": []string{"RRULE:FREQ=WEEKLY;COUNT=3"}}
	w.insert(d)
	b := w.owner().do("GET", events("datae_20261208"), nil).ok()
	if b.text("originalStartTime", "date") != "2026-12-08" || b.text("end", "date") != "2026-12-10" {
		t.Errorf("all-day instance: %s", b.raw)
	}
	for _, id := range []string{"serie_20261209T090000Z", "serie_20261208T090000", "serie_20261208", "datae_20261208T000000Z", "serie_", "_20261208", "serie_20270301T090000Z"} {
		w.owner().do("GET", events(id), nil).refused("404 notFound")
	}
}

func TestInstances(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(weekly("serie"))
	w.owner().do("PATCH", events(second("serie")), obj{"start": at(10, 18), "end": at(10, 19)}).ok()
	w.owner().do("DELETE", events("serie_20261215T090000Z"), nil).ok()
	all := w.owner().do("GET", events("serie", "instances"), nil).ok()
	if len(all.items()) != 9 || all.items()[1]["id"] != second("serie") || all.find("serie_20261215T090000Z") != nil {
		t.Errorf("instances %v", all.ids())
	}
	if got := len(w.owner().do("GET", events("serie", "instances", "showDeleted=true"), nil).ok().items()); got != 10 {
		t.Errorf("with the deleted one: %d", got)
	}
	page, n := "", 0
	for {
		a := w.owner().do("GET", events("serie", "instances", "maxResults=4", "pageToken="+page), nil).ok()
		n += len(a.items())
		if page = a.text("nextPageToken"); page == "" {
			break
		}
	}
	if n != 9 {
		t.Errorf("%d on pages of four", n)
	}
	for param, want := range map[string]int{"originalStart=2026-12-08T09:00:00Z": 1, "originalStart=2026-12-09T09:00:00Z": 0, "timeMin=2026-12-20T00:00:00Z": 7, "timeMax=2026-12-09T00:00:00Z": 1} {
		if got := len(w.owner().do("GET", events("serie", "instances", param), nil).ok().items()); got != want {
			t.Errorf("%s: %d instances, want %d", param, got, want)
		}
	}
	w.insert(meeting("plain", 1, 10))
	w.owner().do("GET", events("plain", "instances"), nil).refused("400 invalid")
	w.owner().do("GET", events("nones", "instances"), nil).refused("404 notFound")
}

func TestChangingAnInstanceMakesAnException(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(weekly("serie"))
	token := w.syncToken(w.owner())
	virtual := w.owner().do("GET", events(second("serie")), nil).ok()
	a := w.owner().do("PATCH", events(second("serie")), obj{"summary": "special", "start": at(9, 12), "end": at(9, 13)}, "If-Match: "+virtual.text("etag")).ok()
	if a.text("recurringEventId") != "serie" || a.text("originalStartTime", "dateTime") != "2026-12-08T10:00:00+01:00" || a.text("start", "dateTime") != "2026-12-09T12:00:00+01:00" {
		t.Errorf("exception: %s", a.raw)
	}
	if got := w.owner().do("GET", events("syncToken="+token), nil).ok().ids(); !slices.Equal(got, []string{second("serie")}) {
		t.Errorf("changes %v", got)
	}
	w.owner().do("PATCH", events(second("serie")), obj{"recurrence": []string{"RRULE:FREQ=DAILY"}}).refused("400 invalid")
	expanded := w.owner().do("GET", events("singleEvents=true", "orderBy=startTime"), nil).ok()
	if len(expanded.items()) != 10 || expanded.items()[1]["summary"] != "special" {
		t.Errorf("expanded %v", expanded.ids())
	}
}

func TestCancelledExceptionsAreMinimalAndListedWhileTheSeriesLives(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(weekly("serie"))
	token := w.syncToken(w.owner())
	w.owner().do("DELETE", events(second("serie")), nil).ok()
	w.owner().do("DELETE", events(second("serie")), nil).refused("410 deleted")
	for _, parts := range [][]string{{}, {"syncToken=" + token}} { // in a full listing without showDeleted, too
		i := w.owner().do("GET", events(parts...), nil).ok().find(second("serie"))
		names := []string{}
		for name := range i {
			names = append(names, name)
		}
		slices.Sort(names)
		if want := []string{"etag", "id", "kind", "originalStartTime", "recurringEventId", "status"}; !slices.Equal(names, want) || i["status"] != "cancelled" {
			t.Errorf("%v: %v", parts, i)
		}
	}
	w.owner().do("DELETE", events("serie"), nil).ok()
	if got := w.owner().do("GET", events(), nil).ok().ids(); len(got) != 0 {
		t.Errorf("after the series is gone: %v", got)
	}
}

func TestDeletingASeriesTakesItsExceptionsAlongAndUndeletingBringsThemBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(weekly("serie"))
	w.owner().do("PATCH", events(second("serie")), obj{"summary": "special"}).ok()
	w.owner().do("DELETE", events("serie_20261215T090000Z"), nil).ok()
	token := w.syncToken(w.owner())
	w.owner().do("DELETE", events("serie"), nil).ok()
	gone := w.owner().do("GET", events("syncToken="+token), nil).ok()
	if e := gone.find(second("serie")); len(e) != 2 || e["status"] != "cancelled" { // {id, status}: not even what it belonged to
		t.Errorf("exception of a deleted series: %v", e)
	}
	w.owner().do("GET", events("serie_20261222T090000Z"), nil).refused("404 notFound")
	full := w.owner().do("GET", events("serie"), nil).ok().doc
	full["status"] = "confirmed"
	w.owner().do("PUT", events("serie"), full).ok()
	if got := w.owner().do("GET", events(second("serie")), nil).ok(); got.text("status") != "confirmed" || got.text("summary") != "special" {
		t.Errorf("exception after undeleting: %s", got.raw)
	}
	if got := w.owner().do("GET", events("serie_20261215T090000Z"), nil).ok(); got.text("status") != "cancelled" {
		t.Errorf("cancelled exception after undeleting: %s", got.raw)
	}
}

func TestMovingASeriesCancelsExceptionsThatHaveNoOccurrenceAnyMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(weekly("serie"))
	w.owner().do("PATCH", events(second("serie")), obj{"summary": "special"}).ok()
	token := w.syncToken(w.owner())
	w.owner().do("PATCH", events("serie"), obj{"start": at(1, 11), "end": at(1, 12)}).ok()
	if e := w.owner().do("GET", events("syncToken="+token), nil).ok().find(second("serie")); len(e) != 2 || e["status"] != "cancelled" {
		t.Errorf("orphan: %v", e)
	}
	w.owner().do("GET", events("serie_20261208T100000Z"), nil).ok()
	w.owner().do("PATCH", events("serie"), obj{"recurrence": nil}).ok()
	w.owner().do("GET", events("serie_20261208T100000Z"), nil).refused("404 notFound")
}

func TestThisAndFollowingMakesANewMaster(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := weekly("serie")
	m["recurrence"] = []string{"RRULE:FREQ=WEEKLY;COUNT=10", "EXDATE;TZID=Europe/Madrid:20261215T100000,20261229T100000"}
	m["extendedProperties"] = obj{"private": obj{"aura": "stamp"}}
	w.insert(m)
	w.owner().do("PATCH", events("serie_20270105T090000Z"), obj{"summary": "special"}).ok()
	token := w.syncToken(w.owner())
	cut := "serie_20261222T090000Z"
	_, err := w.Server.Patch(owner, owner, cut, calendarv3.Event{"summary": "from now on"}, calendarv3.SpanFollowing)
	w.must(err)
	tail := "serie_R20261222T090000"
	changes := w.owner().do("GET", events("syncToken="+token), nil).ok()
	if want := []string{"serie", tail, "serie_20270105T090000Z"}; !slices.Equal(changes.ids(), want) {
		t.Fatalf("changed %v, want %v", changes.ids(), want)
	}
	old, neu, exception := changes.find("serie"), changes.find(tail), changes.find("serie_20270105T090000Z")
	if got := dig(old, "recurrence", 0); got != "RRULE:FREQ=WEEKLY;UNTIL=20261222T085959Z" {
		t.Errorf("old series %v", got)
	}
	if got := dig(old, "recurrence", 1); got != "EXDATE;TZID=Europe/Madrid:20261215T100000" {
		t.Errorf("old exclusions %v", got)
	}
	if got := dig(neu, "recurrence", 0); got != "RRULE:FREQ=WEEKLY;COUNT=7" {
		t.Errorf("new series %v", got)
	}
	if dig(neu, "summary") != "from now on" || dig(neu, "extendedProperties", "private", "aura") != "stamp" || dig(neu, "recurringEventId") != nil {
		t.Errorf("new master %v", neu)
	}
	// The exception keeps its id, which now says nothing about its master.
	if dig(exception, "recurringEventId") != tail || dig(exception, "extendedProperties", "private", "aura") != "stamp" {
		t.Errorf("exception %v", exception)
	}
	// Instances of the new master are named after the first series.
	a := w.owner().do("GET", events("serie_20270112T090000Z"), nil).ok()
	if a.text("recurringEventId") != tail {
		t.Errorf("instance: %s", a.raw)
	}
	w.owner().do("DELETE", events("serie_20270112T090000Z"), nil).ok()
	w.owner().do("GET", events("serie_20261208T090000Z"), nil).ok() // of the old one
	w.owner().do("GET", events(tail+"_20270112T090000Z"), nil).refused("404 notFound")
	if got := len(w.owner().do("GET", events("singleEvents=true"), nil).ok().items()); got != 7 { // ten, less two excluded, less one deleted
		t.Errorf("%d instances", got)
	}
}

func TestThisAndFollowingWithAnotherTimeDropsTheExceptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(weekly("serie"))
	w.owner().do("PATCH", events("serie_20270105T090000Z"), obj{"summary": "special"}).ok()
	_, err := w.Server.Patch(owner, owner, second("serie"), calendarv3.Event{
		"start": map[string]any{"dateTime": "2026-12-08T15:00:00+01:00"}, "end": map[string]any{"dateTime": "2026-12-08T16:00:00+01:00"}}, calendarv3.SpanFollowing)
	w.must(err)
	if got := w.owner().do("GET", events("serie_20270105T090000Z"), nil).ok().text("status"); got != "cancelled" {
		t.Errorf("exception is %s", got)
	}
	if a := w.owner().do("GET", events("serie_20270105T140000Z"), nil).ok(); a.text("recurringEventId") != "serie_R20261208T090000" {
		t.Errorf("instance: %s", a.raw)
	}
}

func TestThisAndFollowingOfAnAllDaySeriesOfTheFirstAndAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(obj{"id": "datae", "summary": "Day", "start": obj{"date": "2026-12-01"}, "end": obj{"date": "2026-12-02"}, "recurrence": []string{"RRULE:FREQ=DAILY;COUNT=9"}})
	patch := func(id, title string) {
		_, err := w.Server.Patch(owner, owner, id, calendarv3.Event{"summary": title}, calendarv3.SpanFollowing)
		w.must(err)
	}
	patch("datae_20261204", "two")
	patch("datae_20261207", "three") // an instance of the second master
	patch("datae_20261201", "one")   // the first: no split
	want := map[string]string{"datae": "RRULE:FREQ=DAILY;UNTIL=20261203", "datae_R20261204": "RRULE:FREQ=DAILY;UNTIL=20261206", "datae_R20261207": "RRULE:FREQ=DAILY;COUNT=3"}
	list := w.owner().do("GET", events(), nil).ok()
	if len(list.items()) != len(want) {
		t.Errorf("masters %v", list.ids())
	}
	for id, rule := range want {
		if got := dig(list.find(id), "recurrence", 0); got != rule {
			t.Errorf("%s: %v, want %s", id, got, rule)
		}
	}
	var titles []string
	for _, i := range w.owner().do("GET", events("singleEvents=true", "orderBy=startTime"), nil).ok().items() {
		titles = append(titles, i["summary"].(string))
	}
	if got := strings.Join(titles, " "); got != "one one one two two two three three three" {
		t.Errorf("titles %s", got)
	}
}

func TestStricterVisibilityOfOneInstanceChangesTheSeries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(weekly("serie"))
	w.owner().do("PATCH", events("serie_20261215T090000Z"), obj{"summary": "exception"}).ok()
	token := w.syncToken(w.owner())
	w.owner().do("PATCH", events(second("serie")), obj{"visibility": "private"}).ok()
	for _, id := range []string{"serie", second("serie"), "serie_20261215T090000Z", "serie_20261222T090000Z"} {
		if got := w.owner().do("GET", events(id), nil).ok().text("visibility"); got != "private" {
			t.Errorf("%s is %q", id, got)
		}
	}
	if got := len(w.owner().do("GET", events("syncToken="+token), nil).ok().items()); got != 3 {
		t.Errorf("%d changes", got)
	}
	// Less strict is ignored, though the rest of the patch isn't.
	a := w.owner().do("PATCH", events(second("serie")), obj{"visibility": "public", "summary": "still"}).ok()
	if a.text("visibility") != "private" || a.text("summary") != "still" {
		t.Errorf("instance: %s", a.raw)
	}
	w.owner().do("PATCH", events("serie"), obj{"visibility": "public"}).ok() // through the master it goes
}
