package browser_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

// write puts a text into a field, in place of what it holds.
func (t *tab) write(field, text string) {
	t.Helper()
	t.until(`look.find(%s) !== null`, field)
	if t.keys {
		t.reach(field)
		eval[any](t, `document.activeElement.select?.()`)
		t.key(text)
		return
	}
	eval[any](t, `(() => { const f = look.find(%s); f.focus(); f.select?.(); })()`, field)
	t.do(chromedp.KeyEvent(text))
}

// set gives a date or time field a value, as its picker does.
func (t *tab) set(field, value string) {
	t.Helper()
	t.until(`look.find(%s) !== null`, field)
	eval[any](t, `(() => { const f = look.find(%s); f.value = %s; f.dispatchEvent(new Event('input', { bubbles: true })); })()`, field, value)
}

// unfold shows an event's details.
func (t *tab) unfold(title string) {
	t.Helper()
	t.until(`[...document.querySelectorAll('.event-title')].some((e) => e.firstChild?.data === %s)`, title)
	eval[any](t, `[...document.querySelectorAll('.event')].find((e) => e.querySelector('.event-title').firstChild.data === %s).open = true`, title)
}

// summaries are the titles of what Google shows on a day, series expanded.
func (w *world) summaries(from time.Time, days int) (out []string) {
	w.Helper()
	all, err := w.program.Sim.Calendar.Events(ana, ana, from, from.AddDate(0, 0, days))
	if err != nil {
		w.Fatal(err)
	}
	for _, e := range all {
		out = append(out, fmt.Sprint(e["summary"]))
	}
	return out
}

func count(all []string, of string) (n int) {
	for _, s := range all {
		if s == of {
			n++
		}
	}
	return n
}

// An event's life from the page: made, changed, deleted, each seen at Google.
func TestAnEventIsMadeChangedAndDeleted(t *testing.T) {
	t.Parallel()
	byHand(t, func(p *tab, picture func(string)) {
		p.connect(ana)
		p.open("/agent/calendar")
		p.press("New event")
		p.write("Title", "Viewing: Elm Street")
		p.write("Where", "12 Elm Street")
		picture("15-new-event")
		p.press("Create")
		p.sees("Created. Google Calendar gets it within seconds.")
		p.hears("Created.")
		p.pushed("Google has it", func() bool { return p.titled(ana, "Viewing: Elm Street") == 1 })

		p.unfold("Viewing: Elm Street")
		p.press("Edit Viewing: Elm Street")
		p.write("Title", "Viewing: Oak Street")
		p.press("Save")
		p.sees("Saved.")
		p.pushed("Google has the new title", func() bool { return p.titled(ana, "Viewing: Oak Street") == 1 })

		// A time that can't be says so, and loses nothing that was typed.
		p.unfold("Viewing: Oak Street")
		p.press("Edit Viewing: Oak Street")
		p.write("Title", "Kept while it is put right")
		p.set("Ends", "2001-01-01")
		p.press("Save")
		p.sees("It would end before it begins.")
		if v := eval[string](p, `look.find('Title').value`); v != "Kept while it is put right" {
			t.Errorf("the title is %q after a refusal", v)
		}
		picture("16-refused")
		p.key("\x1b")
		p.until(`document.querySelector('dialog[open]') === null`)

		p.press("Delete Viewing: Oak Street")
		p.press("Delete")
		p.sees("Deleted.")
		p.pushed("Google has it no longer", func() bool { return p.titled(ana, "Viewing: Oak Street") == 0 })
	})
}

// Who moves an event's start moves the event: its end comes along, over midnight
// and while a date is half typed. Who moves its end makes it longer or shorter.
func TestTheEndComesAlongWithTheStart(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.open("/agent/calendar")
	p.press("New event")
	p.write("Title", "Moved about")
	for _, step := range []struct{ field, value, want string }{
		{"Starts", "2026-12-01", "2026-12-01"},
		{"Start time", "09:00", "2026-12-01 10:00"},
		{"Start time", "15:30", "2026-12-01 16:30"},
		{"Starts", "2026-12-24", "2026-12-24 16:30"},
		{"End time", "18:00", "2026-12-24 18:00"},
		{"Start time", "14:00", "2026-12-24 16:30"},
		{"Start time", "", "2026-12-24 16:30"}, // half typed
		{"Start time", "23:00", "2026-12-25 01:30"},
		{"Starts", "0002-12-31", "0003-01-01 01:30"},
		{"Starts", "", "0003-01-01 01:30"},
		{"Starts", "2027-03-27", "2027-03-28 01:30"},
		{"Start time", "01:00", "2027-03-27 03:30"},
		{"Ends", "2027-03-26", "2027-03-26 03:30"}, // before it begins: nothing to carry
		{"Start time", "02:00", "2027-03-26 03:30"},
		{"Ends", "2027-03-28", "2027-03-28 03:30"},
		{"Starts", "2027-03-26", "2027-03-27 03:30"},
	} {
		p.set(step.field, step.value)
		p.until(`(look.find('Ends').value + ' ' + look.find('End time').value).startsWith(%s)`, step.want)
	}
	p.choose("All day")
	p.set("First day", "2027-04-30")
	p.until(`look.find('Last day').value === '2027-05-01'`)
	p.set("First day", "2027-05-04")
	p.until(`look.find('Last day').value === '2027-05-05'`)
	p.choose("All day")
	p.until(`look.find('Ends').value === '2027-05-05' && look.find('End time').value === '03:30'`)
	p.set("Start time", "03:00")
	p.until(`look.find('Ends').value === '2027-05-05' && look.find('End time').value === '04:30'`)
	p.press("Create")
	p.sees("Created.")
}

// Of a series it is asked which are meant.
func TestASeriesIsChangedByScope(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.connect(ana)
	p.open("/agent/calendar")
	p.press("New event")
	p.write("Title", "Rounds")
	p.set("Repeats", "DAILY")
	p.press("Create")
	p.sees("Created.")
	p.pushed("Google has the series", func() bool { return p.titled(ana, "Rounds") == 1 })
	today := p.clock.Now()

	p.unfold("Rounds")
	p.press("Edit Rounds")
	p.sees("Which of the series?")
	p.write("Title", "All rounds")
	p.choose("All events of the series")
	p.shot("17-series")
	p.press("Save")
	p.sees("Saved.")
	p.pushed("the series has its new title", func() bool { return count(p.summaries(today.AddDate(0, 0, 7), 3), "All rounds") == 3 })

	// One alone.
	p.open("/agent/calendar#" + today.AddDate(0, 0, 7).Format(time.DateOnly))
	p.unfold("All rounds")
	p.press("Edit All rounds")
	p.write("Title", "One round")
	p.press("Save")
	p.sees("Saved.")
	p.pushed("one occurrence has a title of its own", func() bool { return count(p.summaries(today.AddDate(0, 0, 1), 14), "One round") == 1 })

	// And all from one on.
	p.open("/agent/calendar#" + today.AddDate(0, 0, 21).Format(time.DateOnly))
	p.unfold("All rounds")
	p.press("Delete All rounds")
	p.choose("This and all that follow")
	p.press("Delete")
	p.sees("Deleted.")
	p.pushed("the rest of the series is gone", func() bool { return count(p.summaries(today.AddDate(0, 0, 28), 7), "All rounds") == 0 })
	if n := count(p.summaries(today, 6), "All rounds"); n < 4 {
		t.Errorf("%d of what comes before are left", n)
	}
}

// Guests are written to only where somebody said so.
func TestTheGuestsAreDecidedAbout(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	at := p.clock.Now().UTC().Truncate(time.Hour).Add(time.Hour)
	stamp := func(t time.Time) map[string]any { return map[string]any{"dateTime": t.Format(time.RFC3339)} }
	if _, err := p.program.Sim.Calendar.Insert(ana, ana, calendarv3.Event{
		"summary": "With guests", "start": stamp(at), "end": stamp(at.Add(time.Hour)),
		"attendees": []any{map[string]any{"email": "guest@example.net"}},
	}); err != nil {
		t.Fatal(err)
	}
	p.connect(ana)
	p.open("/agent/calendar#" + at.Format(time.DateOnly))
	p.unfold("With guests")
	p.press("Edit With guests")
	p.write("Title", "With guests, renamed") // nothing that guests are asked about
	p.press("Save")
	p.sees("Saved.")
	p.unfold("With guests, renamed")
	p.press("Delete With guests, renamed")
	p.press("Delete")
	p.sees("Say whether the guests are told.")
	p.shot("18-guests")
	p.choose("No, nobody is written to")
	p.press("Delete")
	p.sees("Deleted.")
	p.pushed("Google has it no longer", func() bool { return p.titled(ana, "With guests, renamed") == 0 })
}

// An answer that is lost after the deed makes no second event, and no edit look as
// if somebody else had been faster.
func TestALostAnswerDoublesNothing(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.open("/agent/calendar")
	p.until(`look.ready('New event')`)
	eval[any](p, `(look.lose('POST', '/v1/events', 1), look.lose('PATCH', '/v1/events', 1), 0)`)
	p.press("New event")
	p.write("Title", "Only once")
	p.press("Create")
	p.sees("The connection was lost before Aura answered. Nothing that you typed is lost: try again.")
	p.press("Create")
	p.sees("Created.")
	p.unfold("Only once")
	p.press("Edit Only once")
	p.write("Title", "Changed once")
	p.press("Save")
	p.sees("The connection was lost")
	p.press("Save")
	p.sees("The first try did take effect")
	made := 0
	for _, e := range p.auras() {
		if e.(map[string]any)["title"] == "Changed once" {
			made++
		}
	}
	if made != 1 || len(p.auras()) != 1 {
		t.Errorf("%d events came of it, %d as they were meant", len(p.auras()), made)
	}
}

// Two windows at one event: what the other changed stays, and so does what was
// typed here.
func TestAnEditMeetsAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.tab()
	p.open("/agent/calendar")
	p.press("New event")
	p.write("Title", "Shared")
	p.press("Create")
	p.sees("Created.")
	p.unfold("Shared")
	p.press("Edit Shared")
	p.write("Title", "Mine")
	e := w.auras()[0].(map[string]any)
	w.call("PATCH", "/v1/events/"+fmt.Sprint(e["id"]), "events:write", map[string]any{"location": "Theirs"}, "If-Match", fmt.Sprint(e["etag"]))
	p.press("Save")
	p.sees("It was changed elsewhere in the meantime. What you typed is still here")
	p.until(`look.find('Where').value === 'Theirs' && look.find('Title').value === 'Mine'`)
	p.press("Save")
	p.sees("Saved.")
	if e := w.auras()[0].(map[string]any); e["title"] != "Mine" || e["location"] != "Theirs" {
		t.Errorf("it is %v at %v", e["title"], e["location"])
	}

	// Deleted elsewhere: there is nothing left to save to.
	p.unfold("Mine")
	p.press("Edit Mine")
	p.write("Title", "Too late")
	e = w.auras()[0].(map[string]any)
	w.call("DELETE", "/v1/events/"+fmt.Sprint(e["id"]), "events:write", nil, "If-Match", fmt.Sprint(e["etag"]))
	p.press("Save")
	p.until(`!document.querySelector('dialog[open]') && look.says('No events in this week')`)
	p.until(`look.text('main > .box').length > 0`)
}

// Where events are only brought in, nothing is offered that would be refused, and
// what is refused anyhow says why and loses nothing.
func TestOneWayOffersNoEdits(t *testing.T) {
	t.Parallel()
	p := newWorld(t).tab()
	p.connect(ana)
	tag := fmt.Sprint(p.call("GET", google, "", nil)["etag"])
	p.call("PATCH", google, "", map[string]any{"direction": "from_provider"}, "If-Match", tag)
	p.open("/agent/calendar#" + p.eventful())
	p.unfold("Stand-up")
	p.sees("Only where it was made")
	if eval[bool](p, `look.find('Edit Stand-up') !== null`) {
		t.Error("an edit is offered that would be refused")
	}
	p.press("New event")
	p.write("Title", "Stays in the form")
	p.press("Create")
	p.sees("The integration only brings events in.")
	if v := eval[string](p, `look.find('Title').value`); v != "Stays in the form" {
		t.Errorf("the title is %q after a refusal", v)
	}
}
