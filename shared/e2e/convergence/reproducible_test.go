package convergence_test

import "slices"

// sameEachTime is a world in which the same steps come to the same: whoever is at
// Google is called the same, and what is made there has the same ids each time, so
// that what is ordered by ids is ordered alike; and a run writes row by row. Only the
// account's name is its own, and nothing hangs on that.
func sameEachTime(t tb) *world {
	t.Helper()
	w := newWorldOf(t, "acct-"+random(), "mia@example.com")
	w.subjectKey = []byte(w.account) // many accounts of one person's, none of which is another's
	state := w.sim.Calendar.Snapshot()
	state.Key = slices.Repeat([]byte{7}, len(state.Key))
	w.must(w.sim.Calendar.Restore(state))
	w.writers = 1
	w.me = w.process(3)
	w.connect()
	return w
}
