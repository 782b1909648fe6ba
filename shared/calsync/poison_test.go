package calsync_test

import (
	"slices"
	"strings"
	"testing"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/recurrence"
)

func TestR10APoisonedEventDelaysNobody(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a", "b")
	w.worker.Check = recurrence.Check
	cursor := w.rec().Cursor
	noTime := content("no time")
	noTime.Start, noTime.End = calendar.Time{}, calendar.Time{}
	w.remote.change(calendar.Remote{ProviderID: "no-time", Content: noTime})
	huge := content("huge")
	huge.Description = strings.Repeat("x", 500<<10)
	w.remote.change(calendar.Remote{ProviderID: "huge", Content: huge})
	odd := content("odd rule")
	odd.Recurrence = []string{"RRULE:FREQ=SOMETIMES"}
	w.remote.change(calendar.Remote{ProviderID: "odd", Content: odd})
	w.remote.change(calendar.Remote{ProviderID: "no-date", MasterID: "m", Content: content("of no date")})
	w.remote.put("id-c", "c")
	w.sync()

	if got, want := w.titles(), []string{"a", "b", "c", "odd rule"}; !slices.Equal(got, want) {
		t.Errorf("stored %v, want %v: the healthy ones, and the odd rule verbatim", got, want)
	}
	if row := w.rows()["odd rule"]; row == nil || row.Odd == "" || !slices.Equal(row.Recurrence, odd.Recurrence) {
		t.Errorf("the odd rule is kept as %+v", row)
	}
	rec := w.rec()
	if rec.Cursor == cursor || rec.Failures != 0 {
		t.Errorf("cursor %q, failures %d: the poison held the run up", rec.Cursor, rec.Failures)
	}
	q, err := w.db.Events.Quarantined(t.Context(), key.Account)
	w.must(err)
	if len(q) != 3 || q[0].Reason == "" {
		t.Errorf("in quarantine: %+v", q)
	}
	if r := w.run(rec.LastRun.ID); r.Quarantined != 3 {
		t.Errorf("the run reports %d", r.Quarantined)
	}
	w.wantQuiet("after the poison")
	// Mended at the provider, it comes in, and leaves the quarantine.
	w.remote.change(calendar.Remote{ProviderID: "no-time", Content: content("has a time")})
	w.sync()
	if _, ok := w.rows()["has a time"]; !ok {
		t.Error("mended, it doesn't come in")
	}
	if q, err = w.db.Events.Quarantined(t.Context(), key.Account); err != nil || len(q) != 2 {
		t.Errorf("mended, it stays in quarantine: %d, %v", len(q), err)
	}
}
