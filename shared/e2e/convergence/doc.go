// Package convergence proves that the two calendars agree in the end, whoever
// dies when, whatever answer is lost and in whichever order jobs come. It runs
// the real parts (editor, engine, stores, the Google adapter, consent) on
// DynamoDB Local and the simulated Google, in one process and on a clock that is
// moved by hand, and stands between each of them and what it calls.
//
// # Boundaries
//
// A process is a set of those parts whose every write to the database, call to
// Google and sending of a job passes one gate. The gate counts, and can end the
// process before the n-th or after it, or lose its answer. The proofs go over all
// of them by counting, not by chance.
//
// # Judges
//
// Nothing here asks the engine how it fared. Package oracle compares what Google
// stores with what lies in the table, raw against raw; further judges count the
// writes of one more sync, the events, and the edits whose values are neither
// there nor named in a run's decisions. Each judge is seen to fail on a planted
// violation.
package convergence
