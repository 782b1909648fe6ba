package googlesim_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/googlesim/accounts"
	"aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/googlesim/discovery"
	"aura.example/integrations/shared/googlesim/icsfile"
	"aura.example/integrations/shared/googlesim/seed"
	"golang.org/x/net/html"
)

const ben = "ben@example.org"

// browser is a person at the page: it reads HTML and sends forms, and cannot
// do anything that the page does not offer.
type browser struct {
	*testing.T
	sim *googlesim.Sim
	now time.Time
}

// defaults are read once: seeding does not change them.
var defaults = sync.OnceValues(seed.Default)

func newBrowser(t *testing.T) *browser {
	t.Helper()
	b := &browser{T: t, now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
	b.sim = googlesim.New(googlesim.Options{Around: discovery.Around(t, true), Clock: googlesim.NewClock(func() time.Time { return b.now })})
	t.Cleanup(b.sim.Close)
	calendars, err := defaults()
	if err != nil {
		t.Fatal(err)
	}
	if err := seed.Into(b.sim, calendars); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *browser) send(r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	b.sim.ServeHTTP(rec, r)
	return rec
}

// open reads a page.
func (b *browser) open(path string, query ...string) *html.Node {
	b.Helper()
	q := url.Values{}
	for i := 0; i+1 < len(query); i += 2 {
		q.Set(query[i], query[i+1])
	}
	rec := b.send(httptest.NewRequest("GET", path+"?"+q.Encode(), nil))
	if rec.Code != http.StatusOK {
		b.Fatalf("%s %v: %d %s", path, query, rec.Code, rec.Body)
	}
	doc, err := html.Parse(rec.Body)
	if err != nil {
		b.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Data == "script" && n.Type == html.ElementNode {
			b.Errorf("%s has a script", path)
		}
	}
	return doc
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func content(n *html.Node) string {
	var s strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			s.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(s.String())
}

// form finds a form by its action and some of its hidden values, filled in as
// the page shows it.
func (b *browser) form(doc *html.Node, action string, hidden ...string) url.Values {
	b.Helper()
	for n := range doc.Descendants() {
		if a, _ := attr(n, "action"); n.Data != "form" || a != action {
			continue
		}
		v := fields(n)
		fits := true
		for i := 0; i+1 < len(hidden); i += 2 {
			fits = fits && v.Get(hidden[i]) == hidden[i+1]
		}
		if fits {
			return v
		}
	}
	b.Fatalf("the page has no form %s %v", action, hidden)
	return nil
}

func fields(form *html.Node) url.Values {
	v := url.Values{}
	for n := range form.Descendants() {
		name, ok := attr(n, "name")
		if !ok {
			continue
		}
		value, _ := attr(n, "value")
		_, checked := attr(n, "checked")
		kind, _ := attr(n, "type")
		switch {
		case n.Data == "textarea":
			v.Set(name, content(n))
		case n.Data == "select":
			for o := range n.Descendants() {
				_, selected := attr(o, "selected")
				if o.Data == "option" && (selected || !v.Has(name)) {
					ov, has := attr(o, "value")
					if !has {
						ov = content(o)
					}
					v.Set(name, ov)
				}
			}
		case kind == "checkbox" || kind == "radio":
			if checked {
				if value == "" {
					value = "on"
				}
				v.Set(name, value)
			}
		case n.Data == "input":
			v.Set(name, value)
		}
	}
	return v
}

func (b *browser) post(action string, v url.Values, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", action, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return b.send(r)
}

// submit sends a form with changes, as pairs, and expects to be sent on.
func (b *browser) submit(action string, v url.Values, change ...string) {
	b.Helper()
	for i := 0; i+1 < len(change); i += 2 {
		v.Del(change[i])
		if change[i+1] != "" {
			v.Set(change[i], change[i+1])
		}
	}
	if rec := b.post(action, v); rec.Code != http.StatusSeeOther {
		b.Fatalf("%s %v: %d %s", action, v, rec.Code, rec.Body)
	}
}

// find returns what the calendar really holds of a title between two days.
func (b *browser) find(calendar, title, from, to string) []calendarv3.Event {
	b.Helper()
	day := func(s string) time.Time {
		t, err := time.Parse(time.DateOnly, s)
		if err != nil {
			b.Fatal(err)
		}
		return t
	}
	all, err := b.sim.Calendar.Events(ana, calendar, day(from), day(to))
	if err != nil {
		b.Fatal(err)
	}
	return slices.DeleteFunc(all, func(e calendarv3.Event) bool { return e["summary"] != title })
}

func TestPageListsAccountsCalendarsAndTheMonth(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	home := content(b.open("/"))
	for _, want := range []string{"Google Calendar simulator", "not Google", ana, ben, "Public holidays", "reader", "Viewings"} {
		if !strings.Contains(home, want) {
			t.Errorf("%q is not on the first page", want)
		}
	}
	month := content(b.open("/ui/calendar", "account", ana, "month", "2026-12"))
	for _, want := range []string{"December 2026", "Europe/Madrid", "Holiday", "Sam's birthday", "09:15", "Accountant's seminar"} {
		if !strings.Contains(month, want) {
			t.Errorf("%q is not in the month", want)
		}
	}
	if n := strings.Count(month, "Holiday"); n != 10 { // 24 December to 2 January; the grid goes to the 3rd
		t.Errorf("a holiday of ten days is shown %d times", n)
	}
	if now := content(b.open("/ui/calendar", "account", ana)); !strings.Contains(now, "November 2026") {
		t.Error("without a month it is not the clock's")
	}
	if busy := content(b.open("/ui/calendar", "account", ana, "calendar", ben)); !strings.Contains(busy, "Busy") || strings.Contains(busy, "Client meeting") {
		t.Error("a freeBusyReader sees more or less than that somebody is busy")
	}
}

func TestTitlesWithMarkupStayText(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	doc := b.open("/ui/calendar", "account", ana, "month", "2026-11") // fails on a script
	if !strings.Contains(content(doc), "<b>Kim</b>") {
		t.Error("the title is not shown as it is")
	}
	e := b.find(ana, "Notes with markup", "2026-11-24", "2026-11-25")[0]
	b.open("/ui/event", "account", ana, "id", e["id"].(string))
	rec := b.send(httptest.NewRequest("GET", "/", nil))
	if csp := rec.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
}

func TestAccessIsRemovedOnThePage(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	token := b.connect()
	if got := b.call(token, "/calendar/v3/calendars/primary/events?maxResults=1"); got != 200 {
		t.Fatalf("connected, yet %d", got)
	}
	b.submit("/ui/revoke", b.form(b.open("/"), "/ui/revoke", "account", ana))
	if got := b.call(token, "/calendar/v3/calendars/primary/events?maxResults=1"); got != 401 {
		t.Errorf("after the revocation: %d", got)
	}
	if rec := b.post("/ui/revoke", url.Values{"account": {ana}, "project": {"app"}}); rec.Code != 422 {
		t.Errorf("again: %d", rec.Code)
	}
}

func TestAccountsTroublesAreSwitchedOnThePage(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	b.submit("/ui/account", b.form(b.open("/"), "/ui/account", "account", ana), "blocked", "on", "reauth", "on")
	if a := b.sim.Accounts.Accounts()[0]; !a.AdminBlocked || !a.ReauthRequired || a.Name != "Ana Example" {
		t.Errorf("%+v", a)
	}
	b.submit("/ui/account", b.form(b.open("/"), "/ui/account", "account", ana), "blocked", "")
	if a := b.sim.Accounts.Accounts()[0]; a.AdminBlocked || !a.ReauthRequired {
		t.Errorf("%+v", a)
	}
}

func TestSyncTokensExpireOnThePage(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	token := b.connect()
	r := httptest.NewRequest("GET", "/calendar/v3/calendars/primary/events?maxResults=2500", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	var page struct{ NextSyncToken string }
	if err := json.Unmarshal(b.send(r).Body.Bytes(), &page); err != nil || page.NextSyncToken == "" {
		t.Fatalf("%+v %v", page, err)
	}
	again := "/calendar/v3/calendars/primary/events?syncToken=" + url.QueryEscape(page.NextSyncToken)
	if got := b.call(token, again); got != 200 {
		t.Fatalf("before: %d", got)
	}
	b.submit("/ui/expire", b.form(b.open("/ui/calendar", "account", ana), "/ui/expire"))
	if got := b.call(token, again); got != 410 {
		t.Errorf("after: %d", got)
	}
}

func TestNextRequestsFailAsThePageSays(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	token := b.connect()
	const list = "/calendar/v3/calendars/primary/events?maxResults=1"
	b.submit("/ui/fault", b.form(b.open("/"), "/ui/fault"), "times", "2", "aim", "get", "trouble", "503")
	if home := content(b.open("/")); !strings.Contains(home, "2 × 503, Google is down: reading calls") {
		t.Errorf("the page does not say what is to come: %s", home)
	}
	if got := []int{b.call(token, list), b.call(token, list), b.call(token, list)}; !slices.Equal(got, []int{503, 503, 200}) {
		t.Errorf("answers %v", got)
	}
	b.submit("/ui/fault", b.form(b.open("/"), "/ui/fault"), "times", "9", "trouble", "quota")
	b.submit("/ui/faults/clear", b.form(b.open("/"), "/ui/faults/clear"))
	if got := b.call(token, list); got != 200 {
		t.Errorf("after clearing: %d", got)
	}
	// Everything on offer is something that the hook understands.
	doc := b.open("/")
	for n := range doc.Descendants() {
		if id, _ := attr(n, "value"); n.Data == "option" && n.Parent != nil {
			if name, _ := attr(n.Parent, "name"); name == "trouble" {
				b.submit("/ui/fault", b.form(doc, "/ui/fault"), "trouble", id)
			}
		}
	}
	if strings.Contains(content(b.open("/")), "something") {
		t.Error("a trouble on offer is not recognised again")
	}
}

func TestClockIsMovedOnThePage(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	b.submit("/ui/clock", b.form(b.open("/"), "/ui/clock"), "amount", "3", "unit", "days")
	if got := b.sim.Clock.Now(); !got.Equal(b.now.AddDate(0, 0, 3)) {
		t.Errorf("%v", got)
	}
	if rec := b.post("/ui/clock", url.Values{"amount": {"many"}, "unit": {"days"}}); rec.Code != 422 {
		t.Errorf("nonsense: %d", rec.Code)
	}
}

func TestRolesChangeOnThePage(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	const holidays = "en.example#holiday@group.v.calendar.google.com"
	role := func() calendarv3.Role {
		entries, err := b.sim.Calendar.Calendars(ana)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(entries, func(e calendarv3.Entry) bool { return e.ID == holidays })
		return entries[i].Role
	}
	b.submit("/ui/role", b.form(b.open("/ui/calendar", "account", ana, "calendar", holidays), "/ui/role"), "role", "writer")
	if role() != calendarv3.RoleWriter {
		t.Errorf("role %q", role())
	}
	b.submit("/ui/role", b.form(b.open("/ui/calendar", "account", ana, "calendar", holidays), "/ui/role"), "role", "")
	if strings.Contains(content(b.open("/")), "Public holidays") {
		t.Error("a calendar that was taken away is still listed")
	}
	if rec := b.post("/ui/role", url.Values{"account": {ana}, "calendar": {ana}, "role": {"reader"}}); rec.Code != 422 {
		t.Errorf("the primary calendar: %d", rec.Code)
	}
}

func TestOtherSitesCannotPressButtonsHere(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	v := url.Values{"amount": {"1"}, "unit": {"days"}}
	for _, h := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
		if rec := b.post("/ui/clock", v, h...); rec.Code != http.StatusForbidden {
			t.Errorf("%v: %d", h, rec.Code)
		}
	}
	if b.sim.Clock.Offset() != 0 {
		t.Error("another site moved the clock")
	}
	if rec := b.post("/ui/clock", v, "Sec-Fetch-Site", "same-origin"); rec.Code != http.StatusSeeOther {
		t.Errorf("the page itself: %d", rec.Code)
	}
}

func TestExportDownloadsEverything(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	rec := b.send(httptest.NewRequest("GET", "/ui/export.ics", nil))
	calendars, err := icsfile.Parse("download.ics", rec.Body)
	if err != nil || len(calendars) != 5 || !strings.HasPrefix(rec.Header().Get("Content-Type"), "text/calendar") {
		t.Errorf("%d calendars, %v", len(calendars), err)
	}
}

// What was ticked on the consent page decides which calls are allowed:
// calendar.events alone does not list calendars, and neither scope reads
// calendars.get, for which calendarList.get stands in.
func TestTickedScopesDecideWhichCallsAreAllowed(t *testing.T) {
	t.Parallel()
	const list = "https://www.googleapis.com/auth/calendar.calendarlist.readonly"
	for name, c := range map[string]struct {
		ticked []string
		want   map[string]int
	}{
		"both":          {[]string{events, list}, map[string]int{"users/me/calendarList": 200, "users/me/calendarList/primary": 200, "calendars/primary": 403, "calendars/primary/events": 200}},
		"events only":   {[]string{events}, map[string]int{"users/me/calendarList": 403, "calendars/primary": 403, "calendars/primary/events": 200}},
		"calendar list": {[]string{list}, map[string]int{"users/me/calendarList": 200, "calendars/primary/events": 403}},
	} {
		b := newBrowser(t)
		token := b.connect(c.ticked...)
		for path, want := range c.want {
			if got := b.call(token, "/calendar/v3/"+path); got != want {
				t.Errorf("%s: %s answers %d, want %d", name, path, got, want)
			}
		}
	}
}

const events = "https://www.googleapis.com/auth/calendar.events"

// connect signs a program in as ana and returns its access token.
func (b *browser) connect(scopes ...string) string {
	b.Helper()
	if len(scopes) == 0 {
		scopes = []string{events}
	}
	if err := b.sim.Accounts.AddClient(accounts.Client{ID: "app", Secret: "s", AnyLoopback: true}); err != nil {
		b.Fatal(err)
	}
	rec := b.post("/o/oauth2/v2/auth", url.Values{"client_id": {"app"}, "redirect_uri": {"http://localhost/cb"}, "response_type": {"code"},
		"scope": {strings.Join(scopes, " ")}, "granted": scopes, "access_type": {"offline"}, "account": {ana}, "decision": {"allow"}})
	back, err := url.Parse(rec.Header().Get("Location"))
	if err != nil || !back.Query().Has("code") {
		b.Fatalf("%d %s", rec.Code, rec.Body)
	}
	rec = b.post("/token", url.Values{"grant_type": {"authorization_code"}, "code": {back.Query().Get("code")},
		"redirect_uri": {"http://localhost/cb"}, "client_id": {"app"}, "client_secret": {"s"}})
	var tokens struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &tokens); err != nil || tokens.AccessToken == "" {
		b.Fatalf("%d %s", rec.Code, rec.Body)
	}
	return tokens.AccessToken
}

func (b *browser) call(token, path string) int {
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Authorization", "Bearer "+token)
	return b.send(r).Code
}
