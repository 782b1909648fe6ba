package browser_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/local"
)

// axeSource is axe-core, read once.
var axeSource = sync.OnceValues(func() (string, error) {
	raw, err := os.ReadFile(filepath.Join(root, ".tools", "axe-core", "axe.min.js"))
	return string(raw), err
})

// axeRules are WCAG 2.2 AA and what it builds upon.
const axeRules = `{ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'], resultTypes: ['violations'], preload: false }`

type violation struct {
	ID, Help string
	Nodes    []struct {
		HTML           string
		FailureSummary string
	}
}

// accessible fails on every violation of WCAG 2.2 AA that axe-core finds in what
// is shown: the whole page, or within a selector.
func (t *tab) accessible(what, within string) {
	t.Helper()
	source, err := axeSource()
	if err != nil {
		t.Fatalf("these tests need axe-core: run `.ci/tools.sh axe-core` (%v)", err)
	}
	if !eval[bool](t, `'axe' in window`) {
		t.do(evaluate(source))
	}
	for _, v := range eval[[]violation](t, `axe.run(document.querySelector(%s), `+axeRules+`).then((r) => r.violations)`, within) {
		for _, n := range v.Nodes {
			t.Errorf("%s: %s (%s)\n%s\n%s", what, v.ID, v.Help, n.HTML, n.FailureSummary)
		}
	}
}

// evaluate runs a script whose value doesn't matter.
func evaluate(source string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](source, func(p *runtime.EvaluateParams) { p.ReturnByValue = nil })
}

// looks are the ways a page is looked at.
var looks = []struct {
	scheme string
	width  int64
}{{"light", 1280}, {"dark", 1280}, {"light", 320}, {"dark", 320}}

func (t *tab) look(scheme string, width int64) string {
	t.Helper()
	t.dress(scheme, true)
	t.size(width, 900)
	return fmt.Sprintf("%s-%d", scheme, width)
}

func TestEveryStateIsAccessibleAndFits(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.open("/local/gallery")
	p.complete()
	if tries := eval[[]string](p, `[...document.body.innerText.matchAll(/Next try: .*/g)].map(([line]) => line)`); len(tries) == 0 || slices.ContainsFunc(tries, func(s string) bool { return strings.Contains(s, "UTC") }) {
		t.Errorf("the next try is shown as %q", tries)
	}
	for _, l := range looks {
		name := p.look(l.scheme, l.width)
		p.accessible(name, "body")
		p.fits(name)
		p.shot("gallery-" + name)
	}
	// One integration with one of everything, its report unfolded.
	p.open("/local/gallery#active")
	p.press("Succeeded: 3 new")
	p.sees("The newer edit wins.")
	for _, l := range looks {
		name := p.look(l.scheme, l.width)
		p.accessible("detail "+name, "body")
		p.fits("detail " + name)
		p.shot("detail-" + name)
	}
}

// The gallery shows made-up answers; these are the pages as they are.
func TestTheRealPagesAreAccessibleAndFit(t *testing.T) {
	t.Parallel()
	p := newWorld(t, func(o *local.Options) { o.Channels = true }).tab() // as make run does
	p.connect(ana)
	p.sees("190 new")
	p.until(`look.says('Live updates\nOn')`)
	p.readme()
	p.shot("integration")
	for _, path := range []string{"/agent/integrations", "/agent/integrations#google-calendar", "/agent/calendar#" + p.eventful()} {
		p.open(path)
		if strings.Contains(path, "#") {
			p.until(`document.querySelector('details summary') !== null`)
			eval[any](p, `[...document.querySelectorAll('details summary')].at(-1).click()`)
			p.until(`document.querySelector('details[open] .facts') !== null`)
		}
		for _, l := range looks {
			name := p.look(l.scheme, l.width)
			p.accessible(path+" "+name, "body")
			p.fits(path + " " + name)
			p.shot(strings.NewReplacer("/agent/", "page-", "#", "-").Replace(path) + "-" + name)
		}
	}
	p.open("/agent/calendar") // this week
	p.until(`document.querySelector('.day.today h2') !== null`)
	for _, l := range looks {
		name := p.look(l.scheme, l.width)
		if !eval[bool](p, `((words) => words.length === 2 && words.every((w) => w.offsetHeight < 2 * parseFloat(getComputedStyle(w).fontSize)))([...document.querySelectorAll('.day.today h2 small')])`) {
			t.Errorf("%s: today's date isn't there, or goes over two lines", name)
		}
		p.shot("today-" + name)
	}
}

// eventful gives a day in a week with events in it: tomorrow's, since the seed
// repeats itself from week to week.
func (w *world) eventful() string { return w.clock.Now().AddDate(0, 0, 1).Format(time.DateOnly) }

func TestEveryDialogIsAccessibleAndFits(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.open("/local/gallery#dialogs")
	ids := eval[[]string](p, `[...document.querySelectorAll('[id^=open-]')].map((b) => b.id)`)
	if len(ids) < 7 {
		t.Fatalf("the gallery opens only %v", ids)
	}
	p.bare(true)
	for _, id := range ids {
		p.press(eval[string](p, `document.getElementById(%s).innerText`, id))
		p.until(`document.querySelector('dialog[open]') !== null`)
		if eval[bool](p, `document.activeElement.matches('.danger, .primary')`) {
			t.Errorf("%s begins on a button that does something", id)
		}
		if safe := eval[bool](p, `document.querySelectorAll('dialog footer [data-act]:not([data-act=close])').length < 2 || document.querySelector('dialog footer .primary.danger') === null`); !safe {
			t.Errorf("%s has a choice, and the first of them destroys", id)
		}
		for _, l := range looks {
			name := id + " " + p.look(l.scheme, l.width)
			p.accessible(name, "dialog")
			p.fits(name)
			p.shot("dialog-" + strings.ReplaceAll(strings.TrimPrefix(name, "open-"), " ", "-"))
		}
		if n := eval[int](p, `document.querySelectorAll('dialog .button.primary').length`); n != 1 {
			t.Errorf("%s has %d primary buttons", id, n)
		}
		p.key("\x1b") // Escape
		p.until(`document.querySelector('dialog[open]') === null`)
		if at := eval[string](p, `document.activeElement.id`); at != id {
			t.Errorf("closing %s leaves the focus at %q, not at what opened it", id, at)
		}
	}
}

// The dialogs of the calendar, over one event of a series with guests and all.
func TestTheCalendarsDialogsAreAccessibleAndFit(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.connect(ana)
	p.open("/agent/calendar#" + p.eventful())
	p.bare(true)
	p.unfold("Stand-up")
	for _, button := range []string{"New event", "Edit Stand-up", "Delete Stand-up"} {
		p.press(button)
		p.until(`document.querySelector('dialog[open]') !== null`)
		for _, l := range looks {
			name := button + " " + p.look(l.scheme, l.width)
			p.accessible(name, "dialog")
			p.fits(name)
			p.shot("dialog-" + strings.ReplaceAll(name, " ", "-"))
		}
		if n := eval[int](p, `document.querySelectorAll('dialog .button.primary').length`); n != 1 {
			t.Errorf("%s has %d primary buttons", button, n)
		}
		p.key("\x1b")
		p.until(`document.querySelector('dialog[open]') === null`)
		if at := eval[string](p, `look.focused()`); at != button {
			t.Errorf("closing %s leaves the focus at %q", button, at)
		}
	}
}

// complete holds the gallery to the domain's tables: every status and every reason
// is there, as a word, a sentence, an icon, and one primary button each.
func (t *tab) complete() {
	t.Helper()
	type shown struct {
		Status, Word, Text, Icon string
		Primary                  []string
		Retry                    bool // a button leads to the authorization
	}
	cards := eval[[]shown](t, `[...document.querySelectorAll('.card[data-status]')].map((c) => ({
		Status: c.dataset.status, Word: c.querySelector('.pill').innerText.replace('Status:', '').trim(), Text: c.innerText,
		Icon: c.querySelector('.pill path')?.getAttribute('d') ?? '', Primary: [...c.querySelectorAll('.button.primary')].map((b) => b.innerText.trim()), Retry: c.querySelectorAll('[data-act=authorize]').length === 1 }))`)
	if n := eval[int](t, `document.querySelectorAll('.between + .between').length`); n > 0 {
		t.Errorf("%d states of the gallery have a title and no card", n)
	}
	words := map[string]string{}
	for _, c := range cards {
		if len(c.Primary) != 1 {
			t.Errorf("a card that is %s has the primary buttons %q", c.Status, c.Primary)
		}
		if !strings.Contains(c.Text, integration.Status(c.Status).Explanation()) {
			t.Errorf("a card that is %s lacks the FAQ's explanation: %s", c.Status, c.Text)
		}
		if strings.Contains(c.Text, "admin policy") && !c.Retry {
			t.Errorf("a card that is %s says that an authorization didn't come back and offers none: %s", c.Status, c.Text)
		}
		words[c.Word+c.Icon] = c.Status
		words[c.Status] = c.Word
	}
	for _, s := range integration.Statuses() {
		if words[string(s)] == "" {
			t.Errorf("status %s isn't shown", s)
		}
	}
	if len(words) != 2*len(integration.Statuses()) {
		t.Errorf("words and icons don't tell the statuses apart: %v", words)
	}
	for _, r := range integration.Reasons() {
		found := false
		for _, c := range cards {
			found = found || (len(c.Primary) == 1 && c.Primary[0] == r.Fix.Label && strings.Contains(c.Text, "Since ") && reasonShown(c.Text, r))
		}
		if !found {
			t.Errorf("no card shows %s with its one button %q", r.Code, r.Fix.Label)
		}
	}
}

// reasonShown reports whether a card says a reason: in the catalogue's words, or
// in those of this very case.
func reasonShown(text string, r integration.ReasonInfo) bool {
	own := map[integration.ReasonCode]string{
		integration.ReasonScopeMissing:       "the events of your calendars",
		integration.ReasonMassDeletionHeld:   "148 of 190 events were deleted at Google.",
		integration.ReasonVerificationFailed: "Google didn’t answer",
	}[r.Code]
	return strings.Contains(text, cmp.Or(own, r.Message))
}

// fits fails where the page has to be scrolled sideways (WCAG 1.4.10, Reflow) or
// where something moves although the reader asked for stillness.
func (t *tab) fits(what string) {
	t.Helper()
	if wide := eval[[]string](t, `look.wide()`); len(wide) > 0 {
		t.Errorf("%s: wider than the window: %s", what, strings.Join(wide, ", "))
	}
	if n := eval[int](t, `document.getAnimations().filter((a) => a.playState === 'running').length`); n > 0 {
		t.Errorf("%s: %d things move although stillness was asked for", what, n)
	}
}

// A checker that can't fail proves nothing.
func TestTheCheckersFindWhatIsPlanted(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.open("/local/gallery")
	source, err := axeSource()
	if err != nil {
		t.Fatal(err)
	}
	p.do(evaluate(source))
	ids := eval[[]string](p, `(() => {
		const b = document.createElement('button');
		document.querySelector('main').append(b);
		return axe.run(b, `+axeRules+`).then((r) => r.violations.map((v) => v.id));
	})()`)
	if len(ids) == 0 {
		t.Error("axe-core overlooks a button without a name")
	}
	eval[any](p, `(() => { try { document.querySelector('main').innerHTML = '<b>planted</b>' } catch {} })()`)
	p.forgive("TrustedHTML")
}
