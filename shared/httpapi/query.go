package httpapi

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// query is a request's parameters, of which findings are collected so that one
// answer names them all.
type query struct {
	values url.Values
	bad    []fault.Field
}

// readQuery takes the parameters that a route knows; others, and repeated
// ones, are refused: a misspelt remove_from_provider must not be ignored.
func readQuery(r *http.Request, known ...string) *query {
	q := &query{}
	var err error
	if q.values, err = url.ParseQuery(r.URL.RawQuery); err != nil {
		q.refuse("query", "can't be read")
	}
	names := make([]string, 0, len(q.values))
	for name := range q.values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		switch {
		case !slices.Contains(known, name):
			q.refuse(clip(name), "is not known here")
		case len(q.values[name]) > 1:
			q.refuse(name, "comes twice")
		}
	}
	return q
}

func (q *query) refuse(name, why string) {
	q.bad = append(q.bad, fault.Field{Field: name, Message: why})
}

// err is what was wrong with the parameters, nil where nothing was.
func (q *query) err() error {
	if len(q.bad) == 0 {
		return nil
	}
	return fault.Fields(q.bad...)
}

// flag reads true or false; absent is false.
func (q *query) flag(name string) bool {
	switch v := q.values.Get(name); v {
	case "true":
		return true
	case "false":
	default:
		if q.values.Has(name) {
			q.refuse(name, "must be true or false")
		}
	}
	return false
}

// moment reads a required RFC 3339 time.
func (q *query) moment(name string) time.Time {
	if !q.values.Has(name) {
		q.refuse(name, "is needed")
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, q.values.Get(name))
	if err != nil || t.Year() < 1900 || t.Year() > 2200 {
		q.refuse(name, "must be a time such as 2026-11-22T09:00:00Z")
		return time.Time{}
	}
	return t
}

// Sizes of a page of a list.
const (
	defaultLimit = 50
	maxLimit     = 100
	maxCursor    = 2048 // bytes; cursors are ours, so a longer one isn't
)

// page reads limit and cursor of an ordinary list.
func (q *query) page() integration.Page { return q.pageOf(defaultLimit, maxLimit) }

// pageOf is page with sizes of its own.
func (q *query) pageOf(usual, most int) integration.Page {
	p := integration.Page{Limit: usual, Cursor: q.values.Get("cursor")}
	if q.values.Has("limit") {
		n, err := strconv.Atoi(q.values.Get("limit"))
		if err != nil || n < 1 || n > most {
			q.refuse("limit", "must be between 1 and "+strconv.Itoa(most))
		} else {
			p.Limit = n
		}
	}
	if len(p.Cursor) > maxCursor || q.values.Has("cursor") && p.Cursor == "" {
		q.refuse("cursor", "must be a next_cursor of this list")
	}
	return p
}

// What can stand in a path. Anything else can't exist, and gets the same 404
// as what doesn't: it never reaches a store, where it would become part of a key.
var (
	providerForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`) })
	ulidForm     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`) })
	eventForm    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^evt_[0-9a-v]{26}$`) })
)

// key gives the integration that a path names for its caller.
func key(r *http.Request) (integration.Key, error) {
	p := r.PathValue("provider")
	if !providerForm().MatchString(p) {
		return integration.Key{}, errNotFound()
	}
	return integration.Key{Account: caller(r).Account, Provider: p}, nil
}

// eventID gives the event that a path names and, for one occurrence of a
// series, its original start.
func eventID(r *http.Request) (id string, occurrence *calendar.Time, err error) {
	id = r.PathValue("event")
	if i := strings.LastIndexByte(id, '_'); i > len(calendar.Prefix) {
		at, ok := calendar.ParseOccurrenceKey(id[i+1:])
		if !ok {
			return "", nil, errNotFound()
		}
		id, occurrence = id[:i], &at
	}
	if !eventForm().MatchString(id) {
		return "", nil, errNotFound()
	}
	return id, occurrence, nil
}
