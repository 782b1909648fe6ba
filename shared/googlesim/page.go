package googlesim

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"time"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

//go:embed page
var pageFiles embed.FS

// pageTemplates are parsed once; every page is its own file within the frame.
var pageTemplates = template.Must(template.ParseFS(pageFiles, "page/*.html"))

// pageRoutes adds the page that stands for the person: whoever tries a program
// on a laptop edits calendars here, takes access away, makes things fail. It is
// plain HTML with forms; no script runs. What it does goes through the same
// exported operations that tests use, as the account chosen, without tokens.
func (s *Sim) pageRoutes(m *http.ServeMux) {
	// Browsers say where a form comes from. Another site must not press
	// buttons here, just because the address is easy to guess.
	guard := http.NewCrossOriginProtection()
	post := func(path string, h func(w http.ResponseWriter, r *http.Request) error) {
		m.Handle("POST "+path, guard.Handler(s.page(h)))
	}
	m.Handle("GET /{$}", s.page(s.homePage))
	m.Handle("GET /ui/calendar", s.page(s.monthPage))
	m.Handle("GET /ui/event", s.page(s.eventPage))
	m.Handle("GET /ui/export.ics", s.page(s.exportPage))
	m.HandleFunc("GET /ui/style.css", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, pageFiles, "page/style.css")
	})
	post("/ui/event", s.saveEvent)
	post("/ui/event/delete", s.deleteEvent)
	post("/ui/event/move", s.moveEvent)
	post("/ui/expire", s.expireTokens)
	post("/ui/role", s.changeRole)
	post("/ui/revoke", s.revokeAccess)
	post("/ui/account", s.changeAccount)
	post("/ui/clock", s.moveClock)
	post("/ui/fault", s.addFault)
	post("/ui/faults/clear", s.clearFaults)
}

// complaint is an error for the person at the page.
type complaint struct {
	status int
	text   string
}

func (c *complaint) Error() string { return c.text }

func complain(text string) error { return &complaint{http.StatusUnprocessableEntity, text} }

// page renders what a handler returns as an error; nothing was sent then.
func (s *Sim) page(h func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		err := r.ParseForm()
		if err != nil {
			err = complain("The form could not be read.")
		} else {
			err = h(w, r)
		}
		if err == nil {
			return
		}
		c := &complaint{http.StatusUnprocessableEntity, err.Error()}
		var refused *calendarv3.Error
		switch {
		case errors.As(err, &refused): // what the API would have answered
			c.text = "Google would refuse that: " + refused.Error()
		case errors.As(err, &c):
		}
		s.render(w, c.status, "problem.html", map[string]any{"Title": "That did not work", "Text": c.text})
	})
}

// render sends a whole page or, where its template fails, an error.
func (s *Sim) render(w http.ResponseWriter, status int, name string, view map[string]any) error {
	view["Now"] = s.Clock.Now().Format("Mon 2 Jan 2006, 15:04:05 UTC")
	var b bytes.Buffer
	if err := pageTemplates.ExecuteTemplate(&b, name, view); err != nil {
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return nil
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	w.Write(b.Bytes())
	return nil
}

// back sends the browser to a page after a form took effect, so that reloading
// repeats nothing.
func back(w http.ResponseWriter, r *http.Request, path string, query url.Values) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// entryOf finds the calendar that a request is about, as its account has it.
func (s *Sim) entryOf(r *http.Request) (account string, entry calendarv3.Entry, all []calendarv3.Entry, err error) {
	account = r.Form.Get("account")
	listed, err := s.Calendar.Calendars(account)
	if err != nil {
		return "", entry, nil, &complaint{http.StatusNotFound, "There is no account " + account + " here."}
	}
	found := false
	for _, e := range listed {
		if e.Deleted {
			continue
		}
		all = append(all, e)
		if e.ID == r.Form.Get("calendar") || (r.Form.Get("calendar") == "" && e.Primary) {
			entry, found = e, true
		}
	}
	if !found {
		return "", entry, nil, &complaint{http.StatusNotFound, account + " has no such calendar."}
	}
	return account, entry, all, nil
}

// zoneOf is a calendar's time zone, which all times on the page are in.
func zoneOf(e calendarv3.Entry) *time.Location {
	if loc, err := time.LoadLocation(e.TimeZone); err == nil && e.TimeZone != "" {
		return loc
	}
	return time.UTC
}
