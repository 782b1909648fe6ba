// Package calendartest is what every provider's calendar.Reader must pass
// before an engine may rely on it. It knows no provider: a World stands for the
// other side, where people edit their calendars and things go wrong.
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
// # What it leaves to the provider's own tests
//
// Wire formats, each of a provider's own refusals, and what an event can hold
// beyond what all providers share.
package calendartest
