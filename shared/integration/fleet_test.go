package integration_test

import (
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
)

func TestWhetherMostOfTheFleetFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tally integration.FleetTally
		want  bool
	}{
		"nobody else":                              {integration.FleetTally{Failed: 1, Due: 1000, DueBefore: 1000}, false},
		"half":                                     {integration.FleetTally{Failed: 500, Due: 1000, DueBefore: 1000}, false},
		"more than half":                           {integration.FleetTally{Failed: 501, Due: 1000, DueBefore: 1000}, true},
		"all of a window that has just begun":      {integration.FleetTally{Failed: 60, Due: 60, DueBefore: 1000}, false},
		"the same after a window that failed":      {integration.FleetTally{Failed: 1, FailedBefore: 900, Due: 60, DueBefore: 1000}, true},
		"a dispatcher that has just begun":         {integration.FleetTally{Failed: 60, Due: 100}, true},
		"failures before the dispatcher began":     {integration.FleetTally{Failed: 1, FailedBefore: 60, Due: 100}, true},
		"a handful, all of them":                   {integration.FleetTally{Failed: 9, FailedBefore: 9, Due: 9, DueBefore: 9}, false},
		"ten of ten":                               {integration.FleetTally{Failed: 10, Due: 10, DueBefore: 10}, true},
		"nothing was dispatched: nothing to go by": {integration.FleetTally{Failed: 5000, FailedBefore: 5000}, false},
	} {
		if got := c.tally.MostFail(); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// Over a window every interval's integrations add up to how many they are, or,
// at an hour, to how many of them came round.
func TestWhatIsDueAddsUp(t *testing.T) {
	t.Parallel()
	start := time.Date(2031, 5, 5, 12, 0, 0, 0, time.UTC)
	for _, every := range integration.Intervals() {
		var m integration.Mark
		const slotted = 60 // in each minute of the interval
		for minute := range 45 {
			m = m.Next(start.Add(time.Duration(minute)*time.Minute), slotted*integration.DueWeight(every), 0)
		}
		n := slotted * int64(min(every, integration.FailureWindow)/time.Minute)
		if due, before := m.In(integration.WindowOf(start) + 2); due != n*integration.DueScale || before != n*integration.DueScale {
			t.Errorf("every %s: due %d, before %d, want %d", every, due/integration.DueScale, before/integration.DueScale, n)
		}
		if due, before := m.In(m.Window + 1); due != 0 || before != n*integration.DueScale {
			t.Errorf("every %s: the window after has %d, %d", every, due, before)
		}
		if due, before := m.In(m.Window + 2); due != 0 || before != 0 {
			t.Errorf("every %s: long after there is %d, %d", every, due, before)
		}
		if late := m.Next(m.Minute.Add(time.Hour), 7, 0); late.Due != 7 || late.DueBefore != 0 {
			t.Errorf("after an hour's silence: %+v", late)
		}
	}
}
