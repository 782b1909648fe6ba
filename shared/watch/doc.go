// Package watch keeps a provider's push channels: opens, renews and stops them,
// and turns what they say into jobs.
//
// # Guarantees and losses
//
// A channel's id is stored before the provider is asked to open it, so none is
// ever open that can't be told from a forged one; the new one is open before the
// old one is stopped, so there is no gap. It is opened before its run lists the
// calendar, so nothing falls between the list and the first notification.
//
// A notification is never the only way to a change: the calendar is polled all
// the same, every integration.SafetyInterval while a channel is live and at its
// own interval while none is. Whatever the provider loses is late by that much.
//
// A channel that the record doesn't name (replaced, paused, of an earlier
// generation) is a stray: its next authentic message has it stopped.
package watch
