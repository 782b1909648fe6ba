package telemetry

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// namespace is where CloudWatch files the metrics, unless an Emitter says
// otherwise.
const namespace = "AuraIntegrations"

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

	JobsHandled = Metric{"JobsHandled", "Count", []string{"kind"}, "jobs that a worker took from the queue and did"}
	JobsFailed  = Metric{"JobsFailed", "Count", []string{"kind"}, "jobs that went back to the queue"}
	JobDuration = Metric{"JobDuration", "Milliseconds", []string{"kind"}, "how long a job took"}
	JobAge      = Metric{"JobAge", "Milliseconds", []string{"kind"}, "from the moment that a job stands for to its beginning"}

	JobsDispatched = Metric{"JobsDispatched", "Count", nil, "jobs sent by the dispatcher in one tick"}
	DispatchFailed = Metric{"DispatchFailed", "Count", nil, "ticks that ended with an error; the next one repeats them"}
	PollingFactor  = Metric{"PollingFactor", "None", nil, "how many times longer polling intervals are than chosen: 1 where the provider's quota does for what is due"}
	PollsHeld      = Metric{"PollsHeld", "Count", nil, "polls that a tick left for a later turn, since more was due than the quota allows"}
	SlotsUnread    = Metric{"SlotsUnread", "Count", nil, "entries of the slot index that a tick left out because they can't be read"}
	DispatchLag    = Metric{"DispatchLag", "Seconds", nil, "how far the shard that is furthest behind was behind the clock when a tick began; 60 where every tick comes"}

	Syncs          = Metric{"Syncs", "Count", []string{"outcome"}, "runs that ended: succeeded, failed, superseded"}
	SyncFailures   = Metric{"SyncFailures", "Count", []string{"class"}, "failed runs by whose fault it is: transient, credential, calendar, held, operator, unknown"}
	SyncDuration   = Metric{"SyncDuration", "Milliseconds", nil, "from a run's beginning to its end"}
	SyncStaleness  = Metric{"SyncStaleness", "Seconds", nil, "how old an integration's view of the provider was when a run of it ended"}
	EventsPulled   = Metric{"EventsPulled", "Count", nil, "events created, updated or deleted here by a run"}
	EventsPushed   = Metric{"EventsPushed", "Count", nil, "events created, updated or deleted at the provider by a run"}
	Conflicts      = Metric{"Conflicts", "Count", nil, "events that both sides had changed"}
	Quarantined    = Metric{"Quarantined", "Count", nil, "events that a run set aside because they can't be handled"}
	LeaseTakeovers = Metric{"LeaseTakeovers", "Count", nil, "runs that took over from one that had vanished"}
	BreakerOpened  = Metric{"BreakerOpened", "Count", nil, "integrations that rest after repeated failures"}
	BreakerFrozen  = Metric{"BreakerFrozen", "Count", nil, "failed runs that no breaker counted, since most of the fleet failed with them"}
	ReadUnits      = Metric{"ReadUnits", "Count", nil, "read units that a run consumed, reckoned by AWS's rules"}
	WriteUnits     = Metric{"WriteUnits", "Count", nil, "write units that a run consumed"}

	ProviderCalls   = Metric{"ProviderCalls", "Count", []string{"answer"}, "requests to the provider by answer: 2xx, the client errors that mean something apart, 4xx, 5xx, none"}
	Throttles       = Metric{"Throttles", "Count", []string{"service"}, "times that a run was told to slow down, by the provider or by dynamodb"}
	SealingFailures = Metric{"SealingFailures", "Count", []string{"operation"}, "tokens that could not be sealed, or did not open: a moved row, a lost key, or KMS not answering"}
	GrantsAbandoned = Metric{"GrantsAbandoned", "Count", nil, "credentials that were destroyed although the provider did not take their revocation within a day"}
)

// Metrics lists all of them, for the tests that hold alarms, panels and what is
// emitted to it.
func Metrics() []Metric {
	return []Metric{
		Requests, RequestFaults, RequestDuration, JobsHandled, JobsFailed, JobDuration, JobAge,
		JobsDispatched, DispatchFailed, PollingFactor, PollsHeld, SlotsUnread, DispatchLag,
		Syncs, SyncFailures, SyncDuration, SyncStaleness, EventsPulled, EventsPushed, Conflicts, Quarantined,
		LeaseTakeovers, BreakerOpened, BreakerFrozen, ReadUnits, WriteUnits,
		ProviderCalls, Throttles, SealingFailures, GrantsAbandoned,
	}
}

// Value is one measured value, with the values of the metric's dimensions in
// their order.
type Value struct {
	Metric Metric
	Number float64
	By     []string
}

// Of makes a Value.
func (m Metric) Of(number float64, by ...string) Value { return Value{m, number, by} }

// Emitter writes metrics in CloudWatch's embedded metric format, one JSON object
// a line, which the log service turns into metrics. It is safe for concurrent
// use. A nil Emitter drops everything.
//
// Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
type Emitter struct {
	mu        sync.Mutex
	out       io.Writer
	now       func() time.Time
	namespace string
}

// NewEmitter makes an Emitter that writes to out.
func NewEmitter(out io.Writer, now func() time.Time) *Emitter {
	return &Emitter{out: out, now: now, namespace: namespace}
}

// In files the metrics under another namespace: deployments that share an AWS
// account have one each, or their alarms would be each other's. "" changes
// nothing. It is called before anything is emitted.
func (e *Emitter) In(namespace string) *Emitter {
	if namespace != "" {
		e.namespace = namespace
	}
	return e
}

// Emit writes values that belong together, as one line: what a job or a run
// amounts to costs one line in the log, not ten. Two values that can't stand in
// one line (the same metric twice, or one dimension with two values) are a
// defect, as is a wrong number of dimensions: nothing is written then, and the
// error is for a test to see.
//
// The line carries the context's correlation id beside the metrics, never as a
// dimension: so that a spike can be followed to the requests behind it.
func (e *Emitter) Emit(ctx context.Context, values ...Value) error {
	if e == nil || len(values) == 0 {
		return nil
	}
	line := map[string]any{}
	put := func(name string, v any) error {
		if was, ok := line[name]; ok && was != v {
			return fmt.Errorf("%s can't be both %v and %v in one line", name, was, v)
		}
		line[name] = v
		return nil
	}
	var directives []map[string]any
	sets := map[string]int{} // dimensions → which directive
	for _, v := range values {
		if len(v.By) != len(v.Metric.By) {
			return fmt.Errorf("metric %s has %d dimensions, %d were given", v.Metric.Name, len(v.Metric.By), len(v.By))
		}
		if _, twice := line[v.Metric.Name]; twice {
			return fmt.Errorf("metric %s stands twice in one line", v.Metric.Name)
		}
		line[v.Metric.Name] = v.Number
		for i, d := range v.Metric.By {
			if err := put(d, v.By[i]); err != nil {
				return err
			}
		}
		set := strings.Join(v.Metric.By, " ")
		at, ok := sets[set]
		if !ok {
			at = len(directives)
			sets[set] = at
			directives = append(directives, map[string]any{
				"Namespace": e.namespace, "Dimensions": [][]string{append([]string{}, v.Metric.By...)}, "Metrics": []any{}, // never null: the format wants arrays
			})
		}
		metrics, _ := directives[at]["Metrics"].([]any)
		directives[at]["Metrics"] = append(metrics, map[string]string{"Name": v.Metric.Name, "Unit": v.Metric.Unit})
	}
	line["_aws"] = map[string]any{"Timestamp": e.now().UnixMilli(), "CloudWatchMetrics": directives}
	if id := Correlation(ctx); id != "" {
		line["correlation_id"] = id
	}
	raw, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("encoding metrics: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, err := e.out.Write(append(raw, '\n')); err != nil {
		return fmt.Errorf("writing metrics: %w", err)
	}
	return nil
}
