package dynamo

import "context"

type indexWritesKey struct{}

// withIndexWrites tells the recorder what only the adapter knows.
func withIndexWrites(ctx context.Context, n float64) context.Context {
	return context.WithValue(ctx, indexWritesKey{}, n)
}
