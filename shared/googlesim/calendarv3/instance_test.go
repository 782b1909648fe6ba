package calendarv3_test

import (
	"slices"
	"testing"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

func TestAnInstanceWithoutAStoredExceptionTakesPatchPutAndDelete(t *testing.T) {
	t.Parallel()
	for verb, body := range map[string]any{"PATCH": obj{"summary": "special"}, "PUT": obj{"summary": "special", "start": at(9, 12), "end": at(9, 13)}, "DELETE": nil} {
		w := newWorld(t)
		m := weekly("serie")
		m["extendedProperties"] = obj{"private": obj{"aura": "stamp"}}
		w.insert(m)
		token := w.syncToken(w.owner())
		virtual := w.owner().do("GET", events(second("serie")), nil).ok()
		w.owner().do(verb, events(second("serie")), body, `If-Match: "0"`).refused("412 conditionNotMet")
		w.owner().do("PATCH", events("serie"), obj{"summary": "meanwhile"}).ok()
		// The master's change is the instance's as well.
		w.owner().do(verb, events(second("serie")), body, "If-Match: "+virtual.text("etag")).refused("412 conditionNotMet")
		fresh := w.owner().do("GET", events(second("serie")), nil).ok().text("etag")
		w.owner().do(verb, events(second("serie")), body, "If-Match: "+fresh).ok()
		stored := w.owner().do("GET", events(second("serie")), nil).ok()
		wantStatus, wantProps := "confirmed", any("stamp")
		switch verb {
		case "DELETE":
			wantStatus = "cancelled"
		case "PUT": // replaces all, the copy of the master's properties too
			wantProps = nil
		}
		if stored.text("status") != wantStatus || stored.text("recurringEventId") != "serie" || stored.get("extendedProperties", "private", "aura") != wantProps ||
			stored.text("originalStartTime", "dateTime") != "2026-12-08T10:00:00+01:00" || stored.text("iCalUID") != "serie@google.com" {
			t.Errorf("%s: %s", verb, stored.raw)
		}
		if got := w.owner().do("GET", events("syncToken="+token), nil).ok().ids(); !slices.Equal(got, []string{"serie", second("serie")}) {
			t.Errorf("%s: changed %v", verb, got)
		}
	}
}

func TestUndeleteOfACancelledInstance(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"PATCH", "PUT"} {
		w := newWorld(t)
		w.insert(weekly("serie"))
		w.owner().do("PATCH", events(second("serie")), obj{"summary": "special"}).ok()
		w.owner().do("DELETE", events(second("serie")), nil).ok()
		gone := w.owner().do("GET", events(second("serie")), nil).ok()
		w.owner().do("PATCH", events(second("serie")), obj{"summary": "x"}).refused("404 notFound")
		token := w.syncToken(w.owner())
		body := obj{"status": "confirmed"}
		if verb == "PUT" {
			body = gone.doc
			body["status"] = "confirmed"
		}
		a := w.owner().do(verb, events(second("serie")), body, "If-Match: "+gone.text("etag")).ok()
		if a.text("status") != "confirmed" || a.text("summary") != "special" || a.get("sequence").(float64) <= gone.get("sequence").(float64) {
			t.Errorf("%s: %s", verb, a.raw)
		}
		if i := w.owner().do("GET", events("syncToken="+token), nil).ok().find(second("serie")); i["status"] != "confirmed" {
			t.Errorf("%s: listed %v", verb, i)
		}
		if got := len(w.owner().do("GET", events("serie", "instances"), nil).ok().items()); got != 10 {
			t.Errorf("%s: %d instances", verb, got)
		}
	}
}

func TestInstancesOfADeletedMasterAreGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(weekly("serie"))
	w.owner().do("PATCH", events(second("serie")), obj{"summary": "special"}).ok()
	w.owner().do("DELETE", events("serie"), nil).ok()
	third := "serie_20261215T090000Z"
	w.owner().do("GET", events(third), nil).refused("404 notFound")
	w.owner().do("PATCH", events(third), obj{"summary": "x"}).refused("404 notFound")
	w.owner().do("PUT", events(third), meeting("", 15, 10)).refused("404 notFound")
	w.owner().do("DELETE", events(third), nil).refused("404 notFound")
	w.owner().do("GET", events("serie", "instances"), nil).refused("404 notFound")
	w.owner().do("PATCH", events(second("serie")), obj{"summary": "x"}).refused("404 notFound") // an exception is cancelled with it
	w.owner().do("DELETE", events(second("serie")), nil).refused("410 deleted")
	if got := w.owner().do("GET", events("singleEvents=true"), nil).ok().ids(); len(got) != 0 {
		t.Errorf("expanded %v", got)
	}
}

func TestAnOccurrenceThatComesBackIsAsItsMasterSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(weekly("serie"))
	third := "serie_20261215T090000Z"
	w.owner().do("PATCH", events(second("serie")), obj{"summary": "special"}).ok()
	w.owner().do("DELETE", events(third), nil).ok()
	w.owner().do("PATCH", events("serie"), obj{"start": at(1, 11), "end": at(1, 12)}).ok() // both lose their occurrence
	w.owner().do("PATCH", events("serie"), obj{"start": at(1, 10), "end": at(1, 11)}).ok() // which is there again
	for _, id := range []string{second("serie"), third} {
		if a := w.owner().do("GET", events(id), nil).ok(); a.text("status") != "confirmed" || a.text("summary") != "Meeting serie" {
			t.Errorf("%s: %s", id, a.raw)
		}
	}
	for _, parts := range [][]string{{"singleEvents=true"}, {"singleEvents=true", "showDeleted=true"}} {
		if got := w.owner().do("GET", events(parts...), nil).ok().ids(); len(got) != 10 {
			t.Errorf("%v: %v", parts, got)
		}
	}
	if got := w.owner().do("GET", events("serie", "instances", "showDeleted=true"), nil).ok().ids(); len(got) != 10 {
		t.Errorf("instances: %v", got)
	}
	a := w.owner().do("PATCH", events(third), obj{"summary": "anew"}).ok() // it can be an exception once more
	if i := w.owner().do("GET", events(), nil).ok().find(third); i["summary"] != "anew" || a.text("recurringEventId") != "serie" {
		t.Errorf("listed %v", i)
	}
}

func TestAllOccurrencesOfASplitSeriesShareItsICalUID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(weekly("serie"))
	exception := "serie_20270105T090000Z"
	w.owner().do("PATCH", events(exception), obj{"summary": "special"}).ok()
	_, err := w.Server.Patch(owner, owner, "serie_20261222T090000Z", calendarv3.Event{"summary": "tail"}, calendarv3.SpanFollowing)
	w.must(err)
	const uid = "serie_R20261222T090000@google.com"
	for _, id := range []string{"serie_R20261222T090000", exception, "serie_20270112T090000Z"} {
		if got := w.owner().do("GET", events(id), nil).ok().text("iCalUID"); got != uid {
			t.Errorf("%s has %s", id, got)
		}
	}
	if got := w.owner().do("GET", events(second("serie")), nil).ok().text("iCalUID"); got != "serie@google.com" {
		t.Errorf("before the cut: %s", got)
	}
}

func TestASecondSplitAtTheSamePlaceIsAnotherSeries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(weekly("serie"))
	const cut, first = "serie_20261222T090000Z", "serie_R20261222T090000"
	split := func(title string) string {
		e, err := w.Server.Patch(owner, owner, cut, calendarv3.Event{"summary": title}, calendarv3.SpanFollowing)
		w.must(err)
		return e["id"].(string)
	}
	if id := split("one"); id != first {
		t.Fatalf("first split is %s", id)
	}
	w.owner().do("PATCH", events("serie_20270105T090000Z"), obj{"summary": "exception of the first"}).ok()
	w.owner().do("DELETE", events(first), nil).ok()
	w.owner().do("PATCH", events("serie"), obj{"recurrence": []string{"RRULE:FREQ=WEEKLY;COUNT=10"}}).ok()
	if a := w.owner().do("GET", events("serie_20270105T090000Z"), nil).ok(); a.text("recurringEventId") != "serie" || a.text("status") != "confirmed" {
		t.Errorf("what the first split had is the series' again: %s", a.raw)
	}
	again := split("two")
	if again == first || again == "serie" {
		t.Errorf("second split is %s", again)
	}
	if got := w.owner().do("GET", events(first), nil).ok().text("status"); got != "cancelled" {
		t.Errorf("the first split is %s", got)
	}
	if got := len(w.owner().do("GET", events("singleEvents=true"), nil).ok().items()); got != 10 {
		t.Errorf("%d occurrences", got)
	}
}

func TestImportOverASeriesTakesItsExceptionsWhereTheyStillBelong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(weekly("serie"))
	w.owner().do("PATCH", events(second("serie")), obj{"summary": "kept"}).ok()
	w.owner().do("PATCH", events("serie_20261222T090000Z"), obj{"summary": "lost"}).ok()
	token := w.syncToken(w.owner())
	w.owner().do("POST", events("import"), obj{"iCalUID": "serie@google.com", "start": at(1, 10), "end": at(1, 11), "recurrence": []string{"RRULE:FREQ=WEEKLY;COUNT=2"}}).ok()
	if got := w.owner().do("GET", events(), nil).ok().ids(); !slices.Equal(got, []string{"serie", second("serie")}) {
		t.Errorf("listed %v", got)
	}
	if i := w.owner().do("GET", events("syncToken="+token), nil).ok().find("serie_20261222T090000Z"); i["status"] != "cancelled" {
		t.Errorf("lost one: %v", i)
	}
}

func TestMovingOverTheTombstoneOfAnotherSeries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, err := w.Server.AddCalendar(owner, calendarv3.Calendar{Summary: "Other", TimeZone: "Europe/Madrid"}, calendarv3.RoleOwner)
	w.must(err)
	w.owner().do("POST", on(id), weekly("serie")).ok()
	w.owner().do("PATCH", on(id, second("serie")), obj{"summary": "of the old one"}).ok()
	w.owner().do("DELETE", on(id, "serie"), nil).ok()
	w.insert(weekly("serie"))
	w.owner().do("POST", events("serie", "move", "destination="+id), nil).ok()
	if a := w.owner().do("GET", on(id, second("serie")), nil).ok(); a.text("status") != "confirmed" || a.text("summary") != "Meeting serie" {
		t.Errorf("second occurrence: %s", a.raw)
	}
	if got := len(w.owner().do("GET", on(id, "singleEvents=true"), nil).ok().items()); got != 10 {
		t.Errorf("%d occurrences", got)
	}
}

// updated tells when somebody last changed the event; the etag tells every state from every other.
func TestUpdatedAndEtagMoveWithEveryChangeAndStandStillWithout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(weekly("serie"))
	w.insert(meeting("other", 2, 10))
	seen := map[string]bool{}
	last := ""
	for i, change := range []struct {
		verb, id string
		body     any
	}{
		{"PATCH", "serie", obj{"summary": "a"}}, {"PATCH", "serie", obj{"extendedProperties": obj{"private": obj{"k": "v"}}}},
		{"PATCH", "serie", obj{"colorId": "3"}}, {"PATCH", "serie", obj{"start": at(1, 9), "end": at(1, 10)}},
		{"PATCH", "serie", obj{"recurrence": []string{"RRULE:FREQ=WEEKLY;COUNT=3"}}}, {"DELETE", "serie", nil}, {"PATCH", "serie", obj{"status": "confirmed"}},
	} {
		w.advance(1_000_000) // a millisecond
		w.owner().do(change.verb, events(change.id), change.body).ok()
		a := w.owner().do("GET", events("serie"), nil).ok()
		if seen[a.text("etag")] || a.text("updated") <= last {
			t.Errorf("%d: etag %s, updated %s after %s", i, a.text("etag"), a.text("updated"), last)
		}
		seen[a.text("etag")], last = true, a.text("updated")
		w.advance(1_000_000)
		w.owner().do("PATCH", events("other"), obj{"summary": "x"}).ok()                     // somebody else's change,
		w.owner().do("PATCH", events("serie"), obj{"start": "never"}).refused("400 invalid") // a refusal,
		b := w.owner().do("GET", events("serie"), nil).ok()                                  // and reading
		if b.text("etag") != a.text("etag") || b.text("updated") != a.text("updated") {
			t.Errorf("%d: moved by nothing", i)
		}
	}
}
