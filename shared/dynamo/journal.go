package dynamo

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

func entryItem(e integration.Entry) item {
	it := entryKey(e.Key, e.ID).item()
	it.str("id", e.ID)
	it.str("g", e.Generation)
	it.at("at", e.At)
	it.str("tr", string(e.Transition))
	it.str("fr", string(e.From))
	it.str("to", string(e.To))
	it.str("by", string(e.Actor))
	it.str("re", e.Reason)
	it.str("co", e.CorrelationID)
	it.expire(e.At.Add(integration.Retention))
	return it
}

func entryOf(k integration.Key, it item) (integration.Entry, error) {
	r := read(it)
	e := integration.Entry{
		ID: r.str("id"), Key: k, Generation: r.str("g"), At: r.at("at"), Transition: integration.Name(r.str("tr")),
		From: integration.Status(r.str("fr")), To: integration.Status(r.str("to")), Actor: integration.Actor(r.str("by")),
		Reason: r.str("re"), CorrelationID: r.str("co"),
	}
	return e, r.err
}

// Entries gives history, newest first.
func (t *Integrations) Entries(ctx context.Context, k integration.Key, p integration.Page, now time.Time) ([]integration.Entry, string, error) {
	items, next, err := t.newest(ctx, accountPK(k.Account), entriesPrefix(k), p, now)
	if err != nil {
		return nil, "", fmt.Errorf("reading history: %w", err)
	}
	out := make([]integration.Entry, len(items))
	for i, it := range items {
		if out[i], err = entryOf(k, it); err != nil {
			return nil, "", fmt.Errorf("reading history: %w", err)
		}
	}
	return out, next, nil
}

// newest pages backwards through the items whose sort key begins so and that
// have not expired. One item more than asked for tells whether there are more.
func (t *table) newest(ctx context.Context, pk, prefix string, p integration.Page, now time.Time) (items []item, next string, err error) {
	var u update
	top := prefix + "~" // above every ULID
	if p.Cursor != "" {
		top = prefix + p.Cursor
	}
	u.when("%s = %s AND %s BETWEEN %s AND %s", u.name(attrPK), u.text(pk), u.name(attrSK), u.text(prefix), u.text(top))
	in := &dynamodb.QueryInput{
		TableName: &t.name, KeyConditionExpression: bare(u.condition()), ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(false),
		ExpressionAttributeNames: u.names, ExpressionAttributeValues: u.values,
	}
	if p.Limit > 0 {
		in.Limit = aws.Int32(int32(p.Limit) + 2) // the cursor's own item comes first
	}
	pages := dynamodb.NewQueryPaginator(t.client, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, "", failed("reading "+prefix, err)
		}
		for _, it := range page.Items {
			sk := read(it).str(attrSK)
			if sk == top || expired(it, now) {
				continue
			}
			if p.Limit > 0 && len(items) == p.Limit {
				return items, read(items[len(items)-1]).str(attrSK)[len(prefix):], nil
			}
			items = append(items, it)
		}
	}
	return items, "", nil
}

// expired reports whether an item only waits for its deletion.
func expired(it item, now time.Time) bool {
	end := read(it).num(attrTTL)
	return end != 0 && now.Unix() >= end
}

// runBody is a run's report as stored, in one attribute: nothing queries it.
const runBody = "b"

func runItem(r integration.Run) (item, error) {
	r.Decisions = nil // stored apart
	body, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encoding a run: %w", err)
	}
	it := runKey(r.Key, r.ID).item()
	it.str(runBody, string(body))
	it.expire(r.StartedAt.Add(integration.Retention))
	return it, nil
}

func runOf(k integration.Key, it item) (integration.Run, error) {
	r := read(it)
	var run integration.Run
	if err := json.Unmarshal([]byte(r.str(runBody)), &run); err != nil {
		return integration.Run{}, fmt.Errorf("decoding a run: %w", err)
	}
	run.Key = k
	return run, r.err
}

// PutRun stores a run's report, in place of an earlier one of the same run and
// without a condition (integration.Journal says why).
func (t *Integrations) PutRun(ctx context.Context, r integration.Run) error {
	it, err := runItem(r)
	if err != nil {
		return err
	}
	return t.store(ctx, it, "storing a run")
}

// Run gives one report, strongly consistent; NotFound.
func (t *Integrations) Run(ctx context.Context, k integration.Key, id string, now time.Time) (*integration.Run, error) {
	it, err := t.get(ctx, runKey(k, id), "reading a run")
	if err != nil {
		return nil, err
	}
	if it == nil || expired(it, now) {
		return nil, integration.ErrNotFound()
	}
	r, err := runOf(k, it)
	return &r, err
}

// Runs gives reports, newest first.
func (t *Integrations) Runs(ctx context.Context, k integration.Key, p integration.Page, now time.Time) ([]integration.Run, string, error) {
	items, next, err := t.newest(ctx, accountPK(k.Account), runsPrefix(k), p, now)
	if err != nil {
		return nil, "", fmt.Errorf("reading runs: %w", err)
	}
	out := make([]integration.Run, len(items))
	for i, it := range items {
		if out[i], err = runOf(k, it); err != nil {
			return nil, "", err
		}
	}
	return out, next, nil
}

// PutDecisions stores one chunk of a run's decisions, once. A write whose
// acknowledgement was lost finds its own.
func (t *Integrations) PutDecisions(ctx context.Context, k integration.Key, run string, chunk int, d []integration.Decision, expires time.Time) error {
	body, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("encoding decisions: %w", err)
	}
	it := decisionsKey(k, run, chunk).item()
	it.str(runBody, string(body))
	it.expire(expires)
	var u update
	u.absent(attrPK)
	_, err = t.put(ctx, it, &u, types.ReturnValueNone)
	if stood, no := refused(err); no {
		if stood != nil && read(stood).str(runBody) == string(body) {
			return nil
		}
		return fault.New(fault.Stale, "stale", "Another part of this sync was stored here.")
	}
	return failed("storing decisions", err)
}

// Decisions gives a run's decisions in the order of their chunks.
func (t *Integrations) Decisions(ctx context.Context, k integration.Key, run string) ([]integration.Decision, error) {
	var out []integration.Decision
	err := t.each(ctx, accountPK(k.Account), decisionsPrefix(k, run), func(it item) error {
		if expired(it, t.now()) {
			return nil
		}
		var chunk []integration.Decision
		if err := json.Unmarshal([]byte(read(it).str(runBody)), &chunk); err != nil {
			return fmt.Errorf("decoding decisions: %w", err)
		}
		out = append(out, chunk...)
		return nil
	})
	return out, err
}
