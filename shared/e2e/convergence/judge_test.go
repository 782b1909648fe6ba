package convergence_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/oracle"
)

// differences asks the oracle, raw against raw, and adds what still waits, except
// for the events that were set aside with a reason: those wait for a person.
func (w *world) differences(aside map[string]bool) []string {
	w.Helper()
	items := slices.DeleteFunc(w.items(), func(it oracle.Doc) bool {
		sk, _ := it["sk"].(string)
		return len(sk) > 2 && aside[sk[2:]]
	})
	out := oracle.Compare(w.resources(), items, "primary")
	for _, it := range items {
		sk, _ := it["sk"].(string)
		switch {
		case strings.HasPrefix(sk, "O#"):
			out = append(out, fmt.Sprintf("%s waits in the outbox: %v", sk, it["op"]))
		case strings.HasPrefix(sk, "E#") && it["ln"] == nil && it["st"] != "cancelled":
			out = append(out, fmt.Sprintf("%s (%v) is at no provider", sk, it["ti"]))
		}
	}
	return out
}

// resources is what lies in the calendar at Google.
func (w *world) resources() []oracle.Doc {
	w.Helper()
	events, err := w.sim.Calendar.Stored(w.email)
	w.must(err)
	out := make([]oracle.Doc, len(events))
	for i, e := range events {
		out[i], _ = plain(map[string]any(e)).(oracle.Doc)
	}
	return out
}

func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := oracle.Doc{}
		for k, x := range v {
			out[k] = plain(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	}
	return v
}

// items is the account's part of the events table, as it lies there.
func (w *world) items() []oracle.Doc {
	w.Helper()
	var out []oracle.Doc
	pages := dynamodb.NewQueryPaginator(w.site.database(http.DefaultTransport, 3), &dynamodb.QueryInput{
		TableName: aws.String(w.site.names.Events), ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :a"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":a": &types.AttributeValueMemberS{Value: "A#" + w.account}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		w.must(err)
		for _, it := range page.Items {
			var d oracle.Doc
			w.must(attributevalue.UnmarshalMap(it, &d))
			out = append(out, d)
		}
	}
	return out
}

// heal lets everything happen that the design promises after a crash: messages
// come back, time limits pass, the slot comes round.
func (w *world) heal() {
	w.Helper()
	w.pass(integration.Visibility)
	w.settle()
	w.pass(integration.Visibility)
	w.sync()
	w.settle()
}

// verdict holds the world to the oracle, and to one more sync on each side,
// incremental and full, that makes no call that writes. It gives what is wrong.
func (w *world) verdict() []string { return w.verdictBeside(nil) }

// verdictBeside is the same beside edits that were set aside with a reason.
func (w *world) verdictBeside(aside map[string]bool) []string {
	w.Helper()
	out := w.differences(aside)
	for _, full := range []bool{false, true} {
		p := w.process(3)
		w.pass(time.Minute)
		j := w.job(integration.TriggerSchedule)
		j.Full = full
		if err := p.worker.Handle(context.Background(), j); err != nil {
			out = append(out, fmt.Sprintf("one more sync (full %v) failed: %v", full, err))
		}
		if n := p.writes("/calendar/"); n > 0 {
			out = append(out, fmt.Sprintf("one more sync (full %v) wrote %d times to Google", full, n))
		}
		if n := p.writes(w.site.names.Events); n > 0 {
			out = append(out, fmt.Sprintf("one more sync (full %v) wrote %d times to the events", full, n))
		}
		if n := p.writes("dynamodb") - p.writes(w.site.names.Credentials); n != 2 { // a token is renewed each hour
			out = append(out, fmt.Sprintf("one more sync (full %v) wrote %d times, want the lease's two: %v", full, n, p.crossings()))
		}
		if n := p.writes("queue"); n > 0 {
			out = append(out, fmt.Sprintf("one more sync (full %v) sent %d jobs", full, n))
		}
	}
	return out
}

// wantConverged fails where the verdict finds anything.
func (w *world) wantConverged(what string) {
	w.Helper()
	if bad := w.verdict(); len(bad) > 0 {
		w.Errorf("%s: %d findings\n%s", what, len(bad), strings.Join(bad[:min(len(bad), 12)], "\n"))
	}
}

// wantTitles demands exactly these events at Google: nothing lost, nothing doubled.
func (w *world) wantTitles(what string, want ...string) {
	w.Helper()
	var got []string
	for _, r := range w.resources() {
		title, _ := r["summary"].(string)
		got = append(got, title)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.Errorf("%s: Google has %q, want %q", what, got, want)
	}
}
