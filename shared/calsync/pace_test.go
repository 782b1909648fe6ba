package calsync_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// partition is a store as slow as AWS's may be: 12 ms a write, and no more than
// 1,000 units a second, above which it throttles.
type partition struct {
	calendar.Store
	mu       sync.Mutex
	second   int64
	spent    int
	total    int
	throttle int
}

const (
	writeTakes = 12 * time.Millisecond
	pageTakes  = 400 * time.Millisecond
	allowed    = 1000
)

func (p *partition) Put(ctx context.Context, w calendar.Write) (*calendar.Row, error) {
	<-time.After(writeTakes) // of the bubble: virtual
	p.mu.Lock()
	now := time.Now().Unix()
	if now != p.second {
		p.second, p.spent = now, 0
	}
	p.spent += 2 // the row and its index entry
	p.total += 2
	over := p.spent > allowed+allowed // a burst of a second is granted
	if over {
		p.throttle++
	}
	p.mu.Unlock()
	if over {
		return nil, fault.New(fault.Transient, "throttled", "")
	}
	return p.Store.Put(ctx, w)
}

// A first sync of 10,000 is as quick as its pages and the account's partition
// let it be: paging and writing overlap, and the writers fill the partition's
// units without being throttled (goal: at most 1.5 × max(paging, units ÷ 900)).
func TestAFirstSyncIsAsQuickAsPagingOrThePartition(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 10_000
		w := newWorld(t)
		for i := range n {
			w.remote.events = append(w.remote.events, calendar.Remote{
				ProviderID: fmt.Sprintf("id-%d", i), Content: content(fmt.Sprintf("event %d", i)), ETag: fmt.Sprint(i + 1),
				Updated: start, Mirror: calendar.Mirror{Organizer: true},
			})
		}
		w.remote.seq, w.remote.size = n, 2500
		pages := 0
		w.remote.before = func(_ int, q calendar.Query) error {
			if q.MaxResults > 0 {
				pages++
				<-time.After(pageTakes)
			}
			return nil
		}
		p := &partition{Store: w.worker.Events}
		w.worker.Events = p
		began := time.Now()
		w.must(w.worker.Handle(context.Background(), w.job(integration.TriggerConnected)))
		took := time.Since(began)
		if rec := w.rec(); rec.LastRun == nil || rec.LastRun.Created != n {
			t.Fatalf("the first sync ended as %+v", rec.LastRun)
		}
		paging := time.Duration(pages) * pageTakes
		writing := time.Duration(p.total) * time.Second / 900
		ratio := took.Seconds() / max(paging, writing).Seconds()
		t.Logf("%d pages and %d units took %s: %.2f × max(%s, %s), throttled %d times", pages, p.total, took, ratio, paging, writing, p.throttle)
		if ratio > 1.5 || p.throttle > 0 {
			t.Errorf("%.2f × what paging or the partition needs, throttled %d times; want at most 1.5, never", ratio, p.throttle)
		}
	})
}
