package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"aura.example/integrations/shared/fault"
)

// MaxBody bounds a request's body in bytes. The largest that means anything is
// an event with a long description, a few KB.
const MaxBody = 64 << 10

// field is where one member of a body goes.
type field struct {
	into     any // a pointer
	required bool
}

func required(into any) field { return field{into: into, required: true} }
func optional(into any) field { return field{into: into} }

// readBody reads a JSON object strictly: every member that isn't known, is null,
// is of another type or is missing is named in one answer (422). encoding/json
// alone would match names in any case, take null for "leave it", believe the
// last of two members of a name, and stop at the first finding.
func readBody(r *http.Request, fields map[string]field) error {
	raw, err := slurp(r)
	if err != nil {
		return err
	}
	if len(raw) == 0 {
		for _, f := range fields {
			if f.required {
				return errMalformed("A JSON object is needed as the body.", nil)
			}
		}
		return nil // nothing was asked for, nothing is needed
	}
	if err := jsonType(r); err != nil {
		return err
	}
	members, err := object(raw)
	if err != nil {
		return err
	}
	var bad []fault.Field
	seen := map[string]bool{}
	for _, m := range members {
		f, known := fields[m.name]
		switch {
		case !known:
			bad = append(bad, fault.Field{Field: clip(m.name), Message: "is not known here"})
		case string(m.value) == "null":
			bad = append(bad, fault.Field{Field: m.name, Message: "must not be null"})
		default:
			if err := json.Unmarshal(m.value, f.into); err != nil {
				bad = append(bad, fault.Field{Field: m.name, Message: "must be " + kindOf(f.into)})
			}
		}
		seen[m.name] = true
	}
	for name, f := range fields {
		if f.required && !seen[name] {
			bad = append(bad, fault.Field{Field: name, Message: "is needed"})
		}
	}
	if len(bad) > 0 {
		slices.SortStableFunc(bad, func(a, b fault.Field) int { return strings.Compare(a.Field, b.Field) })
		return fault.Fields(bad...)
	}
	return nil
}

// noBody is for requests that say everything in their path and query. Whatever
// a body would have asked for must not be ignored; an empty object asks nothing.
func noBody(r *http.Request) error {
	raw, err := slurp(r)
	if err != nil || len(raw) > 0 && !bytes.Equal(raw, []byte("{}")) {
		return fault.Fields(fault.Field{Field: "body", Message: "isn't taken here"})
	}
	return nil
}

func slurp(r *http.Request) ([]byte, error) {
	raw, err := io.ReadAll(r.Body)
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, fault.Newf(fault.TooLarge, "body_too_large", "The body is larger than %d KiB.", over.Limit>>10)
	case err != nil:
		return nil, errMalformed("The body could not be read.", err)
	}
	return bytes.TrimSpace(raw), nil
}

// jsonType refuses a body that doesn't say it is JSON: a page elsewhere can post
// a form or plain text across origins without asking, but not JSON.
func jsonType(r *http.Request) error {
	t, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	ok := err == nil && (t == "application/json" || t == "application/merge-patch+json")
	if c := params["charset"]; ok && c != "" && !strings.EqualFold(c, "utf-8") {
		ok = false
	}
	if !ok {
		return &refusal{http.StatusUnsupportedMediaType, fault.New(fault.Malformed, "unsupported_media_type", "Send the body as application/json.")}
	}
	return nil
}

type member struct {
	name  string
	value json.RawMessage
}

// object splits a JSON object into its members, in order.
func object(raw []byte) ([]member, error) {
	if !json.Valid(raw) {
		return nil, errMalformed("The body is not valid JSON.", nil)
	}
	if raw[0] != '{' {
		return nil, errMalformed("The body must be a JSON object.", nil)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if _, err := dec.Token(); err != nil { // the opening brace
		return nil, errMalformed("The body is not valid JSON.", err)
	}
	var out []member
	seen := map[string]bool{}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, errMalformed("The body is not valid JSON.", err)
		}
		var m member
		m.name, _ = name.(string)
		if seen[m.name] { // readers differ in which of the two they believe
			return nil, errMalformed("The body repeats a member.", nil)
		}
		seen[m.name] = true
		if err := dec.Decode(&m.value); err != nil {
			return nil, errMalformed("The body is not valid JSON.", err)
		}
		out = append(out, m)
	}
	return out, nil
}

func errMalformed(message string, cause error) error {
	return fault.Wrap(fault.Malformed, "malformed_request", message, cause)
}

// kindOf says in words what a pointer takes.
func kindOf(into any) string {
	t := reflect.TypeOf(into)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Slice:
		return "a list of strings"
	}
	return "of another type"
}

// clip keeps a stranger's name for a field short enough to repeat.
func clip(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
