package calendar_test

import (
	"slices"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
)

// weekly is a series that begins so many days after a fixed one.
func weekly(days int, rule ...string) calendar.Content {
	at := day.AddDate(0, 0, days)
	return calendar.Content{
		Title: "S", Start: calendar.Time{At: at, Zone: "UTC"}, End: calendar.Time{At: at.Add(time.Hour), Zone: "UTC"}, Recurrence: rule,
	}
}

// A rule that the provider has written in its own way is what it was.
func TestARuleWrittenInAnotherWayIsNobodysChange(t *testing.T) {
	t.Parallel()
	late := map[string]time.Time{string(calendar.FieldRecurrence): day.Add(-time.Hour)} // before what the provider says of the event
	for _, c := range []struct {
		name, sent, there string
		changed           bool
	}{
		{"the order of its parts", "RRULE:COUNT=9;FREQ=WEEKLY", "RRULE:FREQ=WEEKLY;COUNT=9", false},
		{"what holds anyway", "RRULE:FREQ=WEEKLY;INTERVAL=1;WKST=MO;COUNT=9", "RRULE:FREQ=WEEKLY;COUNT=9", false},
		{"the order of days", "RRULE:FREQ=WEEKLY;BYDAY=WE,MO", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE", false},
		{"small letters", "rrule:freq=weekly;count=9", "RRULE:FREQ=WEEKLY;COUNT=9", false},
		{"the order of dates", "RDATE;TZID=Europe/Madrid:20270102T090000,20270101T090000", "RDATE;TZID=Europe/Madrid:20270101T090000,20270102T090000", false},
		{"another count", "RRULE:COUNT=9;FREQ=WEEKLY", "RRULE:FREQ=WEEKLY;COUNT=8", true},
		{"another interval", "RRULE:FREQ=WEEKLY;COUNT=9", "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=9", true},
		{"another day", "RRULE:FREQ=WEEKLY;BYDAY=MO", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE", true},
		{"another zone", "RDATE;TZID=Europe/Madrid:20270101T090000", "RDATE;TZID=Europe/Lisbon:20270101T090000", true},
		{"another list", "RDATE:20270101T090000Z", "EXDATE:20270101T090000Z", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			base, sent, ours, there := weekly(0), weekly(0, c.sent), weekly(0, "RRULE:FREQ=DAILY"), weekly(0, c.there)
			it := &calendar.Item{Base: &base, Sent: []calendar.Attempt{{Stamp: "s", Fields: calendar.Fields(), Content: sent}}}
			got, conflicts := calendar.Merge(ours, late, it, remote(there, "s"))
			if kept := !differ(got, ours, calendar.FieldRecurrence); kept == c.changed || (len(conflicts) > 0) != c.changed {
				t.Errorf("a later edit here gives %q with conflicts %+v", got.Recurrence, conflicts)
			}
			if it.Unchanged(remote(there, "s")) == c.changed {
				t.Errorf("nobody changed it there: %v", c.changed)
			}
			renamed, whole := weekly(0, c.sent), &calendar.Item{Base: &sent, Heirs: []string{"evt_half"}}
			renamed.Title = "T"
			if there := remote(there, ""); !c.changed && (whole.PartedBy(renamed, there) != nil || whole.DividedToo(there)) {
				t.Error("taken for a division")
			}
			got, conflicts = calendar.Merge(sent, late, it, remote(there, "s"))
			if differ(got, there, calendar.FieldRecurrence) || len(conflicts) > 0 {
				t.Errorf("without an edit here it is %q with conflicts %+v", got.Recurrence, conflicts)
			}
			_, conflicts = calendar.Merge(sent, late, &calendar.Item{Base: &base}, remote(there, ""))
			if (len(conflicts) > 0) != c.changed {
				t.Errorf("both sides gave it a rule, with conflicts %+v", conflicts)
			}
		})
	}
}

// An edit that outlives a deletion keeps what only it changed, and takes what only the
// provider changed before that. Of a series' end on both sides one holds, and is named.
func TestOutlive(t *testing.T) {
	t.Parallel()
	const nine, first, ten = "RRULE:FREQ=WEEKLY;COUNT=9", "RRULE:FREQ=WEEKLY;UNTIL=20261206T090000Z", "RRULE:FREQ=WEEKLY;COUNT=10"
	place := weekly(0, nine)
	place.Location = "Room 7"
	for _, c := range []struct {
		name               string
		base, ours, theirs calendar.Content
		want               calendar.Content
		named              []calendar.Field
	}{
		{"ended there, edited here", weekly(0, nine), place, weekly(0, first), func() calendar.Content { c := place; c.Recurrence = []string{first}; return c }(), nil},
		{"edited on both sides", weekly(0, nine), weekly(0, ten), weekly(0, first), weekly(0, first), []calendar.Field{calendar.FieldRecurrence}},
		{"ended earlier here", weekly(0, nine), weekly(0, "RRULE:FREQ=WEEKLY;UNTIL=20261122T090000Z"), weekly(0, first), weekly(0, "RRULE:FREQ=WEEKLY;UNTIL=20261122T090000Z"), nil},
		{"only written there in another way", weekly(0, "RRULE:COUNT=9;FREQ=WEEKLY"), weekly(0, ten), weekly(0, nine), weekly(0, ten), nil},
		{"the same on both sides, in two ways", weekly(0, nine), weekly(0, "RRULE:COUNT=10;FREQ=WEEKLY"), weekly(0, ten), weekly(0, ten), nil},
		{"moved beyond the end that it has there", weekly(0, nine), weekly(42, nine), weekly(0, first), weekly(42, nine), []calendar.Field{calendar.FieldRecurrence}},
		{"moved there beyond the end that it has here", weekly(0, nine), weekly(0, first), weekly(42, nine), weekly(0, first), []calendar.Field{calendar.FieldWhen}},
		{"ended here, and nothing of it there", weekly(0, nine), weekly(42, first), weekly(0, nine), weekly(42, first), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, _, conflicts := (&calendar.Item{Base: &c.base}).Outlive(c.ours, remote(c.theirs, ""))
			if len(calendar.Differing(got, c.want)) > 0 {
				t.Errorf("begins %s with %q, want %s with %q", got.Start.Text(), got.Recurrence, c.want.Start.Text(), c.want.Recurrence)
			}
			var named []calendar.Field
			for _, x := range conflicts {
				named = append(named, x.Field)
				if x.OursWon != (len(calendar.Differing(got.Only([]calendar.Field{x.Field}), c.ours.Only([]calendar.Field{x.Field}))) == 0) {
					t.Errorf("%s: named as Aura's %v, and it is %s", x.Field, x.OursWon, got.Text(x.Field))
				}
			}
			if !slices.Equal(named, c.named) {
				t.Errorf("named are %q, want %q", named, c.named)
			}
		})
	}
}

// A series that one side moves and the other ends earlier has its dates from the newer
// side, and each field is named once, with the side that has won in the end.
func TestDatesThatHoldTogetherAreNamedOnce(t *testing.T) {
	t.Parallel()
	base := weekly(0, "RRULE:FREQ=WEEKLY")
	ours, theirs := weekly(28, "RRULE:FREQ=WEEKLY;UNTIL=20270110T090000Z"), weekly(56, "RRULE:FREQ=WEEKLY;UNTIL=20270401T090000Z")
	edited := map[string]time.Time{string(calendar.FieldWhen): day.Add(-time.Hour), string(calendar.FieldRecurrence): day.Add(time.Hour)}
	got, conflicts := calendar.Merge(ours, edited, &calendar.Item{Base: &base}, remote(theirs, ""))
	if len(calendar.Differing(got, ours)) > 0 {
		t.Errorf("begins %s with %q, want Aura's dates", got.Start.Text(), got.Recurrence)
	}
	named := map[calendar.Field]int{}
	for _, c := range conflicts {
		if named[c.Field]++; !c.OursWon {
			t.Errorf("%s is named as the provider's", c.Field)
		}
	}
	if len(named) != 2 || named[calendar.FieldWhen] != 1 || named[calendar.FieldRecurrence] != 1 {
		t.Errorf("named are %v", named)
	}
}
