package calendar

// CodeUnreadable is the quarantine's code for what came from the provider and
// couldn't be stored. No row need stand for it.
const CodeUnreadable = "unreadable"

// Orphan reports an edit of one occurrence that was never linked, of a series
// that is here no more: nothing that walks over links finds it.
func Orphan(row, series *Row) bool {
	return row != nil && row.IsException() && row.Link == nil && row.Origin == BornAtProvider && series == nil
}
