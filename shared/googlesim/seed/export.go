package seed

import (
	"fmt"

	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/googlesim/icsfile"
)

// Export returns every calendar of every account in the form that Into takes
// back, so that one simulator's calendars can become another's seed. Primary
// calendars come first: a share of one needs its owner to exist.
func Export(sim *googlesim.Sim) ([]icsfile.Calendar, error) {
	var primaries, others []icsfile.Calendar
	written := map[string]bool{}
	for _, email := range sim.Calendar.Accounts() {
		entries, err := sim.Calendar.Calendars(email)
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
	for i, c := range out {
		if written[c.ID] { // shared: its events are there already
			continue
		}
		written[c.ID] = true
		events, err := sim.Calendar.Stored(c.ID)
		if err != nil {
			return nil, fmt.Errorf("exporting calendar %s: %w", c.ID, err)
		}
		for _, e := range events {
			out[i].Events = append(out[i].Events, e)
		}
	}
	return out, nil
}
