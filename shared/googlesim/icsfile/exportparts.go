package icsfile

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// moment reads start, end or originalStartTime of a resource.
func (x *exporter) moment(v any) (moment, error) {
	at, _ := v.(map[string]any)
	if date := str(at, "date"); date != "" {
		t, err := time.Parse(time.DateOnly, date)
		if err != nil {
			return moment{}, fmt.Errorf("date: %w", err)
		}
		return moment{allDay: true, at: t}, nil
	}
	if str(at, "dateTime") == "" {
		return moment{}, errors.New("neither date nor dateTime")
	}
	t, err := time.Parse(time.RFC3339, str(at, "dateTime"))
	if err != nil {
		return moment{}, fmt.Errorf("dateTime: %w", err)
	}
	zone := str(at, "timeZone")
	if zone == "" || !x.zones.load(zone) {
		zone = "UTC"
	}
	return moment{at: t.In(x.zones.location(zone)), zone: zone}, nil
}

func (x *exporter) people(e Event) {
	if o, ok := e["organizer"].(map[string]any); ok && str(o, "email") != "" {
		x.line("ORGANIZER" + name(o) + ":mailto:" + str(o, "email"))
	}
	guests, _ := e["attendees"].([]any)
	for _, g := range guests {
		guest, _ := g.(map[string]any)
		if str(guest, "email") == "" {
			continue
		}
		kind, role, answer := "INDIVIDUAL", "REQ-PARTICIPANT", "NEEDS-ACTION"
		if guest["resource"] == true {
			kind = "RESOURCE"
		}
		if guest["optional"] == true {
			role = "OPT-PARTICIPANT"
		}
		for ical, google := range responses {
			if google == str(guest, "responseStatus") {
				answer = ical
			}
		}
		more := ""
		if n, ok := guest["additionalGuests"].(float64); ok && n > 0 {
			more = fmt.Sprintf(";X-NUM-GUESTS=%.0f", n)
		}
		x.line("ATTENDEE;CUTYPE=" + kind + ";ROLE=" + role + ";PARTSTAT=" + answer + name(guest) + more + ":mailto:" + str(guest, "email"))
	}
}

// name is a CN parameter. Parameter values have no escapes in RFC 5545, so a
// double quote, which cannot be written, becomes a single one; backslashes go,
// as many readers take them for escapes all the same.
func name(person map[string]any) string {
	cn := strings.NewReplacer(`"`, "'", `\`, "", "\r", " ", "\n", " ").Replace(str(person, "displayName"))
	if cn == "" {
		return ""
	}
	return `;CN="` + cn + `"`
}

func (x *exporter) alarms(e Event) {
	reminders, _ := e["reminders"].(map[string]any)
	overrides, _ := reminders["overrides"].([]any)
	for _, o := range overrides {
		one, _ := o.(map[string]any)
		minutes, ok := one["minutes"].(float64)
		if !ok {
			continue
		}
		action := "DISPLAY"
		if str(one, "method") == "email" {
			action = "EMAIL"
		}
		x.line("BEGIN:VALARM")
		x.line("ACTION:" + action)
		x.texts("DESCRIPTION", "Reminder")
		if action == "EMAIL" { // RFC 5545 3.6.6: an e-mail alarm has these two
			x.texts("SUMMARY", "Reminder")
			x.line("ATTENDEE:mailto:reminder@example.invalid")
		}
		x.line(fmt.Sprintf("TRIGGER:-PT%.0fM", minutes))
		x.line("END:VALARM")
	}
}

// yearsAhead is how far an exported zone reaches beyond the last event: series
// go on, and a reader that trusts the definition alone should stay right.
const yearsAhead = 10

// zone writes a VTIMEZONE with the clock changes of the years given, each by
// its date. Dates are longer than rules but true for every zone, also for
// those that change by decree.
func (x *exporter) zone(name string, from, to int) {
	loc := x.zones.location(name)
	x.line("BEGIN:VTIMEZONE")
	x.line("TZID:" + name)
	x.line("X-LIC-LOCATION:" + name)
	type change struct {
		kind     string
		from, to int
	}
	dates := map[change][]string{}
	var order []change
	put := func(c change, local time.Time) {
		if _, ok := dates[c]; !ok {
			order = append(order, c)
		}
		dates[c] = append(dates[c], local.Format(localForm))
	}
	kind := func(t time.Time) string {
		if t.IsDST() {
			return "DAYLIGHT"
		}
		return "STANDARD"
	}
	at := time.Date(from-1, 1, 1, 0, 0, 0, 0, loc)
	_, offset := at.Zone()
	put(change{kind(at), offset, offset}, at) // what was in force before
	for last := time.Date(to+yearsAhead, 1, 1, 0, 0, 0, 0, loc); ; {
		_, next := at.ZoneBounds()
		if next.IsZero() || next.After(last) {
			break
		}
		_, before := at.Zone()
		_, after := next.Zone()
		put(change{kind(next), before, after}, next.UTC().Add(time.Duration(before)*time.Second))
		at = next
	}
	for _, c := range order {
		x.line("BEGIN:" + c.kind)
		x.line("DTSTART:" + dates[c][0])
		x.line("TZOFFSETFROM:" + offsetText(c.from))
		x.line("TZOFFSETTO:" + offsetText(c.to))
		if more := dates[c][1:]; len(more) > 0 {
			x.line("RDATE:" + strings.Join(more, ","))
		}
		x.line("END:" + c.kind)
	}
	x.line("END:VTIMEZONE")
}

func offsetText(seconds int) string {
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	return fmt.Sprintf("%s%02d%02d", sign, seconds/3600, seconds/60%60)
}
