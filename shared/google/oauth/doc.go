// Package oauth is the OAuth half of the Google adapter: consent, code
// exchange, renewal and revocation. It implements connect.Authorizer.
//
// It is a package of its own because the functions behind the consent page
// sign people in and never read a calendar: importing Google's calendar client
// would more than double their start. It imports golang.org/x/oauth2 and none
// of Google's client libraries; not even golang.org/x/oauth2/google, which
// brings the cloud SDK along for two URLs.
//
// # What x/oauth2 does that has to be known
//
//   - It guesses how a client authenticates by sending a failing request first,
//     which uses up the code. The style is fixed (AuthStyleInParams).
//   - It has no timeout of its own: the http.Client travels in the context.
//   - It reads the machine's clock for the expiry. Expiry is computed here, from
//     the injected clock as it stood before the request, so that a slow answer
//     makes a token look older and never younger.
//   - Its error prints the answer's body, which may hold a token. That error is
//     read here and never wrapped: nothing of a body gets into a log.
//   - Its TokenSource refreshes on the context it was made with, possibly in the
//     background. None outlives the call that made it.
//
// # Failure
//
// Every error is a fault kind; one table says which (refusals). Nothing is
// retried. A lost answer to an exchange has used up the code: the caller's
// second try meets CredentialGone and the person begins again. A lost answer to
// a refresh costs nothing, since Google leaves the refresh token as it is.
package oauth
