package dynamo

import (
	"context"
	"time"
)

// Hasty makes a store's backoff wait for nothing.
func Hasty(db *DB) *DB {
	none := func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	db.Integrations.pause, db.Credentials.pause, db.Events.pause = none, none, none
	return db
}
