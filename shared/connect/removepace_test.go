package connect_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// deleting is a provider that counts what is deleted.
type deleting struct {
	calendar.Reader
	calendar.ProviderWriter
	turns, deleted int
	fail           error
}

func (d *deleting) Wait(context.Context) error { d.turns++; return d.fail }

func (d *deleting) Delete(context.Context, calendar.Edit) error { d.deleted++; return nil }

// Copies that are removed are calls like any: each waits for its turn, and where
// nobody can wait so long the rest is left for the next job.
func TestRemovingCopiesKeepsToThePace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rec := w.connected()
	for i := range 3 {
		id := fmt.Sprintf("%010d", i)
		_, err := w.db.Events.Put(t.Context(), calendar.Write{Generation: rec.ID, Fence: 1, Row: &calendar.Row{
			Account: key.Account, ID: "evt_" + id, Version: 1, Origin: calendar.BornInAura,
			Content: calendar.Content{Title: id, Start: calendar.Time{At: noon}, End: calendar.Time{At: noon.Add(time.Hour)}},
			Link:    &calendar.Link{Provider: key.Provider, Calendar: "primary", ProviderID: id, ETag: "1"},
		}})
		w.must(err)
	}
	w.must(w.service.Delete(t.Context(), mia, key.Provider, true))
	w.clock.Advance(integration.FunctionLimit + time.Minute)
	remote := &deleting{fail: context.DeadlineExceeded}
	wd := w.windDown(w.db.Events)
	wd.Pace = remote
	wd.Providers = map[string]calendar.Open{key.Provider: func(calendar.Access) calendar.Reader { return remote }}
	j := job.Job{Kind: job.WindDown, Account: key.Account, Provider: key.Provider, Generation: rec.ID, Due: noon}
	_ = wd.Carry(t.Context(), j)
	if remote.turns != 1 || remote.deleted != 0 {
		t.Errorf("without a turn: %d asked for, %d deleted", remote.turns, remote.deleted)
	}
	remote.fail = nil
	w.clock.Advance(2 * time.Hour) // its back-off, and the claim's
	_ = wd.Carry(t.Context(), j)
	if remote.turns != 4 || remote.deleted != 3 {
		t.Errorf("%d turns for %d deletions, want one each", remote.turns-1, remote.deleted)
	}
}
