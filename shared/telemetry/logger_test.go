package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// logged gives the one line that a call wrote, decoded.
func logged(t *testing.T, do func(*slog.Logger)) (map[string]any, string) {
	t.Helper()
	var buf bytes.Buffer
	do(NewLogger(&buf, slog.LevelInfo, "status"))
	var line map[string]any
	if err := json.Unmarshal(buf.Bytes(), &line); err != nil {
		t.Fatalf("not one line of JSON: %v: %s", err, buf.String())
	}
	return line, buf.String()
}

func TestALineSaysWhatItBelongsTo(t *testing.T) {
	t.Parallel()
	ctx := WithRun(WithAccount(WithTrace(WithCorrelation(context.Background(), "req-1"), "trace-1"), "acme"), "run-1")
	line, raw := logged(t, func(log *slog.Logger) { log.With("step", "x").InfoContext(ctx, "something happened", "count", 3) })
	for name, want := range map[string]any{
		"level": "INFO", "message": "something happened", "function": "status", "correlation_id": "req-1", "trace_id": "trace-1",
		"account": AccountHash("acme"), "run_id": "run-1", "step": "x", "count": 3.0,
	} {
		if line[name] != want {
			t.Errorf("%s is %v, want %v", name, line[name], want)
		}
	}
	if line["timestamp"] == nil || strings.Contains(raw, "acme") {
		t.Errorf("the line is %s", raw)
	}
	if AccountHash("acme") == AccountHash("acmf") || len(AccountHash("acme")) != 16 {
		t.Error("hashes of accounts don't tell them apart")
	}
}

// A context without a scope makes lines without empty members.
func TestALineOfNobody(t *testing.T) {
	t.Parallel()
	line, _ := logged(t, func(log *slog.Logger) { log.Info("starting") })
	if len(line) != 4 {
		t.Errorf("the line is %v", line)
	}
}

// One scope under another changes what it names and keeps the rest.
func TestScopesNest(t *testing.T) {
	t.Parallel()
	outer := WithCorrelation(context.Background(), "outer")
	inner := WithAccount(WithCorrelation(outer, "inner"), "acme")
	if Correlation(outer) != "outer" || Correlation(inner) != "inner" || Correlation(context.Background()) != "" {
		t.Errorf("outer %q, inner %q", Correlation(outer), Correlation(inner))
	}
}

type stringer struct{ s string }

func (s stringer) String() string { return s.s }

type broken struct{}

func (*broken) Error() string { panic("nil pointer") }

const (
	jwtCanary     = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJlLWNhbmFyeQ"
	accessCanary  = "ya29.a0AfH6SMBcanaryCANARYcanary"
	refreshCanary = "1//0gcanaryCANARYcanary-CANARY"
	secretCanary  = "GOCSPX-canaryCANARYcanary"
)

// However a secret gets to the logger, it doesn't get past it.
func TestSecretsDoNotGetPast(t *testing.T) {
	t.Parallel()
	for _, canary := range []string{jwtCanary, accessCanary, refreshCanary, secretCanary} {
		for name, do := range map[string]func(*slog.Logger){
			"text":    func(l *slog.Logger) { l.Info("x", "detail", "token="+canary+"; more") },
			"message": func(l *slog.Logger) { l.Info("answered " + canary) },
			"error": func(l *slog.Logger) {
				l.Info("x", "error", fmt.Errorf("wrapped: %w", errors.New(`{"t":"`+canary+`"}`)))
			},
			"stringer":   func(l *slog.Logger) { l.Info("x", "v", stringer{canary}) },
			"struct":     func(l *slog.Logger) { l.Info("x", "v", struct{ Token string }{canary}) },
			"list":       func(l *slog.Logger) { l.Info("x", "v", []string{canary}) },
			"map":        func(l *slog.Logger) { l.Info("x", "v", map[string]string{"k": canary}) },
			"group":      func(l *slog.Logger) { l.Info("x", slog.Group("g", "v", canary)) },
			"with":       func(l *slog.Logger) { l.With("v", canary).Info("x") },
			"twice":      func(l *slog.Logger) { l.Info("x", "v", canary+" and "+canary) },
			"with group": func(l *slog.Logger) { l.WithGroup("g").Info("x", "v", canary) },
		} {
			_, raw := logged(t, do)
			if strings.Contains(raw, canary) || strings.Contains(raw, canary[6:]) || !strings.Contains(raw, redacted) {
				t.Errorf("%s: %s", name, raw)
			}
		}
	}
}

func TestNamesThatOnlySecretsHave(t *testing.T) {
	t.Parallel()
	for name := range secretNames {
		for _, spelling := range []string{name, strings.ToUpper(name)} {
			if _, raw := logged(t, func(l *slog.Logger) { l.Info("x", spelling, "hunter2") }); strings.Contains(raw, "hunter2") {
				t.Errorf("%s is told: %s", spelling, raw)
			}
		}
	}
}

// What only resembles a token stays readable.
func TestHarmlessTextsStay(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"1//2 of it", "eyJ is how tokens begin", "ya29", "https://example.com/a/b", "plain", "", "credentials_expired"} {
		if got := scrub(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

// A value that can't be printed costs the line nothing but the value.
func TestAValueThatCannotBePrinted(t *testing.T) {
	t.Parallel()
	line, raw := logged(t, func(l *slog.Logger) { l.Error("x", "error", (*broken)(nil), "other", nil) })
	if line["message"] != "x" || !strings.Contains(raw, "can't be printed") {
		t.Errorf("the line is %s", raw)
	}
}

func FuzzScrub(f *testing.F) {
	f.Add("a " + jwtCanary + " b")
	f.Add("eyJeyJeyJ1//ya29.GOCSPX-")
	f.Fuzz(func(t *testing.T, s string) {
		if out := scrub(s); out != scrub(out) {
			t.Errorf("%q is scrubbed to %q, and that to %q", s, out, scrub(out))
		}
	})
}
