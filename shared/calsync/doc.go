// Package calsync is the sync engine: one run brings the provider's truth into
// Aura's events and Aura's edits to the provider, each completely and once,
// whoever dies when.
//
// # State
//
// A run holds the lease in the integration's record, renewed at every commit.
// Everything that it knows beyond its process is there: the cursor, and while a
// first sync has more than one page, the page it reached. Events carry the
// generation and fence of the run that wrote them last. What is to be sent waits
// in the outbox, an item an event, written by whoever edited it (package edit).
//
// # A run
//
//	take the lease → (verify, in testing) → [leave → pull → deletions → push]… → end
//
// worker.go takes the lease and run.go does the rounds: another one follows while
// somebody asks for it or the push met what it hadn't pulled. leave.go parts with
// calendars that were left by a switch, after lastlook.go has read them once more.
//
// # Pull
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
// identity.go says who an event is: a computed id, in both directions. Most of
// an integration's events deleted at once are held for a person (deletions.go);
// what the person rejects is put back (reject.go). An event that can't be stored
// is set aside with its reason, and the others go on (poison.go).
//
// # Push
//
// Push sends the outbox item by item (push.go). An attempt is recorded before it
// is made, with the stamp that the event will bear, so that a remote which it
// reached is recognised whatever became of the answer (settle.go, attempt.go).
// Changes are on condition of the etag and carry the changed fields only; an
// insert is under its computed id, and after an answer that was lost the id is
// looked at first (write.go). The answer becomes row and base in the one
// transaction that removes the item; an edit that came meanwhile stays.
//
// # Meeting
//
// Where both sides changed an event there is one decision, and it is taken alike
// by a pull that meets a waiting edit (meeting.go) and by a write whose condition
// failed (look.go): meet in pending.go, over the pure merge of package calendar. Fields
// that one side changed are kept; of a field that both did, the newer wins and
// both values are named in the run before the merge is stored. An edit outlives a
// deletion whose author hadn't seen it. A state older than the row has seen is
// ignored, and so is a late holder's. "Gone without a trace" is believed only
// after the calendar itself has answered (surely.go).
//
// # Series
//
// An occurrence is found by its series and original start on both sides, and its
// series goes first (occurrence.go). Before a series is deleted, what was edited of
// it since the pull is looked for: then it comes back (series.go). A change of its
// dates names first what it takes away (dropped.go).
//
// Three things may cross a division, and each has a file. Divided at the provider,
// a series hands its exceptions on under their ids (divided.go), an edit of the whole
// that waits here goes to every half (halves.go, handon.go), and one of an occurrence
// to the half that has its date (carry.go). Divided here, what somebody makes there of
// the second half's occurrences goes over to it (passon.go). Divided on both sides,
// the halves are put together so that each date is in one of them (both.go and what
// follows it: bothnoted.go, join.go, joined.go).
//
// What was deleted and comes back is what the provider last said of it (lastsaid.go);
// what is gone there without a trace is made anew, with its exceptions (remade.go).
// Where only a list of everything tells what came along, the record owes one until
// it was read (relist.go).
//
// # One way only
//
// Where edits travel to the provider only, a pull stores nothing and lists what it
// didn't apply (oneway.go).
//
// Where edits only come in, by the direction or because the calendar can only be
// read, a push sends nothing (onlyin.go; the rule is integration's, direction.go).
// What its person gave up is taken back to what the provider had at the last sync;
// what waits of events that live there is set aside, and goes once it may
// (takenback.go, and underway.go where a run is sending it that moment).
//
// # Failure
//
// Every failure is classed by one table, outcome.go. A run whose write is
// refused by the fence was superseded: it writes nothing more but its own
// report and goes back to acquiring with the same job. One event's failure is that
// event's: it is quarantined and tried again when it, its calendar's role or the
// access changes (again.go, retry.go). A spent quota rests the push and nothing
// else (quota.go). Failed windows open the breaker (breaker.go). Near its deadline
// a pull checkpoints and a push hands a new run on.
//
// # Guarantees and losses
//
// The cursor is stored only after the events of the last page. A state older
// than what a row has seen is never stored. A late holder can't write what
// exists; what it creates is found by the verifying resync that a takeover
// orders. Not guaranteed: that a run's counts survive a crash of that run; and an
// edit at the provider that falls into the one round trip between the last look at
// a series and its deletion goes with it, by what the provider offers.
package calsync
