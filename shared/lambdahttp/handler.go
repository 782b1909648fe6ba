package lambdahttp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
)

// Handler answers API Gateway's events; it is a lambda.Handler. It is safe for
// concurrent use if the http.Handler behind it is.
type Handler struct {
	inner http.Handler
	log   *slog.Logger
}

// New makes a Handler.
func New(inner http.Handler, log *slog.Logger) *Handler { return &Handler{inner: inner, log: log} }

// mostBytes is under Lambda's limit of 6 MB for an answer: a longer one is lost
// with an error that nobody understands.
const mostBytes = 5 << 20

// Invoke implements lambda.Handler. It returns no error: see the package comment.
func (h *Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var e event
	if err := json.Unmarshal(payload, &e); err != nil {
		return h.refuse(ctx, &e, http.StatusBadRequest, "an event that isn't JSON, or of other types", nil)
	}
	r, err := e.request(ctx)
	if err != nil {
		return h.refuse(ctx, &e, http.StatusBadRequest, "an event that can't be a request", err)
	}
	w := &recorder{header: http.Header{}}
	if err := h.serve(w, r); err != nil {
		return h.refuse(ctx, &e, http.StatusInternalServerError, "the handler failed", err)
	}
	out := w.reply(r.Method)
	if len(out.Body) > mostBytes {
		return h.refuse(ctx, &e, http.StatusInternalServerError, "the answer is too long for Lambda", fmt.Errorf("%d bytes", len(out.Body)))
	}
	return json.Marshal(out)
}

// serve runs the handler; a panic is an error. What was panicked with may hold
// anything, so only where it happened is logged.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		if recover() != nil {
			h.log.ErrorContext(r.Context(), "handler panicked", "stack", string(debug.Stack()))
			err = errors.New("panic")
		}
	}()
	h.inner.ServeHTTP(w, r)
	return nil
}

// refuse answers what no handler could: a problem document as httpapi's, which
// this package doesn't know.
func (h *Handler) refuse(ctx context.Context, e *event, status int, what string, cause error) ([]byte, error) {
	code, title, detail := "malformed_request", "Malformed request", "The request could not be read."
	if status >= http.StatusInternalServerError {
		code, title, detail = "internal", "Internal error", "Something went wrong on our side."
	}
	id := e.RequestContext.RequestID
	if id == "" || !validName(id) {
		id = "unknown"
	}
	h.log.ErrorContext(ctx, what, "gateway_request_id", id, "error", cause)
	doc, err := json.Marshal(map[string]any{
		"type": "/v1/docs#problem-" + code, "title": title, "status": status, "detail": detail, "code": code, "correlation_id": id,
	})
	if err != nil {
		return nil, fmt.Errorf("encoding a refusal: %w", err)
	}
	return json.Marshal(reply{
		StatusCode: status, Body: string(doc),
		Headers: map[string]string{"x-request-id": id, "content-type": "application/problem+json", "cache-control": "no-store", "x-content-type-options": "nosniff"},
	})
}
