package icsfile

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// responses maps PARTSTAT; what isn't here is a guest who has not answered.
var responses = map[string]string{
	"ACCEPTED":  "accepted",
	"DECLINED":  "declined",
	"TENTATIVE": "tentative",
}

// readPeople takes ORGANIZER and ATTENDEE.
func (e *vevent) readPeople(c *component) *flaw {
	if p, ok := c.get("ORGANIZER"); ok {
		if person, ok := readPerson(p); ok {
			e.body["organizer"] = person
		}
	}
	var guests []any
	seen := map[string]bool{}
	for _, p := range c.all("ATTENDEE") {
		guest, ok := readPerson(p)
		if !ok || seen[strings.ToLower(guest["email"].(string))] {
			continue
		}
		seen[strings.ToLower(guest["email"].(string))] = true
		guest["responseStatus"] = "needsAction"
		if r, ok := responses[strings.ToUpper(p.param("PARTSTAT"))]; ok {
			guest["responseStatus"] = r
		}
		if strings.EqualFold(p.param("ROLE"), "OPT-PARTICIPANT") {
			guest["optional"] = true
		}
		if kind := strings.ToUpper(p.param("CUTYPE")); kind == "RESOURCE" || kind == "ROOM" {
			guest["resource"] = true
		}
		if n, err := strconv.ParseUint(p.param("X-NUM-GUESTS"), 10, 16); err == nil && n > 0 {
			guest["additionalGuests"] = float64(n)
		}
		guests = append(guests, guest)
	}
	if len(guests) > 0 {
		e.body["attendees"] = guests
	}
	return nil
}

// readPerson takes a calendar address. False for people without an e-mail
// address (Apple's urn:uuid:, Exchange's invalid:nomail): Google cannot hold
// them.
func readPerson(p property) (map[string]any, bool) {
	address := strings.TrimSpace(p.value)
	if len(address) >= 7 && strings.EqualFold(address[:7], "mailto:") {
		address = address[7:]
	} else if p.param("EMAIL") != "" {
		address = p.param("EMAIL")
	}
	if at := strings.IndexByte(address, '@'); at <= 0 || at == len(address)-1 || strings.ContainsAny(address, " :/<>") {
		return nil, false
	}
	person := map[string]any{"email": address}
	if name := strings.TrimSpace(p.param("CN")); name != "" && !strings.EqualFold(name, address) {
		person["displayName"] = name
	}
	return person, true
}

// Google's limits for reminders: five an event, up to four weeks ahead.
const (
	maxReminders     = 5
	maxReminderAhead = 40320 // minutes
)

// readAlarms turns VALARMs before the start into reminders. Alarms at fixed
// times or behind the start have no counterpart.
func (e *vevent) readAlarms(c *component) *flaw {
	var overrides []any
	for _, a := range c.children {
		trigger, ok := a.get("TRIGGER")
		if a.name != "VALARM" || !ok || strings.EqualFold(trigger.param("RELATED"), "END") || len(overrides) == maxReminders {
			continue
		}
		d, ok := parsePeriod(trigger.value)
		minutes := -(d.days*24*60 + int(d.exact/time.Minute))
		if !ok || minutes < 0 || minutes > maxReminderAhead {
			continue
		}
		method := "popup"
		if strings.EqualFold(a.text("ACTION"), "EMAIL") {
			method = "email"
		}
		one := map[string]any{"method": method, "minutes": float64(minutes)}
		if !slices.ContainsFunc(overrides, func(o any) bool {
			m := o.(map[string]any)
			return m["method"] == method && m["minutes"] == one["minutes"]
		}) {
			overrides = append(overrides, one)
		}
	}
	if len(overrides) > 0 {
		e.body["reminders"] = map[string]any{"useDefault": false, "overrides": overrides}
	}
	return nil
}
