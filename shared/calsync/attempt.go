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

// overweight reports whether an item would be too large to be stored with one
// more attempt.
func overweight(i *calendar.Item, next calendar.Attempt) bool {
	size := 0
	if i.Base != nil {
		size = weight(&calendar.Row{Content: *i.Base})
	}
	for _, a := range i.Try(next).Sent {
		size += weight(&calendar.Row{Content: a.Content})
	}
	return size > heaviest
}

// heaviest is what the contents of one item may weigh: more than the largest
// event, which must stay editable, and under DynamoDB's 400 KB an item.
const heaviest = 370 << 10
