package main

import (
	"errors"
	"fmt"
	"time"

	"aura.example/integrations/shared/integration"
)

type explainCommand struct {
	one
	Event string `arg:"" help:"Event id: evt_…, or of one occurrence evt_…_20261214T130000Z."`
	Runs  int    `help:"How many of the last kept runs are looked through, at least 1." default:"200"`
}

// Validate refuses what names no event before anything is read.
func (s *explainCommand) Validate() error {
	if s.Runs < 1 {
		return fmt.Errorf("--runs is %d, and at least one run has to be looked through", s.Runs)
	}
	if _, _, ok := eventOf(s.Event); !ok {
		return fmt.Errorf("%q is no event's id: those are evt_ and 26 characters, and of one occurrence its original start after another _", s.Event)
	}
	return s.one.Validate()
}

// explanation is why an event is as it is: how it stands, and what each run
// decided about it, newest run first.
type explanation struct {
	Event       string            `json:"event"`                // as it was asked for
	Row         string            `json:"row"`                  // the id under which it is, or would be, stored
	Address     string            `json:"occurrence,omitempty"` // of one occurrence: its id at the API
	Series      string            `json:"series,omitempty"`     // of one occurrence: the id of its series
	State       standing          `json:"state"`
	Says        []string          `json:"standing"` // the same in words
	Now         *rowShape         `json:"now"`
	Occurrences []occurrenceShape `json:"occurrences,omitempty"` // of a series: those that are stored by themselves
	Found       []told            `json:"decisions"`
	History     []historyShape    `json:"history,omitempty"` // what may have taken it, or its link, away without a run
	Searched    int               `json:"runs_searched"`
	Cut         bool              `json:"older_runs_not_searched"`
}

// told is one decision. Of says what it is about, where that isn't the event itself.
type told struct {
	At       time.Time     `json:"at"`
	Run      string        `json:"run"`
	Trigger  string        `json:"trigger"`
	Of       string        `json:"of,omitempty"`
	Decision decisionShape `json:"decision"`
}

// errNothingKnown ends a call that was answered by nothing.
var errNothingKnown = errors.New("nothing is known of this event, see above: is the id right, and the account?")

const searchPage = 50

func (s *explainCommand) Run(c *call) error {
	x := explanation{Event: s.Event, Found: []told{}}
	it, err := s.subject(c)
	if err != nil {
		return err
	}
	x.describe(it)
	if err := s.search(c, it, &x); err != nil {
		return err
	}
	known := false
	if it.away() {
		if known, err = s.history(c, it, &x); err != nil {
			return err
		}
	}
	nothing := len(x.Found) == 0 && (x.State == gone || x.State == noDate)
	if nothing && !known && x.Searched == 0 {
		recs, err := c.db.Integrations.List(c, s.Account)
		if err != nil {
			return fmt.Errorf("reading the integrations: %w", err)
		}
		if len(recs) == 0 {
			return fmt.Errorf("nothing is stored of account %q: no integration, no history, no run, and not this event. Is the account's id right?", s.Account)
		}
	}
	if err := c.say(x); err != nil {
		return err
	}
	if nothing {
		return errNothingKnown
	}
	return nil
}

// search looks through the kept runs for what they decided about the event.
func (s *explainCommand) search(c *call, it *subject, x *explanation) error {
	about := it.about()
	for page := (integration.Page{}); x.Searched < s.Runs; {
		page.Limit = min(searchPage, s.Runs-x.Searched)
		runs, next, err := c.db.Integrations.Runs(c, s.key(), page, c.now())
		if err != nil {
			return fmt.Errorf("reading the runs: %w", err)
		}
		for _, r := range runs {
			x.Searched++
			decisions, err := c.db.Integrations.Decisions(c, s.key(), r.ID)
			if err != nil {
				return fmt.Errorf("reading the decisions of run %s: %w", r.ID, err)
			}
			for _, d := range decisions {
				of, found := about(d.Event)
				if !found {
					continue
				}
				at := d.At
				if at.IsZero() {
					at = r.StartedAt
				}
				x.Found = append(x.Found, told{at, r.ID, string(r.Trigger), of, decisionShape(d)})
			}
		}
		if x.Searched%searchPage == 0 && next != "" {
			c.progress("%d runs searched …", x.Searched)
		}
		page.Cursor, x.Cut = next, next != ""
		if next == "" {
			break
		}
	}
	return nil
}

type historyShape struct {
	At         time.Time `json:"at"`
	Transition string    `json:"transition"`
	Actor      string    `json:"actor"`
	Says       string    `json:"says"`
}

// meant says what a transition did to events without a run that names each.
var meant = map[integration.Name]string{
	integration.Disconnect: "the integration was disconnected: what it had brought in stayed. Where Aura's own copies were to go, a run names each",
	integration.Replace:    "the integration was started over: what it had brought in was taken away, and that is noted of no single event",
	integration.Delete:     "the integration was deleted: what it had brought in was taken away, and that is noted of no single event. Aura's own events stayed",
}

// history gives what happened to the integration, since the event is there, that may
// have taken it or its link away. known says that there is any history at all.
func (s *explainCommand) history(c *call, it *subject, x *explanation) (known bool, err error) {
	for page := (integration.Page{Limit: searchPage}); ; {
		entries, next, err := c.db.Integrations.Entries(c, s.key(), page, c.now())
		if err != nil {
			return known, fmt.Errorf("reading the history: %w", err)
		}
		for _, e := range entries {
			known = true
			if says := meant[e.Transition]; says != "" && (it.row == nil || !e.At.Before(it.row.CreatedAt)) {
				x.History = append(x.History, historyShape{e.At, string(e.Transition), string(e.Actor), says})
			}
		}
		if page.Cursor = next; next == "" {
			return known, nil
		}
	}
}
