package googlesim

import (
	"fmt"
	"net/http"

	"aura.example/integrations/shared/googlesim/icsfile"
)

// Export returns every calendar of every account in the form that package seed
// takes back, so that one simulator's calendars can become another's seed.
// Primary calendars come first: a share of one needs its owner to exist.
func (s *Sim) Export() ([]icsfile.Calendar, error) {
	var primaries, others []icsfile.Calendar
	for _, email := range s.Calendar.Accounts() {
		entries, err := s.Calendar.Calendars(email)
		if err != nil {
			return nil, fmt.Errorf("exporting %s: %w", email, err)
		}
		for _, entry := range entries {
			if entry.Deleted {
				continue
			}
			c := icsfile.Calendar{
				Account: email, ID: entry.ID, Role: string(entry.Role),
				Name: entry.Summary, Description: entry.Description, TimeZone: entry.TimeZone,
			}
			if entry.Primary {
				primaries = append(primaries, c)
			} else {
				others = append(others, c)
			}
		}
	}
	out := append(primaries, others...)
	written := map[string]bool{}
	for i, c := range out {
		if written[c.ID] { // shared: its events are there already
			continue
		}
		written[c.ID] = true
		events, err := s.Calendar.Stored(c.ID)
		if err != nil {
			return nil, fmt.Errorf("exporting calendar %s: %w", c.ID, err)
		}
		for _, e := range events {
			out[i].Events = append(out[i].Events, e)
		}
	}
	return out, nil
}

// exportPage downloads everything as one .ics file.
func (s *Sim) exportPage(w http.ResponseWriter, _ *http.Request) error {
	calendars, err := s.Export()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="googlesim.ics"`)
	if icsfile.Export(w, calendars) != nil {
		// The status has gone out already: an aborted download is not mistaken
		// for a whole one.
		panic(http.ErrAbortHandler)
	}
	return nil
}
