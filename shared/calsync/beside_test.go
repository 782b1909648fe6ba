package calsync_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// The next page is fetched, and tried again, and the lease kept meanwhile, while
// this one is written: with -race this fails where the two share more than they
// guard. Nothing orders the two but the engine itself, hence so many pages.
func TestTheNextPageIsTriedAgainWhileThisOneIsWritten(t *testing.T) {
	t.Parallel()
	const pages, tries = 60, 3
	w := newWorld(t)
	for i := range pages {
		w.remote.put(fmt.Sprintf("id-%d", i), fmt.Sprintf("event %d", i))
	}
	w.remote.size = 1
	failed := map[string]int{}
	w.remote.before = func(_ int, q calendar.Query) error { // one fetcher only: no lock
		if failed[q.PageToken]++; q.PageToken == "" || failed[q.PageToken] == tries {
			return nil
		}
		f := fault.New(fault.Transient, "backend", "")
		f.RetryAfter = 11 * time.Second // longer than a third of the lease: the fetcher keeps it
		return f
	}
	w.must(w.worker.Handle(t.Context(), w.job(integration.TriggerConnected)))
	if got := len(w.rows()); got != pages {
		t.Errorf("%d events are stored, want %d", got, pages)
	}
	if r := w.run(w.rec().LastRun.ID); r.Retries != (pages-1)*(tries-1) || r.Progress.Pages != pages || r.Progress.Events != pages {
		t.Errorf("reported %d retries and %+v, want %d, and as many pages and events as there are", r.Retries, r.Progress, (pages-1)*(tries-1))
	}
}

// meanwhile is a store in which somebody edits an event just before it is deleted.
type meanwhile struct {
	calendar.Store
	id   string
	edit func()
}

func (m meanwhile) Delete(ctx context.Context, w calendar.Write) (*calendar.Row, error) {
	if w.Row.ID == m.id {
		m.edit()
	}
	return m.Store.Delete(ctx, w)
}

func TestADeletionThatIsRefusedIsNeitherCountedNorNamed(t *testing.T) {
	t.Parallel()
	for _, full := range []bool{false, true} {
		t.Run(fmt.Sprintf("full %v", full), func(t *testing.T) {
			t.Parallel()
			w := connected(t, "a", "b", "c", "d")
			edited := w.rows()["c"]
			w.worker.Events = meanwhile{w.worker.Events, edited.ID, func() {
				next := *edited
				next.Title, next.Version, next.Pending = "c, edited here", edited.Version+1, calendar.PendingEdit
				_, err := w.db.Events.Put(t.Context(), calendar.Write{
					Row: &next, Expect: edited.Version, Generation: w.gen, Fence: edited.Link.Fence,
				})
				w.must(err)
			}}
			w.remote.delete("id-b")
			w.remote.delete("id-c")
			w.remote.expired = full
			w.sync()
			rec := w.rec()
			if rec.LastRun.Deleted != 1 || rec.LinkedCount != 3 || len(w.rows()) != 3 {
				t.Errorf("deleted %d, linked %d, stored %d; want 1, 3, 3", rec.LastRun.Deleted, rec.LinkedCount, len(w.rows()))
			}
			named := 0
			decisions, err := w.db.Integrations.Decisions(t.Context(), key, rec.LastRun.ID)
			w.must(err)
			for _, d := range decisions {
				if d.What == "deleted" {
					named++
					if d.Event == edited.ID {
						t.Error("the report names an event as deleted that is still here")
					}
				}
			}
			if named != 1 {
				t.Errorf("%d deletions are named, want 1", named)
			}
		})
	}
}

// behind is a store whose eventually consistent reads still give an older row.
type behind struct {
	calendar.Store
	row *calendar.Row
}

func (b behind) Rows(ctx context.Context, account string, ids []string) (map[string]*calendar.Row, error) {
	rows, err := b.Store.Rows(ctx, account, ids)
	if err == nil && rows[b.row.ID] != nil {
		rows[b.row.ID] = b.row
	}
	return rows, err
}

func TestADeletionIsNotLostToAReadThatIsBehind(t *testing.T) {
	t.Parallel()
	w := connected(t, "a", "b")
	old := w.rows()["b"]
	w.remote.put("id-b", "b, renamed")
	w.sync()
	w.clock.Advance(time.Minute)
	w.worker.Events = behind{w.worker.Events, old}
	w.remote.delete("id-b")
	w.sync()
	if got := w.titles(); !slices.Equal(got, []string{"a"}) {
		t.Errorf("stored %v: what was deleted there has stayed for ever", got)
	}
	if rec := w.rec(); rec.LastRun.Deleted != 1 || rec.LinkedCount != 1 {
		t.Errorf("deleted %d, linked %d; want 1, 1", rec.LastRun.Deleted, rec.LinkedCount)
	}
}
