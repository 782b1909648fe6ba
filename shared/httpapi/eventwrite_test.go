package httpapi_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
)

const aMeeting = `{"title":"Review","start":{"date_time":"2026-11-25T10:00:00+01:00","time_zone":"Europe/Madrid"},"end":{"date_time":"2026-11-25T11:00:00+01:00","time_zone":"Europe/Madrid"}}`

func (w *world) write(method, path, tag, body string) answer {
	w.t.Helper()
	r := request{method: method, path: path, body: body}
	if tag != "" {
		r.header = map[string]string{"If-Match": tag}
	}
	return w.do(r)
}

// wrong is write for a request that the contract doesn't allow.
func (w *world) wrong(method, path, tag, body string) answer {
	w.t.Helper()
	r := request{method: method, path: path, body: body, deliberate: true, header: map[string]string{}}
	if tag != "" {
		r.header["If-Match"] = tag
	}
	return w.do(r)
}

func TestCreatingAnEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	w.queue.sent = nil
	a := w.want(w.post("/v1/events", aMeeting), 201, "")
	at := a.header.Get("Location")
	if at != "/v1/events/"+a.text("id") || a.header.Get("ETag") != a.text("etag") || a.text("origin") != "aura" ||
		!strings.Contains(a.raw, `"sync":{"state":"pending"`) || !strings.Contains(a.raw, `"busy":true`) {
		t.Errorf("created %v %s", a.header, a.raw)
	}
	if got := w.want(w.get(at), 200, ""); got.raw != a.raw {
		t.Errorf("read again:\n%s\n%s", got.raw, a.raw)
	}
	if len(w.queue.sent) != 1 || w.queue.sent[0].Trigger != integration.TriggerAuraEdit {
		t.Errorf("sent %+v", w.queue.sent)
	}
	for name, body := range map[string]string{
		"no end":              `{"start":{"date":"2026-12-01"}}`,
		"no start of a kind":  `{"start":{},"end":{"date":"2026-12-02"}}`,
		"both forms":          `{"start":{"date":"2026-12-01","time_zone":"UTC"},"end":{"date":"2026-12-02"}}`,
		"a number":            `{"start":1,"end":{"date":"2026-12-02"}}`,
		"no such day":         `{"start":{"date":"2026-02-30"},"end":{"date":"2026-12-02"}}`,
		"a field of others":   `{"start":{"date":"2026-12-01"},"end":{"date":"2026-12-02"},"account_id":"x"}`,
		"guests":              `{"start":{"date":"2026-12-01"},"end":{"date":"2026-12-02"},"guests":[]}`,
		"a zone that isn't":   strings.ReplaceAll(aMeeting, "Europe/Madrid", "Europe/Atlantis"),
		"a status that isn't": `{"start":{"date":"2026-12-01"},"end":{"date":"2026-12-02"},"status":"cancelled"}`,
	} {
		if a := w.wrong("POST", "/v1/events", "", body); a.status != 422 || a.text("code") != "invalid" {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
}

func TestOneKeyMakesOneEventOverHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	keyed := func(key, body string, deliberate bool) answer {
		return w.do(request{method: "POST", path: "/v1/events", body: body, header: map[string]string{"Idempotency-Key": key}, deliberate: deliberate})
	}
	first := w.want(keyed("k1", aMeeting, false), 201, "")
	if again := w.want(keyed("k1", aMeeting, false), 200, ""); again.raw != first.raw || again.header.Get("Location") != first.header.Get("Location") {
		t.Errorf("again: %s", again.raw)
	}
	w.want(keyed("k1", strings.Replace(aMeeting, "Review", "Other", 1), false), 422, "idempotency_key_reused")
	w.want(w.write("DELETE", first.header.Get("Location"), first.text("etag"), ""), 204, "")
	w.want(keyed("k1", aMeeting, false), 409, "idempotency_key_spent")
	w.want(keyed("with space", aMeeting, true), 422, "invalid")
	w.want(keyed(strings.Repeat("x", 201), aMeeting, true), 422, "invalid")
}

func TestChangingAnEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.aWeek()
	was := w.get("/v1/events/" + single)
	invited := w.want(w.write("PATCH", "/v1/events/"+single, was.text("etag"), `{"location":"elsewhere"}`), 422, "guests_decision_required")
	if !strings.Contains(invited.raw, `"action":"decide_guests"`) {
		t.Errorf("no way out: %s", invited.raw)
	}
	now := w.want(w.write("PATCH", "/v1/events/"+single+"?notify_guests=false", was.text("etag"), `{"location":"elsewhere"}`), 200, "")
	if now.text("location") != "elsewhere" || now.text("title") != was.text("title") || now.text("etag") == was.text("etag") || now.header.Get("ETag") != now.text("etag") {
		t.Errorf("changed into %s", now.raw)
	}
	w.want(w.write("PATCH", "/v1/events/"+single, was.text("etag"), `{"title":"late"}`), 412, "stale")
	w.want(w.wrong("PATCH", "/v1/events/"+single, "", `{"title":"blind"}`), 428, "precondition_required")
	w.want(w.wrong("PATCH", "/v1/events/"+single, "*", `{"title":"blind"}`), 422, "invalid")
	w.want(w.wrong("PATCH", "/v1/events/"+single, now.text("etag"), `{}`), 422, "invalid")
	w.want(w.wrong("PATCH", "/v1/events/"+single+"?scope=some", now.text("etag"), `{"title":"x"}`), 422, "invalid")
	w.want(w.wrong("PATCH", "/v1/events/"+single+"?notify_guests=maybe", now.text("etag"), `{"title":"x"}`), 422, "invalid")
	w.want(w.write("PATCH", "/v1/events/evt_0000000000000000000000000v", now.text("etag"), `{"title":"x"}`), 404, "not_found")
	w.want(w.do(request{
		method: "PATCH", path: "/v1/events/" + single, body: `{"title":"x"}`, header: map[string]string{"If-Match": now.text("etag")},
		token: "other/ana/events:write",
	}), 404, "not_found")
}

// An occurrence's tag is its series' until it differs from it, and then its own.
func TestChangingOccurrences(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.aWeek()
	at := "/v1/events/" + series + "_20261025T081500Z"
	was := w.get(at)
	now := w.want(w.write("PATCH", at, was.text("etag"), `{"title":"mine"}`), 200, "")
	if now.text("id") != was.text("id") || now.text("recurring_event_id") != series || now.text("title") != "mine" || !strings.Contains(now.raw, `"recurrence":[]`) {
		t.Errorf("one occurrence: %s", now.raw)
	}
	if read := w.want(w.get(at), 200, ""); read.raw != now.raw {
		t.Errorf("read again:\n%s\n%s", read.raw, now.raw)
	}
	w.want(w.write("PATCH", at, was.text("etag"), `{"title":"late"}`), 412, "stale")
	w.want(w.write("PATCH", at, now.text("etag"), `{"visibility":"private"}`), 422, "invalid")
	same := w.want(w.write("PATCH", at, now.text("etag"), `{"title":"mine"}`), 200, "")
	if same.raw != now.raw {
		t.Errorf("nothing changed, and yet: %s", same.raw)
	}
	late := "/v1/events/" + series + "_20261028T081500Z"
	tail := w.want(w.write("PATCH", late+"?scope=following", w.get(late).text("etag"), `{"title":"new"}`), 200, "")
	if tail.text("id") == series || !strings.Contains(tail.raw, `"recurrence":["RRULE:FREQ=DAILY;COUNT=4"]`) || tail.text("origin") != "aura" {
		t.Errorf("this and following: %s", tail.raw)
	}
	w.want(w.write("PATCH", "/v1/events/"+series+"?scope=this", w.get("/v1/events/"+series).text("etag"), `{"title":"x"}`), 422, "invalid")
	// The series has changed since this one was seen: it is as it was, the series isn't.
	w.want(w.write("PATCH", at+"?scope=all", now.text("etag"), `{"title":"over it"}`), 412, "stale")
	w.want(w.write("DELETE", at+"?scope=following", now.text("etag"), ""), 412, "stale")
	w.want(w.write("PATCH", at, now.text("etag"), `{"title":"mine"}`), 200, "")
	if own := w.get("/v1/events/" + calendar.ExceptionID(series, calendar.Time{At: time.Date(2026, 10, 25, 8, 15, 0, 0, time.UTC)})); own.text("etag") != w.get(at).text("etag") {
		t.Errorf("by its own id its tag is another: %s", own.raw)
	}
	all := w.want(w.write("PATCH", at+"?scope=all", w.get(at).text("etag"), `{"title":"all"}`), 200, "")
	if all.text("id") != series || all.text("title") != "all" {
		t.Errorf("all: %s", all.raw)
	}
	w.want(w.write("DELETE", at, w.get(at).text("etag"), ""), 204, "")
	w.want(w.write("DELETE", at, now.text("etag"), ""), 404, "not_found")
	w.want(w.wrong("GET", at, "", ""), 404, "not_found")
}

// TestAnOccurrenceGoesWithItsSeries: what is alive of a series whose deletion waits is
// nowhere, read or written or listed. One whose series is gone for good, and be it that
// its Idempotency-Key is still known, stands alone and is everywhere.
func TestAnOccurrenceGoesWithItsSeries(t *testing.T) {
	t.Parallel()
	original := at9("2026-10-26 09:15", "Europe/Madrid")
	for name, c := range map[string]struct {
		becomes func(master *calendar.Row) *calendar.Row
		shown   bool
	}{
		"its deletion waits":         {func(m *calendar.Row) *calendar.Row { m.Pending = calendar.PendingDelete; return m }, false},
		"it is gone":                 {func(*calendar.Row) *calendar.Row { return nil }, true},
		"of it only its key is left": {func(m *calendar.Row) *calendar.Row { return m.Spent() }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			master := timed(series, "2026-10-20 09:15", "2026-10-20 09:30")
			master.Recurrence, master.Origin = []string{"RRULE:FREQ=DAILY;COUNT=12"}, calendar.BornInAura
			own := timed(calendar.ExceptionID(series, original), "2026-10-26 16:00", "2026-10-26 16:15")
			own.MasterID, own.OriginalStart, own.Origin = series, original, calendar.BornInAura
			w.put(own)
			if m := c.becomes(master); m != nil {
				w.put(m)
			}
			listed := w.want(w.get(rangeOf("2026-10-26T00:00:00+01:00", "2026-10-27T00:00:00+01:00")), 200, "")
			if got := strings.Contains(listed.raw, own.ID); got != c.shown {
				t.Errorf("listed %t, want %t: %s", got, c.shown, listed.raw)
			}
			for _, at := range []string{"/v1/events/" + own.ID, "/v1/events/" + series + "_20261026T081500Z"} {
				if !c.shown {
					w.want(w.wrong("GET", at, "", ""), 404, "not_found")
					w.want(w.write("PATCH", at, `"1"`, `{"title":"x"}`), 404, "not_found")
					w.want(w.write("DELETE", at, `"1"`, ""), 404, "not_found")
					continue
				}
				was := w.want(w.get(at), 200, "")
				if !strings.Contains(listed.raw, strings.Trim(was.text("etag"), `"`)) {
					t.Errorf("its tag %s isn't the list's: %s", was.text("etag"), listed.raw)
				}
				listed = w.want(w.write("PATCH", at, was.text("etag"), `{"title":"by `+at[len(at)-4:]+`"}`), 200, "")
			}
		})
	}
}

func TestEventsThatMayNotBeEdited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	locked := timed("evt_00000000000000000000000005", "2026-10-24 10:00", "2026-10-24 11:00")
	locked.ReadOnly = true
	w.aWeek()
	w.put(locked)
	tag := w.get("/v1/events/" + locked.ID).text("etag")
	w.want(w.write("PATCH", "/v1/events/"+locked.ID, tag, `{"title":"x"}`), 409, "event_read_only")
	w.want(w.write("DELETE", "/v1/events/"+locked.ID, tag, ""), 409, "event_read_only")
	w.edit(func(rec *integration.Integration) { rec.Settings.Direction = integration.FromProvider })
	tag = w.get("/v1/events/" + series).text("etag")
	w.want(w.write("PATCH", "/v1/events/"+series, tag, `{"title":"x"}`), 409, "direction_read_only")
	w.want(w.post("/v1/events", aMeeting), 409, "direction_read_only")
}

// What waits, what is done and what can't be done shows on the event.
func TestTheSyncStateOfAnEdit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.want(w.post("/v1/events", aMeeting), 201, "")
	id := a.text("id")
	state := func() string {
		sync, _ := w.get("/v1/events/" + id).doc["sync"].(map[string]any)
		s, _ := sync["state"].(string)
		return s
	}
	if got := state(); got != "pending" {
		t.Errorf("just made: %s", got)
	}
	row, item, err := w.db.Events.Pair(context.Background(), "acme", id)
	if err != nil {
		t.Fatal(err)
	}
	settled := *row
	settled.Pending, settled.Version = "", row.Version+1
	settled.Link = &calendar.Link{Provider: provider, Calendar: "primary", ProviderID: "p", ETag: "e1", Updated: time.Now()}
	err = w.db.Events.WritePair(context.Background(), calendar.Pair{
		Account: "acme", ID: id, Row: &settled, Expect: row.Version, Item: calendar.ItemWrite{Expect: item.Version, Delete: true},
	})
	if err != nil || state() != "synced" {
		t.Errorf("settled: %v, %s", err, state())
	}
}
