package main

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/recurrence"
)

// subject is what an id names: a row with what waits of it, if it is stored, and
// what belongs to it.
type subject struct {
	id       string        // of the row that is stored, or would be
	original calendar.Time // of one occurrence: its original start
	series   string        // of one occurrence: the id of its series
	row      *calendar.Row
	item     *calendar.Item
	aside    map[string]calendar.Quarantine

	master     *calendar.Row // of one occurrence: its series
	masterItem *calendar.Item
	exceptions []*calendar.Row           // of a series
	waits      map[string]*calendar.Item // of those
}

var rowForm = regexp.MustCompile(`^evt_[0-9a-v]{26}$`)

// eventOf reads an id as people have it from the API: an event's, or an occurrence's.
func eventOf(s string) (id string, original *calendar.Time, ok bool) {
	id = s
	if i := strings.LastIndexByte(s, '_'); i > len(calendar.Prefix) {
		at, ok := calendar.ParseOccurrenceKey(s[i+1:])
		if !ok {
			return "", nil, false
		}
		id, original = s[:i], &at
	}
	return id, original, rowForm.MatchString(id)
}

// subject reads what the id names. An occurrence may be named by its series and its
// original start, or by the id of the row that is kept of it.
func (s *explainCommand) subject(c *call) (*subject, error) {
	id, original, _ := eventOf(s.Event)
	it := &subject{id: id, aside: map[string]calendar.Quarantine{}, waits: map[string]*calendar.Item{}}
	if original != nil {
		it.series, it.original, it.id = id, *original, calendar.ExceptionID(id, *original)
	}
	var err error
	if it.row, it.item, err = c.db.Events.Pair(c, s.Account, it.id); err != nil {
		return nil, fmt.Errorf("reading the event: %w", err)
	}
	if it.row != nil && it.row.IsException() {
		it.series, it.original = it.row.MasterID, it.row.OriginalStart
	}
	if it.series != "" {
		if it.master, it.masterItem, err = c.db.Events.Pair(c, s.Account, it.series); err != nil {
			return nil, fmt.Errorf("reading the series of the occurrence: %w", err)
		}
	}
	if it.row != nil && it.row.IsMaster() {
		if it.exceptions, err = c.db.Events.Exceptions(c, s.Account, it.id); err != nil {
			return nil, fmt.Errorf("reading the occurrences of the series: %w", err)
		}
		for _, x := range it.exceptions {
			if x.Pending == "" {
				continue
			}
			if _, it.waits[x.ID], err = c.db.Events.Pair(c, s.Account, x.ID); err != nil {
				return nil, fmt.Errorf("reading an occurrence of the series: %w", err)
			}
		}
	}
	set, err := c.db.Events.Quarantined(c, s.Account)
	if err != nil {
		return nil, fmt.Errorf("reading the quarantine: %w", err)
	}
	for _, q := range set {
		it.aside[q.EventID] = q
	}
	return it, nil
}

// away reports that the event isn't stored any more, or is linked to no calendar.
func (it *subject) away() bool { return it.row == nil || it.row.Link == nil }

// around is how far from now the occurrences of a series are looked up in decisions.
const around = 2 * 366 * 24 * time.Hour

// about tells which decisions have to do with the event, and what they are about
// where that isn't the event itself: its series, or one of its occurrences. Those are
// told by the id of a row, which may be gone: it is computed from the series' dates.
func (it *subject) about() func(id string) (of string, found bool) {
	others := map[string]string{}
	if it.series != "" {
		others[it.series] = "its series"
	}
	if it.row != nil && it.row.IsMaster() {
		now := time.Now()
		dates, _ := recurrence.Reckoner{}.Occurrences(it.row, now.Add(-around), now.Add(around))
		for _, d := range dates {
			others[calendar.ExceptionID(it.id, d.Start)] = named(d.Start)
		}
		for _, x := range it.exceptions {
			others[x.ID] = named(x.OriginalStart)
		}
	}
	return func(id string) (string, bool) {
		if id == it.id {
			return "", true
		}
		of, found := others[id]
		return of, found
	}
}

func named(original calendar.Time) string { return "the occurrence of " + moment(original) }

// moment writes an original start, all-day or timed.
func moment(t calendar.Time) string {
	if t.IsDate() {
		return t.Date
	}
	return when(t.At)
}
