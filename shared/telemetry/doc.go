// Package telemetry is what the functions tell about themselves: structured
// logs that carry who and what a line is about, and metrics.
//
// # What a line carries
//
// Correlation id, trace id, account and run travel in the context, so a line
// that is written deep inside a use case, which knows nothing of this package,
// still says what it belongs to. The account is a hash: enough to follow one
// customer through the logs, not enough to name them.
//
// # Nothing secret
//
// Nothing here is ever given a request or a response body, a header or a query
// string; that is the rule that keeps secrets out. The handler is a second net
// for the day that somebody breaks the rule: values under a name that only
// secrets have are replaced, and what has the shape of a token is cut out of
// every text, error texts included.
//
// # Metrics
//
// A metric is one line of JSON in CloudWatch's embedded metric format, written
// to the same stream as the logs: no agent, no call, nothing to flush before a
// sandbox is frozen. The list of metrics is closed (metrics.go), so that an
// alarm can't name one that nobody emits.
package telemetry
