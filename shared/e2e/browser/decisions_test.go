package browser_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/googlesim/calendarv3"
)

// stored are the living events of a calendar at Google, single ones and masters.
func (w *world) stored(calendarID string) map[string]calendarv3.Event {
	w.Helper()
	all, err := w.program.Sim.Calendar.Stored(calendarID)
	if err != nil {
		w.Fatal(err)
	}
	out := map[string]calendarv3.Event{}
	for _, e := range all {
		if id, _ := e["id"].(string); e["status"] != "cancelled" && e["recurringEventId"] == nil {
			out[id] = e
		}
	}
	return out
}

// titled counts Google's events of a title.
func (w *world) titled(calendarID, title string) (n int) {
	w.Helper()
	for _, e := range w.stored(calendarID) {
		if e["summary"] == title {
			n++
		}
	}
	return n
}

// pushed asks for a sync at once, since an edit settles for some seconds before it
// is sent by itself, and waits for what that brings about at Google.
func (t *tab) pushed(what string, holds func() bool) {
	t.Helper()
	t.eventually("a sync begins", func() bool {
		return t.try("POST", google+"/sync", "", map[string]any{}).StatusCode == http.StatusAccepted
	})
	t.eventually(what, holds)
}

// eventually waits for what happens behind the page.
func (t *tab) eventually(what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); pause() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: never came about", what)
		}
	}
}

// What vanished in one go is shown before it is deleted anywhere, and the decision
// is the person's: rejected, the events are back at Google; confirmed, they leave
// Aura too.
func TestManyDeletionsAreReviewed(t *testing.T) {
	t.Parallel()
	byHand(t, func(p *tab, picture func(string)) {
		p.connect(ana)
		before := p.stored(ana)
		if len(before) < 20 {
			t.Fatalf("the seed has only %d events", len(before))
		}
		for id := range before {
			if err := p.program.Sim.Calendar.Delete(ana, ana, id, calendarv3.SpanAll); err != nil {
				t.Fatal(err)
			}
		}
		p.press("Sync now")
		p.card("Error", "Review deletions")
		p.sees("events were deleted at Google. Nothing was deleted here.")
		p.hears("Nothing was deleted here.")
		picture("10-held")
		p.press("Review deletions")
		p.sees("Stand-up")
		p.sees("Aura puts them back at Google Calendar.")
		picture("11-review")
		if p.keys {
			p.press("Delete them here too")
			p.card("Active", "Sync now")
			p.eventually("Aura has deleted them too", func() bool { return len(p.auras()) == 0 })
			return
		}
		p.press("Keep them")
		p.card("Active", "Sync now")
		p.eventually("the events are back at Google", func() bool { return len(p.stored(ana)) >= len(before)*9/10 })
		picture("12-restored")
	})
}

// auras are Aura's events of a fortnight around now.
func (w *world) auras() []any {
	w.Helper()
	from, to := w.clock.Now().AddDate(0, 0, -7).UTC().Format(time.RFC3339), w.clock.Now().AddDate(0, 0, 7).UTC().Format(time.RFC3339)
	return w.call("GET", "/v1/events?limit=1000&from="+from+"&to="+to, "", nil)["items"].([]any)
}

// own makes an event in Aura, and waits until Google has it.
func (t *tab) own(title string) {
	t.Helper()
	at := t.clock.Now().UTC().Truncate(time.Hour).AddDate(0, 0, 2)
	day := func(d time.Duration) map[string]any {
		return map[string]any{"date_time": at.Add(d).Format(time.RFC3339), "time_zone": "Europe/Madrid"}
	}
	t.call("POST", "/v1/events", "events:write", map[string]any{"title": title, "start": day(0), "end": day(time.Hour)})
	t.pushed("Google has "+title, func() bool { return t.titled(ana, title) == 1 })
}

// Disconnecting and deleting may take along what Aura created there; what is
// imported stays at Google whatever is ticked.
func TestRemovingWhatAuraCreated(t *testing.T) {
	t.Parallel()
	byHand(t, func(p *tab, _ func(string)) {
		p.connect(ana)
		p.own("Made in Aura")
		imported := len(p.stored(ana)) - 1
		p.press(map[bool]string{false: "Disconnect", true: "Delete"}[p.keys])
		p.press("Also remove from Google Calendar")
		if p.keys {
			p.press("Delete integration")
			p.until(`look.ready('Connect')`)
		} else {
			p.press("Disconnect")
			p.card("Disconnected", "Reconnect")
		}
		p.eventually("Aura's event is gone at Google", func() bool { return p.titled(ana, "Made in Aura") == 0 })
		if n := len(p.stored(ana)); n != imported {
			t.Errorf("%d of %d imported events are left at Google", n, imported)
		}
		found := false
		for _, e := range p.auras() {
			found = found || e.(map[string]any)["title"] == "Made in Aura"
		}
		if !found {
			t.Error("Aura's own event left Aura")
		}
	})
}

// viewings is the id of the second calendar that may be written to.
func (w *world) viewings() string {
	w.Helper()
	all, err := w.program.Sim.Calendar.Calendars(ana)
	if err != nil {
		w.Fatal(err)
	}
	for _, c := range all {
		if c.Summary == "Viewings" {
			return c.ID
		}
	}
	w.Fatalf("there is no calendar Viewings: %+v", all)
	return ""
}

// A switch moves Aura's own events: with the box ticked no copy stays behind.
func TestASwitchTakesItsCopiesAlong(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.connect(ana)
	p.own("Moves along")
	to := p.viewings()
	p.press("Change calendar")
	p.choose("Viewings")
	p.press("Also remove Aura’s events from the old calendar")
	p.shot("13-switching")
	p.press("Use this calendar")
	p.until(`look.says('Viewings', '.card dd') && look.says('Active', '.card .pill')`)
	p.eventually("the new calendar has it", func() bool { return p.titled(to, "Moves along") == 1 })
	p.eventually("the old calendar hasn't", func() bool { return p.titled(ana, "Moves along") == 0 })
}

// The chosen calendar is gone: the list of integrations offers the one button, and
// another calendar is chosen from a list that is read anew.
func TestTheChosenCalendarIsGone(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.connect(ana)
	p.press("Change calendar")
	p.choose("Viewings")
	p.press("Use this calendar")
	p.until(`look.says('Viewings', '.card dd') && look.says('Active', '.card .pill')`)
	if err := p.program.Sim.Calendar.DeleteCalendar(p.viewings()); err != nil {
		t.Fatal(err)
	}
	p.call("POST", google+"/sync", "", map[string]any{})
	p.open("/agent/integrations")
	p.card("Error", "Choose a calendar")
	p.sees("The chosen calendar no longer exists or isn't shared with you.")
	p.shot("20-calendar-gone")
	p.keys = true // none of the group is chosen: the keyboard has to
	p.press("Choose a calendar")
	p.press("Refresh")
	p.until(`look.find('ana@example.com') !== null && look.find('Viewings') === null && look.ready('Refresh')`)
	if eval[bool](p, `look.ready('Use this calendar')`) {
		t.Error("a calendar that isn't there can be chosen")
	}
	p.choose("ana@example.com")
	p.shot("21-choosing-anew")
	p.press("Use this calendar")
	p.card("Active", "Sync now")
	p.until(`look.says('ana@example.com', '.card dd')`)
	p.eventually("its events are in Aura", func() bool { return len(p.auras()) > 10 })
}

// An edit that Google hasn't got yet is named before a switch gives it up.
func TestASwitchNamesWhatWaits(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.connect(ana)
	p.fail(func(r *http.Request) googlesim.Decision {
		if r.Method != http.MethodGet && strings.Contains(r.URL.Path, "/events") {
			return googlesim.Decision{Answer: &googlesim.Answer{Status: 503, Body: `{"error":{"code":503,"errors":[{"reason":"backendError"}]}}`}}
		}
		return googlesim.Decision{}
	})
	at := p.clock.Now().UTC().Truncate(time.Hour)
	stamp := func(t time.Time) map[string]any {
		return map[string]any{"date_time": t.Format(time.RFC3339), "time_zone": "Europe/Madrid"}
	}
	p.call("POST", "/v1/events", "events:write", map[string]any{"title": "Quarterly <i>review</i>", "start": stamp(at), "end": stamp(at.Add(time.Hour))})
	p.press("Change calendar")
	p.choose("Viewings")
	p.press("Use this calendar")
	p.sees("Changes are still waiting")
	p.sees("Quarterly <i>review</i>")
	p.sees("1 change has not reached the old calendar yet.")
	p.shot("14-waiting")
	p.fail(nil)
	p.press("Discard changes")
	p.until(`look.says('Viewings', '.card dd') && look.says('Active', '.card .pill')`)
}

// An event that Google refuses is set aside with the reason, and tried again where
// somebody asks for it.
func TestWhatWasSetAsideIsTriedAgain(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.connect(ana)
	p.fail(func(r *http.Request) googlesim.Decision {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/events") {
			return googlesim.Decision{Answer: &googlesim.Answer{
				Status: 400, Header: http.Header{"Content-Type": {"application/json"}},
				Body: `{"error":{"code":400,"message":"Invalid value","errors":[{"domain":"global","reason":"invalid","message":"Invalid value"}]}}`,
			}}
		}
		return googlesim.Decision{}
	})
	at := p.clock.Now().UTC().Truncate(time.Hour)
	stamp := func(t time.Time) map[string]any {
		return map[string]any{"date_time": t.Format(time.RFC3339), "time_zone": "Europe/Madrid"}
	}
	p.call("POST", "/v1/events", "events:write", map[string]any{"title": "Refused at first", "start": stamp(at), "end": stamp(at.Add(time.Hour))})
	p.press("Sync now")
	p.sees("Events set aside")
	p.sees("Refused at first")
	p.shot("19-set-aside")
	p.fail(nil)
	p.press("Try again: Refused at first")
	p.sees("It is tried once more, with a sync that starts now.")
	p.eventually("Google has it", func() bool { return p.titled(ana, "Refused at first") == 1 })
	p.until(`!look.says('Events set aside')`)
}

// An edit that can't be sent has two ways out: it is taken back by itself, or with
// all that waits where one lets changes only come in.
func TestWhatCantBeSentIsTakenBack(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.connect(ana)
	p.own("Made in Aura")
	refuse := func(status int, reason string) {
		p.fail(func(r *http.Request) googlesim.Decision {
			if (r.Method == http.MethodPatch || r.Method == http.MethodPut) && strings.Contains(r.URL.Path, "/events") {
				return googlesim.Decision{Answer: &googlesim.Answer{
					Status: status, Header: http.Header{"Content-Type": {"application/json"}},
					Body: fmt.Sprintf(`{"error":{"code":%d,"errors":[{"domain":"global","reason":%q}]}}`, status, reason),
				}}
			}
			return googlesim.Decision{}
		})
	}
	called := func(title string) bool {
		return slices.ContainsFunc(p.auras(), func(e any) bool { return e.(map[string]any)["title"] == title })
	}
	retitle := func(from, to string) {
		t.Helper()
		for _, e := range p.auras() {
			if e := e.(map[string]any); e["title"] == from {
				p.call("PATCH", "/v1/events/"+fmt.Sprint(e["id"]), "events:write", map[string]any{"title": to}, "If-Match", fmt.Sprint(e["etag"]))
				return
			}
		}
		t.Fatalf("Aura has no %s", from)
	}
	refuse(400, "invalid")
	retitle("Made in Aura", "Refused")
	p.press("Sync now")
	p.sees("Events set aside")
	p.press("Take back: Refused")
	p.sees("Take back the change to Refused")
	p.press("Take back")
	p.sees("It is taken back with a sync that starts now.")
	p.eventually("it is as Google has it", func() bool { return called("Made in Aura") })
	p.until(`!look.says('Events set aside')`)

	// While it is paused, no sync starts.
	retitle("Made in Aura", "Refused again")
	p.press("Sync now")
	p.sees("Events set aside")
	p.press("Pause")
	p.sees("Resume")
	p.press("Take back: Refused again")
	p.press("Take back")
	p.sees("It is taken back with the first sync after you resume.")
	p.press("Resume")
	p.eventually("it is as Google has it", func() bool { return called("Made in Aura") })
	p.until(`!look.says('Events set aside')`)

	refuse(503, "backendError")
	retitle("Made in Aura", "Given up")
	p.choose("Only into Aura")
	p.press("Save")
	p.sees("Changes are still waiting")
	p.sees("1 change has not reached the calendar yet. Wait for the next sync, or give it up.")
	p.press("Discard changes")
	p.sees("Settings saved.")
	p.eventually("it is as Google has it", func() bool { return called("Made in Aura") })
	if p.titled(ana, "Made in Aura") != 1 {
		t.Error("and Google hasn't")
	}
}

// Taking back that an event is put back at Google, where it was deleted, deletes it in
// Aura: the page says so before and after.
func TestTakingBackThatAnEventIsPutBack(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.connect(ana)
	p.own("Made in Aura")
	called := func(title string) func() bool {
		return func() bool {
			return slices.ContainsFunc(p.auras(), func(e any) bool { return e.(map[string]any)["title"] == title })
		}
	}
	p.fail(func(r *http.Request) googlesim.Decision {
		if r.Method != http.MethodGet && strings.Contains(r.URL.Path, "/events") {
			return googlesim.Decision{Answer: googlesim.Refusal(400, "global", "invalid", "no")}
		}
		return googlesim.Decision{}
	})
	for _, e := range p.auras() {
		if e := e.(map[string]any); e["title"] == "Made in Aura" {
			p.call("PATCH", "/v1/events/"+fmt.Sprint(e["id"]), "events:write", map[string]any{"title": "Edited"}, "If-Match", fmt.Sprint(e["etag"]))
		}
	}
	for id, e := range p.stored(ana) {
		if e["summary"] == "Made in Aura" {
			if err := p.program.Sim.Calendar.Delete(ana, ana, id, calendarv3.SpanAll); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.press("Sync now")
	p.sees("Events set aside")
	p.press("Take back: Edited")
	p.sees("Delete Edited in Aura too")
	p.sees("The event was deleted there and is not put back.")
	p.press("Delete in Aura")
	p.sees("It is deleted in Aura with a sync that starts now.")
	p.eventually("it is deleted here too", func() bool { return !called("Edited")() })
	p.until(`!look.says('Events set aside')`)
}
