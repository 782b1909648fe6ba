// Package figures measures what has a goal in figures and isn't counted exactly
// elsewhere: the first sync beside the same writes alone, against a database that
// costs nothing, and the memory of the whole worker. `make bench` prints them;
// shared/docs/benchmarks.md keeps them.
package figures
