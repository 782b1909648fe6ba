package calendartest

import (
	"testing"

	"aura.example/integrations/shared/calendar"
)

// WriterWorld is a World whose reader is a writer too (calendar.ProviderWriter).
type WriterWorld interface {
	World

	// Decorate gives an event what only its own user sets there: reminders, a
	// colour, a property of another program, whatever the provider has of the kind.
	Decorate(calendarID, id string)
	// Decoration renders all that an event has and that no write of ours may
	// touch: what Decorate set, guests, organizer. Two calls give the same text as
	// long as none of it has changed.
	Decoration(calendarID, id string) string
	// Told counts the writes until now that asked the provider to tell the guests.
	Told() int

	// FailWrite makes the next call that writes meet a trouble, once; landed says
	// that the write takes effect all the same. The channel is closed when that
	// call has come.
	FailWrite(f Failure, landed bool) (met <-chan struct{})
}

// Exhausted is a failure of writes alone.
const Exhausted Failure = "no more writes are taken, for hours; reads go on"

// WriterMaker makes a fresh WriterWorld, which ends with the test.
type WriterMaker func(t *testing.T) WriterWorld

// RunWriter holds a writer to everything; each part gets a world of its own.
func RunWriter(t *testing.T, fresh WriterMaker) {
	t.Helper()
	for _, part := range []struct {
		name string
		run  func(t *testing.T, w *desk)
	}{
		{"inserting", testInsert},
		{"an id that is taken", testDuplicate},
		{"a patch changes what it names", testPatch},
		{"emptying fields", testEmptied},
		{"days into moments and back", testForms},
		{"a patch of a series", testPatchSeries},
		{"conditions", testConditions},
		{"what isn't there", testGone},
		{"restoring", testRestore},
		{"restoring a series", testRestoreSeries},
		{"finding an occurrence", testOccurrence},
		{"an occurrence of a series that was split", testOccurrenceOfSplit},
		{"writing an occurrence", testWriteOccurrence},
		{"an occurrence's visibility", testOccurrenceVisibility},
		{"what no write touches", testDecoration},
		{"who is told", testTold},
		{"what can't be written", testItems},
		{"a refused token", testRefusedTokenOfWrite},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.run(t, newDesk(t, fresh(t)))
		})
	}
	t.Run("troubles", func(t *testing.T) {
		t.Parallel()
		testWriteTroubles(t, fresh)
	})
}

// desk is a world with its writer at hand.
type desk struct {
	WriterWorld
	t *testing.T
	r calendar.Reader
	p calendar.ProviderWriter
	n int
}

func newDesk(t *testing.T, w WriterWorld) *desk {
	t.Helper()
	d := &desk{WriterWorld: w, t: t}
	d.open(w.Access())
	return d
}

func (d *desk) open(a calendar.Access) {
	d.t.Helper()
	d.r = d.Open(a)
	p, ok := d.r.(calendar.ProviderWriter)
	if !ok {
		d.t.Fatalf("%T doesn't write", d.r)
	}
	d.p = p
}

// insertion is an event to be made, under an id as Aura computes them.
func (d *desk) insertion(c calendar.Content) calendar.Insertion {
	d.n++
	_, id := calendar.BornID([16]byte{1, byte(d.n)})
	return calendar.Insertion{Calendar: Primary, ID: id, Content: c, Stamp: "made"}
}

// made inserts an event.
func (d *desk) made(c calendar.Content) calendar.Remote {
	d.t.Helper()
	e, err := d.p.Insert(d.t.Context(), d.insertion(c))
	if err != nil {
		d.t.Fatalf("inserting %q: %v", c.Title, err)
	}
	return e
}

// edit is a change of an event as it was read.
func edit(e calendar.Remote, c calendar.Content, fields ...calendar.Field) calendar.Edit {
	return calendar.Edit{
		Calendar: Primary, ID: e.ProviderID, ETag: e.ETag, Occurrence: e.MasterID != "", Fields: fields, Content: c, Stamp: "changed",
	}
}

// patched changes an event.
func (d *desk) patched(e calendar.Remote, c calendar.Content, fields ...calendar.Field) calendar.Remote {
	d.t.Helper()
	now, err := d.p.Patch(d.t.Context(), edit(e, c, fields...))
	if err != nil {
		d.t.Fatalf("changing %v of %q: %v", fields, e.Title, err)
	}
	d.stands(now)
	return now
}

// event reads an event.
func (d *desk) event(id string) calendar.Remote {
	d.t.Helper()
	e, err := d.r.Event(d.t.Context(), Primary, id)
	if err != nil {
		d.t.Fatalf("reading %s: %v", id, err)
	}
	return e
}

// stands holds an answer to what is there: it is the base of whatever comes
// next, so it has to be all of it.
func (d *desk) stands(answer calendar.Remote) {
	d.t.Helper()
	there := d.event(answer.ProviderID)
	if !same(answer.Content, there.Content) || answer.ETag != there.ETag || !answer.Updated.Equal(there.Updated) ||
		answer.Stamp != there.Stamp || answer.Deleted != there.Deleted || answer.MasterID != there.MasterID || len(answer.Guests) != len(there.Guests) {
		d.t.Errorf("the answer was\n%+v and what is there is\n%+v", answer, there)
	}
}
