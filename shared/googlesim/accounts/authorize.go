package accounts

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// authorizePage answers the address that a program sends its user to. Mostly
// that is the consent page; where the person has allowed everything before and
// the program doesn't insist, Google goes straight back with a code, which is
// how a program ends up without a refresh token.
func (s *Server) authorizePage(w http.ResponseWriter, r *http.Request) {
	params, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		renderRefusal(w, invalidRequest("The query could not be read."))
		return
	}
	a, refused := s.parseAuth(params)
	if refused != nil {
		renderRefusal(w, refused)
		return
	}
	person, known := s.silent(a)
	switch {
	case known:
		s.finish(w, r, a, person, nil)
	case a.prompts("none"):
		// OpenID Connect Core 3.1.2.6: no page may be shown, but one is needed.
		s.callback(w, r, a, url.Values{"error": {"interaction_required"}})
	default:
		s.renderConsent(w, a, params)
	}
}

// silent finds the person for whom no page is needed: the hint (or there being
// only one account) leaves no choice, and everything asked for is granted.
func (s *Server) silent(a authRequest) (Account, bool) {
	if a.prompts("consent") || a.prompts("select_account") {
		return Account{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	person, ok := s.state.account(a.loginHint)
	if !ok && a.loginHint == "" && len(s.state.Accounts) == 1 {
		person, ok = s.state.Accounts[0], true
	}
	if !ok || person.ReauthRequired || person.AdminBlocked {
		return Account{}, false
	}
	g, granted := s.state.Grants[grantKey(a.client.Project, person.Subject)]
	return person, granted && subset(a.scopes, g.Scopes)
}

// authorizeDecision takes the consent form. Everything that the page checked
// is checked again: hidden fields are the browser's to change.
func (s *Server) authorizeDecision(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		renderRefusal(w, invalidRequest("The form could not be read."))
		return
	}
	// PostForm alone: the query of the form's address takes no part.
	a, refused := s.parseAuth(r.PostForm)
	if refused != nil {
		renderRefusal(w, refused)
		return
	}
	switch r.PostForm.Get("decision") {
	case "cancel":
		s.callback(w, r, a, url.Values{"error": {"access_denied"}})
		return
	case "allow", "": // Enter sends a form with its first button; some programs send none
	default:
		renderRefusal(w, invalidRequest("Choose Allow or Cancel."))
		return
	}
	s.mu.Lock()
	person, ok := s.state.account(r.PostForm.Get("account"))
	s.mu.Unlock()
	if !ok {
		renderRefusal(w, invalidRequest("Choose an account."))
		return
	}
	ticked := []string{} // not nil: consent was asked for, perhaps everything was refused
	for _, t := range r.PostForm["granted"] {
		if t = CanonicalScope(t); slices.Contains(a.scopes, t) {
			ticked = append(ticked, t)
		}
	}
	s.finish(w, r, a, person, ticked)
}

// finish ends an authorization with a code, or with the refusal that this
// person's choice or administrator makes of it. ticked nil: no page was shown.
func (s *Server) finish(w http.ResponseWriter, r *http.Request, a authRequest, person Account, ticked []string) {
	if person.AdminBlocked {
		renderRefusal(w, &refusal{http.StatusBadRequest, "admin_policy_enforced",
			"The administrator of " + person.Email + " does not allow this app the access it asks for."})
		return
	}
	value, scopes, ok := s.grantCode(a, person, ticked)
	if !ok {
		s.callback(w, r, a, url.Values{"error": {"access_denied"}})
		return
	}
	answer := url.Values{
		"code":     {value},
		"scope":    {strings.Join(scopes, " ")},
		"authuser": {"0"},
		"prompt":   {"none"},
	}
	if ticked != nil {
		answer.Set("prompt", "consent")
	}
	s.callback(w, r, a, answer)
}

// grantCode records what was allowed and issues the code for it. It reports
// false where nothing was allowed at all.
func (s *Server) grantCode(a authRequest, person Account, ticked []string) (value string, scopes []string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	key := grantKey(a.client.Project, person.Subject)
	g, existed := s.state.Grants[key]
	if !existed {
		g = grant{Project: a.client.Project, Subject: person.Subject, Since: now}
	}
	for _, sc := range a.scopes {
		switch {
		case slices.Contains(ticked, sc), isSignIn(sc):
			scopes = append(scopes, sc)
		case slices.Contains(g.Scopes, sc) && !a.prompts("consent"):
			scopes = append(scopes, sc) // granted earlier, not asked again
		}
	}
	// The sign-in scopes have no box. Allow with every box unticked still
	// grants them; without them nothing is left, and that is a refusal.
	if len(scopes) == 0 {
		return "", nil, false
	}
	first := !slices.Contains(g.Clients, a.client.ID)
	g.Scopes = union(g.Scopes, scopes)
	g.Clients = union(g.Clients, []string{a.client.ID})
	s.state.Grants[key] = g
	s.version++
	if a.included {
		scopes = g.Scopes
	}
	if ticked != nil {
		person.ReauthRequired = false // pressing Allow is signing in again
		s.state.Accounts[s.state.accountIndex(person.Email)] = person
	}
	s.state.sweep(now)
	value = newCode()
	s.state.Codes[sum(value)] = code{
		ClientID:    a.client.ID,
		Subject:     person.Subject,
		RedirectURI: a.redirectURI,
		Scopes:      slices.Clone(scopes),
		Challenge:   a.challenge,
		Method:      a.method,
		Nonce:       a.nonce,
		Refresh:     a.offline && (first || a.prompts("consent")),
		Expires:     now.Add(codeLife),
	}
	return value, scopes, true
}

// callback sends the browser back to the program, keeping the query that the
// redirect URI came with. The state comes back exactly as it was sent.
func (s *Server) callback(w http.ResponseWriter, r *http.Request, a authRequest, answer url.Values) {
	u, err := url.Parse(a.redirectURI)
	if err != nil { // registered by hand, so it need not be a URI at all
		renderRefusal(w, invalidRequest("Invalid parameter value for redirect_uri"))
		return
	}
	if a.state != "" {
		answer.Set("state", a.state)
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += answer.Encode()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, u.String(), http.StatusSeeOther)
}
