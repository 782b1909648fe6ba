package calendarv3_test

import (
	"encoding/json"
	"slices"
	"testing"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

// reborn is a fresh server with what the snapshot of another says, by way of JSON.
func (w *world) reborn() *world {
	w.t.Helper()
	raw, err := json.Marshal(w.Server.Snapshot())
	w.must(err)
	var st calendarv3.State
	w.must(json.Unmarshal(raw, &st))
	next := newWorld(w.t)
	next.now = w.time()
	w.must(next.Server.Restore(st))
	return next
}

func TestRestartChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.share()
	w.insert(weekly("serie"))
	token := w.syncToken(w.owner())
	page := w.owner().do("GET", listPath+"?maxResults=1", nil).ok()
	w.owner().do("PATCH", events(second("serie")), obj{"summary": "special"}).ok()
	w.as(writer, everything).do("PATCH", on(owner, "serie"), obj{"reminders": obj{"useDefault": false}}).ok()
	_, err := w.Server.Patch(owner, owner, "serie_20261222T090000Z", calendarv3.Event{"summary": "tail"}, calendarv3.SpanFollowing)
	w.must(err)
	w.owner().do("PATCH", events("serie_20270105T090000Z"), obj{"summary": "exception"}).ok()
	w.insert(meeting("going", 1, 10))
	w.owner().do("DELETE", events("going"), nil).ok()
	w.owner().do("DELETE", events("serie_R20261222T090000"), nil).ok()
	w.owner().do("POST", events("watch"), channel("chan")).ok()
	w.must(w.Server.Share(reader, owner, ""))

	r := w.reborn()
	for _, path := range []string{events(), events("showDeleted=true"), events("syncToken=" + token), events("singleEvents=true"), events("going"), listPath, listPath + "?showDeleted=true"} {
		before, after := w.owner().do("GET", path, nil).ok(), r.owner().do("GET", path, nil).ok()
		if string(before.raw) != string(after.raw) {
			t.Errorf("%s\nbefore %s\nafter %s", path, before.raw, after.raw)
		}
	}
	if got := r.as(writer, everything).do("GET", on(owner, "serie"), nil).ok().get("reminders", "useDefault"); got != false {
		t.Errorf("writer's reminders: %v", got)
	}
	if page.text("nextSyncToken") == "" {
		t.Error("no token to try")
	}
	r.owner().do("GET", listPath+"?syncToken="+escape(page.text("nextSyncToken")), nil).ok()
	full := r.owner().do("GET", events("serie_R20261222T090000"), nil).ok().doc // what was cancelled with its series comes back with it
	full["status"] = "confirmed"
	r.owner().do("PUT", events("serie_R20261222T090000"), full).ok()
	if got := r.owner().do("GET", events("serie_20270105T090000Z"), nil).ok().text("status"); got != "confirmed" {
		t.Errorf("its exception is %s", got)
	}
	r.insert(meeting("later", 3, 10))
	if got, want := r.messages(), []string{"2 exists chan", "3 exists chan"}; !slices.Equal(got, want) {
		t.Errorf("messages %v, want %v", got, want)
	}
	r.owner().do("POST", events(), meeting("going", 1, 10)).refused("409 duplicate")
	if got := r.insert(obj{"start": at(1, 1), "end": at(1, 2)}).text("id"); got == "" || r.Server.Version() == 0 {
		t.Error("cannot go on")
	}
}

func TestBrokenSnapshotsChangeNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(meeting("first", 1, 10))
	good := w.Server.Snapshot()
	for name, spoil := range map[string]func(*calendarv3.State){
		"format":  func(s *calendarv3.State) { s.Format = 99 },
		"key":     func(s *calendarv3.State) { s.Key = nil },
		"event":   func(s *calendarv3.State) { s.Calendars[0].Events[0].Resource = json.RawMessage(`{`) },
		"zone":    func(s *calendarv3.State) { s.Calendars[0].TimeZone = "Mars/Olympus" },
		"twice":   func(s *calendarv3.State) { s.Calendars = append(s.Calendars, s.Calendars[0]) },
		"missing": func(s *calendarv3.State) { s.Calendars = nil },
		"account": func(s *calendarv3.State) { s.Accounts[0].Email = "" },
	} {
		raw, err := json.Marshal(good)
		w.must(err)
		var bad calendarv3.State
		w.must(json.Unmarshal(raw, &bad))
		spoil(&bad)
		if err := w.Server.Restore(bad); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	w.owner().do("GET", events("first"), nil).ok()
}

func TestSeedsAreKeptAsTheyAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.Server.PutEvent(owner, calendarv3.Event{"id": "ODD id", "summary": "", "description": "<script>x</script>",
		"recurrence": []any{"RRULE:FREQ=SOMETIMES"}, "start": at(1, 10), "end": at(1, 9)})
	w.must(err)
	a := w.owner().do("GET", events("ODD id"), nil).ok()
	if a.text("description") != "<script>x</script>" || a.text("recurrence", 0) != "RRULE:FREQ=SOMETIMES" || a.text("iCalUID") == "" || a.text("status") != "confirmed" {
		t.Errorf("stored %s", a.raw)
	}
	if got := w.owner().do("GET", events("timeMin=2026-11-30T00:00:00Z"), nil).ok().ids(); len(got) != 1 {
		t.Errorf("a series that can't be expanded is shown by its start: %v", got)
	}
	if got := w.owner().do("GET", events("singleEvents=true"), nil).ok().ids(); len(got) != 0 {
		t.Errorf("expanded %v", got)
	}
	w.owner().do("PATCH", events("ODD id"), obj{"summary": "x"}).refused("400 timeRangeEmpty")
	if _, err := w.Server.PutEvent("nowhere", calendarv3.Event{}); err == nil {
		t.Error("stored nowhere")
	}
	stored, err := w.Server.Stored(owner)
	w.must(err)
	if len(stored) != 1 {
		t.Errorf("stored %v", stored)
	}
}

func TestVersionGrowsWithChangesAndOnlyThen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.Server.Version()
	w.owner().do("GET", events(), nil).ok()
	w.owner().do("POST", events(), "{}").refused("400 required")
	if got := w.Server.Version(); got != before {
		t.Errorf("version %d after nothing happened, was %d", got, before)
	}
	w.insert(meeting("first", 1, 10))
	if got := w.Server.Version(); got <= before {
		t.Errorf("version %d after an insert, was %d", got, before)
	}
}
