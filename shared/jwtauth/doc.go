// Package jwtauth says who a request is from, by its JSON Web Token.
//
// # Two ways, one answer
//
// Deployed, API Gateway's JWT authorizer has verified the token and hands its
// claims over; there is nothing left to verify. Where no authorizer stands in
// front (the local run, `sam local`, which skips them), the function verifies
// the token itself, if it was configured with an issuer and the address of its
// keys. Where neither is there, nobody is let in. An absent configuration is
// never taken for permission.
//
// # What is accepted
//
// RS256 and ES256, and nothing else: the algorithm is ours to choose, never the
// token's, so neither `none` nor an HMAC under a public key gets through. The
// issuer must be the configured one, the audience must hold ours, expiry must be
// there and ahead. An id token is refused: it says that somebody signed in
// somewhere, not that the bearer may call this API.
//
// # Keys
//
// The key set is fetched when it is first needed and kept; a key id that it
// doesn't hold fetches it again, but not more often than a bound allows, or
// strangers could make the function hammer the issuer with invented ids.
// Nothing runs in the background: Lambda freezes a sandbox between requests,
// and a goroutine that wakes up inside somebody else's request is a defect.
//
// # Failure
//
// Every refusal is the same Unauthenticated error; why is for the log only. An
// issuer whose keys can't be had is Unavailable: the token may be good.
package jwtauth
