package memory_test

import (
	"fmt"
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/memory"
)

// BenchmarkQuietSync is what one of 10,000 integrations costs each time that it
// is due in a simulation: acquire and end.
func BenchmarkQuietSync(b *testing.B) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	db := memory.New(func() time.Time { return now })
	const many = 10_000
	for i := range many {
		rec := integration.New(integration.Key{Account: fmt.Sprintf("a%05d", i), Provider: "p"}, "01A", now)
		rec.Status, rec.Version, rec.Fence = integration.Active, 1, 1
		rec.Slot = integration.SlotOf(rec)
		if err := db.Integrations.Apply(b.Context(), integration.Change{After: rec, Limit: 1}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%many == 0 {
			now = now.Add(time.Hour)
		}
		key := integration.Key{Account: fmt.Sprintf("a%05d", i%many), Provider: "p"}
		rec, verdict, err := db.Integrations.Take(b.Context(), integration.Claim{
			Key: key, Generation: "01A", NewRunID: "r", Attempt: "a", Due: now.Add(-time.Minute), Now: now, Trigger: integration.TriggerSchedule,
		})
		if err != nil || verdict != integration.Taken {
			b.Fatalf("%s, %v", verdict, err)
		}
		e := integration.Ending{Outcome: integration.RunSucceeded, Started: now, FreshAsOf: now,
			LastRun: &integration.LastRun{ID: "r", Started: now, Ended: now, Outcome: integration.RunSucceeded}}
		if err := db.Integrations.End(b.Context(), integration.Hold{Key: key, Generation: "01A", Fence: rec.Fence}, e); err != nil {
			b.Fatal(err)
		}
	}
}
