package e2e_test

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"aura.example/integrations/shared/oracle"
)

// differences asks the oracle: the simulator's own JSON against the table's own
// items.
func (w *world) differences(email, link string) []string {
	w.Helper()
	events, err := w.program.Sim.Calendar.Stored(email)
	if err != nil {
		w.Fatal(err)
	}
	resources := make([]oracle.Doc, len(events))
	for i, e := range events {
		resources[i] = generic(e)
	}
	return oracle.Compare(resources, w.items(), link)
}

// agree fails where the two calendars differ.
func (w *world) agree(what, email string) {
	w.Helper()
	if d := w.differences(email, "primary"); len(d) > 0 {
		w.Errorf("%s: %d differences\n%s", what, len(d), strings.Join(d[:min(len(d), 10)], "\n"))
	}
}

// items reads the whole events table, as it lies there.
func (w *world) items() []oracle.Doc {
	w.Helper()
	client := dynamodb.New(dynamodb.Options{
		Region: "local", BaseEndpoint: aws.String(w.program.DynamoURL),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	var out []oracle.Doc
	pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{TableName: aws.String(w.prefix + "events"), ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.WithoutCancel(w.Context()))
		if err != nil {
			w.Fatal(err)
		}
		for _, it := range page.Items {
			var d oracle.Doc
			if err := attributevalue.UnmarshalMap(it, &d); err != nil {
				w.Fatal(err)
			}
			out = append(out, d)
		}
	}
	return out
}

// generic copies a resource into plain maps all the way down.
func generic[M ~map[string]any](m M) oracle.Doc {
	out := oracle.Doc{}
	for k, v := range m {
		out[k] = plain(v)
	}
	return out
}

func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return generic(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	}
	return v
}
