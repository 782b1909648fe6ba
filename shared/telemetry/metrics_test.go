package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"
)

func fixed() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

// The line is what CloudWatch's specification asks for, member by member.
func TestAMetricIsOneLine(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	e := NewEmitter(&buf, fixed)
	if err := e.Emit(WithCorrelation(context.Background(), "req-1"), Requests.Of(1, "status")); err != nil {
		t.Fatal(err)
	}
	want := `{"Requests":1,"_aws":{"CloudWatchMetrics":[{"Dimensions":[["function"]],"Metrics":[{"Name":"Requests","Unit":"Count"}],` +
		`"Namespace":"AuraIntegrations"}],"Timestamp":1795424400000},"correlation_id":"req-1","function":"status"}` + "\n"
	if buf.String() != want {
		t.Errorf("got  %swant %s", buf.String(), want)
	}
}

func TestEveryMetricOfTheListCanBeEmitted(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, m := range Metrics() {
		if seen[m.Name] || m.Help == "" || !regexp.MustCompile(`^[A-Z][A-Za-z]+$`).MatchString(m.Name) || len(m.By) > 3 {
			t.Errorf("%+v", m)
		}
		seen[m.Name] = true
		if !strings.Contains(" Count Milliseconds Seconds None ", " "+m.Unit+" ") {
			t.Errorf("%s is in %q", m.Name, m.Unit)
		}
		var buf bytes.Buffer
		dims := make([]string, len(m.By))
		for i := range dims {
			dims[i] = "x"
		}
		if err := NewEmitter(&buf, fixed).Emit(context.Background(), m.Of(2.5, dims...)); err != nil || !json.Valid(buf.Bytes()) || bytes.Count(buf.Bytes(), []byte("\n")) != 1 {
			t.Errorf("%s: %v: %s", m.Name, err, buf.String())
		}
		if err := NewEmitter(&buf, fixed).Emit(context.Background(), m.Of(1, append(dims, "more")...)); err == nil {
			t.Errorf("%s is emitted with a dimension too many", m.Name)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestMetricsThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	if err := NewEmitter(full{}, fixed).Emit(context.Background(), Requests.Of(1, "x")); err == nil {
		t.Error("a lost metric is no error")
	}
	var none *Emitter
	if err := none.Emit(context.Background(), Requests.Of(1, "x")); err != nil {
		t.Error(err)
	}
}
