package convergence_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/calendar"
)

// set writes one attribute of a row behind everybody's back.
func (w *world) tamper(id, attribute string, value types.AttributeValue) {
	w.Helper()
	_, err := w.site.database(http.DefaultTransport, 3).UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
		TableName: aws.String(w.site.names.Events),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "A#" + w.account}, "sk": &types.AttributeValueMemberS{Value: "E#" + id},
		},
		UpdateExpression:          aws.String("SET #a = :v"),
		ExpressionAttributeNames:  map[string]string{"#a": attribute},
		ExpressionAttributeValues: map[string]types.AttributeValue{":v": value},
	})
	w.must(err)
}

// TestTheJudgesFindPlantedViolations plants one violation of each kind, and holds
// the judges to finding it: a proof whose judge can't fail proves nothing.
func TestTheJudgesFindPlantedViolations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		plant func(m *machine)
		want  string
	}{
		{"nothing", func(*machine) {}, ""},
		{"an event that Aura doesn't have", func(m *machine) {
			m.bear(there, 50, false, "") // and no sync
		}, "at the provider only"},
		{"an event that Google doesn't have", func(m *machine) { m.deleteThere(m.event(0).pid) }, "in Aura only"},
		{"a field that differs", func(m *machine) {
			m.tamper(m.made[0], "ti", &types.AttributeValueMemberS{Value: "other"})
		}, "summary is"},
		{"an edit that waits", func(m *machine) { m.must(m.me.retitle(context.Background(), m.made[0], "waits")) }, "waits in the outbox"},
		{"a double", func(m *machine) { m.there(timed("a", 24)); m.sync() }, "is nobody's"},
		{"a sync that writes to Google", func(m *machine) { m.must(m.me.retitle(context.Background(), m.made[0], "late")) }, "wrote 1 times to Google"},
		{"a sync that writes events", func(m *machine) { m.patchThere(m.event(0).pid, map[string]any{"summary": "late"}) }, "times to the events"},
		{"an edit that was passed over", func(m *machine) {
			m.set(here, m.event(0), this, calendar.FieldTitle)
			m.queue.msgs = nil
			m.sync()
			m.patchThere(m.event(0).pid, map[string]any{"summary": "nobody's deed"})
			m.sync()
		}, "lost without a word"},
		{"a deletion that was forgotten", func(m *machine) {
			m.remove(here, m.event(0), this)
			m.tamper(m.made[0], "pe", &types.AttributeValueMemberS{Value: ""})
		}, "lost without a word"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := connected(t, timed("a", 24), timed("b", 26))
			m := &machine{ledger: newLedger(w)}
			for _, r := range w.resources() {
				id, _ := r["id"].(string)
				m.made = append(m.made, w.idHere(id))
			}
			w.pass(time.Minute)
			c.plant(m)
			all := strings.Join(m.judge(), "\n")
			if c.want == "" && all != "" || !strings.Contains(all, c.want) {
				t.Errorf("found %q, want %q", all, c.want)
			}
		})
	}
}

// event is one of those that were made, as both sides know it.
func (m *machine) event(n int) thing {
	m.Helper()
	for _, r := range m.resources() {
		if id, _ := r["id"].(string); m.idOf(id) == m.made[n] {
			return m.thingThere(r)
		}
	}
	m.Fatalf("there is no event %d", n)
	return thing{}
}
