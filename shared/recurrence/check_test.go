package recurrence

import (
	"math/rand/v2"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
)

// A store finds a series by bounds that it reads from the lines without
// expanding them. Whatever shows here, the store must have found: no occurrence
// may end after calendar.LastEnd, and none may show where MayShow denies it.
func TestAStoreFindsWhateverShows(t *testing.T) {
	t.Parallel()
	g := generator{rand.New(rand.NewPCG(20261122, 1))}
	shown := 0
	for range 500 {
		q := g.question()
		row := q.row(t)
		if g.chance(30) {
			row.End = later(row.Start, time.Duration(g.IntN(80*24))*time.Hour)
		}
		if g.chance(10) {
			row.Start.Zone = "Middle/Earth"
		}
		shown += found(t, row, g)
	}
	if shown < 25_000 {
		t.Errorf("only %d occurrences were looked for", shown)
	}
}

// later is a time moved on, dates by whole days.
func later(at calendar.Time, d time.Duration) calendar.Time {
	if at.IsDate() {
		return calendar.Time{Date: at.Instant().Add(d).Format(time.DateOnly)}
	}
	return calendar.Time{At: at.At.Add(d), Zone: at.Zone}
}

// found holds one row's occurrences to what a store would find, in a range from
// before the series and in some that begin amid it.
func found(t *testing.T, row *calendar.Row, g generator) (shown int) {
	t.Helper()
	start, last := row.Start.Instant(), calendar.LastEnd(&row.Content)
	zone := g.one("Pacific/Kiritimati", "Etc/GMT+12", "Europe/Berlin")
	for _, days := range []int{-3, g.IntN(60), g.IntN(1000)} {
		from := start.AddDate(0, 0, days)
		r := Range{From: from, To: from.AddDate(0, 0, 1+g.IntN(1000)), Zone: zone}
		occs := Expand([]*calendar.Row{row}, r).Occurrences
		if len(occs) > 0 && !row.MayShow(r.From, r.To, row.Lasts()) {
			t.Errorf("%v %v: the store denies what shows after %s", row.Start, row.Recurrence, r.From)
		}
		for _, o := range occs {
			if end := o.End.Instant(); end.After(last) {
				t.Errorf("%v %v: one ends %s, after the bound, %s", row.Start, row.Recurrence, end, last)
			}
		}
		shown += len(occs)
	}
	return shown
}

// The bounds hold for every line of the table of odd ones, too.
func TestAStoreFindsWhateverShowsOfOddLines(t *testing.T) {
	t.Parallel()
	g := generator{rand.New(rand.NewPCG(20261122, 2))}
	for _, tt := range oddLines() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			found(t, master(t, tt.start, tt.lines...), generator{rand.New(rand.NewPCG(g.Uint64(), 3))})
		})
	}
}
