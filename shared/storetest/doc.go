// Package storetest is the conformance suite of the store ports, run against
// every adapter: what one refuses the other must refuse, and what one stores
// the other must give back alike.
//
// Each test opens a bundle of its own, in parallel with the others, and moves
// the bundle's clock itself. Accounts are named after the tests and whatever
// isn't an account's has a random name, so bundles may share their tables, save
// for those of the tests under Slots.
//
// Two parts matter most. The lease is held to its specification by difference:
// for every combination of record and claim the store's Take must do what Judge
// and Take of the domain say (leases.go). And what is counted under contention
// must add up: 100 creates and deletes at once leave exactly as many records as
// the account counts (races.go).
package storetest
