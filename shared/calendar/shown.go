package calendar

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Ranger is what of a Store is needed to say what shows.
type Ranger interface {
	Rows(ctx context.Context, account string, ids []string) (map[string]*Row, error)
	Range(ctx context.Context, account string, from, to time.Time) ([]*Row, error)
}

// Shown is Range without what is left of series that are being deleted: an
// exception that isn't hidden itself, being too new to be found with its series or
// brought in since, shows again only once its series does. It reads the series of
// exceptions that the range holds without them, half a unit each: of most ranges
// there is none. They are given by their ids in apart, as far as they are there:
// they show nothing in the range, and yet what is said of an exception, such as
// what an edit of it is conditional on, is of its series too.
func Shown(ctx context.Context, store Ranger, account string, from, to time.Time) (rows []*Row, apart map[string]*Row, err error) {
	rows, err = store.Range(ctx, account, from, to)
	if err != nil {
		return nil, nil, fmt.Errorf("reading what a range holds: %w", err)
	}
	here := make(map[string]bool, len(rows))
	for _, r := range rows {
		here[r.ID] = true
	}
	var unread []string
	for _, r := range rows {
		if r.IsException() && !r.Hidden() && !here[r.MasterID] {
			unread, here[r.MasterID] = append(unread, r.MasterID), true
		}
	}
	if len(unread) == 0 {
		return rows, nil, nil
	}
	apart, err = store.Rows(ctx, account, unread)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the series of occurrences that stand alone: %w", err)
	}
	return slices.DeleteFunc(rows, func(r *Row) bool {
		return apart[r.MasterID].TakesAlong()
	}), apart, nil
}
