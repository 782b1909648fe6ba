package calendar

import "time"

// OneWay is Merge where edits travel to the provider only: what Aura edited goes
// there whatever stands there, and what it didn't edit is left alone on both
// sides. It gives the base to push from, and as conflicts what the provider's
// side loses by that.
func (i *Item) OneWay(ours Content, edited map[string]time.Time, theirs Remote) (base Content, lost []Conflict) {
	base = ours
	for _, f := range Fields() {
		if old, known := i.baseOf(f, theirs.Stamp); known && i.Former == nil && ours.same(f, old) {
			continue // not edited here: neither taken nor sent
		}
		base.Take(f, theirs.Content)
	}
	_, conflicts := Merge(ours, edited, i, theirs)
	for _, c := range conflicts {
		c.OursWon = true
		lost = append(lost, c)
	}
	return base, lost
}
