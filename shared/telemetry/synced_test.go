package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
)

// measured gives every metric of an EMF stream with its values, and fails where
// a line isn't one.
func measured(t *testing.T, stream []byte) map[string][]float64 {
	t.Helper()
	out := map[string][]float64{}
	for raw := range bytes.Lines(stream) {
		var line map[string]any
		if err := json.Unmarshal(raw, &line); err != nil {
			t.Fatalf("%v: %s", err, raw)
		}
		aws, _ := line["_aws"].(map[string]any)
		directives, _ := aws["CloudWatchMetrics"].([]any)
		for _, d := range directives {
			d, _ := d.(map[string]any)
			list, _ := d["Metrics"].([]any)
			for _, m := range list {
				m, _ := m.(map[string]any)
				name, _ := m["Name"].(string)
				v, ok := line[name].(float64)
				if !ok {
					t.Errorf("%s has no value: %s", name, raw)
				}
				out[name] = append(out[name], v)
			}
			sets, _ := d["Dimensions"].([]any)
			for _, set := range sets {
				set, _ := set.([]any)
				for _, dim := range set {
					dim, _ := dim.(string)
					if s, _ := line[dim].(string); s == "" {
						t.Errorf("dimension %q has no value: %s", dim, raw)
					}
				}
			}
		}
	}
	return out
}

// troubled is a run in which everything happened.
func troubled() Synced {
	began := fixed()
	return Synced{
		Report: integration.Run{
			Key: integration.Key{Account: "acme"}, ID: "run-1", State: integration.RunFailed, StartedAt: began, EndedAt: began.Add(1500 * time.Millisecond),
			Pulled: integration.Pulled{Created: 1, Updated: 2, Deleted: 3, Unchanged: 9}, Pushed: integration.Pushed{Created: 1, Updated: 1},
			Conflicts: 4, Quarantined: 5, Units: integration.Units{Read: 1.5, Write: 7}, Error: &integration.RunError{Class: "transient"},
		},
		FreshAsOf: began.Add(-time.Hour), Answers: map[string]int{"2xx": 8, "429": 2, "none": 1}, TookOver: true, Broke: true, Froze: true,
	}
}

// Every metric of the list is emitted by something that is watched.
func TestEveryMetricIsEmitted(t *testing.T) {
	t.Parallel()
	var stream bytes.Buffer
	w := NewWatch(slog.New(slog.DiscardHandler), NewEmitter(&stream, fixed), fixed)
	ctx := context.Background()
	w.Request(ctx, "status", 503, 20*time.Millisecond)
	w.Job(ctx, "sync", fixed())(nil)
	w.Job(ctx, "sync", fixed())(errors.New("no"))
	w.Tick(ctx, Ticked{Sent: 3, Held: 1, Unread: 1, Factor: 2, Lag: time.Minute}, errors.New("no"))
	w.Synced(ctx, troubled())
	w.Throttled(ctx, "dynamodb")
	w.SealingFailed(ctx, "open", errors.New("no"))
	w.GrantAbandoned(ctx)
	got := measured(t, stream.Bytes())
	for _, m := range Metrics() {
		if len(got[m.Name]) == 0 {
			t.Errorf("nothing emits %s", m.Name)
		}
		delete(got, m.Name)
	}
	for name := range got {
		t.Errorf("%s is emitted and isn't on the list", name)
	}
}

func TestARunIsMeasured(t *testing.T) {
	t.Parallel()
	var stream bytes.Buffer
	w := NewWatch(slog.New(slog.DiscardHandler), NewEmitter(&stream, fixed), fixed)
	w.Synced(context.Background(), troubled())
	if n := strings.Count(stream.String(), "\n"); n != 4 { // the run, and each kind of answer
		t.Errorf("a run takes %d lines", n)
	}
	if strings.Contains(stream.String(), "acme") {
		t.Errorf("the account is told: %s", stream.String())
	}
	got := measured(t, stream.Bytes())
	for name, want := range map[string]float64{
		"Syncs": 1, "SyncFailures": 1, "SyncDuration": 1500, "SyncStaleness": 3601.5, "EventsPulled": 6, "EventsPushed": 2,
		"Conflicts": 4, "Quarantined": 5, "LeaseTakeovers": 1, "BreakerOpened": 1, "BreakerFrozen": 1, "ReadUnits": 1.5, "WriteUnits": 7, "Throttles": 2,
	} {
		if !slices.Equal(got[name], []float64{want}) {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	slices.Sort(got["ProviderCalls"])
	if !slices.Equal(got["ProviderCalls"], []float64{1, 2, 8}) {
		t.Errorf("calls are %v", got["ProviderCalls"])
	}
}

// A sync that found nothing says so in one short line.
func TestAQuietRunIsOneLine(t *testing.T) {
	t.Parallel()
	var stream bytes.Buffer
	w := NewWatch(slog.New(slog.DiscardHandler), NewEmitter(&stream, fixed), fixed)
	w.Synced(context.Background(), Synced{Report: integration.Run{State: integration.RunSucceeded, StartedAt: fixed(), EndedAt: fixed()}})
	want := []string{"ReadUnits", "SyncDuration", "Syncs", "WriteUnits"}
	if got := slices.Sorted(maps.Keys(measured(t, stream.Bytes()))); !slices.Equal(got, want) || strings.Count(stream.String(), "\n") != 1 {
		t.Errorf("got %v in %s", got, stream.String())
	}
}

// What can't stand in one line isn't written at all.
func TestALineThatContradictsItself(t *testing.T) {
	t.Parallel()
	for name, values := range map[string][]Value{
		"a metric twice":          {Conflicts.Of(1), Conflicts.Of(2)},
		"a dimension, two values": {Requests.Of(1, "a"), RequestFaults.Of(1, "b")},
	} {
		var stream bytes.Buffer
		if err := NewEmitter(&stream, fixed).Emit(context.Background(), values...); err == nil || stream.Len() > 0 {
			t.Errorf("%s: %v, %s", name, err, stream.String())
		}
	}
}

// Lambda's trace header goes into the lines, so that they can be found by it.
func TestTheTraceOfAnInvocation(t *testing.T) {
	t.Parallel()
	const header = "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1"
	//lint:ignore SA1029 aws-lambda-go puts the header under this very key
	ctx := context.WithValue(context.Background(), "x-amzn-trace-id", header)
	line, _ := logged(t, func(l *slog.Logger) { l.InfoContext(ctx, "x") })
	if line["xray_trace_id"] != header {
		t.Errorf("the line is %v", line)
	}
}
