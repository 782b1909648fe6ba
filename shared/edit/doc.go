// Package edit is what people do to Aura's events: create, change and delete,
// whole or one occurrence, or one and all that follow.
//
// # What an edit writes
//
// Every edit is one transaction on events and outbox. The event is as the person
// wants it at once; the outbox item says what the provider doesn't have yet, and
// holds the base that a merge compares with: the fields as of the last sync. An
// edit over one that waits keeps that base and the attempts that were made, for
// the provider may have got them. An edit notes when each field was edited: that
// time, and never a sync's, decides who was later.
//
// Then a job is sent, a few seconds late, so that a burst of edits is one run.
// If it can't be sent the next scheduled run finds the outbox: that is noted in the
// record, so that this one comes at the integration's own interval also while polls
// are held back.
//
// # Deleting
//
// What was never sent is simply removed. What may have been is a tombstone that
// nobody sees, until the provider has deleted it too. A deleted occurrence is an
// exception with status cancelled, since its place in the series has to stay
// empty. The exceptions of a deleted series are tombstones with it: what the
// provider has of them tells an edit that somebody makes there meanwhile. What
// stays for good is a mark of the Idempotency-Key that made the event, if one did.
//
// # Series
//
// One occurrence that is edited becomes an exception: a row of its own, found by
// master and original start on both sides. "This and following" ends the old
// series and begins a new one, born in Aura, in one transaction with the
// exceptions that go over to it. Splitting rules is done on their text (cut.go)
// and then held to what they expand to: a series whose halves together aren't
// exactly what it was is not split, and the caller is told so.
//
// Exceptions whose occurrence no longer exists after an edit of the whole series
// go; so does the provider.
//
// # Refusals
//
// Stale unless the event is as the caller saw it; what is read-only, and what
// the integration's direction leaves to the provider, is refused; an event with
// guests isn't moved or deleted before somebody said whether they are told.
//
// # Losses
//
// A new series after a split has neither guests nor what Aura doesn't know of an
// event (reminders, colour, conference): those can't be written. Series with
// guests are therefore not split. A series with more exceptions than one
// transaction holds is edited in several; a crash between them leaves exceptions
// of a series that has moved on. Of a series that was deleted, such exceptions are
// as if they had been edited at the provider: the series comes back. Ending a series
// before an occurrence ("this and following") takes along what somebody edits of
// the rest at the provider before that is pushed.
package edit
