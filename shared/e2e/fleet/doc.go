// Package fleet proves what only shows with many integrations and over a long
// time: the real dispatcher, engine and in-process queue with a provider of a
// few lines, on the memory store in virtual time (testing/synctest), where a week
// passes in seconds; and a smaller fleet on DynamoDB Local with a clock that is
// moved by hand.
//
// The quick forms belong to every change. FLEET_LONG=1 makes them as long and as
// large as their figures say.
package fleet
