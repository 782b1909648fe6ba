package calendar_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"aura.example/integrations/shared/calendar"
)

// Of what comes from another calendar the base is that one's: a field that the copy
// here has otherwise may have been changed on either side, so the newer wins and is
// named, and an edit that was made there counts by its time there.
func TestAMergeWithAnotherCalendarsBaseGoesByTheNewer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		base, ours, theirs := contents().Draw(t, "base"), contents().Draw(t, "ours"), contents().Draw(t, "theirs")
		at := edits(t)
		left := day.Add(time.Duration(rapid.IntRange(-2, 2).Draw(t, "left")) * time.Minute)
		got, conflicts := calendar.Merge(ours, at, &calendar.Item{Base: &base, Former: &calendar.Former{Calendar: "other", Updated: left}}, remote(theirs, ""))
		for _, f := range calendar.Fields() {
			i := slices.IndexFunc(conflicts, func(c calendar.Conflict) bool { return c.Field == f })
			fought := differ(ours, theirs, f) && differ(theirs, base, f)
			newest := at[string(f)]
			if left.After(newest) {
				newest = left
			}
			switch {
			case (i >= 0) != fought:
				t.Fatalf("%s: conflict named %v, want %v", f, i >= 0, fought)
			case !fought && differ(got, ours, f):
				t.Fatalf("%s was taken from a copy that has what was there", f)
			case fought && newest.After(day) == differ(got, ours, f):
				t.Fatalf("%s: the newer one didn't win", f)
			case fought && (conflicts[i].Bound != left.After(at[string(f)]) || !conflicts[i].OursAt.Equal(newest)):
				t.Fatalf("%s: named as of %s (a bound: %v), want %s", f, conflicts[i].OursAt, conflicts[i].Bound, newest)
			}
		}
	})
}

// Two attempts were made, and either, both or none of them landed. Whatever did is
// never taken for the provider's edit, and what somebody changed there after it is.
func TestASecondAttemptIsToldFromTheFirst(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		base, ours := contents().Draw(t, "base"), contents().Draw(t, "ours")
		item, there, stamp := &calendar.Item{EventID: "evt_x", Base: &base}, base, ""
		for n := range 2 {
			sent := contents().Draw(t, "sent")
			fields := item.Carry(sent)
			a := calendar.Attempt{Stamp: string(rune('a' + n)), Fields: fields, Content: sent.Only(fields)}
			item = item.Try(a)
			if rapid.Bool().Draw(t, "landed") {
				stamp = a.Stamp
				for _, f := range fields {
					there.Take(f, sent)
				}
			}
		}
		if stamp != "" && !item.Unchanged(remote(there, stamp)) {
			t.Fatal("our own write counts as a change of the provider's")
		}
		theirs := there
		theirs.Title = rapid.SampledFrom([]string{there.Title, "theirs"}).Draw(t, "edited there")
		got, conflicts := calendar.Merge(ours, nil, item, remote(theirs, stamp))
		for _, f := range calendar.Fields() {
			named := slices.ContainsFunc(conflicts, func(c calendar.Conflict) bool { return c.Field == f })
			edited, here := differ(theirs, there, f), differ(ours, there, f)
			switch {
			case !edited && (named || differ(got, ours, f)):
				t.Fatalf("%s, which nobody edited there, was merged (named: %v)", f, named)
			case edited && differ(got, theirs, f):
				t.Fatalf("%s, which was edited there later, was lost", f)
			case edited && named != here:
				t.Fatalf("%s: conflict named %v, edited on both sides: %v", f, named, here)
			}
		}
		if here, moved := item.Sides(ours, remote(theirs, stamp)); here != (len(calendar.Differing(ours, there)) > 0) || moved != (len(calendar.Differing(theirs, there)) > 0) {
			t.Fatalf("changed here %v, there %v", here, moved)
		}
	})
}

// One side moves a series and the other ends it: no merge of two series that have
// something left leaves one that has nothing.
func TestAMergeNeverEndsASeriesBeforeItBegins(t *testing.T) {
	t.Parallel()
	series := rapid.Custom(func(t *rapid.T) calendar.Content {
		begins := day.AddDate(0, 0, 7*rapid.IntRange(0, 4).Draw(t, "weeks"))
		ends := day.AddDate(0, 0, 7*rapid.IntRange(0, 5).Draw(t, "until"))
		rule := "RRULE:FREQ=WEEKLY;UNTIL=" + ends.Format("20060102T150405Z")
		return calendar.Content{Title: "S", Start: calendar.Time{At: begins, Zone: "UTC"}, End: calendar.Time{At: begins.Add(time.Hour), Zone: "UTC"}, Recurrence: []string{rule}}
	}).Filter(func(c calendar.Content) bool { return !c.Ended() })
	rapid.Check(t, func(t *rapid.T) {
		base, ours, theirs := series.Draw(t, "base"), series.Draw(t, "ours"), series.Draw(t, "theirs")
		at := edits(t)
		got, conflicts := calendar.Merge(ours, at, &calendar.Item{Base: &base}, remote(theirs, ""))
		if got.Ended() {
			t.Fatalf("ends before it begins: %+v", got)
		}
		for _, f := range []calendar.Field{calendar.FieldWhen, calendar.FieldRecurrence} {
			lost := differ(got, ours, f) && differ(ours, base, f) || differ(got, theirs, f) && differ(theirs, base, f)
			if lost && !slices.ContainsFunc(conflicts, func(c calendar.Conflict) bool { return c.Field == f }) {
				t.Fatalf("an edit of %s was lost, and nobody named it", f)
			}
		}
	})
}
