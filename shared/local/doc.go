// Package local runs every function in one process: for people on a laptop
// (shared/cmd/local, `make run`) and for the end-to-end tests, which start the
// very same Program.
//
// What stands in for what: DynamoDB Local, or memory, for DynamoDB; an
// in-process queue for SQS; a loop for EventBridge Scheduler; the Google
// simulator, unless a real Google client is configured; a token issuer of its
// own for the product's. The handlers, the use cases and the DynamoDB adapter
// are those that are deployed: local and deployed runs differ in wiring only.
package local
