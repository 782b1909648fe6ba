package googlesim

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// The local run's way to the fault hook and the clock:
//
//	POST   /sim/faults  {"match": {"method": "PATCH", "path": "/calendar/v3/*"}, "times": 2, "do": {"drop": true}}
//	GET    /sim/faults  what is still to come
//	DELETE /sim/faults  forget it
//	POST   /sim/clock   {"advance": "48h"} or {"set": "2026-12-01T09:00:00Z"}
//	GET    /sim/clock   {"now": …}

// rule is one wish for trouble. Rules are tried in the order in which they
// came; one that has been used up is gone.
type rule struct {
	Match match `json:"match"`
	Times int   `json:"times"` // left out: once; negative: until deleted
	Do    do    `json:"do"`
}

// match says which requests. What is left out matches everything.
type match struct {
	Method string            `json:"method,omitempty"`
	Path   string            `json:"path,omitempty"`  // of the URL; a * at the end matches the rest, elsewhere a segment
	Query  map[string]string `json:"query,omitempty"` // "*": any value
	Push   bool              `json:"push,omitempty"`  // push messages going out instead of calls coming in
}

// do is a Decision as JSON has it: durations as text ("1500ms"), and refusals
// by their reason.
type do struct {
	Delay       string          `json:"delay,omitempty"`
	Cut         bool            `json:"cut,omitempty"`
	Answer      *Answer         `json:"answer,omitempty"`
	Refuse      *refusal        `json:"refuse,omitempty"` // an Answer in Google's shape
	AnswerAfter bool            `json:"answer_after,omitempty"`
	BlindInsert bool            `json:"blind_insert,omitempty"`
	RepeatPage  bool            `json:"repeat_page,omitempty"`
	Drop        bool            `json:"drop,omitempty"`
	Edit        json.RawMessage `json:"edit,omitempty"`
	Truncate    int             `json:"truncate,omitempty"`
	Drip        string          `json:"drip,omitempty"`
	Twice       bool            `json:"twice,omitempty"`
	Hold        bool            `json:"hold,omitempty"`
}

type refusal struct {
	Status     int    `json:"status"`
	Reason     string `json:"reason"`
	Domain     string `json:"domain,omitempty"`
	Message    string `json:"message,omitempty"`
	RetryAfter string `json:"retry_after,omitempty"`
}

// decision reads the JSON form.
func (d do) decision() (Decision, error) {
	out := Decision{Cut: d.Cut, Answer: d.Answer, AnswerAfter: d.AnswerAfter, BlindInsert: d.BlindInsert, RepeatPage: d.RepeatPage,
		Drop: d.Drop, Edit: d.Edit, Truncate: d.Truncate, Twice: d.Twice, Hold: d.Hold}
	for _, wait := range []struct {
		text string
		to   *time.Duration
	}{{d.Delay, &out.Delay}, {d.Drip, &out.Drip}} {
		if wait.text == "" {
			continue
		}
		var err error
		if *wait.to, err = time.ParseDuration(wait.text); err != nil || *wait.to < 0 {
			return out, fmt.Errorf("%q is not a duration such as 1500ms", wait.text)
		}
	}
	if r := d.Refuse; r != nil {
		if r.Domain == "" {
			r.Domain = "global"
		}
		if r.Message == "" {
			r.Message = r.Reason
		}
		out.Answer = Refusal(r.Status, r.Domain, r.Reason, r.Message)
		if r.RetryAfter != "" {
			out.Answer.Header.Set("Retry-After", r.RetryAfter)
		}
	}
	if a := out.Answer; a != nil && (a.Status < 200 || a.Status > 599) {
		return out, fmt.Errorf("status %d is not one of HTTP's", a.Status)
	}
	if out.fine() {
		return out, fmt.Errorf("\"do\" does nothing")
	}
	return out, nil
}

// fits compares what is given; what is left out fits everything.
func (m match) fits(r *http.Request) bool {
	if m.Push != IsPush(r) || m.Method != "" && !strings.EqualFold(m.Method, r.Method) {
		return false
	}
	q := r.URL.Query()
	for name, want := range m.Query {
		if !q.Has(name) || want != "*" && q.Get(name) != want {
			return false
		}
	}
	if m.Path == "" {
		return true
	}
	if prefix, ok := strings.CutSuffix(m.Path, "*"); ok && strings.HasPrefix(r.URL.Path, prefix) {
		return true
	}
	ok, err := path.Match(m.Path, r.URL.Path)
	return err == nil && ok
}

// rules are the wishes that wait.
type rules struct {
	mu   sync.Mutex
	list []*rule
}

func (rs *rules) add(r *rule) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.list = append(rs.list, r)
}

func (rs *rules) clear() {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.list = nil
}

// pending copies what is still to come.
func (rs *rules) pending() []rule {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	out := make([]rule, len(rs.list))
	for i, r := range rs.list {
		out[i] = *r
	}
	return out
}

// decide uses up one turn of the first rule that fits.
func (rs *rules) decide(r *http.Request) Decision {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for i, rule := range rs.list {
		if !rule.Match.fits(r) {
			continue
		}
		if rule.Times > 0 {
			if rule.Times--; rule.Times == 0 {
				rs.list = append(rs.list[:i:i], rs.list[i+1:]...)
			}
		}
		d, err := rule.Do.decision()
		if err != nil { // it was checked when it came
			return Decision{}
		}
		return d
	}
	return Decision{}
}

func (s *Sim) getFaults(w http.ResponseWriter, _ *http.Request) {
	say(w, http.StatusOK, map[string]any{"faults": s.rules.pending()})
}

func (s *Sim) postFault(w http.ResponseWriter, r *http.Request) {
	var in rule
	if err := hear(r, &in); err != nil {
		say(w, http.StatusBadRequest, map[string]any{"error": err.Error()})
		return
	}
	if _, err := in.Do.decision(); err != nil {
		say(w, http.StatusBadRequest, map[string]any{"error": err.Error()})
		return
	}
	if in.Times == 0 {
		in.Times = 1
	}
	answer := in // the rule itself counts down from now on
	s.rules.add(&in)
	say(w, http.StatusCreated, answer)
}

func (s *Sim) deleteFaults(w http.ResponseWriter, _ *http.Request) {
	s.rules.clear()
	w.WriteHeader(http.StatusNoContent)
}

func (s *Sim) getClock(w http.ResponseWriter, _ *http.Request) {
	say(w, http.StatusOK, map[string]any{"now": s.Clock.Now().Format(time.RFC3339Nano)})
}

func (s *Sim) postClock(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Advance string     `json:"advance"`
		Set     *time.Time `json:"set"`
	}
	err := hear(r, &in)
	d, derr := time.ParseDuration(in.Advance)
	switch {
	case err == nil && in.Set != nil && in.Advance == "":
		s.Clock.Set(*in.Set)
	case err == nil && in.Set == nil && derr == nil:
		s.Clock.Advance(d)
	default:
		say(w, http.StatusBadRequest, map[string]any{"error": `want {"advance": "48h"} or {"set": "2026-12-01T09:00:00Z"}`})
		return
	}
	s.getClock(w, r)
}

// hear reads a small JSON body; members that it doesn't know are a mistake
// worth hearing about.
func hear(r *http.Request, into any) error {
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); kind != "application/json" {
		return fmt.Errorf("the content type has to be application/json")
	}
	d := json.NewDecoder(io.LimitReader(r.Body, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("the body does not parse: %w", err)
	}
	return nil
}

func say(w http.ResponseWriter, status int, doc any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(doc); err != nil {
		return // the client has gone
	}
}
