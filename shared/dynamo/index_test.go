package dynamo

import (
	"strings"
	"testing"
)

func TestIndexWrites(t *testing.T) {
	t.Parallel()
	r := NewRecorder(Prefixed("x-"), nil)
	slot := func(at, id string, more int) item {
		it := item{attrPK: text("A#a"), attrSK: text("I#p"), "id": text(id), "more": text(strings.Repeat("x", more))}
		it.str(attrSlot, at)
		return it
	}
	row := func(at string, size int) item {
		it := item{attrPK: text("A#a"), attrSK: text("E#x"), "more": text(strings.Repeat("x", size))}
		it.str(attrTime, at)
		return it
	}
	for _, x := range []struct {
		name          string
		table         string
		before, after item
		want          float64
	}{
		{"made with a slot", "x-integrations", nil, slot("5#1#1", "01A", 1), 1},
		{"made without", "x-integrations", nil, slot("", "01A", 1), 0},
		{"deleted", "x-integrations", slot("5#1#1", "01A", 1), nil, 1},
		{"slot left", "x-integrations", slot("5#1#1", "01A", 1), slot("", "01A", 1), 1},
		{"slot moved", "x-integrations", slot("5#1#1", "01A", 1), slot("5#2#1", "01A", 1), 2},
		{"changed besides what is projected", "x-integrations", slot("5#1#1", "01A", 1), slot("5#1#1", "01A", 900), 0},
		{"generation changed", "x-integrations", slot("5#1#1", "01A", 1), slot("5#1#1", "01B", 1), 1},
		{"a big one, little projected", "x-integrations", nil, slot("5#1#1", "01A", 5000), 1},
		{"an event made", "x-events", nil, row("S1", 100), 1},
		{"an event that isn't shown", "x-events", nil, row("", 100), 0},
		{"an event changed", "x-events", row("S1", 100), row("S1", 101), 1},
		{"an event moved", "x-events", row("S1", 100), row("S2", 100), 2},
		{"an event hidden", "x-events", row("S1", 100), row("", 100), 1},
		{"a big event moved", "x-events", row("S1", 1500), row("S2", 2500), 5},
		{"a big event grown", "x-events", row("S1", 1500), row("S1", 2500), 3},
		{"a table without an index", "x-credentials", nil, row("S1", 100), 0},
	} {
		if got := r.index(x.table, x.before, x.after, indexHint{}); got != x.want {
			t.Errorf("%s: %v, want %v", x.name, got, x.want)
		}
		if got := r.index(x.table, x.before, x.after, indexHint{writes: 7, known: true}); got != 7 {
			t.Errorf("%s: the adapter knows, yet %v", x.name, got)
		}
	}
}
