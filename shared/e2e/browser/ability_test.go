package browser_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"aura.example/integrations/shared/console"
)

// An API that can do more than today's: it takes what it is asked beyond that for
// done. What the page asked it is kept.
type abler struct {
	mu    sync.Mutex
	asked []string
}

func (a *abler) heard(what string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range a.asked {
		if s == what {
			return true
		}
	}
	return false
}

func (a *abler) site(w *world) *httptest.Server {
	at, err := url.Parse(w.program.URL)
	if err != nil {
		w.Fatal(err)
	}
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		a.mu.Lock()
		a.asked = append(a.asked, r.In.Method+" "+r.In.URL.RequestURI())
		a.mu.Unlock()
		r.SetURL(at)
		r.Out.URL.RawQuery = strings.ReplaceAll(r.Out.URL.RawQuery, "remove_from_provider=true", "")
		r.Out.Header.Del("Origin") // of this site, which the program doesn't know
	}}
	mux := http.NewServeMux()
	mux.Handle("/", forward)
	mux.Handle("/agent/", console.Handler(console.Config{TokenURL: "/local/token", Can: console.Abilities{RemoveCopies: true}}))
	site := httptest.NewServer(mux)
	w.Cleanup(site.Close)
	return site
}

// What the API learns later is a setting of the page, and works then.
func TestRemovingWhatAuraCreatedIsAskedForWhereItIsPossible(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.tab()
	p.connect(ana)
	api := &abler{}
	site := api.site(w)
	p.do(navigate(site.URL + "/agent/integrations#google-calendar"))
	p.press("Disconnect")
	p.press("Also remove from Google Calendar")
	p.press("Disconnect")
	p.card("Disconnected", "Reconnect")
	if !api.heard("POST " + google + "/disconnect?remove_from_provider=true") {
		t.Errorf("the page asked %q", api.asked)
	}
	p.press("Delete")
	p.press("Delete integration")
	p.until(`look.ready('Connect')`)
	if !api.heard("DELETE " + google) {
		t.Errorf("a box that wasn't ticked: the page asked %q", api.asked)
	}
}
