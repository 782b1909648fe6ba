package convergence_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
)

// A series that was never sent, with more exceptions than one transaction takes, is
// deleted whole, wherever the process dies that deletes it: nothing of it shows from
// its first write on, and nothing of it ever comes to Google.
func TestAnUnsentSeriesWithManyExceptionsIsDeletedWhole(t *testing.T) {
	t.Parallel()
	for _, dies := range []string{"", "after 1", "before 2", "after 2", "before 4"} {
		t.Run("dies "+dies, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			c := content("S", 2)
			c.Recurrence = []string{"RRULE:FREQ=DAILY;COUNT=58"}
			row, _, err := w.me.editor.Create(context.Background(), w.by, c, "")
			w.must(err)
			for n := 3; n < 55; n++ {
				day := calendar.Time{At: c.Start.At.AddDate(0, 0, n), Zone: c.Start.Zone}
				w.change(one(row.ID, day, edit.This), titled(fmt.Sprint("x", n)))
			}
			w.queue.msgs = nil
			p := w.process(3)
			k := 0
			at := func(when string) func(int, crossing) bool {
				return func(_ int, c crossing) bool {
					if c.what != "dynamodb TransactWriteItems" {
						return false
					}
					if when == "before" {
						k++
					}
					return dies == fmt.Sprint(when, " ", k)
				}
			}
			p.before, p.after = at("before"), at("after")
			err = p.editor.Delete(context.Background(), w.by, target(row.ID))
			shown := w.shownHere()
			if err != nil && dies != "after 1" {
				t.Errorf("the deletion: %v", err)
			}
			if len(shown) != 0 {
				t.Errorf("Aura shows %d of it: %q", len(shown), shown[:1])
			}
			if dies == "" {
				if left := w.outbox(); len(left) != 0 || w.byID(row.ID) != nil {
					t.Errorf("left: %q, %+v", left, w.byID(row.ID))
				}
			}
			p = w.process(3)
			w.pass(time.Minute)
			w.must(p.worker.Handle(context.Background(), w.job("schedule")))
			if n := p.writes("/calendar/"); n != 0 {
				t.Errorf("%d writes to Google", n)
			}
			w.rest(1)
			w.wantSame("in the end", nil, []string{text(c.Start, "S")})
			if left := w.outbox(); len(left) != 0 || len(w.shownHere()) != 0 {
				t.Errorf("left in the end: %q, %q", left, w.shownHere())
			}
			w.wantConverged("in the end")
		})
	}
}
