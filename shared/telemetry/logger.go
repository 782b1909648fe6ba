package telemetry

import (
	"context"
	"io"
	"log/slog"
)

// NewLogger makes the logger of one function: JSON, one line a record, with
// what the context says about it. The members' names are those that Lambda's
// own JSON logging understands (timestamp, level, message), so that its level
// filter and the console's queries work on our lines as on its own.
func NewLogger(w io.Writer, level slog.Leveler, function string) *slog.Logger {
	h := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: replace})
	return slog.New(&handler{inner: h.WithAttrs([]slog.Attr{slog.String("function", function)})})
}

// handler adds the context's scope to every record.
type handler struct{ inner slog.Handler }

// Enabled implements slog.Handler.
func (h *handler) Enabled(ctx context.Context, l slog.Level) bool { return h.inner.Enabled(ctx, l) }

// Handle implements slog.Handler.
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	s := scopeOf(ctx)
	r = r.Clone() // the record's attributes may be shared with another handler
	for _, a := range []struct{ key, value string }{
		{"correlation_id", s.correlation}, {"trace_id", s.trace}, {"account", s.account}, {"run_id", s.run},
		{"xray_trace_id", xray(ctx)},
	} {
		if a.value != "" {
			r.AddAttrs(slog.String(a.key, a.value))
		}
	}
	r.Message = scrub(r.Message)
	return h.inner.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &handler{inner: h.inner.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler. The scope's members end up inside the
// group then; nothing in this project groups, and no information is lost.
func (h *handler) WithGroup(name string) slog.Handler {
	return &handler{inner: h.inner.WithGroup(name)}
}

// replace renames the built-in members and keeps secrets out.
func replace(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 {
		switch a.Key {
		case slog.TimeKey:
			a.Key = "timestamp"
			return a
		case slog.MessageKey:
			a.Key = "message"
			return a
		case slog.LevelKey:
			return a
		}
	}
	return redact(a)
}
