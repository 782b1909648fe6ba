package integration

import (
	"aura.example/integrations/shared/fault"
)

// Edits only come in where a person chose the direction from_provider, or where
// the calendar can only be read. One rule says what holds then, and every package
// that meets the case keeps to its part of it:
//
//   - What lives at the provider, wherever it was born, is changed there: an edit of
//     it in Aura is refused at once (edit), and so is a new event.
//   - What isn't there lives in Aura only. It is shown as such (httpapi), may be
//     edited and deleted, and goes there once edits go.
//   - Nobody chooses to get here while edits wait: they are named, and are sent
//     before or given up (connect). What was given up is taken back: the event is
//     as the provider has it, and what was hidden is shown (calsync).
//   - What waits all the same, since the role changed at the provider or the edit
//     came in that very moment, is set aside with its reason. It goes by itself
//     once edits go, and its person may take it back before.
//   - Held deletions can't be rejected, since nothing can be put back there. Where
//     they were before, the question is asked again.

// CodeOnlyIn is the code of what is refused or set aside because edits only come in.
const CodeOnlyIn = "direction_read_only"

// SendsEdits reports whether what is edited in Aura goes to the provider.
func (i *Integration) SendsEdits() bool {
	return i.Settings.Direction != FromProvider && !i.ReadOnly
}

// GaveUp reports whether an edit was given up with the choice that edits only come in:
// all that waited then was, also where the direction was turned back before a run came.
// What was edited again since then isn't. It is told by the version of the record that
// the edit's author read, and by nobody's clock. An edit that doesn't say which, 0, was
// made by no person while the integration was there, and isn't given up.
func (i *Integration) GaveUp(under int64) bool { return under > 0 && under < i.GaveUpIn }

// OnlyIn refuses what can't be done while edits only come in: it begins with why
// they do, and so goes on with what that means.
func (i *Integration) OnlyIn(so string) *fault.Error {
	why := "The integration only brings events in"
	if i.ReadOnly {
		why = "The calendar is shared with you for reading only"
	}
	return fault.New(fault.Conflict, CodeOnlyIn, why+so)
}
