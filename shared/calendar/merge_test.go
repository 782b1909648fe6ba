package calendar_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"aura.example/integrations/shared/calendar"
)

var day = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// contents draws contents from few values, so that sides often agree.
func contents() *rapid.Generator[calendar.Content] {
	text := rapid.SampledFrom([]string{"", "a", "b", "c"})
	return rapid.Custom(func(t *rapid.T) calendar.Content {
		c := calendar.Content{
			Title: text.Draw(t, "title"), Description: text.Draw(t, "description"), Location: text.Draw(t, "location"),
			Status: rapid.SampledFrom([]calendar.EventStatus{calendar.Confirmed, calendar.Tentative}).Draw(t, "status"),
			Busy:   rapid.Bool().Draw(t, "busy"), Visibility: rapid.SampledFrom([]calendar.Visibility{calendar.DefaultVisibility, calendar.Private}).Draw(t, "visibility"),
		}
		if rapid.Bool().Draw(t, "allday") {
			c.Start, c.End = calendar.Time{Date: "2026-11-22"}, calendar.Time{Date: "2026-11-23"}
		} else {
			h := time.Duration(rapid.IntRange(0, 2).Draw(t, "hour")) * time.Hour
			c.Start, c.End = calendar.Time{At: day.Add(h), Zone: "UTC"}, calendar.Time{At: day.Add(h + time.Hour), Zone: "UTC"}
		}
		if rapid.Bool().Draw(t, "recurs") {
			c.Recurrence = []string{"RRULE:FREQ=" + rapid.SampledFrom([]string{"DAILY", "WEEKLY", "WEEKLY;UNTIL=20270301T090000Z", "WEEKLY;UNTIL=20270401T090000Z"}).Draw(t, "freq")}
		}
		return c
	})
}

// edits draws when the user last edited each field, around the remote's time.
func edits(t *rapid.T) map[string]time.Time {
	out := map[string]time.Time{}
	for _, f := range calendar.Fields() {
		out[string(f)] = day.Add(time.Duration(rapid.IntRange(-2, 2).Draw(t, "at")) * time.Minute)
	}
	return out
}

func remote(c calendar.Content, stamp string) calendar.Remote {
	return calendar.Remote{Content: c, Updated: day, Stamp: stamp}
}

func differ(a, b calendar.Content, f calendar.Field) bool {
	return slices.Contains(calendar.Differing(a, b), f)
}

func TestMergeIsIdentityWhereNothingChanged(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := contents().Draw(t, "content")
		got, conflicts := calendar.Merge(c, edits(t), &calendar.Item{Base: &c}, remote(c, ""))
		if len(calendar.Differing(got, c)) > 0 || len(conflicts) > 0 {
			t.Fatalf("merged into %+v with %d conflicts", got, len(conflicts))
		}
	})
}

func TestMergeNeverInventsAndNeverLosesAOneSidedChange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		base, ours, theirs := contents().Draw(t, "base"), contents().Draw(t, "ours"), contents().Draw(t, "theirs")
		at := edits(t)
		got, conflicts := calendar.Merge(ours, at, &calendar.Item{Base: &base}, remote(theirs, ""))
		for _, f := range calendar.Fields() {
			named := slices.ContainsFunc(conflicts, func(c calendar.Conflict) bool { return c.Field == f })
			both := differ(ours, base, f) && differ(theirs, base, f) && differ(ours, theirs, f)
			switch {
			case differ(got, ours, f) && differ(got, theirs, f):
				t.Fatalf("%s has a value that nobody gave it", f)
			case named != both:
				t.Fatalf("%s: conflict named %v, both sides changed it differently: %v", f, named, both)
			case !both && differ(ours, base, f) && differ(got, ours, f):
				t.Fatalf("Aura's change of %s was lost", f)
			case !both && differ(theirs, base, f) && differ(got, theirs, f):
				t.Fatalf("the provider's change of %s was lost", f)
			case both && at[string(f)].After(day) != !differ(got, ours, f):
				t.Fatalf("%s: the newer one didn't win", f)
			}
		}
	})
}

func TestOurOwnWriteIsNeverTakenForTheProvidersEdit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		base, sent, ours := contents().Draw(t, "base"), contents().Draw(t, "sent"), contents().Draw(t, "ours")
		item := &calendar.Item{EventID: "evt_x", Base: &base}
		fields := item.Carry(sent)
		stamp := calendar.StampOf("evt_x", "e1", fields, sent)
		item = item.Try(calendar.Attempt{Stamp: stamp, Fields: fields, Content: sent})
		// The write took effect and its answer was lost; then the user went on editing.
		there := base
		for _, f := range fields {
			there.Take(f, sent)
		}
		got, conflicts := calendar.Merge(ours, nil, item, remote(there, stamp))
		if len(conflicts) > 0 || len(calendar.Differing(got, ours)) > 0 {
			t.Fatalf("our own write was merged as the provider's: %d conflicts, %v differ", len(conflicts), calendar.Differing(got, ours))
		}
		if !item.Unchanged(remote(there, stamp)) {
			t.Fatal("our own write counts as a change of the provider's")
		}
	})
}

func TestTheProvidersRevertIsNotTakenForOurBase(t *testing.T) {
	t.Parallel()
	base := calendar.Content{Title: "old"}
	sent := calendar.Content{Title: "new"}
	item := (&calendar.Item{Base: &base}).Try(calendar.Attempt{Stamp: "s", Fields: []calendar.Field{calendar.FieldTitle}, Content: sent})
	// Our write reached it (the stamp stays in the event), then somebody there set it back.
	got, conflicts := calendar.Merge(sent, map[string]time.Time{"title": day.Add(-time.Hour)}, item, remote(base, "s"))
	if got.Title != "old" || len(conflicts) != 0 {
		t.Errorf("merged into %q with %d conflicts, want the revert", got.Title, len(conflicts))
	}
}

func TestAnAttemptIsNeverOverwrittenNorAddedTwice(t *testing.T) {
	t.Parallel()
	item := &calendar.Item{}
	one := item.Try(calendar.Attempt{Stamp: "a"})
	two := one.Try(calendar.Attempt{Stamp: "b"}).Try(calendar.Attempt{Stamp: "a"})
	if len(item.Sent) != 0 || len(one.Sent) != 1 || len(two.Sent) != 2 {
		t.Errorf("attempts %d, %d, %d; want 0, 1, 2", len(item.Sent), len(one.Sent), len(two.Sent))
	}
}

func TestAPatchCarriesWhatMayHaveBeenOverwritten(t *testing.T) {
	t.Parallel()
	base := calendar.Content{Title: "a"}
	item := (&calendar.Item{Base: &base}).Try(calendar.Attempt{Stamp: "s", Fields: []calendar.Field{calendar.FieldTitle}, Content: calendar.Content{Title: "b"}})
	// The user set it back to what the base has; what was sent may be there by now.
	if got := item.Carry(base); !slices.Equal(got, []calendar.Field{calendar.FieldTitle}) {
		t.Errorf("carries %v, want the title", got)
	}
}
