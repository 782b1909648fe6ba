package convergence_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
)

// TestOddContentsArriveAsTheyAre: whatever Aura accepts, Google accepts too, both
// show the same, and an edit of another field afterwards meets no conflict.
func TestOddContentsArriveAsTheyAre(t *testing.T) {
	t.Parallel()
	at := func(s, zone string) calendar.Time {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		x, err := time.ParseInLocation("2006-01-02T15:04:05", s, loc)
		if err != nil {
			t.Fatal(err)
		}
		return calendar.Time{At: x.UTC(), Zone: zone}
	}
	base := func() calendar.Content { return content("odd", 30) }
	for name, change := range map[string]func(c *calendar.Content){
		"two zones": func(c *calendar.Content) {
			c.Start, c.End = at("2031-06-01T10:00:00", "Europe/Madrid"), at("2031-06-01T10:00:00", "America/New_York")
		},
		"no length": func(c *calendar.Content) { c.End = c.Start },
		"a week":    func(c *calendar.Content) { c.End.At = c.Start.At.AddDate(0, 0, 7) },
		"html":      func(c *calendar.Content) { c.Description = "<b>x</b>\r\n & <script>1</script> \t " },
		"block":     func(c *calendar.Content) { c.Description = "x\n-::~:~::~:~:~\nJoin\n-::~:~::~:~:~\ny" },
		"spaces":    func(c *calendar.Content) { c.Title, c.Location = "  a  ", " b\n" },
		"emoji":     func(c *calendar.Content) { c.Title = "🎉 à\u0301 \u202e x" },
		"no title":  func(c *calendar.Content) { c.Title = "" },
		"tentative": func(c *calendar.Content) {
			c.Status, c.Busy, c.Visibility = calendar.Tentative, false, calendar.Confidential
		},
		"etc":      func(c *calendar.Content) { c.Start.Zone, c.End.Zone = "Etc/GMT+2", "Etc/GMT+2" },
		"old link": func(c *calendar.Content) { c.Start.Zone, c.End.Zone = "US/Pacific", "US/Pacific" },
		"gap": func(c *calendar.Content) {
			c.Start, c.End = at("2031-03-30T02:30:00", "Europe/Madrid"), at("2031-03-30T03:30:00", "Europe/Madrid")
		},
		"lower case": func(c *calendar.Content) { c.Recurrence = []string{"rrule:freq=weekly;byday=tu,th;count=9"} },
		"order": func(c *calendar.Content) {
			c.Recurrence = []string{"RRULE:COUNT=9;BYDAY=TH,TU;FREQ=WEEKLY;WKST=SU;INTERVAL=2"}
		},

		"exdates": func(c *calendar.Content) {
			c.Recurrence = []string{"RRULE:FREQ=DAILY;COUNT=9", "EXDATE;TZID=Europe/Madrid:20310507T160000,20310508T160000"}
		},
		"utc exdate": func(c *calendar.Content) {
			c.Recurrence = []string{"EXDATE:20310507T140000Z", "RRULE:FREQ=DAILY;COUNT=9"}
		},
		"rdate only": func(c *calendar.Content) { c.Recurrence = []string{"RDATE;TZID=Europe/Madrid:20310601T100000"} },
		"two rules": func(c *calendar.Content) {
			c.Recurrence = []string{"RRULE:FREQ=DAILY;COUNT=3", "RRULE:FREQ=WEEKLY;COUNT=3"}
		},
		"exrule": func(c *calendar.Content) {
			c.Recurrence = []string{"RRULE:FREQ=DAILY;COUNT=20", "EXRULE:FREQ=WEEKLY;COUNT=3"}
		},
		"until a day": func(c *calendar.Content) { c.Recurrence = []string{"RRULE:FREQ=DAILY;UNTIL=20310520"} },
		"until local": func(c *calendar.Content) { c.Recurrence = []string{"RRULE:FREQ=DAILY;UNTIL=20310520T100000"} },
		// The simulator takes nothing below a day, as Google is thought to: it is kept
		// here, and its person is told.
		"hourly":    func(c *calendar.Content) { c.Recurrence = []string{"RRULE:FREQ=HOURLY;INTERVAL=5;COUNT=9"} },
		"semicolon": func(c *calendar.Content) { c.Recurrence = []string{"RRULE:FREQ=DAILY;COUNT=3;"} },

		"all-day rule": func(c *calendar.Content) {
			c.Start, c.End = calendar.Time{Date: "2031-06-01"}, calendar.Time{Date: "2031-06-03"}
			c.Recurrence = []string{"RRULE:FREQ=WEEKLY;UNTIL=20310720", "EXDATE;VALUE=DATE:20310608"}
		},
		"endless": func(c *calendar.Content) { c.Recurrence = []string{"RRULE:FREQ=DAILY"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			c := base()
			change(&c)
			row, _, err := w.me.editor.Create(context.Background(), w.by, c, "")
			w.must(err)
			w.settle()
			w.rest(1)
			if q := w.quarantined(); len(q) > 0 || name == "hourly" {
				if name != "hourly" || len(q) != 1 || q[0].Code != "event_refused" || q[0].Reason == "" {
					t.Errorf("accepted here, refused there: %+v", q)
				}
				return
			}
			if here, there := w.shownHere(), w.shownThere(); !slices.Equal(here, there) {
				t.Errorf("Aura shows\n%s\nGoogle\n%s", strings.Join(here, "\n"), strings.Join(there, "\n"))
			}
			w.wantConverged("made")
			w.change(target(row.ID), titled("odd again"))
			w.settle()
			w.rest(1)
			w.wantConverged("edited")
			if n := len(w.conflicts()); n > 0 {
				t.Errorf("%d conflicts", n)
			}
		})
	}
}
