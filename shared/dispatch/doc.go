// Package dispatch turns what is due into jobs: the slots of the minute, and
// what a person asks for with Sync now.
//
// # Guarantees and losses
//
// A slot is dispatched at least once a minute that it stands for: the watermark
// moves only after the jobs were sent, so a crash repeats and never skips, and
// two dispatchers at once merely send twice. Doubled jobs are harmless, since a
// run that started later covers them. After an outage at most one interval is
// caught up, since older minutes' integrations stand in it again.
//
// Who rests after repeated failures stands in its slot all the while and is sent for
// from the moment of its probe on, at the minute that its status shows.
//
// When more is due than the project's quota at the provider, only every second,
// third or k-th turn of each integration is sent for, so that intervals lengthen
// and nobody starves (integration.Pacing). That holds for polls alone: what a
// person asks for, edits, notifications, first verifications, probes and
// wind-downs go as ever.
package dispatch
