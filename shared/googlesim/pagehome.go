package googlesim

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"aura.example/integrations/shared/googlesim/accounts"
	"aura.example/integrations/shared/googlesim/calendarv3"
)

// accountView is an account with what it owns and whom it lets in.
type accountView struct {
	accounts.Account
	Calendars []calendarv3.Entry
	Grants    []accounts.Grant
}

// homePage lists accounts, the programs that have access, and what can be
// made to go wrong.
func (s *Sim) homePage(w http.ResponseWriter, r *http.Request) error {
	grants := s.Accounts.Grants()
	var people []accountView
	for _, a := range s.Accounts.Accounts() {
		v := accountView{Account: a}
		calendars, err := s.Calendar.Calendars(a.Email)
		if err != nil {
			continue // known to the accounts alone: it can sign in and has no calendar
		}
		for _, c := range calendars {
			if !c.Deleted {
				v.Calendars = append(v.Calendars, c)
			}
		}
		for _, g := range grants {
			if g.Subject == a.Subject {
				v.Grants = append(v.Grants, g)
			}
		}
		people = append(people, v)
	}
	return s.render(w, http.StatusOK, "home.html", map[string]any{
		"Title":    "Accounts",
		"People":   people,
		"Channels": s.Calendar.Channels(),
		"Troubles": troubles,
		"Aims":     aims,
		"Faults":   s.pendingFaults(),
	})
}

func (s *Sim) revokeAccess(w http.ResponseWriter, r *http.Request) error {
	if !s.Accounts.RevokeGrant(r.Form.Get("account"), r.Form.Get("project")) {
		return complain("That app has no access any more.")
	}
	return back(w, r, "/", nil)
}

// changeAccount turns the account's two troubles on and off.
func (s *Sim) changeAccount(w http.ResponseWriter, r *http.Request) error {
	all := s.Accounts.Accounts()
	i := slices.IndexFunc(all, func(a accounts.Account) bool { return a.Email == r.Form.Get("account") })
	if i < 0 {
		return complain("There is no account " + r.Form.Get("account") + " here.")
	}
	all[i].AdminBlocked = r.Form.Get("blocked") != ""
	all[i].ReauthRequired = r.Form.Get("reauth") != ""
	if _, err := s.Accounts.AddAccount(all[i]); err != nil {
		return err
	}
	return back(w, r, "/", nil)
}

func (s *Sim) moveClock(w http.ResponseWriter, r *http.Request) error {
	n, err := strconv.Atoi(r.Form.Get("amount"))
	unit, ok := map[string]time.Duration{"minutes": time.Minute, "hours": time.Hour, "days": 24 * time.Hour}[r.Form.Get("unit")]
	if err != nil || !ok || n < -100_000 || n > 100_000 {
		return complain("Say by how many minutes, hours or days the clock should go forward.")
	}
	s.Clock.Advance(time.Duration(n) * unit)
	return back(w, r, "/", nil)
}

func (s *Sim) expireTokens(w http.ResponseWriter, r *http.Request) error {
	account, entry, _, err := s.entryOf(r)
	if err != nil {
		return err
	}
	if err := s.Calendar.ExpireSyncTokens(entry.ID); err != nil {
		return err
	}
	return back(w, r, "/ui/calendar", url.Values{"account": {account}, "calendar": {entry.ID}, "done": {"expired"}})
}

// changeRole changes what the account may do on a calendar, as its owner would
// by sharing it otherwise; no role at all takes it away.
func (s *Sim) changeRole(w http.ResponseWriter, r *http.Request) error {
	account, entry, _, err := s.entryOf(r)
	if err != nil {
		return err
	}
	role := calendarv3.Role(r.Form.Get("role"))
	if entry.Primary {
		return complain("A primary calendar stays its owner's.")
	}
	if err := s.Calendar.Share(account, entry.ID, role); err != nil {
		return err
	}
	if role == "" {
		return back(w, r, "/", nil)
	}
	return back(w, r, "/ui/calendar", url.Values{"account": {account}, "calendar": {entry.ID}})
}

// trouble is something that can be made to happen to the next requests.
type trouble struct {
	ID, Text string
	do       do
}

func refuses(status int, reason string) do {
	return do{Refuse: &refusal{Status: status, Reason: reason}}
}

// troubles are the usual ones; POST /sim/faults knows all.
var troubles = []trouble{
	{"503", "503, Google is down", refuses(503, "backendError")},
	{"429", "429 with Retry-After: 5", do{Refuse: &refusal{Status: 429, Reason: "rateLimitExceeded", Domain: "usageLimits", RetryAfter: "5"}}},
	{"rate", "403 rateLimitExceeded", do{Refuse: &refusal{Status: 403, Reason: "rateLimitExceeded", Domain: "usageLimits"}}},
	{"quota", "403 quotaExceeded", do{Refuse: &refusal{Status: 403, Reason: "quotaExceeded", Domain: "usageLimits"}}},
	{"401", "401 authError", refuses(401, "authError")},
	{"410", "410 fullSyncRequired", do{Refuse: &refusal{Status: 410, Reason: "fullSyncRequired", Domain: "calendar"}}},
	{"cut", "no answer, and no effect", do{Cut: true}},
	{"drop", "no answer, but it takes effect", do{Drop: true}},
	{"half", "half an answer", do{Truncate: 40}},
	{"slow", "an answer after 10 seconds", do{Delay: "10s"}},
	{"expired", "400 invalid_grant (for sign-in and tokens)", do{Answer: &Answer{Status: 400,
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		Body:   `{"error":"invalid_grant","error_description":"Token has been expired or revoked."}`}}},
	{"lost", "the message is lost (for push messages)", do{Cut: true}},
}

// aim is which requests.
type aim struct {
	ID, Text string
	match    match
}

var aims = []aim{
	{"all", "calls to the Calendar API", match{Path: "/calendar/*"}},
	{"get", "reading calls", match{Method: "GET", Path: "/calendar/*"}},
	{"post", "creating calls (POST)", match{Method: "POST", Path: "/calendar/*"}},
	{"patch", "changing calls (PATCH)", match{Method: "PATCH", Path: "/calendar/*"}},
	{"delete", "deleting calls", match{Method: "DELETE", Path: "/calendar/*"}},
	{"token", "sign-in and token calls", match{Path: "/token"}},
	{"push", "push messages going out", match{Push: true}},
}

func (s *Sim) addFault(w http.ResponseWriter, r *http.Request) error {
	n, err := strconv.Atoi(r.Form.Get("times"))
	t := slices.IndexFunc(troubles, func(t trouble) bool { return t.ID == r.Form.Get("trouble") })
	a := slices.IndexFunc(aims, func(a aim) bool { return a.ID == r.Form.Get("aim") })
	if err != nil || n < 1 || n > 10_000 || t < 0 || a < 0 {
		return complain("Say what should happen, to which calls, and how many times.")
	}
	s.rules.add(&rule{Match: aims[a].match, Times: n, Do: troubles[t].do})
	return back(w, r, "/", nil)
}

func (s *Sim) clearFaults(w http.ResponseWriter, r *http.Request) error {
	s.rules.clear()
	return back(w, r, "/", nil)
}

// pendingFaults says in words what is still to come, also what was asked for
// by POST /sim/faults.
func (s *Sim) pendingFaults() []string {
	var out []string
	for _, f := range s.rules.pending() {
		where := strings.TrimSpace(f.Match.Method + " " + f.Match.Path)
		for _, a := range aims {
			if a.match.Method == f.Match.Method && a.match.Path == f.Match.Path && a.match.Push == f.Match.Push {
				where = a.Text
			}
		}
		times := "always"
		if f.Times > 0 {
			times = strconv.Itoa(f.Times) + " ×"
		}
		out = append(out, times+" "+f.what()+": "+where)
	}
	return out
}

func (f rule) what() string {
	for _, t := range troubles {
		if r, q := t.do.Refuse, f.Do.Refuse; r != nil && q != nil && r.Status == q.Status && r.Reason == q.Reason {
			return t.Text
		}
		if t.do.Refuse == nil && f.Do.Refuse == nil && t.do.Cut == f.Do.Cut && t.do.Drop == f.Do.Drop && t.do.Truncate == f.Do.Truncate &&
			t.do.Delay == f.Do.Delay && (t.do.Answer == nil) == (f.Do.Answer == nil) {
			return t.Text
		}
	}
	return "something"
}
