// Package dynamo keeps everything in three DynamoDB tables, behind the domain's
// store ports, and says what each call costs.
//
// # What is stored
//
// tables.go defines the tables, keys.go spells every key, and nobody else does
// either. An item's attributes are named and coded where it is encoded: record.go,
// row.go, outbox.go, orders.go, credentials.go, journal.go. Zero values aren't
// stored. Moments are milliseconds since 1970, rounded down: a lease ends, and a
// run covers, a millisecond early rather than late. What only the console reads
// (runs, decisions, lists) is one attribute of JSON.
//
// An integration's record is written twice by every quiet sync, so it has to fit
// into the 1 KB that one unit writes: short names, one letter for the words of
// codes.go, ULIDs in 16 bytes, scopes by what they have in common, and a test
// that fills a record to the brim.
//
// # Conditions
//
// No write is blind where two writers may meet. A single write is one call with
// the whole condition, and asks for the item as it stood when refused (ALL_OLD):
// that decides what the refusal means, without a read and without a gap between
// looking and writing. What belongs together is one transaction; of several
// refusals the first item's counts, and the record comes first. What has one
// author at a time (a run's report, a checkpoint, the calendar list) is put
// without a condition.
//
// Take is the one operation with a second attempt: its first update carries the
// whole condition for the ordinary case and costs one unit; refused, the record
// that comes back is judged by the domain (integration.Judge), and what it allows
// is written on condition that nothing moved since. Its expressions are held
// equal to the domain's Take by the conformance suite, for every combination of
// record and claim.
//
// # Lost acknowledgements
//
// The SDK sends a request again whose answer was lost, though it may have taken
// effect; its condition then refuses the second. Each write knows its own effect:
//
//   - a transaction by its token, which DynamoDB remembers for ten minutes; writes
//     that could not be told otherwise (Drop, Consume, settings) are transactions
//     of one item for that alone;
//   - a taking by its attempt, an end by what it left (Ending.TookEffect), the
//     commit that begins a round by a mark in the lease, plans, orders and
//     watermarks by a mark of their own (attrTry), tokens by their ciphertext, rows
//     by being equal under the same run's mark, attempts by their stamp;
//   - the others may be written twice: the second writes the same.
//
// # Contention and trouble
//
// A write that met another transaction has not taken effect and is repeated here,
// six times with full jitter; then it is fault.Transient. A transaction cancelled
// for a conflict is never read as a refused condition, even where a condition
// failed beside it: it was looked at beside somebody's unfinished write.
// Throttling, 5xx, the network and torn answers are fault.Transient with their
// cause; the SDK has retried them. Anything else is our own mistake and has no
// kind. What is read is checked: an attribute of another type is an error.
//
// # Consistency
//
// Reads are strongly consistent, for what was written a moment ago must be seen,
// but for four: Rows and Links, whose writes carry the condition; Outbox, whose
// items are read again before anything is done with them; Due and Range, which
// read an index and can't be. TTL deletes late, so whoever reads what expires
// looks at the time.
//
// # Cost
//
// Recorder computes every call's units by AWS's rules (cost.go), since DynamoDB
// Local's figures are off in places; cost_test.go holds each operation to
// their bounds, local_test.go compares each call with what is reported.
package dynamo
