package calendarv3_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

const listPath = "/calendar/v3/users/me/calendarList"

func TestCalendarListShowsRolesPrimaryHiddenAndDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.share()
	_, err := w.Server.AddCalendar(reader, calendarv3.Calendar{ID: "hid@group.calendar.google.com", Summary: "Hidden", Location: "here", Description: "d"}, calendarv3.RoleOwner)
	w.must(err)
	w.must(w.Server.HideCalendar(reader, "hid@group.calendar.google.com", true))
	c := w.as(reader, aura)
	a := c.do("GET", listPath, nil).ok()
	if want := []string{reader, owner}; !slices.Equal(a.ids(), want) {
		t.Errorf("listed %v, want %v", a.ids(), want)
	}
	if p := a.find(reader); p["primary"] != true || p["accessRole"] != "owner" {
		t.Errorf("primary: %v", p)
	}
	if s := a.find(owner); s["primary"] != nil || s["accessRole"] != "reader" {
		t.Errorf("shared: %v", s)
	}
	if h := c.do("GET", listPath+"?showHidden=true", nil).ok().find("hid@group.calendar.google.com"); h["hidden"] != true || h["dataOwner"] != reader {
		t.Errorf("hidden: %v", h)
	}
	if got := c.do("GET", listPath+"?minAccessRole=writer&showHidden=true", nil).ok(); len(got.items()) != 2 || got.text("nextSyncToken") != "" {
		t.Errorf("writers: %v", got.ids())
	}
	w.must(w.Server.Share(reader, owner, ""))
	if got := c.do("GET", listPath, nil).ok().ids(); !slices.Equal(got, []string{reader}) {
		t.Errorf("after losing it %v", got)
	}
	if d := c.do("GET", listPath+"?showDeleted=true", nil).ok().find(owner); d["deleted"] != true {
		t.Errorf("deleted: %v", d)
	}
	c.do("GET", listPath+"/"+owner, nil).refused("404 notFound")
}

func TestPrimarysRealIDIsTheEmailAndCanChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(meeting("first", 1, 10))
	token := w.syncToken(w.owner())
	if got := w.owner().do("GET", listPath+"/primary", nil).ok().text("id"); got != owner {
		t.Errorf("primary is %s", got)
	}
	w.must(w.Server.RenameAccount(owner, "renamed@example.com"))
	w.owner().do("GET", events(), nil).refused("403 notACalendarUser")
	c := w.as("renamed@example.com", everything)
	if got := c.do("GET", listPath+"/primary", nil).ok().text("id"); got != "renamed@example.com" {
		t.Errorf("primary is %s", got)
	}
	c.do("GET", on(owner), nil).refused("404 notFound")
	if got := c.do("GET", events("syncToken="+token), nil).ok(); len(got.items()) != 0 { // nothing changed
		t.Errorf("changes %v", got.ids())
	}
}

func TestCalendarListPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 299 {
		_, err := w.Server.AddCalendar(owner, calendarv3.Calendar{ID: fmt.Sprintf("c%03d@group.calendar.google.com", i), Summary: "C"}, calendarv3.RoleOwner)
		w.must(err)
	}
	for param, want := range map[string]int{"": 100, "?maxResults=7": 7, "?maxResults=250": 250, "?maxResults=9999": 250} {
		a := w.owner().do("GET", listPath+param, nil).ok()
		if len(a.items()) != want || a.text("nextPageToken") == "" || a.text("nextSyncToken") != "" {
			t.Errorf("%q: %d entries", param, len(a.items()))
		}
	}
	page := w.owner().do("GET", listPath+"?maxResults=250", nil).ok().text("nextPageToken")
	last := w.owner().do("GET", listPath+"?pageToken="+escape(page), nil).ok()
	if len(last.items()) != 50 || last.text("nextSyncToken") == "" {
		t.Errorf("last page has %d", len(last.items()))
	}
	w.owner().do("GET", listPath+"?showHidden=true&pageToken="+escape(page), nil).refused("400 invalid")
}

func TestCalendarListSync(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.share()
	c := w.as(reader, aura)
	token := escape(c.do("GET", listPath, nil).ok().text("nextSyncToken"))
	w.must(w.Server.Share(reader, owner, calendarv3.RoleWriter)) // "If only … ACLs have changed, the entry won't be returned"
	if got := c.do("GET", listPath+"?syncToken="+token, nil).ok().ids(); len(got) != 0 {
		t.Errorf("after a change of role %v", got)
	}
	w.must(w.Server.HideCalendar(reader, owner, true))
	if got := c.do("GET", listPath+"?syncToken="+token, nil).ok().find(owner); got["hidden"] != true {
		t.Errorf("after hiding %v", got)
	}
	w.must(w.Server.Share(reader, owner, ""))
	if got := c.do("GET", listPath+"?syncToken="+token, nil).ok().find(owner); got["deleted"] != true {
		t.Errorf("after losing it %v", got)
	}
	for _, p := range []string{"minAccessRole=reader", "showDeleted=false", "showHidden=false"} {
		c.do("GET", listPath+"?"+p+"&syncToken="+token, nil).refused("400 invalid")
	}
	c.do("GET", listPath+"?syncToken=garbage", nil).refused("400 invalid")
	w.advance(29 * 24 * time.Hour)
	c.do("GET", listPath+"?syncToken="+token, nil).refused("410 fullSyncRequired")
}

func TestCalendarsGetNeedsAnotherScopeThanTheCalendarList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.as(owner, aura).do("GET", "/calendar/v3/calendars/primary", nil).refused("403 insufficientPermissions")
	if a.text("error", "details", 0, "reason") != "ACCESS_TOKEN_SCOPE_INSUFFICIENT" || a.text("error", "status") != "PERMISSION_DENIED" {
		t.Errorf("details: %s", a.raw)
	}
	w.as(owner, aura).do("GET", listPath+"/primary", nil).ok()
	w.as(owner, "calendar.events").do("GET", listPath, nil).refused("403 insufficientPermissions")
	if got := w.as(owner, "calendar.calendars.readonly").do("GET", "/calendar/v3/calendars/primary", nil).ok().text("timeZone"); got != "Europe/Madrid" {
		t.Errorf("zone %s", got)
	}
}

func TestAnAccountWithoutCalendarIsToldSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as("stranger@example.com", everything)
	c.do("GET", listPath, nil).refused("403 notACalendarUser")
	c.do("GET", events(), nil).refused("403 notACalendarUser")
	c.do("POST", events(), meeting("first", 1, 10)).refused("403 notACalendarUser")
}

func TestDeletedCalendarIs404(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, err := w.Server.AddCalendar(owner, calendarv3.Calendar{Summary: "Other"}, calendarv3.RoleOwner)
	w.must(err)
	w.owner().do("GET", on(id), nil).ok()
	w.must(w.Server.DeleteCalendar(id))
	w.owner().do("GET", on(id), nil).refused("404 notFound")
	if err := w.Server.DeleteCalendar(owner); err == nil {
		t.Error("a primary calendar was deleted")
	}
}
