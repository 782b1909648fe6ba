package dynamo

import "aura.example/integrations/shared/calendar"

// formerItem stores where an event was that is linked to nothing now. What is
// mirrored of its copy has the names that it has in a row; the others are one letter.
func formerItem(f *calendar.Former) item {
	m := item{}
	m.str("p", f.Provider)
	m.str("s", f.Subject)
	m.str("c", f.Calendar)
	m.at("u", f.Updated)
	m.mirror(f.Mirror)
	m.flag(eReadOnly, f.ReadOnly)
	m.str("i", f.ProviderID)
	m.str("e", f.ETag)
	if f.ProviderID != "" {
		m.num("v", f.Version)
	}
	return m
}

func (r *reader) former() *calendar.Former {
	return &calendar.Former{
		Provider: r.str("p"), Subject: r.str("s"), Calendar: r.str("c"), Updated: r.at("u"), Mirror: r.mirror(), ReadOnly: r.flag(eReadOnly),
		ProviderID: r.str("i"), ETag: r.str("e"), Version: r.num("v"),
	}
}
