package telemetry

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestWatch(t *testing.T) {
	t.Parallel()
	var logs, metrics bytes.Buffer
	now := fixed()
	w := NewWatch(NewLogger(&logs, slog.LevelInfo, "sync-worker"), NewEmitter(&metrics, fixed), func() time.Time { return now })
	done := w.Job(WithRun(context.Background(), "run-1"), "sync", now.Add(-3*time.Second))
	now = now.Add(2 * time.Second)
	done(nil)
	failed := w.Job(context.Background(), "wind_down", time.Time{})
	failed(errors.New("google is down"))
	w.Tick(context.Background(), Ticked{Sent: 7, Held: 14, Unread: 2, Factor: 3, Lag: time.Minute}, nil)
	w.Tick(context.Background(), Ticked{Factor: 1}, errors.New("queue is down"))
	for _, want := range []string{
		`"JobAge":3000`, `"JobDuration":2000`, `"JobsHandled":1`, `"JobsFailed":1`, `"JobsDispatched":7`, `"DispatchFailed":1`,
		`"PollingFactor":3`, `"PollingFactor":1`, `"PollsHeld":14`, `"SlotsUnread":2`,
	} {
		if strings.Count(metrics.String(), want) != 1 {
			t.Errorf("%s is not emitted once:\n%s", want, metrics.String())
		}
	}
	if strings.Count(metrics.String(), `"JobAge"`) != 2 { // name and value of one; a job that stands for no moment has no age
		t.Errorf("ages:\n%s", metrics.String())
	}
	for _, want := range []string{`"kind":"sync","took_ms":2000,"run_id":"run-1"`, "google is down", "queue is down", `"sent":7`} {
		if !strings.Contains(logs.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, logs.String())
		}
	}
}

// A metric that can't be written doesn't fail what it measures.
func TestWatchOutlivesItsMetrics(t *testing.T) {
	t.Parallel()
	var logs bytes.Buffer
	w := NewWatch(NewLogger(&logs, slog.LevelInfo, "x"), NewEmitter(full{}, fixed), fixed)
	w.Job(context.Background(), "sync", time.Time{})(nil)
	w.Tick(context.Background(), Ticked{Sent: 1, Factor: 1}, nil)
	if strings.Count(logs.String(), "metric not emitted") != 2 {
		t.Errorf("the log says %s", logs.String())
	}
}
