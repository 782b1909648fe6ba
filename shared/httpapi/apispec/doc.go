// Package apispec is the HTTP contract: openapi.yaml, built into whatever
// imports this package, and the handler that serves it, as it is at
// /v1/openapi.yaml and as a page for people at /v1/docs.
//
// The document is written first and by hand; nothing here derives it from
// code. What holds the code to it is package apitest, through which every
// request and response of the end-to-end tests passes.
//
// # The page
//
// The page is made from the document on the server, with html/template, when
// it is first asked for: a cold start pays nothing for it, and afterwards it is
// served from memory. It needs no script, asks nobody else for anything, and
// its Content-Security-Policy forbids both, inline styles included; that is why
// the stylesheet has a route of its own. Folding is done by <details>, so the
// keyboard works without our help.
//
// Anchors are part of the contract: #op-<operationId>, #schema-<name> and
// #problem-<code>, the last of which every problem document's type leads to.
//
// # Losses
//
// The page shows what this document uses of OpenAPI 3.1, not all that OpenAPI
// can say; a test renders the document and looks for every operation, schema
// and code, so that nothing is left out unseen.
package apispec
