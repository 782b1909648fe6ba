// Package deployed proves the deployable set itself: the bootstraps that are
// uploaded, run as Lambda runs them, with the environment that template.yaml
// gives them, behind routes, an authorizer, a queue and a schedule as they stand
// there.
//
// Two kinds of tests are here. Those of a bootstrap alone run it under Amazon's
// Runtime Interface Emulator with captured events, and without what it needs.
// Those of the whole run every function at once on package runtimeapi, among
// DynamoDB Local, moto and the Google simulator, do the product's main job over
// HTTP, and look at what went over the wire and into the logs.
//
// There is nothing here but tests. The same package under the tag samlocal asks
// `sam local` instead (make sam-test).
package deployed
