package icsfile

import (
	"fmt"
	"strings"
	"time"
)

// zones knows the time zones of one VCALENDAR.
type zones struct {
	defined  map[string]*component // VTIMEZONE by TZID
	names    map[string]string     // TZID → IANA, as far as asked
	loaded   map[string]*time.Location
	floating string // the zone of times without one
}

func newZones(root *component) *zones {
	z := &zones{
		defined:  map[string]*component{},
		names:    map[string]string{},
		loaded:   map[string]*time.Location{"UTC": time.UTC},
		floating: "UTC",
	}
	for _, c := range root.children {
		if id, ok := c.get("TZID"); ok && c.name == "VTIMEZONE" {
			z.defined[id.value] = c
		}
	}
	return z
}

// iana finds the IANA zone that a TZID means. TZIDs are private to a file, so
// this is a search, from the certain to the likely: the name itself, what the
// definition says it is, a name at the end of a path, Windows' names, and at
// last any zone whose offsets are those of the definition.
func (z *zones) iana(id string) (string, error) {
	if name, ok := z.names[id]; ok {
		return name, nil
	}
	name, ok := z.search(id)
	if !ok {
		if _, defined := z.defined[id]; defined {
			return "", fmt.Errorf("the rules of time zone %s are those of no zone known here", quote(id))
		}
		return "", fmt.Errorf("time zone %s is unknown and the file does not define it", quote(id))
	}
	z.names[id] = name
	return name, nil
}

func (z *zones) search(id string) (string, bool) {
	tries := []string{id}
	definition := z.defined[id]
	if definition != nil {
		tries = append(tries, definition.text("X-LIC-LOCATION"))
	}
	// "/freeassociation.sourceforge.net/Tzfile/Europe/Madrid" and the like.
	parts := strings.Split(strings.Trim(id, "/"), "/")
	for n := min(3, len(parts)-1); n >= 1; n-- {
		tries = append(tries, strings.Join(parts[len(parts)-n:], "/"))
	}
	tries = append(tries, windowsZones[strings.ToLower(id)])
	for _, name := range tries {
		if z.load(name) {
			return name, true
		}
	}
	if definition != nil {
		return z.match(definition)
	}
	return "", false
}

// load reports whether an IANA zone exists, and keeps it.
func (z *zones) load(name string) bool {
	if _, ok := z.loaded[name]; ok {
		return true
	}
	// LoadLocation takes "" for UTC and "Local" for wherever this runs; neither
	// is a name. A single short word ("standard") is a file on some systems.
	if name == "" || name == "Local" {
		return false
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return false
	}
	z.loaded[name] = loc
	return true
}

// location returns a zone that iana has found.
func (z *zones) location(name string) *time.Location {
	if !z.load(name) {
		return time.UTC
	}
	return z.loaded[name]
}
