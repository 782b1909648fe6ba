package httpapi

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// list is a page of a list; next_cursor is null on the last one.
type list[T any] struct {
	Items      []T     `json:"items"`
	NextCursor *string `json:"next_cursor"`
}

func listOf[T any](items []T, next string) list[T] {
	l := list[T]{Items: items, NextCursor: text(next)}
	if l.Items == nil {
		l.Items = []T{} // an empty list is [], not null
	}
	return l
}

// paginate cuts one page out of a list that is short enough to be read whole,
// keeping its order. The cursor is the position and the id of the page's last
// item: items that come or go between two pages neither repeat nor hide others,
// and a cursor stays good when the very item that it names is gone.
func paginate[T any](items []T, p integration.Page, id func(T) string) (page []T, next string, err error) {
	from := 0
	if p.Cursor != "" {
		at, last, ok := readCursor(p.Cursor)
		if !ok {
			return nil, "", errCursor()
		}
		from = min(at, len(items))
		if i := slices.IndexFunc(items, func(x T) bool { return id(x) == last }); i >= 0 && last != "" {
			from = i + 1
		}
	}
	to := min(from+p.Limit, len(items))
	if page = items[from:to]; to < len(items) {
		next = writeCursor(to, id(items[to-1]))
	}
	return page, next, nil
}

func writeCursor(at int, last string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(at) + "." + last))
}

func readCursor(cursor string) (at int, last string, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return 0, "", false
	}
	number, last, found := strings.Cut(string(raw), ".")
	at, err = strconv.Atoi(number)
	return at, last, found && err == nil && at >= 0
}

// ofCursor says what a store's refusal to page means: of all that a list is asked
// with, only the cursor can be wrong.
func ofCursor(err error) error {
	if fault.Is(err, fault.Invalid, fault.Malformed) {
		return errCursor()
	}
	return err
}

func errCursor() error {
	return fault.Fields(fault.Field{Field: "cursor", Message: "is not a next_cursor of this list"})
}
