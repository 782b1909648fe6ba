package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
)

type explainCommand struct {
	one
	Event string `arg:"" help:"Event id, evt_…"`
	Runs  int    `help:"How many of the last kept runs are looked through." default:"200"`
}

// explanation is why an event is as it is: how it stands, and what each run
// decided about it, newest first.
type explanation struct {
	Event    string    `json:"event"`
	Now      *rowShape `json:"now"`
	Found    []told    `json:"decisions"`
	Searched int       `json:"runs_searched"`
	Cut      bool      `json:"older_runs_not_searched"`
}

type rowShape struct {
	Title      string            `json:"title"`
	Origin     string            `json:"origin"`
	Pending    string            `json:"pending,omitempty"`
	Waiting    string            `json:"outbox,omitempty"`
	Attempts   int               `json:"attempts,omitempty"`
	Refused    string            `json:"refused,omitempty"`
	Quarantine string            `json:"quarantine,omitempty"`
	Link       *linkShape        `json:"link"`
	Edited     map[string]string `json:"edited_in_aura,omitempty"`
	Version    int64             `json:"version"`
	UpdatedAt  time.Time         `json:"updated_at"`
}

type linkShape struct {
	Calendar   string    `json:"calendar"`
	ProviderID string    `json:"provider_id"`
	ETag       string    `json:"etag"`
	Updated    time.Time `json:"updated"`
	Fence      int64     `json:"fence"`
}

func linkOf(l *calendar.Link) *linkShape {
	if l == nil {
		return nil
	}
	return &linkShape{l.Calendar, l.ProviderID, l.ETag, l.Updated, l.Fence}
}

type told struct {
	At       time.Time     `json:"at"`
	Run      string        `json:"run"`
	Trigger  string        `json:"trigger"`
	Decision decisionShape `json:"decision"`
}

const searchPage = 50

func (s *explainCommand) Run(c *call) error {
	x := explanation{Event: s.Event, Found: []told{}}
	var err error
	if x.Now, err = s.stands(c); err != nil {
		return err
	}
	page := integration.Page{Limit: searchPage}
	for x.Searched < s.Runs {
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
				if d.Event == s.Event {
					x.Found = append(x.Found, told{r.StartedAt, r.ID, string(r.Trigger), decisionShape(d)})
				}
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
	return c.say(x)
}

// stands reads the event as it is; nil where it is gone.
func (s *explainCommand) stands(c *call) (*rowShape, error) {
	row, item, err := c.db.Events.Pair(c, s.Account, s.Event)
	if err != nil {
		return nil, fmt.Errorf("reading the event: %w", err)
	}
	if row == nil {
		return nil, nil
	}
	n := &rowShape{
		Title: row.Title, Origin: string(row.Origin), Pending: string(row.Pending), Link: linkOf(row.Link), Version: row.Version, UpdatedAt: row.UpdatedAt,
	}
	for f, t := range row.Edited {
		if n.Edited == nil {
			n.Edited = map[string]string{}
		}
		n.Edited[f] = when(t)
	}
	if item != nil {
		n.Waiting, n.Attempts = string(item.Op), len(item.Sent)
		if item.Refused != nil {
			n.Refused = item.Refused.Code
		}
	}
	set, err := c.db.Events.Quarantined(c, s.Account)
	if err != nil {
		return nil, fmt.Errorf("reading the quarantine: %w", err)
	}
	for _, q := range set {
		if q.EventID == s.Event {
			n.Quarantine = q.Reason
		}
	}
	return n, nil
}

func (x explanation) text(w io.Writer) {
	if n := x.Now; n == nil {
		fmt.Fprintf(w, "%s isn't there (any more).\n", x.Event)
	} else {
		fmt.Fprintf(w, "%s “%s”, born in %s, version %d, changed %s\n", x.Event, n.Title, n.Origin, n.Version, when(n.UpdatedAt))
		if n.Link != nil {
			fmt.Fprintf(w, "  linked to %s in %s, which last changed it %s\n", n.Link.ProviderID, n.Link.Calendar, when(n.Link.Updated))
		}
		if n.Waiting != "" {
			fmt.Fprintf(w, "  waits to be pushed (%s, %d attempts)%s\n", n.Waiting, n.Attempts, prefixed(", refused: ", n.Refused))
		}
		if n.Quarantine != "" {
			fmt.Fprintf(w, "  in quarantine: %s\n", n.Quarantine)
		}
		for f, t := range n.Edited {
			fmt.Fprintf(w, "  %s edited in Aura %s\n", f, t)
		}
	}
	for _, d := range x.Found {
		fmt.Fprintf(w, "%s  run %s (%s)  %s\n", when(d.At), d.Run, d.Trigger, sentence(d.Decision))
	}
	if len(x.Found) == 0 {
		fmt.Fprintf(w, "None of the %d kept runs that were searched decided anything about it. A first sync's plain creates aren't noted.\n", x.Searched)
	}
	if x.Cut {
		fmt.Fprintln(w, "There are older runs: --runs searches more.")
	}
}

func prefixed(prefix, s string) string {
	if strings.TrimSpace(s) == "" {
		return ""
	}
	return prefix + s
}
