package calendar

// HereOnly reports whether an event lives in Aura and nowhere else: it isn't linked,
// nor is the series that it is an occurrence of (nil for any other, and where that
// one isn't known). Its deletion or its creation may still wait.
func HereOnly(row, series *Row) bool {
	if row.Link != nil {
		return false
	}
	if !row.IsException() {
		return true
	}
	return row.Origin == BornInAura && series != nil && series.Link == nil
}
