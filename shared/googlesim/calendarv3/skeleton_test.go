package calendarv3_test

import (
	"testing"
)

func TestSkeleton(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as(owner, aura)
	t.Log(string(c.do("GET", "/calendar/v3/users/me/calendarList", nil).ok().raw))
	t.Log(string(c.do("GET", "/calendar/v3/users/me/calendarList/primary", nil).ok().raw))
	a := w.insert(meeting("first", 1, 10))
	t.Log(string(a.raw))
	tok := w.syncToken(c)
	t.Log(tok, len(tok))
	w.insert(weekly("series"))
	t.Log(string(c.do("GET", events("syncToken="+tok), nil).ok().raw))
	t.Log(string(c.do("GET", events("singleEvents=true", "orderBy=startTime", "maxResults=3"), nil).ok().raw))
	t.Log(string(c.do("PATCH", events("first"), obj{"summary": "x"}, "If-Match: "+a.text("etag")).ok().raw))
	c.do("PATCH", events("first"), obj{"summary": "x"}, "If-Match: "+a.text("etag")).refused("412 conditionNotMet")
	t.Log(string(c.do("DELETE", events("first"), nil).ok().raw))
	t.Log(string(c.do("DELETE", events("first"), nil).raw))
	t.Log(string(c.do("GET", events("syncToken="+tok), nil).ok().raw))
	t.Log(string(c.do("GET", "/calendar/v3/calendars/primary", nil).raw))
}
