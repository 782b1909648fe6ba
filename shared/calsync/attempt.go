package calsync

import (
	"context"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// send makes the write whose attempt was recorded. What the provider refused
// outright, asked once and about an attempt that nobody made before, never
// landed and never will: it needn't be remembered. A second try says nothing
// about what became of the first.
func (p *pusher) send(ctx context.Context, do func(ctx context.Context) error) error {
	tries := 0
	err := p.call(ctx, func(ctx context.Context) error {
		tries++
		return do(ctx)
	})
	if p.added && tries == 1 && fault.Is(err, fault.Item) {
		p.unlanded = len(p.item.Sent)
	}
	return err
}

// errOverweight sets an event aside whose attempts, with what it started from,
// no longer fit into one line of the outbox: without a record of its own no
// write is made.
var errOverweight = fault.New(fault.Item, "event_too_large", "The event is too large to be sent.")

// lighten lets go of what the item keeps of exceptions that its edit took away: to be
// sent is more to it than to be taken back whole. errOverweight where it keeps none.
func (p *pusher) lighten(ctx context.Context) error {
	if len(p.item.Dropped) == 0 {
		return errOverweight
	}
	it := *p.item
	it.Dropped = nil
	if err := p.write(ctx, calendar.Pair{Row: p.row, KeepRow: true, Item: calendar.ItemWrite{Update: &it}}); err != nil {
		return err
	}
	return errAgain
}

// overweight reports whether an item would be too large to be stored with one
// more attempt.
func overweight(i *calendar.Item, next calendar.Attempt) bool {
	size := 0
	if i.Base != nil {
		size = (&calendar.Row{Content: *i.Base}).Weight()
	}
	for _, x := range i.Dropped {
		size += x.Weight()
	}
	for _, a := range i.Try(next).Sent {
		size += (&calendar.Row{Content: a.Content}).Weight()
	}
	return size > calendar.HeaviestItem
}
