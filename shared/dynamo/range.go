package dynamo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// classKeys begin the index's sort key, one letter a class.
var classKeys = map[calendar.Class]string{
	calendar.ClassShort: "S", calendar.ClassLong: "L", calendar.ClassSeries: "R",
}

// timeKey is where a row stands in by_time; "" keeps it out of the index.
func timeKey(p calendar.Place) string {
	if p.Class == calendar.ClassNone {
		return ""
	}
	return timeBound(p.Class, p.At)
}

// timeBound renders a moment so that strings sort as moments do, for the years
// that four digits hold.
func timeBound(c calendar.Class, at time.Time) string {
	at = at.UTC()
	switch {
	case at.Year() < 0:
		at = time.Time{}
	case at.After(calendar.FarEnd):
		at = calendar.FarEnd
	}
	return classKeys[c] + at.Format("20060102T150405")
}

// Range gives what may show between two moments, by id, eventually consistent:
// three queries, each of which reads near to nothing that isn't shown. A series
// whose occurrences last longer than a day needs a fourth, since an exception
// may take away an occurrence that began long before the range.
func (t *Events) Range(ctx context.Context, account string, from, to time.Time) ([]*calendar.Row, error) {
	if to.Before(from) {
		return nil, nil
	}
	early := from.Add(-calendar.DayDrift - time.Second) // keys hold whole seconds
	late := to.Add(calendar.DayDrift)
	short := early.Add(-calendar.ShortFor)
	var rows []*calendar.Row
	for _, q := range []struct {
		class    calendar.Class
		from, to time.Time
	}{
		{calendar.ClassShort, short, late},
		{calendar.ClassLong, early, calendar.FarEnd},
		{calendar.ClassSeries, short, calendar.FarEnd},
	} {
		found, err := t.between(ctx, account, q.class, q.from, q.to)
		if err != nil {
			return nil, err
		}
		rows = append(rows, found...)
	}
	longest := longestSeries(rows, from, to)
	if longest > calendar.ShortFor {
		found, err := t.between(ctx, account, calendar.ClassSeries, early.Add(-longest), short.Add(-time.Second))
		if err != nil {
			return nil, err
		}
		rows = append(rows, found...)
	}
	shown := slices.DeleteFunc(rows, func(r *calendar.Row) bool { return !r.MayShow(from, to, longest) })
	slices.SortFunc(shown, func(a, b *calendar.Row) int { return cmp.Compare(a.ID, b.ID) })
	return shown, nil
}

func longestSeries(rows []*calendar.Row, from, to time.Time) time.Duration {
	var longest time.Duration
	for _, r := range rows {
		if r.IsMaster() && r.MayShow(from, to, 0) {
			longest = max(longest, r.Lasts())
		}
	}
	return longest
}

func (t *Events) between(ctx context.Context, account string, class calendar.Class, from, to time.Time) ([]*calendar.Row, error) {
	var u update
	u.when("%s = %s AND %s BETWEEN %s AND %s", u.name(attrPK), u.text(accountPK(account)),
		u.name(attrTime), u.text(timeBound(class, from)), u.text(timeBound(class, to)))
	pages := dynamodb.NewQueryPaginator(t.client, &dynamodb.QueryInput{
		TableName: &t.name, IndexName: aws.String(IndexTime), KeyConditionExpression: bare(u.condition()),
		ExpressionAttributeNames: u.names, ExpressionAttributeValues: u.values,
	})
	var out []*calendar.Row
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, failed("reading a range of events", err)
		}
		for _, it := range page.Items {
			row, err := decodeRow(account, it)
			if err != nil {
				return nil, err
			}
			out = append(out, row)
		}
	}
	return out, nil
}

// Links gives the projection of what is linked to a calendar, or to any of the
// provider's where calendar is "". It reads every event of the account, half a
// unit for 4 KB, a megabyte at a time; the projection saves memory and transfer,
// not units. A full resync is what pays for it.
func (t *Events) Links(ctx context.Context, account, provider, cal, cursor string) ([]calendar.LinkRow, string, error) {
	in := t.linksQuery(account, provider, cal)
	if cursor != "" {
		if !strings.HasPrefix(cursor, eventPrefix) {
			return nil, "", fault.New(fault.Invalid, "invalid_cursor", "The cursor isn't one of this list's.")
		}
		in.ExclusiveStartKey = key{accountPK(account), cursor}.item()
	}
	out, err := t.client.Query(ctx, in)
	if err != nil {
		return nil, "", failed("reading links", err)
	}
	rows := make([]calendar.LinkRow, len(out.Items))
	for i, it := range out.Items {
		r := read(it)
		l := r.link()
		if l == nil {
			l = &calendar.Link{}
		}
		rows[i] = calendar.LinkRow{
			ID: strings.TrimPrefix(r.str(attrSK), eventPrefix), MasterID: r.str(eMaster), Calendar: l.Calendar,
			Series: r.has(eRecurrence), Title: r.str(eTitle), Kind: r.str(eKind), ProviderID: l.ProviderID, ETag: l.ETag, Origin: calendar.Origin(r.str(eOrigin)),
			Pending: calendar.Pending(r.str(ePending)), Generation: l.Generation, Fence: l.Fence, Version: r.num(eVersion),
		}
		if r.err != nil {
			return nil, "", fmt.Errorf("decoding the link of %s: %w", rows[i].ID, r.err)
		}
	}
	if out.LastEvaluatedKey == nil {
		return rows, "", nil
	}
	return rows, read(out.LastEvaluatedKey).str(attrSK), nil
}

func (t *Events) linksQuery(account, provider, cal string) *dynamodb.QueryInput {
	var keys, filter update
	keys.when("%s = %s AND begins_with(%s, %s)", keys.name(attrPK), keys.text(accountPK(account)), keys.name(attrSK), keys.text(eventPrefix))
	filter.names, filter.values = keys.names, keys.values
	filter.is(text(provider), eLink, lnProvider)
	if cal != "" {
		filter.is(text(cal), eLink, lnCalendar)
	}
	var shown []string
	for _, name := range []string{attrSK, eMaster, eRecurrence, eTitle, eKind, eLink, eOrigin, ePending, eGeneration, eFence, eVersion} {
		shown = append(shown, filter.name(name))
	}
	return &dynamodb.QueryInput{
		TableName: &t.name, KeyConditionExpression: bare(keys.condition()), FilterExpression: filter.condition(),
		ProjectionExpression: aws.String(strings.Join(shown, ", ")), ExpressionAttributeNames: filter.names, ExpressionAttributeValues: filter.values,
	}
}
