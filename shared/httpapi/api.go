package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/telemetry"
)

// Edge is what every route shares.
type Edge struct {
	Auth    Authorize
	Origins Origins // of pages besides our own that may call the API
	Log     *slog.Logger
	Now     func() time.Time
	NewID   func() string // correlation ids, where the caller brings none
	// Observe is told of every answer, for metrics; nil drops it.
	Observe func(ctx context.Context, o Observed)
}

// Observed is one answered request.
type Observed struct {
	Function string // "" where no route matched
	Status   int
	Took     time.Duration
}

// New makes the handler of the given routes: those of one function, or all of
// them in one process.
func New(e Edge, groups ...[]Route) http.Handler {
	mux := http.NewServeMux()
	paths := map[string]byMethod{}
	for _, rt := range slices.Concat(groups...) {
		if paths[rt.Path] == nil {
			paths[rt.Path] = byMethod{}
		}
		if paths[rt.Path][rt.Method] != nil {
			panic("two routes are " + rt.Method + " " + rt.Path) // the contents page is ours
		}
		paths[rt.Path][rt.Method] = e.wrap(rt)
	}
	// The mux is told of paths only: telling it of one costs a start some
	// microseconds, and with methods it would be three times as many.
	for p, by := range paths {
		methods := withImplied(slices.Collect(maps.Keys(by)))
		by[http.MethodOptions] = e.wrap(Route{Method: http.MethodOptions, Path: p, Scope: Public, Handler: e.Origins.preflight(methods)})
		by[""] = e.wrap(otherMethods(p, methods))
		if get := by[http.MethodGet]; get != nil {
			by[http.MethodHead] = get // net/http sends no body
		}
		mux.Handle(p, by)
	}
	unknown := e.wrap(Route{Path: "*", Scope: Public, Handler: func(http.ResponseWriter, *http.Request) error { return errNotFound() }})
	mux.Handle("/", unknown)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The mux would redirect an unclean path; no route of ours has one.
		if p := r.URL.Path; p == "" || p != path.Clean(p) {
			unknown.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// byMethod are the handlers of one path; "" is for the methods that it hasn't.
type byMethod map[string]http.Handler

// ServeHTTP implements http.Handler.
func (by byMethod) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := by[r.Method]
	if h == nil {
		h = by[""]
	}
	h.ServeHTTP(w, r)
}

// withImplied adds the methods that a path has without a line in the contents.
func withImplied(methods []string) []string {
	if slices.Contains(methods, http.MethodGet) {
		methods = append(methods, http.MethodHead)
	}
	methods = append(methods, http.MethodOptions)
	slices.Sort(methods)
	return methods
}

// otherMethods answers what a path isn't there for.
func otherMethods(p string, methods []string) Route {
	allow := strings.Join(methods, ", ")
	return Route{Path: p, Scope: Public, Handler: func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Allow", allow)
		return &refusal{http.StatusMethodNotAllowed, fault.New(fault.Malformed, "method_not_allowed", "This method isn't allowed here.")}
	}}
}

// wrap is the one wrapper around every handler.
func (e Edge) wrap(rt Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := e.Now()
		ctx, id := correlate(r, e.NewID)
		if rt.Function != "" {
			ctx = telemetry.WithFunction(ctx, rt.Function)
		}
		secure(w.Header())
		w.Header().Set("X-Request-Id", id)
		rec := &recorder{ResponseWriter: w}
		ctx, err := e.admit(ctx, rec, r, rt)
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(rec, r.Body, MaxBody)
		if err == nil {
			err = e.guard(rt.Handler, rec, r)
		}
		if err != nil {
			e.fail(ctx, rec, r, rt, id, err)
		}
		took := e.Now().Sub(began)
		e.Log.InfoContext(ctx, "request", "method", r.Method, "route", rt.Path, "status", rec.status(), "took_ms", took.Milliseconds())
		if e.Observe != nil {
			e.Observe(ctx, Observed{Function: rt.Function, Status: rec.status(), Took: took})
		}
	})
}

// admit decides whether a request gets as far as its handler. The origin comes
// first: a foreign page needn't learn whether its visitor's token is good. What
// needs no token is nobody's in particular, so its origin doesn't matter.
func (e Edge) admit(ctx context.Context, w http.ResponseWriter, r *http.Request, rt Route) (context.Context, error) {
	if rt.Scope != Public && rt.Scope != ChannelToken {
		if err := e.Origins.check(w, r); err != nil {
			return ctx, err
		}
	}
	return e.Auth.authorize(ctx, r, rt.Scope)
}

// guard runs a handler and turns a panic into an error. The stack is logged;
// the value that was panicked with may hold anything, so it isn't.
func (e Edge) guard(h Handler, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if cause, ok := p.(error); ok && errors.Is(cause, http.ErrAbortHandler) {
			panic(p) // net/http's own way to drop a connection
		}
		e.Log.ErrorContext(r.Context(), "handler panicked", "stack", string(debug.Stack()))
		err = errors.New("handler panicked")
	}()
	return h(w, r)
}

// fail renders an error, unless an answer is on its way already: then it can
// only be logged.
func (e Edge) fail(ctx context.Context, w *recorder, r *http.Request, rt Route, id string, err error) {
	status, say := statusOf(err)
	if status == http.StatusUnauthorized && r.Header.Get("Authorization") != "" {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`) // RFC 6750, 3
	}
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	e.Log.Log(ctx, level, "request refused", "route", rt.Path, "status", status, "code", say.Code, "error", err)
	if w.code != 0 {
		return
	}
	writeProblem(w, status, say, id)
}

// recorder remembers the status that was sent.
type recorder struct {
	http.ResponseWriter
	code int
}

// WriteHeader implements http.ResponseWriter.
func (w *recorder) WriteHeader(code int) {
	if w.code == 0 {
		w.code = code
	}
	w.ResponseWriter.WriteHeader(code)
}

// Write implements http.ResponseWriter.
func (w *recorder) Write(p []byte) (int, error) {
	if w.code == 0 {
		w.code = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController through.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recorder) status() int {
	if w.code == 0 {
		return http.StatusOK // net/http sends it when a handler returns without a word
	}
	return w.code
}

// secure sets the headers that every answer has. An answer of the API is data:
// no page may frame it, run it, or guess another type, and nobody may keep it.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	h.Set("Cross-Origin-Resource-Policy", "same-site")
	h.Set("Permissions-Policy", "geolocation=(), camera=(), microphone=()")
	h.Set("Cache-Control", "no-store")
}
