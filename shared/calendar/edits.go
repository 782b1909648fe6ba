package calendar

import (
	"context"
	"slices"
)

// Hold is who writes: a run by its generation and fence, or a person (zero).
type Hold struct {
	Generation string
	Fence      int64
}

// Person reports whether the write is a person's: no fence applies to those.
func (h Hold) Person() bool { return h == Hold{} }

// Pair is what a transaction does to an event and its outbox item. It is refused
// (Stale) unless row and item are as they were read and, for a run, neither was
// written by a later one.
type Pair struct {
	Account string
	ID      string
	Hold    Hold

	// Row is the event as it is to be; nil deletes it. Expect is the version
	// that was read, 0 for none. KeepRow leaves the row alone, on condition that
	// it is as read.
	Row     *Row
	Expect  int64
	KeepRow bool
	// Stood is where the row that was read stood, PlaceOf it. Nothing depends on
	// it but the figure of what the write cost: zero counts as though it moved.
	Stood Place

	Item ItemWrite
}

// MostPairs is how many events one transaction can write (DynamoDB's 100 items,
// two an event).
const MostPairs = 50

// ItemWrite says what happens to the outbox item. Attempts that are stored are
// left alone by Update, whatever was read: only recording adds one, only settling
// empties the list, and only what the provider refused outright is taken off it.
type ItemWrite struct {
	Expect    int64 // version of the item read; 0: there must be none
	Put       *Item // there was none
	Update    *Item // operation, base, version and guests' decision are written
	ClearSent bool  // settling
	// Unlanded takes the last of so many attempts off the list, beside Update: the
	// provider said outright that it didn't take it. Refused (Stale) where the list
	// has another length; 0 takes nothing off.
	Unlanded int
	// Fresh is the item's list of that name from now on, beside nothing else of the
	// item; nil leaves it alone, as Update does. With Aware set the list must be as
	// long as it was read (Knew), else the write is refused (Stale).
	Fresh  []string
	Aware  bool
	Knew   int
	Delete bool
	Unsent bool // refused (Stale) where an attempt is recorded, whatever was read
}

// mostFresh bounds an item's list of exceptions, far above what is made of a series
// while an index is behind.
const mostFresh = 100

// Freshest gives the list with one more: where it is full the older half goes.
func (i *Item) Freshest(id string) []string {
	list := i.Fresh
	if len(list) >= mostFresh {
		list = list[len(list)/2:]
	}
	return append(slices.Clone(list), id)
}

// Making is the condition that a series is as it was read while exceptions are made
// of it, and where it was never sent, the note of them in what waits of it.
func Making(series *Row, waits *Item, exceptions ...string) Pair {
	p := Pair{Account: series.Account, ID: series.ID, Row: series, Expect: series.Version, KeepRow: true}
	if waits == nil {
		return p
	}
	p.Item.Expect = waits.Version
	if series.Link == nil && len(exceptions) > 0 {
		next := *waits
		for _, id := range exceptions {
			next.Fresh = next.Freshest(id)
		}
		p.Item.Fresh, p.Item.Aware, p.Item.Knew = next.Fresh, true, len(waits.Fresh)
	}
	return p
}

// Edits keeps events together with the outbox. Pair is strongly consistent,
// Outbox eventually on AWS: an edit of the last moment may be missing, but what is
// younger than the skew bound isn't covered by the run that lists it, so its own
// job finds it. Nobody below retries a refused condition.
type Edits interface {
	// Pair gives an event with its outbox item; either may be nil.
	Pair(ctx context.Context, account, id string) (*Row, *Item, error)
	// WritePair carries out one transaction on up to MostPairs different events:
	// all of it or nothing.
	WritePair(ctx context.Context, pairs ...Pair) error
	// Exceptions gives the exceptions of a series, cancelled ones too, by id. It is
	// eventually consistent on AWS: one that was made within the last second may be
	// missing.
	Exceptions(ctx context.Context, account, master string) ([]*Row, error)
	// Outbox lists what waits, page by page; next is "" at the end.
	Outbox(ctx context.Context, account, cursor string) (items []Item, next string, err error)
	// RecordSent adds an attempt, on condition that the item's version and the
	// number of its attempts are as read, and that no later run wrote it. It gives
	// the item as it is now.
	RecordSent(ctx context.Context, item Item, a Attempt, h Hold) (*Item, error)
}
