package connect_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// counted counts the pages of links that are read, and can make a call fail.
type counted struct {
	calendar.Store
	mu     sync.Mutex
	pages  int
	listed int
}

func (c *counted) Links(ctx context.Context, account, provider, cal, cursor string) ([]calendar.LinkRow, string, error) {
	rows, next, err := c.Store.Links(ctx, account, provider, cal, cursor)
	c.mu.Lock()
	c.pages++
	c.listed += len(rows)
	c.mu.Unlock()
	return rows, next, err
}

// imported stores so many imported events of a generation.
func (w *world) imported(generation string, from, n int) {
	w.Helper()
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := from + worker; i < from+n; i += 8 {
				id := fmt.Sprintf("%010d", i)
				_, err := w.db.Events.Put(context.WithoutCancel(w.Context()), calendar.Write{Generation: generation, Fence: 1, Row: &calendar.Row{
					Account: key.Account, ID: "evt_" + id, Version: 1, Origin: calendar.BornAtProvider,
					Content: calendar.Content{Title: id, Start: calendar.Time{At: noon}, End: calendar.Time{At: noon.Add(time.Hour)}},
					Link:    &calendar.Link{Provider: key.Provider, Calendar: "primary", ProviderID: id, ETag: "1"},
				}})
				if err != nil {
					w.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// TestThePurgeIsBoundedAndGoesOnWhereItStopped deletes an integration with many
// imported events, among them a newer generation's. Each job
// does a bounded part; the events that it leaves alone are listed once and not
// once a job; what a crash interrupts is done again. PURGE_EVENTS=50000 is the
// long form.
func TestThePurgeIsBoundedAndGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	n := 300
	if s := os.Getenv("PURGE_EVENTS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	w := newWorld(t)
	rec := w.connected()
	began := time.Now()
	w.imported(rec.ID, 0, n)
	newer := rec.ID[:len(rec.ID)-1] + "~"
	left := min(n, 5000)
	w.imported(newer, n, left)
	t.Logf("%d events stored in %s", n+left, time.Since(began).Round(time.Millisecond))
	w.must(w.service.Delete(t.Context(), mia, key.Provider, false))
	if a, err := w.service.Subscription(t.Context(), mia); err != nil || a.Used != 0 {
		t.Errorf("the place isn't free at once: %+v, %v", a, err)
	}
	w.clock.Advance(integration.FunctionLimit + time.Minute)

	links := &counted{Store: w.db.Events}
	wd := w.windDown(links)
	if n < 5000 {
		wd.Batch = 120
	}
	batch := cmp.Or(wd.Batch, 5000)
	j := job.Job{Kind: job.WindDown, Account: key.Account, Provider: key.Provider, Generation: rec.ID, Due: noon}
	began = time.Now()
	jobs, most := 0, 0.0
	for ; ; jobs++ {
		o, err := w.db.Integrations.Order(t.Context(), key, rec.ID)
		w.must(err)
		if o == nil {
			break
		}
		ctx, units := dynamo.Record(t.Context())
		w.must(wd.Carry(ctx, j))
		most = max(most, units.Total().Write)
		if jobs > n {
			t.Fatal("the purge never ends")
		}
	}
	t.Logf("R17: %d imported events purged in %d jobs of at most %g write units, %d pages and %d links read, %s", n, jobs, most, links.pages, links.listed, time.Since(began).Round(time.Millisecond))
	if most > float64(2*batch+20) { // two units an event
		t.Errorf("one job wrote %g units", most)
	}
	if got := w.left(); got != left {
		t.Errorf("%d events are left, want the newer generation's %d", got, left)
	}
	// Linear: every link is listed once, and the first page of a job again.
	if most := 2*(n+left) + (jobs+1)*batch; links.listed > most {
		t.Errorf("%d links were read to purge %d of %d: want at most %d", links.listed, n, n+left, most)
	}
}

// left counts the events that are linked.
func (w *world) left() int {
	w.Helper()
	n, cursor := 0, ""
	for {
		rows, next, err := w.db.Events.Links(w.Context(), key.Account, key.Provider, "", cursor)
		w.must(err)
		n += len(rows)
		if next == "" {
			return n
		}
		cursor = next
	}
}

func (w *world) windDown(events calendar.Store) *connect.WindDown {
	return &connect.WindDown{
		Store: w.db.Integrations, Orders: w.db.Integrations, Credentials: w.db.Credentials, Events: events, Edits: w.db.Events, Quarantines: w.db.Events,
		Vault: w.vault, Authorizers: w.flows.Authorizers, Queue: w.queue, Now: w.clock.Now, Log: w.service.Log,
		Providers: map[string]calendar.Open{key.Provider: func(calendar.Access) calendar.Reader { return nil }}, Access: w.tokens.Access,
	}
}

// An edit of an imported event that still waits when its integration is deleted
// goes with it, unless the same person's calendar is connected again: then the
// new first sync meets it.
func TestR17AnEditThatWaitsOutlivesThePurgeOfACalendarConnectedAgain(t *testing.T) {
	t.Parallel()
	for _, again := range []bool{false, true} {
		t.Run(fmt.Sprintf("connected again %v", again), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			rec := w.connected()
			w.imported(rec.ID, 0, 2)
			row, _, err := w.db.Events.Pair(t.Context(), key.Account, "evt_0000000000")
			w.must(err)
			edited := *row
			edited.Title, edited.Version, edited.Pending = "edited", 2, calendar.PendingEdit
			w.must(w.db.Events.WritePair(t.Context(), calendar.Pair{Account: key.Account, ID: row.ID, Row: &edited, Expect: 1,
				Item: calendar.ItemWrite{Put: &calendar.Item{Account: key.Account, EventID: row.ID, Op: calendar.OpChange, Base: &row.Content, Version: 2, Since: noon}}}))
			w.must(w.service.Delete(t.Context(), mia, key.Provider, false))
			if again {
				w.connected()
			}
			w.clock.Advance(integration.FunctionLimit + time.Minute)
			w.must(w.windDown(w.db.Events).Carry(t.Context(), job.Job{Account: key.Account, Provider: key.Provider, Generation: rec.ID}))
			row, item, err := w.db.Events.Pair(t.Context(), key.Account, "evt_0000000000")
			w.must(err)
			if kept := row != nil && item != nil; kept != again {
				t.Errorf("the edit is kept: %v; row %+v, item %+v", kept, row, item)
			}
			if n := w.left(); again && n != 1 || !again && n != 0 {
				t.Errorf("%d events are left", n)
			}
			if o, err := w.db.Integrations.Order(t.Context(), key, rec.ID); err != nil || o != nil {
				t.Errorf("the order is there still: %+v, %v", o, err)
			}
		})
	}
}

// A credential that Google has withdrawn is destroyed and never revoked again:
// that would end what the same person granted since.
func TestAccessRevokedDestroysTheCredentialWithoutRevoking(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rec := w.connected()
	before, err := w.db.Integrations.Get(t.Context(), key)
	w.must(err)
	after, entry, err := integration.Move(before, integration.AccessRevoked, integration.Moving{Now: noon, EntryID: "01E9"})
	w.must(err)
	w.must(w.db.Integrations.Apply(t.Context(), integration.Change{Before: before, After: after, Entry: &entry, Order: connect.Order(before, integration.AccessRevoked, false, noon)}))
	w.must(w.windDown(w.db.Events).Carry(t.Context(), job.Job{Account: key.Account, Provider: key.Provider, Generation: rec.ID}))
	if _, err := w.db.Credentials.Credential(t.Context(), key, rec.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the credential: %v", err)
	}
	if w.provider.revokes != 0 {
		t.Errorf("revoked %d times", w.provider.revokes)
	}
}
