package browser_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is one window of a person.
type tab struct {
	*world
	ctx  context.Context
	keys bool // everything is done by keyboard

	window bool // pictures are of the window, not of the whole page

	mu    sync.Mutex
	wrong []string
	lost  []string       // requests that came to nothing: said where the test fails
	asked map[string]int // hosts
}

//go:embed look.js
var lookSource string

// tab opens a window with storage of its own, 1280 pixels wide.
func (w *world) tab() *tab {
	w.Helper()
	ctx, cancel := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext())
	t := &tab{world: w, ctx: ctx, asked: map[string]int{}}
	w.Cleanup(func() {
		if w.Failed() {
			_ = os.MkdirAll(artefacts, 0o755)
			t.shot("failed-" + strings.ReplaceAll(w.Name(), "/", "-"))
		}
		cancel()
		t.mu.Lock()
		defer t.mu.Unlock()
		if w.Failed() && len(t.lost) > 0 {
			w.Logf("requests that came to nothing: %q", t.lost)
		}
		for _, s := range t.wrong {
			w.Errorf("the page: %s", s)
		}
		for host := range t.asked {
			if !strings.Contains(w.program.URL+" "+w.program.GoogleURL, host) && !strings.HasPrefix(host, "127.0.0.1:") {
				w.Errorf("the page asked %q for something", host)
			}
		}
	})
	if err := chromedp.Listen(ctx, t.notice); err != nil {
		w.Fatal(err)
	}
	t.do(call(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: lookSource}))
	t.do(call(emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Europe/Madrid"}))
	t.size(1280, 900)
	return t
}

// notice collects what must not happen.
func (t *tab) notice(ev any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		t.wrong = append(t.wrong, "threw: "+e.ExceptionDetails.Text+" "+describe(e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" || e.Type == "assert" {
			var said []string
			for _, a := range e.Args {
				said = append(said, describe(a))
			}
			t.wrong = append(t.wrong, "logged: "+strings.Join(said, " "))
		}
	case *log.EventEntryAdded:
		// What the network answers is the page's to handle; everything else here is a defect, a policy's violation first.
		if e.Entry.Source != "network" && (e.Entry.Level == "error" || e.Entry.Level == "warning") {
			t.wrong = append(t.wrong, fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *network.EventLoadingFailed:
		t.lost = append(t.lost, e.Type.String()+" "+e.ErrorText)
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err == nil && u.Host != "" {
			t.asked[u.Host]++
		}
	case *page.EventJavascriptDialogOpening:
		t.wrong = append(t.wrong, "opened a dialog of the browser: "+e.Message)
	}
}

func describe(o *runtime.RemoteObject) string {
	if o == nil {
		return ""
	}
	return o.Description + string(o.Value)
}

// forgive takes one expected complaint off the list, and fails where there was none.
func (t *tab) forgive(part string) {
	t.Helper()
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, s := range t.wrong {
		if strings.Contains(s, part) {
			t.wrong = append(t.wrong[:i], t.wrong[i+1:]...)
			return
		}
	}
	t.Errorf("nothing complained of %q; %v", part, t.wrong)
}

// call is a command of the browser's whose answer doesn't matter.
func call[P, R any](cmd cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, cmd, params)
		return err
	})
}

func (t *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// eval runs an expression; a promise is awaited.
func eval[T any](t *tab, expression string, args ...any) T {
	t.Helper()
	v, err := tryEval[T](t, expression, args...)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

func tryEval[T any](t *tab, expression string, args ...any) (T, error) {
	for i, a := range args {
		raw, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		args[i] = string(raw)
	}
	if len(args) > 0 {
		expression = fmt.Sprintf(expression, args...)
	}
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, awaitPromise))
}

// awaitPromise is how expressions are run: as the page's own scripts would be,
// under its policy.
func awaitPromise(p *runtime.EvaluateParams) {
	yes, no := true, false
	p.AwaitPromise, p.AllowUnsafeEvalBlockedByCSP = &yes, &no
}

// until waits for an expression to be true. While a page is being left there is
// nothing to ask, which is no failure.
func (t *tab) until(expression string, args ...any) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		ok, err := tryEval[bool](t, expression, append([]any{}, args...)...)
		if err == nil && ok {
			return
		}
		if time.Now().After(deadline) {
			seen, _ := tryEval[string](t, `document.body.innerText`)
			t.Fatalf("%s %v never came about (%v); the page says:\n%s", expression, args, err, seen)
		}
		pause()
	}
}

func (t *tab) size(width, height int64) {
	t.Helper()
	t.do(call(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1}))
}

// dress sets what the page is told of its reader's wishes.
func (t *tab) dress(scheme string, still bool) {
	t.Helper()
	motion := "no-preference"
	if still {
		motion = "reduce"
	}
	t.do(call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: motion},
	}}))
}

// bare hides the scroll bars, and makes a picture one of the window alone.
func (t *tab) bare(on bool) {
	t.Helper()
	t.window = on
	t.do(call(emulation.SetScrollbarsHidden, emulation.SetScrollbarsHiddenParams{Hidden: on}))
}

// artefacts is where screenshots go.
const artefacts = root + "/.artifacts/screenshots"

// shot writes a picture.
func (t *tab) shot(name string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	for range 40 { // a colour that is on its way from one to another is no picture of either
		if ok, err := tryEval[bool](t, `!document.getAnimations().some((a) => a instanceof CSSTransition)`); ok || err != nil {
			break
		}
		pause()
	}
	take := chromedp.FullScreenshot(100)
	if t.window {
		take = chromedp.CaptureScreenshot()
	}
	raw, err := chromedp.Run(ctx, take)
	if err != nil {
		t.Logf("no picture %s: %v", name, err)
		return
	}
	if err := os.MkdirAll(artefacts, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(artefacts, name+".png"), raw, 0o644); err != nil {
		t.Fatal(err)
	}
}
