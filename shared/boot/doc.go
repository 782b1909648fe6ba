// Package boot turns a function's environment into typed configuration.
//
// # Variables are data
//
// variables.go lists every variable with what it means, who reads it and what
// its absence means. Nothing else can be read: a test holds the list equal to
// what the loaders read, and to what template.yaml sets (D5).
//
// # Failure
//
// A variable that is missing or makes no sense ends the function's start with
// one line that names it and never repeats its value. Nothing falls back to a
// guess: the only defaults are those that the list names.
//
// # AWS
//
// Clients are made directly from what Lambda puts into the environment.
// config.LoadDefaultConfig would look through files and metadata services that
// a Lambda has not, at the price of two megabytes and 1.4 times the start
// (shared/docs/benchmarks.md). Every service's client is made in a package of its
// own below this one: merely importing a service's package costs its tables'
// initialisation. SSM's alone cost more than all of the rest (measured: 2.4 ms of
// 6, against 1.1 ms for DynamoDB), for one call, which package ssmsecrets
// therefore makes by itself.
//
// # Secrets
//
// Secrets are not in the environment; names of SSM parameters are. They are read
// at the cold start and again after five minutes, so that a key can be rotated
// without a deployment (package ssmsecrets).
package boot
