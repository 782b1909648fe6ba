package apitest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"aura.example/integrations/shared/httpapi/apispec"
)

// Validator checks requests and responses against one document. It is safe for
// concurrent use; loading one takes a fraction of a second, so share it.
type Validator struct {
	doc      *openapi3.T
	router   routers.Router
	bodies   *bodies
	problems map[string]problemInfo
	coverage *Coverage
}

// problemInfo is one line of the document's x-problems table.
type problemInfo struct {
	Status  int    `json:"status"`
	Title   string `json:"title"`
	Meaning string `json:"meaning"`
}

// errOutside is a request whose route the document doesn't have.
var errOutside = errors.New("the document has no such route")

// New loads the contract. That the document is valid OpenAPI is this package's
// own test: checking it takes seconds, most of them for the examples, and a
// test that uses a Validator should not pay for that.
func New() (*Validator, error) { return newFrom(apispec.YAML) }

// newFrom loads any document; tests plant violations in small ones.
func newFrom(yaml []byte) (*Validator, error) {
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(yaml)
	if err != nil {
		return nil, fmt.Errorf("loading the document: %w", err)
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("routing by the document: %w", err)
	}
	b, err := newBodies(yaml)
	if err != nil {
		return nil, err
	}
	v := &Validator{doc: doc, router: router, bodies: b, coverage: newCoverage(doc)}
	if err := v.readProblems(); err != nil {
		return nil, err
	}
	return v, nil
}

// readProblems reads the table of codes, which an extension of the schema
// ProblemCode carries; a document without one has no problems to check.
func (v *Validator) readProblems() error {
	ref := v.doc.Components.Schemas["ProblemCode"]
	if ref == nil || ref.Value.Extensions["x-problems"] == nil {
		return nil
	}
	raw, err := json.Marshal(ref.Value.Extensions["x-problems"])
	if err != nil {
		return fmt.Errorf("reading x-problems: %w", err)
	}
	if err := json.Unmarshal(raw, &v.problems); err != nil {
		return fmt.Errorf("reading x-problems: %w", err)
	}
	return nil
}

// Document gives the loaded contract, for tests that walk it. It is shared:
// callers must not change it.
func (v *Validator) Document() *openapi3.T { return v.doc }

// Coverage gives what has been seen through this Validator so far.
func (v *Validator) Coverage() *Coverage { return v.coverage }

// find matches a request to an operation; errOutside where there is none.
func (v *Validator) find(r *http.Request) (*openapi3filter.RequestValidationInput, error) {
	route, params, err := v.router.FindRoute(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %s %s (%v)", errOutside, r.Method, r.URL.Path, err)
	}
	options := &openapi3filter.Options{
		AuthenticationFunc:    carriesCredential,
		ExcludeRequestBody:    true, // see bodies
		ExcludeResponseBody:   true,
		IncludeResponseStatus: true,
		SkipSettingDefaults:   true, // or the validator would rewrite what it checks
		MultiError:            true,
	}
	// The reason alone: schema and value are the document's and the request's,
	// which the reader has.
	options.WithCustomSchemaErrorFunc(func(err *openapi3.SchemaError) string { return err.Reason })
	return &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: options}, nil
}

// request checks a matched request and its whole body.
func (v *Validator) request(ctx context.Context, in *openapi3filter.RequestValidationInput, body []byte) error {
	if err := undeclaredQuery(in); err != nil {
		return err
	}
	if err := openapi3filter.ValidateRequest(ctx, in); err != nil {
		return err
	}
	declared := in.Route.Operation.RequestBody
	switch {
	case declared == nil && len(body) > 0:
		return fmt.Errorf("no request body is declared, and there are %d bytes", len(body))
	case len(body) == 0 && declared != nil && declared.Value.Required:
		return errors.New("the request body is required, and there is none")
	case len(body) == 0:
		return nil
	}
	return v.bodies.check(in.Request.Header.Get("Content-Type"), body, append(place(in), "requestBody")...)
}

// response checks an answer to a matched request. The body is all of it.
func (v *Validator) response(ctx context.Context, in *openapi3filter.RequestValidationInput, resp *http.Response, body []byte) error {
	status := strconv.Itoa(resp.StatusCode)
	declared := in.Route.Operation.Responses.Value(status)
	if declared == nil {
		return fmt.Errorf("status %s is not declared for this operation", status)
	}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: resp.StatusCode, Header: resp.Header, Options: in.Options,
	}
	if err := openapi3filter.ValidateResponse(ctx, out); err != nil { // the headers
		return err
	}
	if err := bodyAsDeclared(declared.Value, resp, body); err != nil {
		return err
	}
	if len(declared.Value.Content) == 0 {
		return nil
	}
	if err := v.bodies.check(resp.Header.Get("Content-Type"), body, append(place(in), "responses", status)...); err != nil {
		return err
	}
	return v.problem(resp, body)
}

// place is where an operation stands in the document.
func place(in *openapi3filter.RequestValidationInput) []string {
	return []string{"paths", in.Route.Path, strings.ToLower(in.Route.Method)}
}

// carriesCredential demands what the operation's security names; whether the
// credential is good is the API's to say.
func carriesCredential(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	h := in.RequestValidationInput.Request.Header
	switch s := in.SecurityScheme; s.Type {
	case "http":
		if !strings.HasPrefix(h.Get("Authorization"), "Bearer ") {
			return errors.New("the operation needs a bearer token and the request has none")
		}
	case "apiKey":
		if h.Get(s.Name) == "" {
			return fmt.Errorf("the operation needs the header %s and the request has none", s.Name)
		}
	}
	return nil
}
