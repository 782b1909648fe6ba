package httpapi

import (
	"context"
	"net/http"
	"strings"

	"aura.example/integrations/shared/telemetry"
)

// maxRequestID bounds a correlation id that a caller gives.
const maxRequestID = 128

// correlate gives the request's context its correlation id and, where the
// caller sent a traceparent, its trace id. The caller's X-Request-Id is taken
// where it is harmless; else the trace id serves; else a new one is made.
func correlate(r *http.Request, newID func() string) (context.Context, string) {
	ctx := r.Context()
	trace := traceID(r.Header.Get("Traceparent"))
	if trace != "" {
		ctx = telemetry.WithTrace(ctx, trace)
	}
	id := r.Header.Get("X-Request-Id")
	switch {
	case harmless(id):
	case trace != "":
		id = trace
	default:
		id = newID()
	}
	return telemetry.WithCorrelation(ctx, id), id
}

// harmless accepts what can stand in a header, a log line and a history item
// without meaning anything there.
func harmless(id string) bool {
	if id == "" || len(id) > maxRequestID {
		return false
	}
	for _, c := range []byte(id) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.', c == ':':
		default:
			return false
		}
	}
	return true
}

// traceID reads a traceparent (W3C Trace Context, 3.2): version, trace id,
// parent id, flags. "" where it isn't valid; later versions may append fields,
// version ff is never valid, and neither is an id of zeros.
func traceID(header string) string {
	parts := strings.Split(header, "-")
	if len(parts) < 4 || len(parts[0]) != 2 || len(parts[1]) != 32 || len(parts[2]) != 16 || len(parts[3]) != 2 {
		return ""
	}
	if parts[0] == "ff" || parts[0] == "00" && len(parts) != 4 {
		return ""
	}
	for _, p := range parts[:4] {
		if strings.Trim(p, "0123456789abcdef") != "" {
			return ""
		}
	}
	if strings.Trim(parts[1], "0") == "" || strings.Trim(parts[2], "0") == "" {
		return ""
	}
	return parts[1]
}
