package browser_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// withhold keeps files from a page; none gives them back.
func (t *tab) withhold(names ...string) {
	t.Helper()
	p := network.SetBlockedURLsParams{}
	for _, n := range names {
		p.URLPatterns = append(p.URLPatterns, &network.BlockPattern{URLPattern: "*://*:*/*/" + n, Block: true})
	}
	t.do(call(network.SetBlockedURLs, p))
}

// Where a part of the page doesn't come, the person isn't left before an empty
// frame: it is said, and one button mends it.
func TestAModuleThatDoesNotComeIsSaid(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	seen := `document.querySelector('#stuck').checkVisibility({ checkVisibilityCSS: true })`
	for n, missing := range [][]string{{"words.js"}, {"words.js", "stuck.js"}, {"integrations.js"}} {
		p.withhold(missing...)
		p.do(chromedp.Navigate(fmt.Sprintf("%s/agent/integrations?%d#google-calendar", p.program.URL, n)))
		if len(missing) > 1 { // nothing is there to notice it: it is said after a while
			if eval[bool](p, seen) {
				t.Error("it is said before anybody can know it")
			}
			eval[any](p, `document.getAnimations().find((a) => a.animationName === 'held').finish()`)
		}
		p.until(seen)
		if noticed := eval[bool](p, `document.querySelector('#stuck').classList.contains('now')`); noticed != (len(missing) == 1) {
			t.Errorf("without %v: said at once: %t", missing, noticed)
		}
		p.sees("The page couldn’t be loaded")
		if len(missing) == 1 {
			for _, l := range looks {
				name := p.look(l.scheme, l.width)
				p.accessible("stuck "+name, "body")
				p.fits("stuck " + name)
				p.shot("stuck-" + name)
			}
			p.look("light", 1280)
		}
		p.withhold()
		p.press("Reload")
		p.until(`look.ready('Connect')`)
		if kept := eval[string](p, `location.hash`) == "#google-calendar"; kept != (len(missing) == 1) {
			t.Errorf("without %v: what stands behind the # is kept: %t", missing, kept)
		}
	}

	// What begins and takes its time isn't taken for that.
	p.instead("GET", "/v1/", 99, 503, map[string]any{"Retry-After": "5"}, map[string]any{})
	p.do(chromedp.Navigate(p.program.URL + "/agent/integrations?slow"))
	p.until(`document.body.dataset.begun === ''`)
	if eval[bool](p, `document.querySelector('#stuck')?.checkVisibility({ checkVisibilityCSS: true }) || document.getAnimations().some((a) => a.animationName === 'held')`) {
		t.Error("a slow API is taken for a page that didn't come")
	}
}

// Without JavaScript it is said, and nothing else is shown.
func TestWithoutJavaScriptThePageSaysSo(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.do(call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	p.do(chromedp.Navigate(p.program.URL + "/agent/integrations"))
	p.until(`document.readyState === 'complete'`)
	if text := eval[string](p, `document.querySelector('main').innerText`); text == "" {
		t.Error("it says nothing")
	} else if eval[bool](p, `[...document.querySelectorAll('main > :not(noscript)')].some((e) => e.checkVisibility({ checkVisibilityCSS: true }))`) {
		t.Errorf("beside it is shown what never comes: %s", text)
	}
	p.shot("without-javascript")
}
