package telemetry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
)

// scope is what a context says about the work that is done under it.
type scope struct {
	correlation string
	trace       string
	function    string
	account     string // hashed
	run         string
}

type scopeKey struct{}

func scopeOf(ctx context.Context) scope {
	s, _ := ctx.Value(scopeKey{}).(scope)
	return s
}

func with(ctx context.Context, change func(*scope)) context.Context {
	s := scopeOf(ctx)
	change(&s)
	return context.WithValue(ctx, scopeKey{}, s)
}

// WithCorrelation returns a context whose lines carry the correlation id.
func WithCorrelation(ctx context.Context, id string) context.Context {
	return with(ctx, func(s *scope) { s.correlation = id })
}

// WithTrace returns a context whose lines carry the trace id of a traceparent
// (W3C Trace Context, 32 hex digits).
func WithTrace(ctx context.Context, id string) context.Context {
	return with(ctx, func(s *scope) { s.trace = id })
}

// WithAccount returns a context whose lines carry the account's hash.
func WithAccount(ctx context.Context, account string) context.Context {
	return with(ctx, func(s *scope) { s.account = AccountHash(account) })
}

// WithFunction returns a context whose lines say which function they are of,
// where many run in one process.
func WithFunction(ctx context.Context, name string) context.Context {
	return with(ctx, func(s *scope) { s.function = name })
}

// Function gives the function that a context's work belongs to, "" where
// nothing said so.
func Function(ctx context.Context) string { return scopeOf(ctx).function }

// WithRun returns a context whose lines carry the run's id.
func WithRun(ctx context.Context, run string) context.Context {
	return with(ctx, func(s *scope) { s.run = run })
}

// xray gives the trace header that Lambda gave to an invocation: the key is the
// one under which aws-lambda-go puts it into the context.
func xray(ctx context.Context) string {
	header, _ := ctx.Value("x-amzn-trace-id").(string)
	return header
}

// Correlation gives the correlation id of a context, "" where it has none.
func Correlation(ctx context.Context) string { return scopeOf(ctx).correlation }

// AccountHash is how logs name an account: the same account always has the
// same hash, so that an operator who knows the account can look it up.
func AccountHash(account string) string {
	sum := sha256.Sum256([]byte("account\x00" + account))
	return hex.EncodeToString(sum[:8])
}
