package browser_test

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// twice is a double click.
func (t *tab) twice(name string) {
	t.Helper()
	t.until(`look.ready(%s)`, name)
	at := eval[[]float64](t, `look.at(%s)`, name)
	t.do(chromedp.MouseClickXY(at[0], at[1]), chromedp.MouseClickXY(at[0], at[1]))
}

// Who clicks twice where one click opens a dialog confirms nothing in it, wherever
// it comes to stand, and doesn't close it either.
func TestADoubleClickConfirmsNothing(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.connect(ana)
	p.size(320, 700) // the dialog covers what opened it
	p.twice("Delete")
	p.until(`document.querySelector('dialog[open]') !== null`)
	p.until(`look.ready('Delete integration')`)
	p.key("\x1b")
	p.until(`document.querySelector('dialog[open]') === null`)

	// The moment itself, whatever is under the mouse.
	if met := eval[bool](p, `(look.find('Delete').click(), Promise.resolve().then(() => look.find('Delete integration') !== null && look.at('Delete integration') !== null))`); met {
		t.Error("a click meets a dialog that nobody can have seen yet")
	}
	p.until(`look.ready('Delete integration')`)
	if s := p.status(); s != "active" {
		t.Errorf("it is %s", s)
	}
}

// A click beside the dialog closes it, unless something was typed.
func TestAClickBesideLosesNothingThatWasTyped(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.open("/agent/calendar")
	beside := chromedp.MouseClickXY(5, 450)
	p.press("New event")
	p.until(`look.ready('Create')`)
	p.do(beside)
	p.until(`document.querySelector('dialog[open]') === null`)
	p.press("New event")
	p.until(`look.ready('Create')`)
	p.write("Title", "A long thought")
	p.do(beside)
	p.press("Create")
	p.sees("A long thought")
}

// A page that is stopped while it leaves for Google's can be used again.
func TestLeavingCanBeStopped(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.open("/agent/integrations")
	release := p.hold(func(path string) bool { return strings.Contains(path, "auth") })
	p.press("Connect")
	p.sees("Opening…")
	p.eventually("it leaves", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.asked[strings.TrimPrefix(p.program.GoogleURL, "http://")] > 0
	})
	p.do(call(page.StopLoading, cdp.Empty{}))
	release()
	p.card("Configuring", "Authorize access")
	p.press("Authorize access")
	p.consent(ana, true)
	p.card("Active", "Sync now")
}

// An address that was cut off is no reason to show nothing.
func TestABrokenAddressShowsThePage(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	for _, hash := range []string{"#%E0%A4%A", "#__proto__", "#constructor", "#nothing"} {
		p.do(chromedp.Navigate("about:blank"))
		p.open("/agent/integrations" + hash)
		p.until(`look.ready('Connect')`)
	}
}

// A button that goes away with what it did leaves the keyboard's place on the
// page, not at its very beginning; a list that can't be read says so.
func TestTheFocusStaysOnThePage(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.keys = true
	p.connect(ana)
	p.press("Pause")
	p.card("Paused", "Resume")
	if f := eval[string](p, `document.activeElement.tagName`); f != "H1" {
		t.Errorf("the focus is on %s", f)
	}
	p.instead("GET", google+"/quarantine", 99, 500, nil, map[string]any{
		"type": "/v1/docs#problem-internal", "title": "Internal error", "status": 500, "code": "internal", "detail": "The list couldn’t be read.", "correlation_id": "x",
	})
	p.do(chromedp.Navigate("about:blank"))
	p.open("/agent/integrations#google-calendar")
	p.until(`look.says('The list couldn’t be read.', '[data-key=quarantine]')`)
}
