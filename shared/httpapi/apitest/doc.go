// Package apitest holds running code to the contract of package apispec: an
// http.RoundTripper through which a test's requests pass, and which fails the
// test when a request or a response is not what openapi.yaml says.
//
// # What is checked
//
// Of a request: that the route exists, its parameters (undeclared query
// parameters too), its headers, its body, and that it carries what the
// operation's security asks for. Of a response: that its status is declared,
// its required headers and their form, its media type, and its body against a
// schema in which every object is closed. Of a problem document besides: that
// status, type and title are those of its code, and that its correlation id is
// the one in X-Request-Id. Answers that only a gateway gives are refused, since
// no test has one in front.
//
// # Requests that are wrong on purpose
//
// Deliberate marks a request that is meant to be refused: it is not checked,
// its response is. A deliberate request to a route that doesn't exist must be
// answered with a problem document, 404 or 405.
//
// # Coverage
//
// A Validator remembers which operations were answered with which statuses by
// a response that was right, so that a test can demand that each declared one
// was seen. Share one Validator between the tests that are to count together.
package apitest
