package convergence_test

import (
	"context"
	"testing"
	"time"

	"aura.example/integrations/shared/edit"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
)

// The traces that the model of the edits prints for each rule that is left out of
// it (design, model/edits.py, --fix=all,stamp): the same steps and the same
// faults, with the real engine, a real DynamoDB Local and the simulated Google.
// What the model lost without the rule must hold here. Titles are the model's: an
// event begins as "0", and each edit writes the number of its author's action.

// atRest lets undisturbed runs follow until nothing is left to do, the resync
// after a takeover among them, and demands exactly these events on both sides.
func (w *world) atRest(want ...string) {
	w.Helper()
	w.heal()
	w.sync()
	w.wantTitles("in the end", want...)
	w.wantConverged("in the end")
}

// auraSets and the like are the users' actions; a second goes by with each.
func (w *world) auraSets(h handle, title string) {
	w.Helper()
	w.pass(time.Second)
	w.must(w.me.retitle(context.Background(), h.id, title))
}

func (w *world) auraDeletes(h handle) {
	w.Helper()
	w.pass(time.Second)
	w.must(w.me.delete(context.Background(), h.id))
}

func (w *world) googleSets(h handle, title string) {
	w.Helper()
	w.pass(time.Second)
	w.patchThere(h.pid, sim.Event{"summary": title})
}

func (w *world) googleDeletes(h handle) {
	w.Helper()
	w.pass(time.Second)
	w.deleteThere(h.pid)
}

// linked is a world with one event that both sides know.
func linked(t *testing.T) (*world, handle) {
	w := connected(t)
	pid := w.there(timed("0", 30))
	w.sync()
	return w, w.bornThere(pid)
}

// auraBorn is a world with one event that only Aura has.
func auraBorn(t *testing.T) (*world, handle) {
	w := connected(t)
	row, _, err := w.me.editor.Create(context.Background(), w.by, content("0", 30), "")
	w.must(err)
	return w, bornHere(row.ID)
}

// googleBorn is one with an event that only Google has.
func googleBorn(t *testing.T) (*world, handle) {
	w := connected(t)
	return w, w.bornThere(w.there(timed("0", 30)))
}

// Rule seen-delete: what we sent had reached Google when it was deleted there, so
// who deleted it had seen it, and the deletion holds.
func TestEditTraceSeenDeleteOfAChange(t *testing.T) {
	t.Parallel()
	for range 4 { // a list says of some deleted events no more than their id
		w, e := linked(t)
		w.auraSets(e, "1")
		run := w.begins()
		run.to(done(patch))
		w.googleDeletes(e)
		run.vanishes()
		w.atRest()
	}
}

func TestEditTraceSeenDeleteOfACreation(t *testing.T) {
	t.Parallel()
	w, e := auraBorn(t)
	run := w.begins()
	run.to(done(insert))
	w.googleDeletes(e)
	run.vanishes()
	w.atRest()
}

func TestEditTraceSeenDeleteOfAnOccurrence(t *testing.T) {
	t.Parallel()
	w := connected(t, daily("0", 30))
	title := "1"
	w.pass(time.Second)
	w.changeHere(w.at("0", 1, edit.This), edit.Patch{Title: &title})
	run := w.begins()
	run.to(done(patch))
	w.pass(time.Second)
	w.must(w.sim.Calendar.Delete(w.email, w.email, w.instanceOf("0", 1), sim.SpanThis))
	run.vanishes()
	w.heal()
	w.wantConverged("in the end")
	if got := w.days(); len(got) != 4 {
		t.Errorf("Google shows %q: a deletion whose author had seen the edit was undone", got)
	}
}

// Rule settle-tx: event and outbox are settled together. Apart, a run that ends
// between the two leaves a creation of what is there already, and an edit that is
// never sent.
func TestEditTraceSettleTx(t *testing.T) {
	t.Parallel()
	w, e := auraBorn(t)
	run := w.begins()
	run.to(done(settle))
	w.auraSets(e, "1")
	run.vanishes()
	w.atRest("1")
}

// Rule ob-fence: a late holder writes no outbox item that a later run wrote. Else
// it merges under the later run's settling, which empties the list of attempts
// with the late one's in it; its PATCH lands, is deleted at Google by somebody
// who saw it, and the deletion is undone.
func TestEditTraceObFence(t *testing.T) {
	t.Parallel()
	w, e := auraBorn(t)
	late := w.begins()
	run := w.takesOver()
	run.to(done(record))
	w.auraSets(e, "1")
	run.to(done(settle)) // refused: "1" has come
	if late.reaches(done(record)) {
		run.to(done(settle))
		run.vanishes()
		late.to(done(patch))
	} else {
		w.must(run.ends())
	}
	w.googleDeletes(e) // who has seen "1"
	w.atRest()
}

// Nor does it record an attempt, though version and list are as it read them.
func TestEditTraceObFenceOfAnAttempt(t *testing.T) {
	t.Parallel()
	w, e := linked(t)
	w.auraSets(e, "1")
	late := w.begins()
	late.to(record)
	w.pass(time.Second)
	w.patchThere(e.pid, sim.Event{"location": "2"})
	run := w.takesOver()
	run.to(done(merge))
	run.vanishes()
	if late.reaches(patch) {
		t.Error("an attempt was recorded on an item that a later run wrote")
		late.vanishes()
	}
	w.atRest("1")
}

// Rule sent-list: attempts are added, never overwritten. A late PATCH that lands
// is known as ours, and not taken for an edit of Google's that is newer.
func TestEditTraceSentList(t *testing.T) {
	t.Parallel()
	w, e := linked(t)
	w.auraSets(e, "1")
	late := w.begins()
	late.to(done(record))
	w.auraSets(e, "2")
	run := w.takesOver()
	run.to(done(record))
	late.to(done(patch))
	w.must(run.ends())
	_ = late.ends()
	w.atRest("2")
}

// Rule no-regress: what was listed and is older than what the row has seen is
// never stored. The deletion's author had seen the newer state.
func TestEditTraceNoRegress(t *testing.T) {
	t.Parallel()
	w, e := googleBorn(t)
	late := w.begins()
	run := w.takesOver()
	run.to(done(list))
	w.googleSets(e, "1")
	late.to(done(store))
	w.auraDeletes(e)
	w.must(run.ends())
	late.vanishes()
	w.atRest()
}

// Rule wait: until the resync that a takeover orders, an attempt of the late
// holder may still land. A deletion that is settled before then would be undone.
func TestEditTraceWaitBeforeSettlingADelete(t *testing.T) {
	t.Parallel()
	w, e := auraBorn(t)
	late := w.begins()
	late.to(done(record))
	w.auraDeletes(e)
	w.must(w.takesOver().ends())
	late.to(done(insert))
	late.vanishes()
	w.atRest()
}

// And nothing is inserted again, where Google overlooks that an id is taken.
func TestEditTraceWaitBeforeInsertingAgain(t *testing.T) {
	t.Parallel()
	w, _ := auraBorn(t)
	w.fail(blind)
	late := w.begins()
	late.to(done(record))
	run := w.takesOver()
	w.must(run.ends())
	_ = late.ends()
	if n := run.inserted() + late.inserted(); n != 1 {
		t.Errorf("inserted %d times: two events, where Google doesn't detect it", n)
	}
	w.atRest("0")
}

// Rule diff-sent: a PATCH carries what differs from anything that was sent, too.
// The edit was taken back, but what was sent may still land.
func TestEditTraceDiffSent(t *testing.T) {
	t.Parallel()
	w, e := linked(t)
	w.auraSets(e, "1")
	late := w.begins()
	late.to(done(record))
	w.auraSets(e, "0")
	w.must(w.takesOver().ends())
	_ = late.ends()
	w.atRest("0")
}

// Rule sent-cas: an attempt is recorded only where the list is as it was read, so
// of two runs that hold the same item only one inserts.
func TestEditTraceSentCas(t *testing.T) {
	t.Parallel()
	w, _ := auraBorn(t)
	w.fail(blind)
	late := w.begins()
	late.to(record)
	run := w.takesOver()
	run.to(record)
	late.to(done(record))
	w.must(run.ends())
	_ = late.ends()
	if n := run.inserted() + late.inserted(); n != 1 {
		t.Errorf("inserted %d times: two events, where Google doesn't detect it", n)
	}
	w.atRest("0")
}

// Rule stamp: base is what the remote says that it started from. Our edit reached
// Google and was taken back there: that is Google's edit, and no base.
func TestEditTraceStamp(t *testing.T) {
	t.Parallel()
	w, e := linked(t)
	w.auraSets(e, "1")
	run := w.begins()
	run.to(done(patch))
	w.googleSets(e, "0")
	run.vanishes()
	w.atRest("0")
}

// Sabotage no-sent: without the attempt, an edit that was made during the insert
// meets a remote without a base, and loses against our own write.
func TestEditTraceSabotageNoSent(t *testing.T) {
	t.Parallel()
	w, e := auraBorn(t)
	run := w.begins()
	run.to(done(record))
	w.auraSets(e, "1")
	run.to(done(insert))
	run.vanishes()
	w.atRest("1")
}

// Sabotage no-ifmatch: a deletion passes over an edit that was made after the list.
func TestEditTraceSabotageNoIfMatch(t *testing.T) {
	t.Parallel()
	w, e := linked(t)
	w.auraDeletes(e)
	run := w.begins()
	run.to(remove)
	w.googleSets(e, "2")
	run.to(done(remove))
	run.vanishes()
	w.atRest("2")
}

// Sabotage etag-nomerge: a new etag that is stored under a pending deletion lets
// the deletion pass over the edit that made it.
func TestEditTraceSabotageEtagNomerge(t *testing.T) {
	t.Parallel()
	w, e := linked(t)
	w.auraDeletes(e)
	w.googleSets(e, "2")
	w.atRest("2")
}

// Sabotage cursor-early: a cursor that is stored before what it stands behind is
// lost with a run that fails; nobody takes over, so nothing is listed again.
func TestEditTraceSabotageCursorEarly(t *testing.T) {
	t.Parallel()
	w, e := linked(t)
	w.googleSets(e, "1")
	run := w.begins()
	run.to(store)
	run.fails()
	if rec := w.rec(); rec.Lease != nil || !rec.VerifyAfter.IsZero() {
		t.Fatalf("the run didn't give its lease up: %+v, %v", rec.Lease, rec.VerifyAfter)
	}
	w.atRest("1")
}

// Sabotage no-resync: a late holder brings back a row that does not exist any
// more, which nothing can refuse; the resync after a takeover finds it.
func TestEditTraceSabotageNoResync(t *testing.T) {
	t.Parallel()
	w, e := googleBorn(t)
	late := w.begins()
	late.to(store)
	w.googleDeletes(e)
	w.must(w.takesOver().ends())
	late.to(done(store))
	late.vanishes()
	w.atRest()
}
