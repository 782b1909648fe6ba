package calendarv3_test

import (
	"testing"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

func TestOperationsForThePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(weekly("serie"))
	start := func(id string) string {
		e, err := w.Server.Event(owner, "primary", id)
		w.must(err)
		s, _ := dig(map[string]any(e), "start", "dateTime").(string)
		return s
	}
	// All: the master moves by as much as the instance was moved.
	_, err := w.Server.Patch(owner, owner, second("serie"), calendarv3.Event{
		"start": map[string]any{"dateTime": "2026-12-09T11:00:00+01:00"}, "end": map[string]any{"dateTime": "2026-12-09T13:00:00+01:00"}}, calendarv3.SpanAll)
	w.must(err)
	if got := start("serie"); got != "2026-12-02T11:00:00+01:00" {
		t.Errorf("master starts %s", got)
	}
	if got := start("serie_20261209T100000Z"); got != "2026-12-09T11:00:00+01:00" {
		t.Errorf("instance starts %s", got)
	}
	// Delete this, then following, then all.
	w.must(w.Server.Delete(owner, owner, "serie_20261209T100000Z", calendarv3.SpanThis))
	w.must(w.Server.Delete(owner, owner, "serie_20261223T100000Z", calendarv3.SpanFollowing))
	shown, err := w.Server.Events(owner, owner, w.time(), w.time().AddDate(1, 0, 0))
	w.must(err)
	if len(shown) != 2 { // the 2nd and the 16th
		t.Errorf("%d events left: %v", len(shown), shown)
	}
	w.must(w.Server.Delete(owner, owner, "serie_20261216T100000Z", calendarv3.SpanAll))
	if e, err := w.Server.Event(owner, owner, "serie"); err != nil || e["status"] != "cancelled" {
		t.Errorf("series: %v %v", e["status"], err)
	}
	if err := w.Server.Delete(owner, owner, "serie", calendarv3.SpanThis); err == nil {
		t.Error("deleted twice")
	}
	if _, err := w.Server.Insert(owner, owner, calendarv3.Event{"summary": "no time"}); err == nil {
		t.Error("inserted without a time")
	}
	// From days to times: every occurrence, at the new hour.
	w.insert(obj{"id": "datae", "start": obj{"date": "2026-12-01"}, "end": obj{"date": "2026-12-02"}, "recurrence": []string{"RRULE:FREQ=WEEKLY;COUNT=3"}})
	_, err = w.Server.Patch(owner, owner, "datae_20261208", calendarv3.Event{
		"start": map[string]any{"date": nil, "dateTime": "2026-12-08T10:00:00+01:00"}, "end": map[string]any{"date": nil, "dateTime": "2026-12-08T11:00:00+01:00"}}, calendarv3.SpanAll)
	w.must(err)
	if got := start("datae"); got != "2026-12-01T10:00:00+01:00" {
		t.Errorf("master starts %s", got)
	}
}

func TestMoveChangesTheOrganizer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.share()
	id, err := w.Server.AddCalendar(owner, calendarv3.Calendar{Summary: "Other", TimeZone: "Europe/Madrid"}, calendarv3.RoleOwner)
	w.must(err)
	w.insert(weekly("serie"))
	w.owner().do("PATCH", events(second("serie")), obj{"summary": "special"}).ok()
	token := w.syncToken(w.owner())
	a := w.owner().do("POST", events("serie", "move", "destination="+id), nil).ok()
	if a.text("organizer", "email") != id || a.get("organizer", "self") != true || a.text("creator", "email") != owner {
		t.Errorf("moved: %s", a.raw)
	}
	if e := w.owner().do("GET", events("syncToken="+token), nil).ok().find("serie"); dig(e, "status") != "cancelled" {
		t.Errorf("left behind: %v", e)
	}
	if got := w.owner().do("GET", on(id, second("serie")), nil).ok().text("summary"); got != "special" {
		t.Errorf("its exception: %q", got)
	}
	w.owner().do("POST", events("serie", "move", "destination="+id), nil).refused("404 notFound")
	// What was an exception to nothing before is no hole in the series over there.
	w.insert(weekly("moved"))
	w.owner().do("DELETE", events(second("moved")), nil).ok()
	w.owner().do("PATCH", events("moved"), obj{"start": at(1, 11), "end": at(1, 12)}).ok()
	w.owner().do("POST", events("moved", "move", "destination="+id), nil).ok()
	if hole := w.owner().do("GET", on(id), nil).ok().find(second("moved")); hole != nil {
		t.Errorf("listed %v", hole)
	}
	w.owner().do("POST", on(id, second("serie"), "move", "destination="+owner), nil).refused("400 cannotChangeOrganizerOfInstance")
	w.owner().do("POST", on(id, "serie", "move", "destination="+id), nil).refused("400 invalid")
	w.owner().do("POST", on(id, "serie", "move", "destination=nowhere"), nil).refused("404 notFound")
	w.owner().do("POST", on(id, "serie", "move"), nil).refused("400 required")
	w.owner().do("POST", on(id, "serie", "move", "destination="+owner), nil).ok() // and back, over its tombstone
	w.insert(meeting("clash", 1, 10))
	w.owner().do("POST", on(id), meeting("clash", 1, 10)).ok()
	w.owner().do("POST", events("clash", "move", "destination="+id), nil).refused("409 duplicate")
	w.must(w.Server.Share(reader, id, calendarv3.RoleReader))
	w.must(w.Server.AddAccount(reader, ""))
	w.as(reader, everything).do("POST", events("nones", "move", "destination="+id), nil).refused("404 notFound")
	_, err = w.Server.PutEvent(owner, calendarv3.Event{"id": "foreign", "organizer": obj{"email": "boss@example.com"}, "start": at(1, 10), "end": at(1, 11)})
	w.must(err)
	w.owner().do("POST", events("foreign", "move", "destination="+id), nil).refused("403 forbiddenForNonOrganizer")
}

func TestImportKeepsTheOrganizer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := obj{"iCalUID": "abc@elsewhere.example", "organizer": obj{"email": "boss@example.com", "displayName": "Boss"}, "summary": "Theirs",
		"start": at(1, 10), "end": at(1, 11), "sequence": 2, "eventType": "outOfOffice"}
	a := w.owner().do("POST", events("import"), m).ok()
	if a.text("organizer", "email") != "boss@example.com" || a.get("organizer", "self") != nil || a.text("eventType") != "default" || a.text("iCalUID") != "abc@elsewhere.example" {
		t.Errorf("imported: %s", a.raw)
	}
	w.owner().do("PATCH", events(a.text("id")), obj{"summary": "mine"}).refused("403 forbiddenForNonOrganizer")
	m["summary"] = "Changed"
	if b := w.owner().do("POST", events("import"), m).ok(); b.text("id") != a.text("id") || b.text("summary") != "Changed" {
		t.Errorf("imported again: %s", b.raw)
	}
	m["sequence"] = 1
	w.owner().do("POST", events("import"), m).refused("400 invalid")
	delete(m, "iCalUID")
	w.owner().do("POST", events("import"), m).refused("400 required")
}
