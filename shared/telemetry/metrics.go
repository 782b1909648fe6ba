package telemetry

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"
)

// Namespace is where CloudWatch files the metrics.
const Namespace = "AuraIntegrations"

// Metric is one line of the closed list.
type Metric struct {
	Name string
	Unit string   // CloudWatch's: Count, Milliseconds, Seconds
	By   []string // dimensions, besides none: each has few values, since every combination is paid for
	Help string
}

// The metrics. A name that isn't here can't be emitted.
var (
	Requests        = Metric{"Requests", "Count", []string{"function"}, "HTTP requests answered"}
	RequestFaults   = Metric{"RequestFaults", "Count", []string{"function"}, "HTTP requests answered with 5xx"}
	RequestDuration = Metric{"RequestDuration", "Milliseconds", []string{"function"}, "from the request's arrival to its answer"}
	JobsHandled     = Metric{"JobsHandled", "Count", []string{"kind"}, "jobs that a worker took from the queue and did"}
	JobsFailed      = Metric{"JobsFailed", "Count", []string{"kind"}, "jobs that went back to the queue"}
	JobDuration     = Metric{"JobDuration", "Milliseconds", []string{"kind"}, "how long a job took"}
	JobAge          = Metric{"JobAge", "Milliseconds", []string{"kind"}, "from the moment that a job stands for to its beginning"}
	JobsDispatched  = Metric{"JobsDispatched", "Count", nil, "jobs sent by the dispatcher in one tick"}
	DispatchFailed  = Metric{"DispatchFailed", "Count", nil, "ticks that ended with an error; the next one repeats them"}
)

// Metrics lists all of them, for the test that holds alarms and panels to it.
func Metrics() []Metric {
	return []Metric{Requests, RequestFaults, RequestDuration, JobsHandled, JobsFailed, JobDuration, JobAge, JobsDispatched, DispatchFailed}
}

// Emitter writes metrics as CloudWatch's embedded metric format: one JSON line
// each, which the log service turns into a metric. It is safe for concurrent
// use. A nil Emitter drops everything.
//
// Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
type Emitter struct {
	mu  sync.Mutex
	out io.Writer
	now func() time.Time
}

// NewEmitter makes an Emitter that writes to out.
func NewEmitter(out io.Writer, now func() time.Time) *Emitter { return &Emitter{out: out, now: now} }

// Emit writes one value. dims are the values of the metric's dimensions, in
// their order; a wrong number of them is a defect, so it is left out and
// returned as an error for a test to see.
//
// The line carries the context's correlation id beside the metric, never as a
// dimension: so that a spike can be followed to the requests behind it.
func (e *Emitter) Emit(ctx context.Context, m Metric, value float64, dims ...string) error {
	if e == nil {
		return nil
	}
	if len(dims) != len(m.By) {
		return fmt.Errorf("metric %s has %d dimensions, %d were given", m.Name, len(m.By), len(dims))
	}
	set := make([]string, 0, len(m.By)) // not nil: the format wants an array
	line := map[string]any{m.Name: value}
	for i, d := range m.By {
		set = append(set, d)
		line[d] = dims[i]
	}
	line["_aws"] = map[string]any{
		"Timestamp": e.now().UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{
			"Namespace":  Namespace,
			"Dimensions": [][]string{set},
			"Metrics":    []any{map[string]string{"Name": m.Name, "Unit": m.Unit}},
		}},
	}
	if id := Correlation(ctx); id != "" {
		line["correlation_id"] = id
	}
	raw, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("encoding metric %s: %w", m.Name, err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, err := e.out.Write(append(raw, '\n')); err != nil {
		return fmt.Errorf("writing metric %s: %w", m.Name, err)
	}
	return nil
}
