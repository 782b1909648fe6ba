package seed_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
)

var update = flag.Bool("update", false, "write default.ics anew")

// TestDefaultFile holds the file to its generator, which writes iCalendar by
// itself and knows nothing of package icsfile: a mistake there cannot hide.
func TestDefaultFile(t *testing.T) {
	t.Parallel()
	want := generate()
	if *update {
		if err := os.WriteFile("default.ics", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("default.ics")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("default.ics is not what the generator writes: run with -update")
	}
}

// file is one iCalendar file. Everything in it is fixed: no clock, no chance.
type file struct {
	strings.Builder
	uid int
}

func (f *file) line(format string, args ...any) {
	text := format
	if len(args) > 0 {
		text = fmt.Sprintf(format, args...)
	}
	for limit := 75; len(text) > limit; limit = 74 {
		cut := limit
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		f.WriteString(text[:cut] + "\r\n ")
		text = text[cut:]
	}
	f.WriteString(text + "\r\n")
}

func (f *file) text(name, value string) {
	if value != "" {
		f.line("%s", name+":"+ics.ToText(value))
	}
}

func (f *file) calendar(account, id, role, name, zone string, fill func()) {
	f.line("BEGIN:VCALENDAR")
	f.line("PRODID:-//Aura Integrations//Default calendars of the simulator//EN")
	f.line("VERSION:2.0")
	f.line("CALSCALE:GREGORIAN")
	f.text("X-GOOGLESIM-ACCOUNT", account)
	f.text("X-GOOGLESIM-ID", id)
	f.text("X-GOOGLESIM-ROLE", role)
	f.text("X-WR-CALNAME", name)
	f.text("X-WR-TIMEZONE", zone)
	if fill != nil {
		fill()
	}
	f.line("END:VCALENDAR")
}

// event is one VEVENT. Times are "20261019T093000" by the zone's clock, dates
// "20261019"; a zone of "UTC" writes …Z.
type event struct {
	uid                  string // empty: the next number
	title, text, place   string
	zone, from, to       string
	rules                []string // whole lines: RRULE, EXDATE, RDATE
	original             string   // RECURRENCE-ID
	status, class, alarm string
	free                 bool
	organizer            string
	guests               []string // "address|Name|PARTSTAT" and optionally "|OPT"
	sequence             int
}

func (f *file) add(e event) string {
	if e.uid == "" {
		f.uid++
		// In Google's alphabet and at its domain, so the id is kept as it is.
		e.uid = fmt.Sprintf("aurademo%04d@google.com", f.uid)
	}
	if e.zone == "" {
		e.zone = "Europe/Madrid"
	}
	when := func(name, at string) {
		switch {
		case len(at) == 8:
			f.line("%s;VALUE=DATE:%s", name, at)
		case e.zone == "UTC":
			f.line("%s:%sZ", name, at)
		default:
			f.line("%s;TZID=%s:%s", name, e.zone, at)
		}
	}
	f.line("BEGIN:VEVENT")
	f.line("UID:%s", e.uid)
	f.line("DTSTAMP:20260901T080000Z")
	f.line("CREATED:20260901T080000Z")
	f.line("LAST-MODIFIED:20260901T080000Z")
	when("DTSTART", e.from)
	if e.to != "" {
		when("DTEND", e.to)
	}
	if e.original != "" {
		when("RECURRENCE-ID", e.original)
	}
	for _, r := range e.rules {
		f.line("%s", r)
	}
	f.line("SEQUENCE:%d", e.sequence)
	f.text("SUMMARY", e.title)
	f.text("DESCRIPTION", e.text)
	f.text("LOCATION", e.place)
	if e.status == "" {
		e.status = "CONFIRMED"
	}
	f.line("STATUS:%s", e.status)
	if e.free {
		f.line("TRANSP:TRANSPARENT")
	}
	if e.class != "" {
		f.line("CLASS:%s", e.class)
	}
	if e.organizer != "" {
		f.line("ORGANIZER:mailto:%s", e.organizer)
	}
	for _, g := range e.guests {
		part := strings.Split(g, "|")
		role := "REQ-PARTICIPANT"
		if len(part) == 4 {
			role = "OPT-PARTICIPANT"
		}
		f.line("ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=%s;PARTSTAT=%s;CN=%s:mailto:%s", role, part[2], part[1], part[0])
	}
	if e.alarm != "" {
		f.line("BEGIN:VALARM")
		f.line("ACTION:DISPLAY")
		f.line("DESCRIPTION:Reminder")
		f.line("TRIGGER:%s", e.alarm)
		f.line("END:VALARM")
	}
	f.line("END:VEVENT")
	return e.uid
}

const local = "20060102T150405"

// at is a wall-clock time, days after a date.
func at(date string, plusDays, hour, minute int) string {
	t, err := time.Parse("20060102", date)
	if err != nil {
		panic(err)
	}
	return t.AddDate(0, 0, plusDays).Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute).Format(local)
}
