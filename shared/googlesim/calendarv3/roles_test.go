package calendarv3_test

import (
	"slices"
	"testing"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

func TestEveryListAnswerSaysTheAccessRole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.share()
	for email, want := range map[string]string{owner: "owner", writer: "writer", reader: "reader", free: "freeBusyReader"} {
		if got := w.as(email, everything).do("GET", on(owner), nil).ok().text("accessRole"); got != want {
			t.Errorf("%s: %s", email, got)
		}
	}
}

func TestReaderWritingIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.share()
	w.insert(meeting("theirs", 1, 10))
	for _, email := range []string{reader, free} {
		c := w.as(email, everything)
		c.do("POST", on(owner), meeting("mines", 1, 10)).refused("403 requiredAccessLevel")
		c.do("POST", on(owner, "import"), obj{"iCalUID": "x", "start": at(1, 1), "end": at(1, 2)}).refused("403 requiredAccessLevel")
		c.do("PUT", on(owner, "theirs"), obj{}).refused("403 requiredAccessLevel")
		c.do("PATCH", on(owner, "theirs"), obj{}).refused("403 requiredAccessLevel")
		c.do("DELETE", on(owner, "theirs"), nil).refused("403 requiredAccessLevel")
		c.do("POST", on(owner, "theirs", "move", "destination="+email), nil).refused("403 requiredAccessLevel")
	}
	c := w.as(writer, everything)
	c.do("PATCH", on(owner, "theirs"), obj{"summary": "x"}).ok()
	c.do("POST", on(owner, "theirs", "move", "destination="+writer), nil).ok()
	if _, err := w.Server.Insert(reader, owner, calendarv3.Event{"start": at(1, 1), "end": at(1, 2)}); err == nil {
		t.Error("reader inserted through the page")
	}
}

func TestACalendarWithoutARoleDoesNotExist(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.Server.AddAccount(reader, ""))
	c := w.as(reader, everything)
	c.do("GET", on(owner), nil).refused("404 notFound")
	c.do("GET", on("nowhere@group.calendar.google.com"), nil).refused("404 notFound")
	c.do("GET", "/calendar/v3/users/me/calendarList/"+owner, nil).refused("404 notFound")
	c.do("POST", on(owner), meeting("other", 1, 10)).refused("404 notFound")
}

func TestReaderSeesThatAPrivateEventIsThereAndNoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.share()
	m := meeting("secret", 1, 10)
	m["visibility"], m["location"], m["attendees"] = "private", "hidden", []obj{{"email": "guest@example.com"}}
	w.insert(m)
	for _, i := range []map[string]any{
		w.as(reader, everything).do("GET", on(owner), nil).ok().find("secret"),
		w.as(reader, everything).do("GET", on(owner, "secret"), nil).ok().doc,
	} {
		if i["summary"] != nil || i["location"] != nil || i["attendees"] != nil || i["visibility"] != "private" || dig(i, "start", "dateTime") == nil {
			t.Errorf("reader sees %v", i)
		}
	}
	if w.as(writer, everything).do("GET", on(owner, "secret"), nil).ok().text("summary") == "" {
		t.Error("writer doesn't see the details")
	}
}

func TestFreeBusyReaderGetsBareDenormalisedEventsAlsoIncrementally(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.share()
	c := w.as(free, everything)
	w.insert(weekly("serie"))
	w.insert(meeting("single", 2, 10))
	a := c.do("GET", on(owner), nil).ok()
	if len(a.items()) != 11 {
		t.Fatalf("listed %v", a.ids())
	}
	for _, i := range a.items() {
		if i["summary"] != nil || i["recurrence"] != nil || i["recurringEventId"] != nil || i["organizer"] != nil || dig(i, "start", "dateTime") == nil {
			t.Fatalf("not bare: %v", i)
		}
	}
	w.owner().do("PATCH", events("single"), obj{"start": at(2, 9)}).ok()
	w.owner().do("DELETE", events(second("serie")), nil).ok()
	b := c.do("GET", on(owner, "syncToken="+a.text("nextSyncToken")), nil).ok()
	if want := []string{"single", second("serie")}; !slices.Equal(b.ids(), want) {
		t.Errorf("changes %v, want %v", b.ids(), want)
	}
	if e := b.find(second("serie")); e["status"] != "cancelled" || e["recurringEventId"] != nil {
		t.Errorf("cancelled instance: %v", e)
	}
	if e := b.find("single"); e["summary"] != nil {
		t.Errorf("changed: %v", e)
	}
	if c.do("GET", on(owner, "single"), nil).ok().get("summary") != nil {
		t.Error("get shows the title")
	}
	w.owner().do("DELETE", events("serie"), nil).ok()
	gone := c.do("GET", on(owner, "syncToken="+b.text("nextSyncToken")), nil).ok()
	if len(gone.items()) != 9 || dig(gone.items()[0], "status") != "cancelled" { // every instance that was left, by itself
		t.Errorf("after the series is deleted: %v", gone.ids())
	}
}

func TestFreeBusyReaderIsToldWhichInstancesAreNoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.share()
	c := w.as(free, everything)
	w.insert(weekly("serie"))
	token := c.do("GET", on(owner), nil).ok().text("nextSyncToken")
	w.owner().do("PATCH", events("serie"), obj{"start": at(1, 11), "end": at(1, 12)}).ok()
	moved := c.do("GET", on(owner, "syncToken="+token), nil).ok()
	gone, there := 0, 0
	for _, i := range moved.items() {
		if i["status"] == "cancelled" {
			gone++
		} else {
			there++
		}
	}
	if gone != 10 || there != 10 || moved.find(second("serie"))["status"] != "cancelled" {
		t.Errorf("%d gone, %d there: %v", gone, there, moved.ids())
	}
	w = w.reborn() // and it survives a restart
	if again := w.as(free, everything).do("GET", on(owner, "syncToken="+token), nil).ok(); len(again.items()) != 20 {
		t.Errorf("after a restart %v", again.ids())
	}
	w.owner().do("PATCH", events("serie"), obj{"start": at(1, 10), "end": at(1, 11)}).ok() // back again
	c = w.as(free, everything)
	if i := c.do("GET", on(owner, "syncToken="+moved.text("nextSyncToken")), nil).ok().find(second("serie")); i["status"] != "confirmed" {
		t.Errorf("back again: %v", i)
	}
}

func TestNonOrganizerMayNotChangeWhatIsShared(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	invitation := calendarv3.Event{"id": "invite", "summary": "Theirs", "organizer": obj{"email": "boss@example.com"},
		"creator": obj{"email": "boss@example.com"}, "start": at(1, 10), "end": at(1, 11),
		"attendees": []any{obj{"email": owner, "self": true, "responseStatus": "needsAction"}, obj{"email": "third@example.com", "responseStatus": "accepted"}}}
	_, err := w.Server.PutEvent(owner, invitation)
	w.must(err)
	for name, v := range map[string]any{"summary": "mine", "description": "x", "location": "x", "start": at(1, 9), "end": at(1, 12),
		"recurrence": []string{"RRULE:FREQ=DAILY"}, "status": "tentative", "guestsCanModify": true, "extendedProperties": obj{"shared": obj{"a": "b"}},
		"attendees": []obj{{"email": owner, "responseStatus": "accepted"}}} {
		w.owner().do("PATCH", events("invite"), obj{name: v}).refused("403 forbiddenForNonOrganizer")
	}
	// What belongs to one's own copy is one's own.
	w.owner().do("PATCH", events("invite"), obj{"colorId": "4", "transparency": "transparent", "visibility": "private",
		"extendedProperties": obj{"private": obj{"aura": "1"}}, "reminders": obj{"useDefault": false}}).ok()
	a := w.owner().do("PATCH", events("invite"), obj{"attendees": []obj{{"email": owner, "responseStatus": "accepted"},
		{"email": "third@example.com", "responseStatus": "accepted"}}}).ok()
	if dig(a.get("attendees"), 0, "responseStatus") != "accepted" || dig(a.get("attendees"), 0, "self") != true {
		t.Errorf("answer to the invitation: %v", a.get("attendees"))
	}
	full := w.owner().do("GET", events("invite"), nil).ok().doc
	w.owner().do("PUT", events("invite"), full).ok() // the whole as it was read
	full["summary"] = "mine"
	full["sequence"] = w.owner().do("GET", events("invite"), nil).ok().doc["sequence"]
	w.owner().do("PUT", events("invite"), full).refused("403 forbiddenForNonOrganizer")

	invitation["id"], invitation["guestsCanModify"] = "opens", true
	_, err = w.Server.PutEvent(owner, invitation)
	w.must(err)
	w.owner().do("PATCH", events("opens"), obj{"summary": "ours"}).ok()
	w.owner().do("DELETE", events("invite"), nil).ok() // one's own copy
}

func TestRemindersAreEachReadersOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.share()
	w.insert(meeting("alarm", 1, 10))
	a := w.owner().do("GET", events("alarm"), nil).ok()
	c := w.as(writer, everything)
	b := c.do("PATCH", on(owner, "alarm"), obj{"reminders": obj{"useDefault": false, "overrides": []obj{{"method": "email", "minutes": 60}}}}).ok()
	if dig(b.get("reminders", "overrides"), 0, "minutes") != 60.0 || b.text("updated") != a.text("updated") {
		t.Errorf("writer's: %s", b.raw)
	}
	if got := w.owner().do("GET", events("alarm"), nil).ok().get("reminders", "useDefault"); got != true {
		t.Errorf("owner's: %v", got)
	}
	if got := c.do("GET", on(owner), nil).ok().find("alarm"); dig(got, "reminders", "overrides", 0, "method") != "email" {
		t.Errorf("writer's in the list: %v", got)
	}
	if got := w.as(reader, everything).do("GET", on(owner, "alarm"), nil).ok().get("reminders", "useDefault"); got != true {
		t.Errorf("reader's: %v", got)
	}
}

func TestMaxAttendeesLeavesOnlyOneself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := meeting("party", 1, 10)
	delete(m, "id")
	m["attendees"] = []obj{{"email": "one@example.com"}, {"email": owner}, {"email": "two@example.com"}}
	id := w.insert(m).text("id")
	a := w.owner().do("GET", events(id, "maxAttendees=2"), nil).ok()
	if l, _ := a.get("attendees").([]any); len(l) != 1 || dig(l, 0, "email") != owner || a.get("attendeesOmitted") != true {
		t.Errorf("two of three: %s", a.raw)
	}
	if l, _ := w.owner().do("GET", events(id, "maxAttendees=3"), nil).ok().get("attendees").([]any); len(l) != 3 {
		t.Errorf("three of three: %v", l)
	}
}

func TestSecondaryCalendarsOrganizeUnderTheirOwnName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, err := w.Server.AddCalendar(owner, calendarv3.Calendar{Summary: "Team", TimeZone: "Asia/Tokyo"}, calendarv3.RoleOwner)
	w.must(err)
	a := w.owner().do("POST", on(id), meeting("tokio", 1, 10)).ok()
	if a.text("organizer", "email") != id || a.text("organizer", "displayName") != "Team" || a.get("creator", "self") != nil {
		t.Errorf("event: %s", a.raw)
	}
	if got := a.text("start", "dateTime"); got != "2026-12-01T18:00:00+09:00" {
		t.Errorf("in the calendar's zone: %s", got)
	}
}

func TestNarrowScopesShowLess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.share()
	w.insert(meeting("first", 1, 10))
	w.must(w.Server.Share(owner, writer, calendarv3.RoleWriter))

	c := w.as(owner, "calendar.events.owned")
	c.do("PATCH", events("first"), obj{"summary": "x"}).ok()
	c.do("GET", on(writer), nil).refused("403 insufficientPermissions") // shared with the owner, not owned
	w.as(owner, "calendar.events.owned,calendar.events.readonly").do("GET", on(writer), nil).ok()
	w.as(owner, "calendar.events.owned.readonly").do("PATCH", events("first"), obj{}).refused("403 insufficientPermissions")

	a := w.as(owner, "calendar.events.freebusy").do("GET", events(), nil).ok()
	if a.text("accessRole") != "freeBusyReader" || a.items()[0]["summary"] != nil {
		t.Errorf("free and busy: %s", a.raw)
	}
	for _, scope := range []string{"calendar.app.created", "calendar.events.public.readonly"} {
		w.as(owner, scope).do("GET", events(), nil).refused("404 notFound")
	}
	w.owner().do("GET", events(), nil).ok() // nothing of this stuck
}
