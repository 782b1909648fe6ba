package oracle

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Doc is a raw document: a resource as JSON has it, or an item as DynamoDB has
// it, its numbers as float64.
type Doc = map[string]any

// volatile are the fields of a resource that Aura doesn't keep, and why.
var volatile = map[string]string{
	"kind":                      "the resource's type name",
	"htmlLink":                  "a link into the provider's own page",
	"iCalUID":                   "identity among calendar programs; Aura's is the id",
	"sequence":                  "the provider's own counter, needed only while restoring",
	"creator":                   "who made it; nothing here depends on it",
	"reminders":                 "each user's own, never written and never shown",
	"colorId":                   "each user's own, never written and never shown",
	"attachments":               "not kept",
	"source":                    "not kept",
	"guestsCanModify":           "the organizer's policy, enforced by the provider",
	"guestsCanInviteOthers":     "the organizer's policy, enforced by the provider",
	"guestsCanSeeOtherGuests":   "the organizer's policy, enforced by the provider",
	"anyoneCanAddSelf":          "the organizer's policy, enforced by the provider",
	"locked":                    "a copy's marker",
	"privateCopy":               "a copy's marker",
	"endTimeUnspecified":        "said by the end itself",
	"extendedProperties":        "stamps are evidence of writes, compared by the engine alone",
	"created":                   "kept for show only; an insert's is the provider's own",
	"conferenceData":            "its link is compared with hangoutLink",
	"workingLocationProperties": "a kind's own details",
	"outOfOfficeProperties":     "a kind's own details",
	"focusTimeProperties":       "a kind's own details",
	"birthdayProperties":        "a kind's own details",
}

// compared are the fields that Compare looks at.
var compared = []string{
	"id", "etag", "updated", "status", "summary", "description", "location", "start", "end", "recurrence", "recurringEventId",
	"originalStartTime", "transparency", "visibility", "attendees", "organizer", "eventType", "hangoutLink", "attendeesOmitted",
}

// Compare gives every difference between what a calendar stores at the provider
// and the items of the events table that are linked to it; nothing means that
// the two agree. calendar is the id that the links carry.
func Compare(resources, items []Doc, calendar string) []string {
	var out []string
	linked := map[string]Doc{}
	for _, it := range items {
		if sk, _ := it["sk"].(string); !strings.HasPrefix(sk, "E#") {
			continue
		}
		ln, _ := it["ln"].(Doc)
		if ln == nil || ln["c"] != calendar {
			continue
		}
		id, _ := ln["i"].(string)
		if linked[id] != nil {
			out = append(out, fmt.Sprintf("%s is stored twice", id))
		}
		if pe, _ := it["pe"].(string); pe != "" {
			out = append(out, fmt.Sprintf("%s still waits to be pushed (%s)", id, pe))
		}
		linked[id] = it
	}
	seen := map[string]bool{}
	for _, r := range resources {
		id, _ := r["id"].(string)
		if kind := r["eventType"]; kind == "workingLocation" || kind == "birthday" { // not imported by default
			continue
		}
		seen[id] = true
		it := linked[id]
		if it == nil {
			out = append(out, fmt.Sprintf("%s (%v) is at the provider only", id, r["summary"]))
			continue
		}
		out = append(out, fields(id, r, it)...)
	}
	for id, it := range linked {
		if !seen[id] {
			out = append(out, fmt.Sprintf("%s (%v) is in Aura only", id, it["ti"]))
		}
	}
	slices.Sort(out)
	return out
}

// fields compares one event.
func fields(id string, r, it Doc) []string {
	var out []string
	differ := func(field string, there, here any) {
		if !reflect.DeepEqual(there, here) {
			out = append(out, fmt.Sprintf("%s: %s is %v there and %v here", id, field, there, here))
		}
	}
	for name := range r {
		if _, ok := volatile[name]; !ok && !slices.Contains(compared, name) {
			out = append(out, fmt.Sprintf("%s: nobody decided about the field %s", id, name))
		}
	}
	if r["status"] == "cancelled" { // an occurrence that was removed: only the hole counts
		differ("status", "cancelled", it["st"])
		differ("originalStartTime", moment(r["originalStartTime"]), stored(it["os"]))
		return out
	}
	ln, _ := it["ln"].(Doc)
	differ("etag", r["etag"], ln["e"])
	differ("updated", millis(r["updated"]), ln["u"])
	differ("status", or(r["status"], "confirmed"), or(it["st"], "confirmed"))
	differ("summary", or(r["summary"], ""), or(it["ti"], ""))
	differ("description", or(r["description"], ""), or(it["de"], ""))
	differ("location", or(r["location"], ""), or(it["lo"], ""))
	differ("start", moment(r["start"]), stored(it["s"]))
	differ("end", moment(r["end"]), stored(it["e"]))
	differ("recurrence", list(r["recurrence"]), list(it["rr"]))
	differ("transparency", r["transparency"] != "transparent", it["bu"] == true)
	differ("visibility", or(r["visibility"], "default"), or(it["vi"], "default"))
	differ("eventType", or(r["eventType"], "default"), or(it["k"], "default"))
	differ("originalStartTime", moment(r["originalStartTime"]), stored(it["os"]))
	differ("an exception", r["recurringEventId"] != nil, it["m"] != nil)
	differ("attendees", people(r["attendees"], "email", "responseStatus"), people(it["gs"], "e", "r"))
	if link := or(r["hangoutLink"], ""); link != "" {
		differ("hangoutLink", link, or(it["co"], ""))
	}
	organizer, _ := r["organizer"].(Doc)
	differ("organizer.self", organizer["self"] == true, it["or"] == true)
	return out
}

func or(v, otherwise any) any {
	if v == nil {
		return otherwise
	}
	return v
}

// moment renders a start, end or original start of a resource.
func moment(v any) string {
	m, _ := v.(Doc)
	if m == nil {
		return ""
	}
	if d, ok := m["date"].(string); ok {
		return d
	}
	s, _ := m["dateTime"].(string)
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return "unreadable " + s
	}
	return fmt.Sprintf("%d %v", at.UnixMilli(), or(m["timeZone"], ""))
}

// stored renders a time of an item.
func stored(v any) string {
	m, _ := v.(Doc)
	if m == nil {
		return ""
	}
	if d, ok := m["d"].(string); ok {
		return d
	}
	ms, _ := m["a"].(float64)
	return fmt.Sprintf("%d %v", int64(ms), or(m["z"], ""))
}

func millis(v any) any {
	s, _ := v.(string)
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return nil
	}
	return float64(at.UnixMilli())
}

func list(v any) string {
	items, _ := v.([]any)
	return fmt.Sprint(items...)
}

// people renders guests in order, each with the answer that they gave.
func people(v any, email, answer string) string {
	items, _ := v.([]any)
	var out []string
	for _, i := range items {
		m, _ := i.(Doc)
		out = append(out, fmt.Sprintf("%v=%v", m[email], m[answer]))
	}
	return strings.Join(out, " ")
}
