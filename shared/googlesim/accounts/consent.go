package accounts

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

//go:embed page
var pageFiles embed.FS

var pages = template.Must(template.ParseFS(pageFiles, "page/*.html"))

// consentView is what the consent page shows. The form is an ordinary one: a
// radio button an account (name "account", value the address), a tick box a
// scope (name "granted", value the scope), hidden fields with the request, and
// two buttons (name "decision", value "allow" or "cancel").
type consentView struct {
	App      string
	Accounts []accountChoice
	SignIn   []scopeChoice // no tick box
	Scopes   []scopeChoice
	Hidden   []field
}

type accountChoice struct {
	Account
	Chosen bool
}

type scopeChoice struct{ Scope, Text string }

type field struct{ Name, Value string }

func (s *Server) renderConsent(w http.ResponseWriter, a authRequest, params url.Values) {
	v := consentView{App: a.client.Name}
	if v.App == "" {
		v.App = a.client.ID
	}
	s.mu.Lock()
	hinted, known := s.state.account(a.loginHint)
	for i, person := range s.state.Accounts {
		chosen := (known && person.Subject == hinted.Subject) || (!known && i == 0)
		v.Accounts = append(v.Accounts, accountChoice{person, chosen})
	}
	s.mu.Unlock()
	for _, sc := range a.scopes {
		text, _ := scopeText(sc)
		if isSignIn(sc) {
			v.SignIn = append(v.SignIn, scopeChoice{sc, text})
		} else {
			v.Scopes = append(v.Scopes, scopeChoice{sc, text})
		}
	}
	for _, name := range authParams {
		if value := params.Get(name); value != "" {
			v.Hidden = append(v.Hidden, field{name, value})
		}
	}
	render(w, http.StatusOK, "consent.html", v)
}

// renderRefusal shows an authorization error to the person.
func renderRefusal(w http.ResponseWriter, f *refusal) {
	render(w, f.status, "refusal.html", struct {
		Status       int
		Code, Detail string
	}{f.status, f.code, f.detail})
}

// render executes a template whole before anything is sent, so that a page is
// complete or an error, never half of one.
func render(w http.ResponseWriter, status int, name string, view any) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, view); err != nil {
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	// No form-action: browsers apply it to the redirect that answers the form
	// as well, and that one leads to the program, on another origin.
	h.Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"}, "; "))
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

func stylesheet(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "max-age=300")
	http.ServeFileFS(w, r, pageFiles, "page/style.css")
}
