package apitest

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// Rules that the contract makes and that an OpenAPI validator doesn't know.

// undeclaredQuery refuses query parameters that the operation doesn't declare:
// the API answers them with 422, so a test that sends one by mistake is to know.
func undeclaredQuery(in *openapi3filter.RequestValidationInput) error {
	if in.Route.Operation.Extensions["x-open-query"] != nil {
		return nil
	}
	for name := range in.Request.URL.Query() {
		declared := func(ps openapi3.Parameters) bool { return ps.GetByInAndName(openapi3.ParameterInQuery, name) != nil }
		if !declared(in.Route.PathItem.Parameters) && !declared(in.Route.Operation.Parameters) {
			return fmt.Errorf("query parameter %q is not declared for this operation", name)
		}
	}
	return nil
}

// bodyAsDeclared refuses a body where none is declared, and a media type that
// only the gateway of a deployment sends.
func bodyAsDeclared(declared *openapi3.Response, resp *http.Response, body []byte) error {
	if len(declared.Content) == 0 {
		if len(body) > 0 {
			return fmt.Errorf("status %d is declared without a body, and there are %d bytes", resp.StatusCode, len(body))
		}
		return nil
	}
	if len(body) == 0 {
		return fmt.Errorf("status %d is declared with a body, and there is none", resp.StatusCode)
	}
	media := declared.Content.Get(resp.Header.Get("Content-Type"))
	if media != nil && media.Extensions["x-sent-by"] == "gateway" {
		return fmt.Errorf("status %d as %s is the gateway's answer, and there is no gateway here", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	return nil
}

// problem checks what a problem document's members say about each other.
func (v *Validator) problem(resp *http.Response, body []byte) error {
	if media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); media != "application/problem+json" {
		return nil
	}
	var p struct {
		Type, Title, Code string
		Status            int
		CorrelationID     string `json:"correlation_id"`
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return fmt.Errorf("the problem document is not JSON: %w", err)
	}
	info, known := v.problems[p.Code]
	var wrong []string
	check := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	check(known, "code %q is not in the table", p.Code)
	check(!known || info.Status == resp.StatusCode, "code %q belongs to status %d, answered with %d", p.Code, info.Status, resp.StatusCode)
	check(p.Status == resp.StatusCode, "member status is %d, the answer's is %d", p.Status, resp.StatusCode)
	check(!known || p.Title == info.Title, "title is %q, the code's is %q", p.Title, info.Title)
	check(p.Type == "/v1/docs#problem-"+p.Code, "type %q does not lead to the code's place", p.Type)
	check(p.CorrelationID == resp.Header.Get("X-Request-Id"), "correlation_id %q is not X-Request-Id %q", p.CorrelationID, resp.Header.Get("X-Request-Id"))
	if len(wrong) > 0 {
		return fmt.Errorf("problem document: %s", strings.Join(wrong, "; "))
	}
	return nil
}

// outside checks the answer to a request that matches no route: a problem
// document, of status 404 or 405.
func (v *Validator) outside(resp *http.Response, body []byte) error {
	if !slices.Contains([]int{http.StatusNotFound, http.StatusMethodNotAllowed}, resp.StatusCode) {
		return fmt.Errorf("a route that doesn't exist was answered with %d instead of 404 or 405", resp.StatusCode)
	}
	if media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); media != "application/problem+json" {
		return fmt.Errorf("a route that doesn't exist was answered as %q instead of a problem document", resp.Header.Get("Content-Type"))
	}
	if err := v.bodies.validate(body, "components", "schemas", "Problem"); err != nil {
		return err
	}
	return v.problem(resp, body)
}
