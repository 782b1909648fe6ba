// Package e2e proves the product from outside: every function in one process
// (package local) against Amazon's DynamoDB Local and the Google simulator,
// driven over HTTP as its users drive it. Every request and every answer is
// checked against openapi.yaml.
//
// There is nothing here but tests. A world is one running program with tables
// of its own; a person is a user with a token and a browser of sorts.
package e2e
