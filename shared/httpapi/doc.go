// Package httpapi is the HTTP edge: it turns requests into calls of use cases
// and what they answer into documents. The contract is openapi.yaml (package
// apispec), which was written first; the list of routes is routes.go.
//
// # One wrapper
//
// Handlers return errors. One wrapper gives every request its correlation id,
// decides who is asking and whether their token reaches that far, catches
// panics, and renders whatever went wrong through one table (problem.go). A
// handler never writes a status of its own for a failure.
//
// # What a failure says
//
// A problem document (RFC 9457) with a stable code, and a fix where the user
// can do something. What an error wraps is logged and never sent. Unknown ids,
// other accounts' ids and ids that can't be anybody's get the very same 404, so
// that nothing can be learnt by guessing.
//
// # What a request may say
//
// Bodies are read strictly: a field that isn't known, is null, comes twice or is
// of another type is named and refused (422), as is a query parameter that isn't
// known. A misspelt option that is silently ignored costs more than a refusal.
// Account and user come from the token's claims and from nowhere else.
//
// # Guarantees and losses
//
// GET requests change nothing and may be repeated at will. What changes
// something says in routes.go whether it may be repeated; where it may not, the
// second time is a refusal that names the state, never a second effect.
package httpapi
