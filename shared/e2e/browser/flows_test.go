package browser_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim"
)

// byHand runs a flow twice: by mouse, and by keyboard alone.
func byHand(t *testing.T, flow func(t *tab, picture func(string))) {
	t.Helper()
	for _, keys := range []bool{false, true} {
		name := map[bool]string{false: "mouse", true: "keyboard"}[keys]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newWorld(t).tab()
			p.keys = keys
			flow(p, func(picture string) {
				if !keys { // the same pictures twice help nobody
					p.shot(picture)
				}
			})
		})
	}
}

// What the FAQ's reader does on a good day: connects, sees that it is Active, picks
// the right calendar, forces a sync, stops for a while.
func TestTheUsualWay(t *testing.T) {
	t.Parallel()
	byHand(t, func(p *tab, picture func(string)) {
		p.open("/agent/integrations")
		p.sees("What Aura asks for, and why")
		p.sees("read the events of your calendar")
		p.sees("0 of 1 integration used")
		picture("1-before")
		p.press("Connect")
		p.consent(ana, true)
		p.card("Active", "Sync now")
		p.sees("190 new")
		p.sees("Everything is working correctly. The integration is connected and syncing data.")
		if at := eval[string](p, `location.href`); !strings.HasSuffix(at, "/agent/integrations#google-calendar") {
			t.Errorf("after the consent the address is %s: a code or state stays in the history", at)
		}
		picture("2-connected")

		// Another calendar; one that can't be chosen says why.
		p.press("Change calendar")
		p.sees("Only busy times are shared with you")
		if !eval[bool](p, `look.find('ben@example.org').disabled`) {
			t.Error("a calendar that shares busy times only can be chosen")
		}
		p.choose("Viewings")
		p.sees("Events imported from ana@example.com leave Aura")
		picture("3-choosing")
		p.press("Use this calendar")
		p.until(`[...document.querySelectorAll('.card dd')][0].innerText === 'Viewings'`)
		p.card("Active", "Sync now")

		// Settings.
		p.choose("Only into Aura")
		p.press("Save")
		p.sees("Settings saved.")
		if d := p.call("GET", google, "", nil)["settings"].(map[string]any)["direction"]; d != "from_provider" {
			t.Errorf("the direction is %v", d)
		}

		// A sync, which takes its time.
		release := p.hold(events)
		p.press("Sync now")
		p.sees("Syncing…")
		p.until(`document.querySelector('.movement progress') !== null`)
		picture("4-syncing")
		release()
		p.sees("Synced: ")
		p.hears("Sync started.")
		p.hears("Synced: ")

		p.press("Pause")
		p.card("Paused", "Resume")
		picture("5-paused")
		p.press("Resume")
		p.card("Active", "Sync now")
		p.steady()
	})
}

// Each window has a cache of its own, so that each visit is a first one. The
// bound is far off, for machines that do much else.
func TestTheFirstPaintIsSoon(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var after []float64
	for range 3 {
		p := w.tab()
		p.open("/agent/integrations")
		after = append(after, eval[float64](p, `performance.getEntriesByName('first-contentful-paint')[0].startTime`))
	}
	slices.Sort(after)
	t.Logf("first contentful paint after %.0f ms", after)
	if after[0] > 5000 {
		t.Errorf("nothing is painted before %.0f ms", after[0])
	}
}

// readme takes the picture that the README shows: a window of the page after the
// first sync. `cp .artifacts/screenshots/readme.png shared/docs/images/integrations.png` renews it.
func (t *tab) readme() {
	t.size(1180, 800)
	t.bare(true)
	t.shot("readme")
	t.bare(false)
	t.size(1280, 900)
}

// And on a bad one: access ends, it is renewed, taken away, given up.
func TestGettingUnstuck(t *testing.T) {
	t.Parallel()
	byHand(t, func(p *tab, picture func(string)) {
		p.connect(ana)

		// The credentials expire; so does the page's own token, which nobody notices.
		p.clock.Advance(2 * time.Hour)
		p.fail(func(r *http.Request) googlesim.Decision {
			if r.URL.Path == "/token" {
				return googlesim.Decision{Answer: &googlesim.Answer{Status: 400, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"error":"invalid_grant"}`}}
			}
			return googlesim.Decision{}
		})
		p.press("Sync now")
		p.card("Error", "Reconnect")
		p.sees("Integration credentials have expired. Please reconnect.")
		p.sees("Configuration and history are kept")
		p.hears("Integration credentials have expired.")
		picture("6-expired")
		p.fail(nil)
		p.press("Reconnect")
		p.consent(ana, true)
		p.card("Active", "Sync now")

		// Declined: nothing changes, and it says so.
		p.press("Reconnect")
		p.consent(ana, false)
		p.sees("nothing was connected and nothing was changed")
		p.card("Active", "Sync now")
		picture("7-declined")

		// The wrong account.
		p.press("Reconnect")
		p.consent(ben, true)
		p.sees(ben)
		p.card("Active", "Sync now")

		// Disconnect says what is kept.
		p.press("Disconnect")
		p.sees("All events in Aura, imported ones too")
		p.press("Disconnect")
		p.card("Disconnected", "Reconnect")
		picture("8-disconnected")
		p.press("Reconnect")
		p.consent(ana, true)
		p.card("Active", "Sync now")

		// Taken away at Google.
		p.revoke()
		p.press("Sync now")
		p.card("Disconnected", "Reconnect")
		p.sees("Google says that access was revoked. Reconnect to go on.")

		// Another account: a new one takes its place.
		p.press("Start over")
		p.sees("instead of " + ana)
		p.press("Start over")
		p.consent(ben, true)
		p.card("Active", "Sync now")
		p.sees(ben)

		// Delete, and everything is as at the beginning.
		p.press("Delete")
		p.sees("Events imported from Google Calendar leave Aura")
		p.press("Delete integration")
		p.sees("integration was deleted, and its place in your plan is free.")
		p.sees("0 of 1 integration used")
		p.until(`look.ready('Connect')`)
	})
}

func TestThePlansLimit(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.open("/agent/integrations")
	p.until(`look.ready('Connect')`)
	p.call("PUT", "/v1/subscription", "billing:write", map[string]any{"plan": "free", "limit": 0})
	p.press("Connect") // the page doesn't know yet
	p.sees("You’ve reached the maximum integrations for your subscription plan.")
	p.hears("You’ve reached the maximum integrations")
	p.sees("Billing > Subscription > Change plan") // now it does, and says what to do instead
	p.until(`look.find('Connect') === null`)
	p.shot("9-plan-limit-refused")

	// A page that knows offers no button that can't work, and says what to do.
	p.instead("GET", "/v1/subscription", 9, 200, nil, map[string]any{"plan": "free", "limit": 1, "used": 1})
	p.open("/agent/integrations")
	p.sees("You’ve reached the maximum integrations for your subscription plan.")
	p.sees("Billing > Subscription > Change plan")
	if eval[bool](p, `look.find('Connect') !== null`) {
		t.Error("a button is offered that can't work")
	}
	p.shot("9-plan-limit")
}

// A flow that never comes back is said beside the status, with the causes.
func TestAnAuthorizationThatNeverCameBack(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.open("/agent/integrations")
	p.press("Connect")
	p.until(`location.href.startsWith(%s)`, p.program.GoogleURL)
	p.back()
	p.card("Configuring", "Authorize access")
	p.clock.Advance(11 * time.Minute)
	p.open("/agent/integrations")
	p.card("Configuring", "Try again")
	p.sees("admin policy")
	p.press("Try again")
	p.consent(ana, true)
	p.card("Active", "Sync now")

	// Where the one button does something else, the box has a way out of its own.
	p.call("POST", google+"/pause", "", nil)
	p.call("POST", google+"/authorization", "", map[string]any{"return_to": "integrations"})
	p.clock.Advance(11 * time.Minute)
	p.open("/agent/integrations")
	p.card("Paused", "Resume")
	p.sees("admin policy")
	p.press("Try again")
	p.consent(ana, true)
	p.until(`look.find('Try again') === null && look.ready('Sync now')`)
}

// revoke takes the grant away, as a person does in the settings of their Google account.
func (w *world) revoke() {
	w.Helper()
	for _, g := range w.program.Sim.Accounts.Grants() {
		if g.Email == ana && w.program.Sim.Accounts.RevokeGrant(ana, g.Project) {
			return
		}
	}
	w.Fatal("there was no grant to revoke: " + fmt.Sprint(w.program.Sim.Accounts.Grants()))
}

// steady fails where the page moved things about by more than passes for steady
// without being touched: 0.1 in the worst session window, which is at most five
// seconds long and has no pause of a second in it (web.dev, Cumulative Layout
// Shift). A tab that stays open for hours would fail a sum over all of it.
func (t *tab) steady() {
	t.Helper()
	var window, worst, begun, last float64
	jumps := eval[[]string](t, `look.jumps`)
	for _, j := range jumps {
		var one, at float64 // at in ms
		if _, err := fmt.Sscanf(j, "%g %g", &one, &at); err != nil {
			t.Fatal(err)
		}
		if at-last > 1000 || at-begun > 5000 {
			window, begun = 0, at
		}
		window, last = window+one, at
		worst = max(worst, window)
	}
	if worst > 0.1 {
		t.Errorf("the page jumped by %.3f:\n%s", worst, strings.Join(jumps, "\n"))
	}
}
