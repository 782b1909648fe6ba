// Package calendartest is what every provider's calendar.Reader and
// calendar.ProviderWriter must pass before an engine may rely on them. It knows
// no provider: a World stands for the other side, where people edit their
// calendars and things go wrong.
//
//	func TestConformance(t *testing.T) {
//		calendartest.Run(t, func(t *testing.T) calendartest.World { return newWorld(t) })
//	}
//
// # What it holds a reader to
//
//   - Lists: everything once, whatever the page size; exactly one way on from
//     each page; never expanded; from any cursor, any number of times, nothing
//     lost, also of what changes while a list is being read.
//   - Identity: an exception names its series and its original start, after a
//     series was split too.
//   - Failure: each kind of trouble at each page gives the fault kind that the
//     engine acts on, and the same request made again goes on as if nothing had
//     happened. A refused token is renewed once, naming the one refused.
//
// # What it holds a writer to
//
//   - Writes: an insert under the id that is given, once; a patch of what is named
//     and nothing else, emptied and of another form too; a restoration whole; each
//     answered with what is stored, bearing its stamp.
//   - Conditions: no write passes over a state that wasn't read.
//   - Manners: what only people set stays; nobody is told who wasn't to be.
//   - Failure: each trouble, before and after the write took effect, gives the
//     kind that the engine acts on; what happened can be read, and the same write
//     again never passes over the first.
//
// # What it leaves to the provider's own tests
//
// Wire formats, each of a provider's own refusals, and what an event can hold
// beyond what all providers share.
package calendartest
