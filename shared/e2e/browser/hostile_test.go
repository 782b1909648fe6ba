package browser_test

import (
	"strings"
	"testing"
)

// Titles come from strangers. They stay text, wherever they are shown.
func TestMarkupInTitlesIsText(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.connect(ana)
	p.open("/agent/calendar")
	var seen string
	for range 8 { // weeks: the seed's days depend on the day
		p.until(`!document.querySelector('.panel[aria-busy]')`)
		seen += eval[string](p, `look.text('main')`)
		if strings.Contains(seen, "<script>") && strings.Contains(seen, "<b>") {
			break
		}
		week := eval[string](p, `location.hash`)
		p.press("Next week")
		p.until(`location.hash !== %s`, week)
	}
	if !strings.Contains(seen, "<script>alert('kitchen')</script>") {
		t.Errorf("the title with a script in it isn't shown as it is:\n%s", seen)
	}
	p.shot("calendar-markup")
	if n := eval[int](p, `document.querySelectorAll('main script, main b, main img, main iframe').length`); n != 0 {
		t.Errorf("%d elements came out of titles", n)
	}

	p.open("/local/gallery#dialogs")
	p.press("review")
	p.sees(`<img src=x onerror="document.title='broken'">Site visit`)
	p.open("/local/gallery#active")
	p.sees(`<script>document.title='broken'</script>Tasting`)
	if title := eval[string](p, `document.title`); strings.Contains(title, "broken") {
		t.Error("a title ran as a script")
	}
}

// What the policy forbids, the browser refuses: even a script of ours that had gone
// wrong could not make markup of a text.
func TestThePolicyHolds(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.open("/agent/integrations")
	for _, attempt := range []struct{ do, complaint string }{
		{`document.querySelector('main').innerHTML = '<b>x</b>'`, "TrustedHTML"},
		{`trustedTypes.createPolicy('mine', {})`, "trusted-types"},
		{`new Function('return 1')()`, "unsafe-eval"},
		{`fetch('http://127.0.0.1:1/')`, "connect-src"},
		{`(() => { const i = new Image(); i.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw='; })()`, "img-src"},
		{`document.body.setAttribute('style', 'color: red')`, "style-src"},
		{`document.body.append(document.createElement('iframe'))`, ""},
	} {
		refused := eval[bool](p, `new Promise((done) => {
			addEventListener('securitypolicyviolation', () => done(true), { once: true });
			setTimeout(() => done(false), 1500);
			Promise.resolve().then(() => { `+attempt.do+` }).catch(() => {});
		})`)
		if refused != (attempt.complaint != "") {
			t.Errorf("%s: refused %t", attempt.do, refused)
		}
	}
	// All of it was meant.
	p.mu.Lock()
	p.wrong, p.asked = nil, map[string]int{}
	p.mu.Unlock()
}

// A link that is sent to somebody, with a code and a state in it, connects nothing
// and is said to have come to nothing.
func TestAForeignCodeConnectsNothing(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.open("/agent/integrations#code=4/0AVMBsJiR5xkq3Vw7&state=" + strings.Repeat("A", 75))
	p.until(`look.text('.box.bad').length > 0`)
	if at := eval[string](p, `location.href`); strings.Contains(at, "code=") {
		t.Errorf("the code stays in the address: %s", at)
	}
	if n := len(p.call("GET", integrations, "", nil)["items"].([]any)); n != 0 {
		t.Errorf("%d integrations came of it", n)
	}
	p.until(`look.ready('Connect')`)
}
