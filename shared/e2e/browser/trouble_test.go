package browser_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"

	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/local"
)

// instead makes the API answer otherwise, so often, from the next page on that
// the tab loads: for answers that the program can't be brought to give.
func (t *tab) instead(method, path string, times, status int, headers, body map[string]any) {
	t.Helper()
	h, err := json.Marshal(headers)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	t.do(call(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: fmt.Sprintf("look.instead(%q, %q, %d, %d, %s, %s)", method, path, times, status, h, b),
	}))
}

// A sync that fails doesn't take the integration's status along at once: the card
// says that it failed, why, and what comes of it, until one succeeds.
func TestTheCardSaysThatTheLastSyncFailed(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.connect(ana)
	p.fail(func(r *http.Request) googlesim.Decision {
		if strings.HasSuffix(r.URL.Path, "/events") {
			return googlesim.Decision{Answer: &googlesim.Answer{Status: 403, Header: http.Header{"Content-Type": {"application/json"}},
				Body: `{"error":{"code":403,"message":"m","errors":[{"reason":"somethingNew"}]}}`}}
		}
		return googlesim.Decision{}
	})
	p.press("Sync now")
	failed := `look.says('Last sync just now failed. ', '.card .failed') && look.says('It is tried again by itself.', '.card .failed')`
	p.until(failed)
	p.card("Active", "Sync now")
	if last := p.call("GET", google, "", nil)["last_run"].(map[string]any); last["state"] != "failed" || last["trigger"] != "sync_now" {
		t.Errorf("the API's last run is %v", last)
	}
	if n := eval[int](p, `document.querySelectorAll('.card .failed, .card .box.bad').length`); n != 1 {
		t.Errorf("the failure is said %d times over", n)
	}
	p.shot("14-last-sync-failed")
	p.open("/agent/integrations") // whoever comes later is told as well
	p.until(failed)
	p.fail(nil)
	p.press("Sync now")
	p.sees("Synced: ")
	p.until(`document.querySelector('.card .failed') === null`)
}

func TestTwoClicksAreOne(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.connect(ana)
	eval[any](p, `(() => { const b = look.find('Sync now'); b.click(); b.click(); b.click(); })()`)
	p.sees("Synced: ")
	asked := 0
	for _, r := range p.call("GET", google+"/runs", "", nil)["items"].([]any) {
		if r.(map[string]any)["trigger"] == "sync_now" {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("three clicks made %d syncs", asked)
	}
}

func TestTwoWindows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.tab()
	p.connect(ana)

	// The other window changes a setting; what this one shows is stale.
	now := w.call("GET", google, "", nil)
	w.call("PATCH", google, "", map[string]any{"interval_minutes": 60}, "If-Match", fmt.Sprint(now["etag"]))
	p.press("Pause")
	p.sees("It was changed elsewhere in the meantime, so nothing was done.")
	p.until(`look.find('Look for changes').value === '60'`)
	if s := w.status(); s != "active" {
		t.Errorf("a stale Pause was carried out: %s", s)
	}
	p.hears("changed elsewhere")

	// It pauses and resumes: the settings are as they were, so what is saved here
	// is saved. It changes one meanwhile: then it isn't.
	w.call("POST", google+"/pause", "", nil)
	w.call("POST", google+"/resume", "", nil)
	p.choose("Only into Aura")
	p.press("Save")
	p.sees("Settings saved.")
	p.choose("Both ways")
	now = w.call("GET", google, "", nil)
	w.call("PATCH", google, "", map[string]any{"interval_minutes": 15}, "If-Match", fmt.Sprint(now["etag"]))
	p.press("Save")
	p.sees("It was changed elsewhere in the meantime, so nothing was done.")
	if d := w.call("GET", google, "", nil)["settings"].(map[string]any)["direction"]; d != "from_provider" {
		t.Errorf("what was saved over another window's settings is %v", d)
	}
	p.press("Discard")

	// The other window syncs: this one says so and watches that sync.
	w.call("POST", google+"/sync", "", map[string]any{})
	p.press("Sync now")
	p.until(`look.says('A sync operation is already in progress') || look.says('Synced: ')`)

	// The other window deletes.
	w.call("DELETE", google, "", nil)
	p.press("Pause")
	p.until(`look.ready('Connect')`)
}

// A run that is followed may be gone: a quiet one leaves nothing behind. The page
// looks at everything again and finds what came of it.
func TestAFollowedRunIsGone(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.connect(ana)
	p.instead("GET", google+"/runs/", 99, 404, nil, map[string]any{
		"type": "/v1/docs#problem-not_found", "title": "Not found", "status": 404, "code": "not_found", "detail": "There is no such thing.", "correlation_id": "x",
	})
	p.open("/agent/integrations")
	release := p.hold(events)
	p.press("Sync now")
	p.sees("Syncing…")
	release()
	p.sees("Synced: ")
	if eval[bool](p, `document.querySelector('.box.bad') !== null`) {
		t.Error("a run that is gone is shown as something wrong")
	}
}

func TestTheNetworkGoesAndComes(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.connect(ana)
	p.online(false)
	p.press("Sync now")
	p.sees("The connection was lost before Aura answered.")
	p.sees("Aura can’t be reached, so what you see may be out of date.")
	p.shot("offline")
	p.online(true)
	p.press("Try now")
	p.until(`!look.says('Aura can’t be reached')`)
	p.hears("Aura can be reached again.")
	p.until(`!look.says('As soon as it is back')`)
	p.sees("Aura’s answer was lost on its way. This is how it is now.")
	p.press("Sync now")
	p.sees("Synced: ")
	p.until(`!look.says('was lost on its way')`)
}

// online plugs the network in and out.
func (t *tab) online(on bool) {
	t.Helper()
	rules := []*network.Conditions{}
	if !on {
		rules = append(rules, &network.Conditions{Offline: true, DownloadThroughput: -1, UploadThroughput: -1})
	}
	t.do(call(network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: rules}))
}

func TestTheServerRestarts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.tab()
	p.connect(ana)
	u, err := url.Parse(w.program.URL)
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(u.Host)
	if err != nil {
		t.Fatal(err)
	}
	at, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	w.close()
	p.press("Sync now")
	p.sees("Aura can’t be reached")

	// It comes back with other keys, so that the page's token is worth nothing, and
	// with empty stores: the page finds its way by itself.
	again := newWorld(t, func(o *local.Options) { o.Port = at })
	p.until(`look.ready('Connect')`)
	if again.program.URL != w.program.URL {
		t.Fatalf("it came back at %s", again.program.URL)
	}
}

// While an old grant is being revoked, the page waits as long as it is asked to.
func TestAnOldGrantIsStillBeingRevoked(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.instead("POST", "/v1/oauth/complete", 2, 503, map[string]any{"Retry-After": "1"}, map[string]any{
		"type": "/v1/docs#problem-revoking", "title": "Still disconnecting", "status": 503, "code": "revoking",
		"detail": "The old access is just being withdrawn. Try again in a moment.", "correlation_id": "x",
	})
	p.connect(ana)
	p.hears("The old access is just being withdrawn.")
}

func TestBackGoesBack(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.connect(ana)
	p.open("/agent/integrations")
	p.press("Settings and activity")
	p.sees("Look for changes")
	if f := eval[string](p, `document.activeElement.tagName`); f != "H1" {
		t.Errorf("on another page the focus is on %s, not its heading", f)
	}
	p.press("Disconnect")
	p.sees("Kept")
	p.back()
	p.until(`!document.querySelector('dialog[open]') && look.says('Your plan')`)
	// From Google's page, Back leads to a page whose buttons work.
	p.press("Settings and activity")
	p.press("Reconnect")
	p.until(`location.href.startsWith(%s)`, p.program.GoogleURL)
	p.back()
	p.until(`look.ready('Sync now')`)
	p.press("Sync now")
	p.sees("Synced: ")
}
