package edit_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/recurrence"
)

// anySeries draws a series of the kinds that people make.
func anySeries(t *rapid.T) calendar.Content {
	c := meeting("old", 0)
	if rapid.Bool().Draw(t, "all day") {
		c.Start, c.End = on(0), on(rapid.IntRange(1, 2).Draw(t, "days"))
	} else {
		zone := rapid.SampledFrom([]string{"Europe/Madrid", "America/New_York", "UTC", "Australia/Lord_Howe"}).Draw(t, "zone")
		at := start.AddDate(0, 0, rapid.IntRange(-300, 300).Draw(t, "from")).Add(time.Duration(rapid.IntRange(0, 47).Draw(t, "half hours")) * 30 * time.Minute)
		c.Start, c.End = calendar.Time{At: at, Zone: zone}, calendar.Time{At: at.Add(45 * time.Minute), Zone: zone}
	}
	freq := rapid.SampledFrom([]string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}).Draw(t, "freq")
	rule := fmt.Sprintf("RRULE:FREQ=%s;INTERVAL=%d", freq, rapid.IntRange(1, 3).Draw(t, "interval"))
	switch freq {
	case "WEEKLY":
		rule += rapid.SampledFrom([]string{"", ";BYDAY=MO,WE,FR", ";BYDAY=SU;WKST=SU"}).Draw(t, "by")
	case "MONTHLY":
		rule += rapid.SampledFrom([]string{"", ";BYDAY=2TU", ";BYMONTHDAY=-1", ";BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"}).Draw(t, "by")
	}
	last := c.Start.Instant().AddDate(2, 0, 0)
	switch rapid.IntRange(0, 2).Draw(t, "ends") {
	case 0:
		rule += fmt.Sprintf(";COUNT=%d", rapid.IntRange(2, 40).Draw(t, "count"))
	case 1:
		if c.Start.IsDate() {
			rule += ";UNTIL=" + last.Format("20060102")
		} else {
			rule += ";UNTIL=" + last.Format("20060102T150405Z")
		}
	}
	c.Recurrence = []string{rule}
	return c
}

// sees gives what a person sees of a range, without titles.
func (w *world) sees(from, to time.Time) (when []string, titles map[string]string) {
	rows, err := w.db.Events.Range(context.Background(), account, from, to)
	w.must(err)
	titles = map[string]string{}
	for _, o := range recurrence.Expand(rows, recurrence.Range{From: from, To: to}).Occurrences {
		line := o.Start.Instant().Format(time.RFC3339) + "–" + o.End.Instant().Format(time.RFC3339)
		when = append(when, line)
		titles[line] = o.Row.Title
	}
	slices.Sort(when)
	return when, titles
}

// However a series repeats and wherever it is divided: nothing is lost, nothing
// doubled, nothing moved; before the cut everything is as it was, from it on
// everything is renamed but for what had a title of its own and wasn't pointed at.
func TestDividingASeriesLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	cut, whole := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		c := anySeries(rt)
		far := c.Start.Instant().AddDate(3, 0, 0)
		spans, _ := recurrence.Reckoner{}.Occurrences(&calendar.Row{Content: c}, c.Start.Instant(), far)
		if len(spans) < 3 {
			return
		}
		pick := func(name string) calendar.Time { return spans[rapid.IntRange(1, len(spans)-1).Draw(rt, name)].Start }
		if rapid.Bool().Draw(rt, "leaves one out") {
			if out := pick("left out"); c.Start.IsDate() {
				c.Recurrence = append(c.Recurrence, "EXDATE;VALUE=DATE:"+out.Instant().Format("20060102"))
			} else {
				c.Recurrence = append(c.Recurrence, "EXDATE:"+out.At.Format("20060102T150405Z"))
			}
		}
		series := w.imported("s", c)
		own, dropped, at := pick("own"), pick("dropped"), pick("at")
		if _, err := w.editor.Change(context.Background(), me, occurrence(series, own, edit.This), edit.Patch{Title: ptr("own")}); err != nil && !fault.Is(err, fault.NotFound) {
			rt.Fatal(err)
		}
		if err := w.editor.Delete(context.Background(), me, occurrence(series, dropped, edit.This)); err != nil && !fault.Is(err, fault.NotFound) {
			rt.Fatal(err)
		}
		before, was := w.sees(c.Start.Instant().Add(-48*time.Hour), far)
		_, err := w.editor.Change(context.Background(), me, occurrence(series, at, edit.Following), edit.Patch{Title: ptr("new")})
		after, is := w.sees(c.Start.Instant().Add(-48*time.Hour), far)
		if !slices.Equal(before, after) {
			rt.Fatalf("%v at %s: was\n%v, is\n%v (%v)", c.Recurrence, at.Instant(), before, after, err)
		}
		switch {
		case fault.Is(err, fault.NotFound): // it was left out or deleted
			return
		case fault.Is(err, fault.Invalid):
			whole++
			return
		case err != nil:
			rt.Fatal(err)
		}
		cut++
		for _, line := range after {
			begins, _ := time.Parse(time.RFC3339, line[:len("2026-11-23T08:00:00Z")])
			want := was[line]
			if !begins.Before(at.Instant()) && (want != "own" || begins.Equal(at.Instant())) {
				want = "new"
			}
			if is[line] != want {
				rt.Fatalf("%v at %s: %s is %q, want %q", c.Recurrence, at.Instant(), line, is[line], want)
			}
		}
	})
	if cut < 3*whole || cut == 0 {
		t.Errorf("%d series were divided, %d refused", cut, whole)
	}
	t.Logf("%d divided, %d refused", cut, whole)
}

// Deleting one and all that follow leaves exactly what was before.
func TestEndingASeriesKeepsWhatWasBefore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		c := anySeries(rt)
		far := c.Start.Instant().AddDate(3, 0, 0)
		spans, _ := recurrence.Reckoner{}.Occurrences(&calendar.Row{Content: c}, c.Start.Instant(), far)
		if len(spans) < 2 {
			return
		}
		series := w.imported("s", c)
		n := rapid.IntRange(0, len(spans)-1).Draw(rt, "n")
		before, _ := w.sees(c.Start.Instant().Add(-48*time.Hour), far)
		if err := w.editor.Delete(context.Background(), me, occurrence(series, spans[n].Start, edit.Following)); err != nil {
			rt.Fatalf("%v at %s: %v", c.Recurrence, spans[n].Start.Instant(), err)
		}
		if after, _ := w.sees(c.Start.Instant().Add(-48*time.Hour), far); !slices.Equal(after, before[:n]) {
			rt.Fatalf("%v at %s: was\n%v, is\n%v", c.Recurrence, spans[n].Start.Instant(), before, after)
		}
	})
}
