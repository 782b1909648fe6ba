package icsfile

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// vevent is a VEVENT with what linking a series needs beside the resource.
type vevent struct {
	line     int
	uid      string
	sequence int
	start    moment
	original *property // RECURRENCE-ID, nil for a master or a single event
	zones    *zones
	body     Event
}

// readEvent turns a VEVENT into an event resource without ids; series.go adds
// those.
func readEvent(c *component, z *zones) (*vevent, *flaw) {
	startLine, ok := c.get("DTSTART")
	if !ok {
		return nil, flawf(c.line, "the VEVENT has no DTSTART")
	}
	start, bad := z.moment(startLine, startLine.value)
	if bad != nil {
		return nil, bad
	}
	e := &vevent{line: c.line, start: start, zones: z, uid: c.text("UID"), body: Event{
		"status": "confirmed",
		"start":  start.resource(),
	}}
	if e.uid == "" { // against RFC 5545, but calendars without them exist
		h := sha256.Sum256([]byte(startLine.value + "\n" + c.text("SUMMARY") + "\n" + strconv.Itoa(c.line)))
		e.uid = hex.EncodeToString(h[:12]) + "@googlesim.invalid"
	}
	for _, read := range []func(*component) *flaw{e.readEnd, e.readRecurrence, e.readState, e.readStamps, e.readPeople, e.readAlarms} {
		if bad := read(c); bad != nil {
			return nil, bad
		}
	}
	for from, to := range map[string]string{"SUMMARY": "summary", "DESCRIPTION": "description", "LOCATION": "location"} {
		if text := c.text(from); text != "" {
			e.body[to] = text
		}
	}
	if p, ok := c.get("RECURRENCE-ID"); ok {
		if p.param("RANGE") != "" {
			return nil, flawf(p.line, "RECURRENCE-ID with RANGE is not supported: write the changed series as an event of its own")
		}
		e.original = &p
	}
	return e, nil
}

// readEnd takes DTEND or DURATION. Without either, a date lasts its day and a
// time has no length, RFC 5545 section 3.6.1.
func (e *vevent) readEnd(c *component) *flaw {
	end := e.start
	if e.start.allDay {
		end = end.add(period{days: 1})
	}
	endLine, hasEnd := c.get("DTEND")
	lasts, hasPeriod := c.get("DURATION")
	switch {
	case hasEnd:
		given, bad := e.zones.moment(endLine, endLine.value)
		if bad != nil {
			return bad
		}
		if given.allDay != e.start.allDay {
			return flawf(endLine.line, "DTSTART and DTEND are not both dates or both times")
		}
		if given.at.Before(e.start.at) {
			return flawf(endLine.line, "DTEND is before DTSTART")
		}
		if given.at.After(e.start.at) || !e.start.allDay {
			end = given // an all-day event that ends where it starts lasts its day
		}
	case hasPeriod:
		d, ok := parsePeriod(lasts.value)
		if !ok {
			return flawf(lasts.line, "DURATION: %s is not a duration", quote(lasts.value))
		}
		given := e.start.add(d)
		if given.at.Before(e.start.at) || (e.start.allDay && d.exact%(24*time.Hour) != 0) {
			return flawf(lasts.line, "DURATION: %s is not a length that this event can have", quote(lasts.value))
		}
		if given.at.After(e.start.at) {
			end = given
		}
	default:
		if !e.start.allDay {
			e.body["endTimeUnspecified"] = true
		}
	}
	if end.at.Year() > 9999 {
		return flawf(c.line, "the VEVENT ends after the year 9999")
	}
	e.body["end"] = end.resource()
	return nil
}

// readState maps STATUS, TRANSP and CLASS, and SEQUENCE.
func (e *vevent) readState(c *component) *flaw {
	switch strings.ToUpper(c.text("STATUS")) {
	case "CANCELLED", "CANCELED":
		e.body["status"] = "cancelled"
	case "TENTATIVE":
		e.body["status"] = "tentative"
	}
	transp := strings.ToUpper(c.text("TRANSP"))
	if transp == "TRANSPARENT" || (transp == "" && strings.EqualFold(c.text("X-MICROSOFT-CDO-BUSYSTATUS"), "FREE")) {
		e.body["transparency"] = "transparent"
	}
	switch class := strings.ToLower(c.text("CLASS")); class {
	case "public", "private", "confidential":
		e.body["visibility"] = class
	}
	if p, ok := c.get("SEQUENCE"); ok {
		n, err := strconv.ParseUint(strings.TrimSpace(p.value), 10, 31)
		if err != nil {
			return flawf(p.line, "SEQUENCE: %s is not a number", quote(p.value))
		}
		e.sequence = int(n)
		e.body["sequence"] = float64(n)
	}
	return nil
}

// readStamps takes CREATED and LAST-MODIFIED (or DTSTAMP). They are UTC by
// RFC 5545; what isn't a time is left out, as nothing hangs on it.
func (e *vevent) readStamps(c *component) *flaw {
	for to, from := range map[string][]string{"created": {"CREATED"}, "updated": {"LAST-MODIFIED", "DTSTAMP"}} {
		t, err := time.Parse(localForm+"Z", c.text(from...))
		if err == nil && t.Year() >= 1970 { // Google's exports have CREATED:00001231T000000Z
			e.body[to] = t.Format("2006-01-02T15:04:05.000Z")
		}
	}
	return nil
}

// googleUID matches UIDs that Google made itself: the event's id (26 characters
// as a rule), at google.com.
var googleUID = regexp.MustCompile(`^([a-v0-9]{5,200})@google\.com$`)

// eventID is the id of a UID's event, always the same one. Google's own get
// their id back. For others Google writes the UID in base32hex behind an
// underscore, in small letters; very long ones are hashed first, as ids end at
// 1024 characters and instances add to theirs.
func eventID(uid string) string {
	if m := googleUID.FindStringSubmatch(uid); m != nil {
		return m[1]
	}
	raw := []byte(uid)
	if len(raw) > 500 {
		h := sha256.Sum256(raw)
		raw = h[:]
	}
	return "_" + strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(raw))
}
