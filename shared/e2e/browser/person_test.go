package browser_test

import (
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// open goes to a path of the program and waits for the page's first content.
func (t *tab) open(path string) {
	t.Helper()
	t.do(chromedp.Navigate(t.program.URL + path))
	t.until(`!document.querySelector('main[aria-busy]')`)
}

// press operates what has that name, or begins with it: by mouse, or by Tab and
// Enter where the tab is a keyboard's.
func (t *tab) press(name string) {
	t.Helper()
	t.until(`look.ready(%s)`, name)
	if t.keys {
		t.reach(name)
		key := kb.Enter
		if eval[bool](t, `['checkbox','radio'].includes(document.activeElement.type)`) {
			key = " "
		}
		t.key(key)
		return
	}
	at := eval[[]float64](t, `look.at(%s)`, name)
	t.do(chromedp.MouseClickXY(at[0], at[1]))
}

// reach moves the focus on until it is on what has that name; a radio button is
// reached through its group, as keyboards do.
func (t *tab) reach(name string) {
	t.Helper()
	var been []string
	for range 120 {
		if eval[bool](t, `document.activeElement === look.find(%s)`, name) {
			if !eval[bool](t, `document.activeElement.matches(':focus-visible')`) {
				t.Errorf("nothing shows that %q has the focus", name)
			}
			return
		}
		next := kb.Tab
		if eval[bool](t, `document.activeElement.type === 'radio' && document.activeElement.name === look.find(%s)?.name`, name) {
			next = kb.ArrowDown
		}
		t.key(next)
		been = append(been, eval[string](t, `look.focused().slice(0, 40)`))
	}
	t.Fatalf("%q can't be reached by keyboard; the focus went over %s", name, strings.Join(been, " | "))
}

func (t *tab) key(keys string) {
	t.Helper()
	t.do(chromedp.KeyEvent(keys))
}

// choose picks a radio button, or an option of a list, by its name.
func (t *tab) choose(name string) {
	t.Helper()
	t.until(`look.find(%s) !== null`, name)
	if t.keys {
		t.reach(name)
		if !eval[bool](t, `look.find(%s).checked`, name) {
			t.key(" ") // the first of a group of which none was chosen; arrows choose as they go
		}
		return
	}
	t.press(name)
}

// sees waits for a text.
func (t *tab) sees(text string) {
	t.Helper()
	t.until(`look.says(%s)`, text)
}

// hears waits until a screen reader would have been told something.
func (t *tab) hears(text string) {
	t.Helper()
	t.until(`look.heard.some((s) => s.includes(%s))`, text)
}

// card waits for the integration's status and the name of its primary button.
func (t *tab) card(status, primary string) {
	t.Helper()
	t.until(`document.querySelector('.card .pill')?.innerText.endsWith(%s) && [...document.querySelectorAll('.card .button.primary')].map((b) => b.innerText).join() === %s`, status, primary)
}

// consent is what a person does on Google's page: chooses an account and allows,
// or declines.
func (t *tab) consent(email string, allow bool) {
	t.Helper()
	t.until(`location.href.startsWith(%s)`, t.program.GoogleURL)
	t.until(`document.querySelector('form') !== null`)
	eval[any](t, `for (const i of document.querySelectorAll('input[name=account]')) if (i.value === %s) i.checked = true`, email)
	decision := "cancel"
	if allow {
		decision = "allow"
	}
	// The page is left by the click, and with it whatever answered.
	_, _ = tryEval[any](t, `document.querySelector('[name=decision][value=%s]').click()`, raw(decision))
}

// raw is an argument that goes into an expression as it is.
type raw string

// MarshalJSON implements json.Marshaler.
func (r raw) MarshalJSON() ([]byte, error) { return []byte(`"` + string(r) + `"`), nil }

// connect goes through the whole of it.
func (t *tab) connect(email string) {
	t.Helper()
	t.open("/agent/integrations")
	t.press("Connect")
	t.consent(email, true)
	t.sees("Active")
	t.card("Active", "Sync now")
}

// back is the browser's own button.
func (t *tab) back() {
	t.Helper()
	_, _ = tryEval[any](t, `history.back()`) // the page is left by it
}

// navigate goes to an address of whoever.
func navigate(address string) chromedp.Action[chromedp.Void] { return chromedp.Navigate(address) }
