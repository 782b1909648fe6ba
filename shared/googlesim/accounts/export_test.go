package accounts

// CalendarScopes shows the scope table to the tests, by full name.
func CalendarScopes() map[string]string {
	out := map[string]string{}
	for name, text := range calendarScopes {
		out[scopePrefix+name] = text
	}
	return out
}
