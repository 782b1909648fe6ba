package main

import (
	"fmt"
	"slices"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/recurrence"
)

// standing is how an event stands, in one word for programs.
type standing string

const (
	gone          standing = "gone"           // nothing is stored under the id
	deleted       standing = "deleted"        // hidden, or known to have been deleted
	deletionWaits standing = "deletion_waits" // hidden here, and to be deleted at the provider
	cancelled     standing = "cancelled"      // an occurrence that its series doesn't have
	setAside      standing = "set_aside"      // it can't be synced
	waiting       standing = "waiting"        // an edit waits to be sent
	onlyHere      standing = "only_in_aura"   // at no provider, and nothing waits
	asSeries      standing = "as_series"      // an occurrence of which nothing of its own is stored
	noDate        standing = "no_such_date"   // its series has no such occurrence
	inStep        standing = "synced"
)

type rowShape struct {
	Title      string            `json:"title"`
	Status     string            `json:"status"`
	Origin     string            `json:"origin"`
	Pending    string            `json:"pending,omitempty"`
	Waiting    string            `json:"outbox,omitempty"`
	Attempts   int               `json:"attempts,omitempty"`
	Refused    string            `json:"refused,omitempty"`
	Quarantine string            `json:"quarantine,omitempty"`
	ReadOnly   bool              `json:"read_only,omitempty"`
	Odd        string            `json:"odd,omitempty"`
	Link       *linkShape        `json:"link"`
	Edited     map[string]string `json:"edited_in_aura,omitempty"`
	Version    int64             `json:"version"`
	UpdatedAt  time.Time         `json:"updated_at"`
}

// linkShape is the state at the provider that Aura knows last. It may be the answer
// to Aura's own change: Updated is the provider's time of whoever's change it was.
type linkShape struct {
	Calendar   string    `json:"calendar"`
	ProviderID string    `json:"provider_id"`
	ETag       string    `json:"etag"`
	Updated    time.Time `json:"updated"`
	Fence      int64     `json:"fence"`
}

type occurrenceShape struct {
	Address string   `json:"id"`  // at the API
	Row     string   `json:"row"` // under which it is stored
	Title   string   `json:"title"`
	State   standing `json:"state"`
}

// describe says how the event stands.
func (x *explanation) describe(it *subject) {
	x.Row = it.id
	if it.series != "" {
		x.Series, x.Address = it.series, recurrence.Address(it.series, it.original)
	}
	x.State = it.standing(it.row, it.item)
	x.Says = it.says(x.State)
	if it.row != nil && !it.row.IsSpent() {
		x.Now = it.shape()
	}
	for _, r := range it.exceptions {
		x.Occurrences = append(x.Occurrences, occurrenceShape{recurrence.Address(it.id, r.OriginalStart), r.ID, r.Title, it.standing(r, it.waits[r.ID])})
	}
	slices.SortFunc(x.Occurrences, func(a, b occurrenceShape) int {
		if a.Address < b.Address {
			return -1
		}
		return 1
	})
}

func (it *subject) standing(row *calendar.Row, item *calendar.Item) standing {
	switch {
	case row == nil:
		return it.missing()
	case row.IsSpent():
		return deleted
	}
	_, aside := it.aside[row.ID]
	switch {
	case aside || item != nil && item.Refused != nil:
		return setAside
	case row.Pending == calendar.PendingDelete && item != nil:
		return deletionWaits
	case row.Pending == calendar.PendingDelete:
		return deleted
	case row.Status == calendar.Cancelled:
		return cancelled
	case row.Pending != "" || item != nil:
		return waiting
	case row.Link == nil:
		return onlyHere
	}
	return inStep
}

// missing is how an event stands of which no row is stored.
func (it *subject) missing() standing {
	_, aside := it.aside[it.id]
	switch m := it.master; {
	case aside:
		return setAside
	case it.series == "" || m == nil || m.IsSpent():
		return gone
	case m.Pending == calendar.PendingDelete:
		return deleted
	case !recurrence.Has(m, it.original):
		return noDate
	}
	return asSeries
}

func (it *subject) shape() *rowShape {
	row := it.row
	n := &rowShape{
		Title: row.Title, Status: string(row.Status), Origin: string(row.Origin), Pending: string(row.Pending), ReadOnly: row.ReadOnly, Odd: row.Odd,
		Quarantine: it.aside[it.id].Reason, Version: row.Version, UpdatedAt: row.UpdatedAt,
	}
	if l := row.Link; l != nil {
		n.Link = &linkShape{l.Calendar, l.ProviderID, l.ETag, l.Updated, l.Fence}
	}
	for f, t := range row.Edited {
		if n.Edited == nil {
			n.Edited = map[string]string{}
		}
		n.Edited[f] = when(t)
	}
	if item := it.item; item != nil {
		n.Waiting, n.Attempts = string(item.Op), len(item.Sent)
		if item.Refused != nil {
			n.Refused = item.Refused.Code
		}
	}
	return n
}

// says puts the standing into words, a sentence each.
func (it *subject) says(s standing) (out []string) {
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	switch s {
	case gone:
		say("Nothing is stored under this id (any more).")
	case noDate:
		say("Its series has no occurrence that began on %s originally, and nothing of one is stored.", moment(it.original))
	case asSeries:
		say("This occurrence is as its series has it: nothing of its own is stored. What happened to it, happened to the series.")
	case cancelled:
		say("This occurrence is cancelled: the series goes on without it.")
	case deletionWaits:
		say("It was deleted in Aura and isn't shown any more. The deletion waits to be sent to the provider.")
	case deleted:
		switch {
		case it.row == nil:
			say("Its series was deleted in Aura, and the deletion waits to be sent to the provider.")
		case it.row.IsSpent():
			say("It was deleted. All that is kept of it is that its Idempotency-Key was used, so that a late repeat doesn't bring it back.")
		default:
			say("It was deleted in Aura and isn't shown any more. No order to delete it at the provider is stored.")
		}
	case setAside:
		say("It is set aside, since it can't be synced: %s", or(it.aside[it.id].Reason, "the reason isn't stored."))
		if it.row != nil && it.row.Hidden() {
			say("It was deleted in Aura and isn't shown any more.")
		}
	case onlyHere:
		say("It is in no calendar at the provider, and nothing of it waits to be sent.")
	case inStep:
		say("Nothing of it waits to be sent.")
	}
	return append(out, it.orders()...)
}

// doing is what an order asks the provider for.
var doing = map[calendar.Operation]string{
	calendar.OpCreate: "be created there", calendar.OpChange: "be changed there", calendar.OpRestore: "be put back there", calendar.OpDelete: "be deleted there",
}

// orders says what waits, and where the event was before it lost its link.
func (it *subject) orders() (out []string) {
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	item, row := it.item, it.row
	if row != nil && item == nil && row.Pending == calendar.PendingEdit {
		say("It is marked as waiting to be sent, but no order to send it is stored.")
	}
	if row != nil && item != nil {
		say("Since %s it waits to %s.", when(item.Since), or(doing[item.Op], string(item.Op)))
		if n := len(item.Sent); n > 0 {
			say("It was sent %s, and no answer to that was taken in: so it may be there already.", times(n))
		}
		if row.Link == nil {
			say("It is linked to no calendar: it goes to the one that is connected, now or next.")
		}
		if f := item.Former; f != nil && f.ProviderID != "" {
			say("It was in the calendar %s before, where its copy %s stays.", f.Calendar, f.ProviderID)
		} else if f != nil {
			say("It was in the calendar %s before. Whether its copy there was taken away, its own runs say; here it isn't kept.", f.Calendar)
		}
	}
	if it.masterItem != nil {
		say("Something of its series waits too, which goes first.")
	}
	if row != nil && row.ReadOnly {
		say("Somebody else organizes it, so it can only be changed at the provider.")
	}
	if row != nil && row.Odd != "" {
		say("What is odd about it: %s.", row.Odd)
	}
	return out
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
