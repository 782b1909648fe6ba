package dynamo

import (
	"context"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"aura.example/integrations/shared/integration"
)

// A watermark's attributes.
const (
	wMinute, wWindow, wDue, wBefore  = "m", "w", "d", "b"
	wPolls, wTicks, wClock, wFactors = "p", "n", "c", "f"
)

// Watermark gives how far a shard was dispatched.
func (t *Integrations) Watermark(ctx context.Context, shard int) (integration.Mark, error) {
	it, err := t.get(ctx, watermarkKey(shard), "reading a watermark")
	if err != nil {
		return integration.Mark{}, err
	}
	return markOf(it)
}

// Pacing gives how a shard's polls are spread out: half a read unit, and a
// moment old at most.
func (t *Integrations) Pacing(ctx context.Context, shard int) (integration.Pacing, error) {
	out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &t.name, Key: watermarkKey(shard).item()})
	if err != nil {
		return integration.Pacing{}, failed("reading how polls are spread out", err)
	}
	m, err := markOf(out.Item)
	return m.Pacing, err
}

func markOf(it item) (integration.Mark, error) {
	r := read(it)
	m := integration.Mark{
		Pacing: integration.Pacing{Minute: r.at(wMinute), Window: r.num(wWindow), Clock: r.num(wClock)},
		Due:    r.num(wDue), DueBefore: r.num(wBefore), Polls: r.num(wPolls), Ticks: r.num(wTicks),
	}
	m.Factors = factorsOf(r.str(wFactors))
	return m, r.err
}

// factorsText stores factors as numbers with blanks between.
func factorsText(factors [5]int) string {
	out := make([]string, len(factors))
	for i, f := range factors {
		out[i] = strconv.Itoa(f)
	}
	return strings.Join(out, " ")
}

// factorsOf reads them back. Of a watermark that was written before there were
// any, or that can't be read, there are none: nothing is spread out then, and no
// shard stands still for it.
func factorsOf(s string) (factors [5]int) {
	fields := strings.Fields(s)
	if len(fields) != len(factors) {
		return factors
	}
	for i, f := range fields {
		n, err := strconv.Atoi(f)
		if err != nil {
			return [5]int{}
		}
		factors[i] = n
	}
	return factors
}
