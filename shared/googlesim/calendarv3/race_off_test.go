//go:build !race

package calendarv3_test

// raceEnabled keeps tests that measure out of runs under the race detector.
const raceEnabled = false
