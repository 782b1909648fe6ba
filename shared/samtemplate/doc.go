// Package samtemplate reads template.yaml as far as the proofs need it: it
// resolves a function's environment and its role's policy for given parameters
// and resources, the way that CloudFormation would, and lists the routes. So the
// very template that is deployed configures the functions under test, and a
// variable, a permission or a route that is wrong there fails here.
//
// It knows the intrinsic functions that the template uses, and fails at one
// that it doesn't know.
package samtemplate
