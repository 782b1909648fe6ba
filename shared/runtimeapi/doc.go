// Package runtimeapi runs a Lambda function's bootstrap on this machine: it
// serves the Lambda Runtime API to it, hands it events, and keeps what it wrote.
//
// It is the same protocol that Lambda and its Runtime Interface Emulator speak
// (next invocation, response, error, initialisation error), without their
// start-up cost and with nothing between: so a test can run every function of a
// deployment at once, and a benchmark can time a start from exec to the first
// request for work. Tests under Amazon's own emulator stand beside it, so that a
// misreading here can't hide.
//
// The protocol:
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
package runtimeapi
