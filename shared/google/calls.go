package google

import (
	"context"
	"sync/atomic"
)

type callsKey struct{}

// CountCalls returns a context that counts the HTTP requests made to Google
// under it, token requests included, and a function that gives the count so
// far. Both may be used from several goroutines. A context counted twice counts
// on the inner counter only: a run is counted by whoever began it last.
//
// The shape is plain functions, so that an engine can be given it as a
// dependency without knowing this package.
func CountCalls(ctx context.Context) (context.Context, func() int64) {
	n := new(atomic.Int64)
	return context.WithValue(ctx, callsKey{}, n), n.Load
}

func countCall(ctx context.Context) {
	if n, ok := ctx.Value(callsKey{}).(*atomic.Int64); ok {
		n.Add(1)
	}
}
