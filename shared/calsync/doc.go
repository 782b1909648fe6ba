// Package calsync is the sync engine: one run brings the provider's truth into
// Aura's events, completely and once, whoever dies when.
//
// # State
//
// A run holds the lease in the integration's record, renewed at every commit.
// Everything that it knows beyond its process is there: the cursor, and while a
// first sync has more than one page, the page it reached. Events carry the
// generation and fence of the run that wrote them last.
//
// # A run
//
//	take the lease → (verify, in testing) → pull → deletions → end
//
// Pull streams: the next page is fetched while this one is written, so memory
// doesn't grow with the calendar. Three modes differ in what they read before
// they write:
//
//   - first: nothing is stored yet, so rows are put on condition that they
//     don't exist; a killed first sync resumes from its page.
//   - incremental: the rows of a page's events are read, and only what differs
//     is written.
//   - full: everything is listed and compared with what is stored by (id, etag);
//     nothing vanishes meanwhile, and what wasn't listed is deleted at the end, by
//     a process that listed every page itself.
//
// # Failure
//
// Every failure is classed by one table, outcome.go. A run whose write is
// refused by the fence was superseded: it writes nothing more but its own
// report and goes back to acquiring with the same job.
//
// # Guarantees and losses
//
// The cursor is stored only after the events of the last page. A state older
// than what a row has seen is never stored. A late holder can't write what
// exists; what it creates is found by the verifying resync that a takeover
// orders. Not guaranteed: that a run's counts survive a crash of that run.
package calsync
