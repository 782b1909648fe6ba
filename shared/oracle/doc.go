// Package oracle says whether two calendars agree. It compares what the
// simulator stores with what lies in the events table, raw against raw: JSON
// resources of the one, items of the other.
//
// It imports neither engine nor adapter and shares no line with them, so that
// the proofs don't grade themselves: what a field is called on either side, and
// what counts as the same, is written here a second time.
//
// Every field of a resource is either compared or listed as volatile with its
// reason; one that is neither is a difference, so that nothing new slips by.
package oracle
