package calsync_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/devstack"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/integration"
)

// benchEvents is how many events the first sync's ratio is measured with.
const benchEvents = 10_000

// BenchmarkFirstSync compares a first sync, pull and store, with the same number
// of conditional puts alone, on the same DynamoDB Local in the same run. Times
// here are noisy; the ratio is what counts (goal: at most 1.25).
//
//	go test -run xxx -bench FirstSync -benchtime 1x ./shared/calsync
func BenchmarkFirstSync(b *testing.B) {
	db, err := devstack.StartDynamoDB(b.Context(), devstack.Options{Sustained: true})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for b.Loop() {
		puts := benchPuts(b, db.URL())
		sync := benchSync(b, db.URL())
		b.ReportMetric(sync.Seconds()/puts.Seconds(), "sync÷puts")
		b.ReportMetric(benchEvents/sync.Seconds(), "events/s")
	}
}

// freshTables makes tables of their own and gives them.
func freshTables(b testing.TB, url string) (tables, *dynamo.DB) {
	b.Helper()
	var raw [8]byte
	_, _ = rand.Read(raw[:])
	names := dynamo.Prefixed("bench-" + hex.EncodeToString(raw[:]) + "-")
	c := client(url, http.DefaultClient, 3)
	if err := dynamo.CreateTables(context.Background(), c, names); err != nil {
		b.Fatal(err)
	}
	d := dynamo.New(c, names, time.Now)
	return tables{Integrations: d.Integrations, Events: d.Events}, d
}

// benchPuts stores the events and does nothing else, with as many writers.
func benchPuts(b testing.TB, url string) time.Duration {
	b.Helper()
	db, _ := freshTables(b, url)
	began := time.Now()
	var g errgroup.Group
	g.SetLimit(32)
	for i := range benchEvents {
		g.Go(func() error {
			row := &calendar.Row{
				Account: "acme", ID: calendar.ImportedID("p", "s", "c", strconv.Itoa(i)), Content: content("Event " + strconv.Itoa(i)), Version: 1,
				Link: &calendar.Link{Provider: "p", Calendar: "c", ProviderID: strconv.Itoa(i), ETag: "1"},
			}
			_, err := db.Events.Put(context.Background(), calendar.Write{Row: row, Generation: "01G", Fence: 1})
			return err
		})
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

// benchSync is a first sync of the same number.
func benchSync(b testing.TB, url string) time.Duration {
	b.Helper()
	w := newWorldIn(b, func(testing.TB, func() time.Time) tables { db, _ := freshTables(b, url); return db })
	for i := range benchEvents {
		w.remote.events = append(w.remote.events, calendar.Remote{
			ProviderID: strconv.Itoa(i), Content: content("Event " + strconv.Itoa(i)), ETag: strconv.Itoa(i + 1),
			Updated: start, Mirror: calendar.Mirror{Organizer: true},
		})
	}
	w.remote.seq, w.remote.size = benchEvents, 2500
	w.worker.UnitsPerSecond = 1 << 20 // the database's own speed is compared, not AWS's limit
	began := time.Now()
	w.must(w.worker.Handle(context.Background(), w.job(integration.TriggerConnected)))
	return time.Since(began)
}

// TestPeakMemoryOfAFirstSync prints how much a process holds at most while it
// brings 1,000, 10,000 and 50,000 events in: flat, since three pages are all
// that is ever in memory. It runs a child process for each (E2E_MEMORY=1), with
// a store that keeps nothing.
func TestPeakMemoryOfAFirstSync(t *testing.T) {
	if n := os.Getenv("CALSYNC_MEMORY_CHILD"); n != "" {
		memoryChild(t, n)
		return
	}
	if os.Getenv("E2E_MEMORY") == "" {
		t.Log("not measured: set E2E_MEMORY=1")
		return
	}
	for _, n := range []string{"1000", "10000", "50000"} {
		cmd := exec.Command(os.Args[0], "-test.run", "TestPeakMemoryOfAFirstSync", "-test.v")
		cmd.Env = append(os.Environ(), "CALSYNC_MEMORY_CHILD="+n)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, "peak") {
				t.Log(strings.TrimSpace(line))
			}
		}
	}
}

// pages makes pages as they are asked for, so that the provider's side holds
// nothing either.
type pages struct {
	remote
	total int
}

func (p *pages) Changes(_ context.Context, q calendar.Query) (calendar.Page, error) {
	from, _ := strconv.Atoi(q.PageToken)
	to := min(from+q.MaxResults, p.total)
	out := calendar.Page{Role: calendar.RoleOwner, Events: make([]calendar.Remote, 0, to-from)}
	for i := from; i < to; i++ {
		out.Events = append(out.Events, calendar.Remote{
			ProviderID: fmt.Sprintf("event%020d", i), ETag: strconv.Itoa(i), Updated: start, Mirror: calendar.Mirror{Organizer: true},
			Content: content(fmt.Sprintf("Event %d of a calendar that is large, with a title of usual length", i)),
		})
	}
	if to < p.total {
		out.NextPage = strconv.Itoa(to)
	} else {
		out.Cursor = "end"
	}
	return out, nil
}

// nowhere keeps no event.
type nowhere struct{ calendar.Store }

func (nowhere) Put(context.Context, calendar.Write) (*calendar.Row, error) { return nil, nil }

func memoryChild(t *testing.T, n string) {
	total, err := strconv.Atoi(n)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	p := &pages{total: total}
	w.worker.Providers = map[string]calendar.Open{key.Provider: func(calendar.Access) calendar.Reader { return p }}
	w.worker.Events = nowhere{w.worker.Events}
	w.worker.UnitsPerSecond = 1 << 20
	var peak uint64
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.Sys-m.HeapReleased)
			}
		}
	})
	w.must(w.worker.Handle(context.Background(), w.job(integration.TriggerConnected)))
	close(stop)
	wg.Wait()
	t.Logf("peak %d events: %.1f MiB held from the system", total, float64(peak)/(1<<20))
}
