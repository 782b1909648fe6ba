// Package accounts is the OAuth half of the Google simulator: what
// accounts.google.com, oauth2.googleapis.com and openidconnect.googleapis.com
// do when a program asks a person for access to their calendars.
//
// # What it is for
//
// Every promise that a client makes about credentials ("we ask again, naming
// the scope", "a lost grant keeps your links") can only be proved against a
// Google that takes grants away. The friendly half of OAuth is a page of code;
// this package is mostly the other half: people who untick a box, codes used
// twice, refresh tokens that die silently, administrators who forbid the app,
// errors that are shown to the person and never reach the callback.
//
// # State
//
// One Server holds everything, behind one mutex:
//
//   - accounts: people who can sign in. Every account counts as signed in in
//     the browser, so choosing one is a click and not a password.
//   - clients: programs, each in a project. Consent belongs to the project, as
//     Google's does: revoking one client's token ends the grant for all of them.
//   - grants: (project, subject) → the scopes allowed so far.
//   - codes, refresh tokens, access tokens: kept as SHA-256 sums only, never in
//     clear, so a look-up leaks nothing through its timing and a saved state
//     file holds nothing that could be presented again.
//
// # Time
//
// Every lifetime is measured on the injected clock, so a test crosses "six
// months unused" in a nanosecond: codes live ten minutes, access tokens an
// hour, refresh tokens until one of the causes in death.go.
//
// # Failure
//
// Refusals come in three kinds and the difference matters to a client: pages
// (no callback ever comes), callbacks carrying error=, and token endpoint
// answers in RFC 6749 shape. Bad input of any size or form gets one of these,
// never a panic; FuzzToken and FuzzAuthorize hold it to that.
//
// # Where it is not Google
//
// There are no passwords, no cookies and no captcha. Scope boxes come ticked
// (Google's come unticked) so that a newcomer who presses Allow sees the whole
// of a demonstration; unticking is one click or one omitted form field. Only
// response_type=code is served, as nothing else is allowed for a server-side
// program that wants a refresh token.
package accounts
