// Package awscalls sees what functions ask of AWS, and holds it to their
// policies (S14).
//
// A call is read from the wire, as AWS itself would see it: what is recorded is
// what was sent, whatever the code above believes. An SDK client is watched by
// wrapping its HTTP client; a function that runs as a process of its own is
// watched by a proxy that its endpoint variables name.
//
// Then two questions: does the function's own policy in template.yaml allow the
// call, with its resource, its leading keys and its encryption context; and was
// everything that a policy allows ever asked for by some test?
//
// # Losses
//
// Each try of a transaction counts as the actions of its parts, as IAM counts
// it. What IAM decides by other means (service control policies, resource
// policies, session policies) isn't known here.
package awscalls
