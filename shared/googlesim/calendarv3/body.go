package calendarv3

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
)

// maxBody is how much a request may carry, in bytes.
const maxBody = 1 << 20

// readBody reads a body whole, up to the limit.
func readBody(r *http.Request) ([]byte, *Error) {
	if r.Body == nil {
		return nil, nil
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "badRequest", "The request body could not be read.")
	}
	if len(raw) > maxBody {
		return nil, refuse(http.StatusBadRequest, "badRequest", "Request payload size exceeds the limit: %d bytes.", maxBody)
	}
	return raw, nil
}

// readJSON reads the body that the method takes. No body at all is an empty
// object: what is missing is then said by name.
func (c *call) readJSON() (map[string]any, *Error) {
	raw, err := readBody(c.r)
	if err != nil {
		return nil, err
	}
	if len(raw) == 0 {
		return map[string]any{}, nil
	}
	kind, _, perr := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if coding := c.r.Header.Get("Content-Encoding"); perr != nil || kind != "application/json" || coding != "" && coding != "identity" {
		return nil, refuse(http.StatusBadRequest, "badContent", "Unsupported content with type: %s", clip(kind+" "+coding))
	}
	doc, derr := decodeObject(raw)
	if derr != nil {
		return nil, refuse(http.StatusBadRequest, "parseError", "Parse Error")
	}
	out, err := c.m.body.conform(doc, "")
	if err != nil {
		return nil, err
	}
	return out.(map[string]any), nil // conform gives an object shape a map or an error
}

// decodeObject reads one JSON object and nothing after it, keeping numbers as
// they were written.
func decodeObject(raw []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var doc map[string]any
	if err := d.Decode(&doc); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	if doc == nil {
		return nil, errors.New("null instead of an object")
	}
	return doc, nil
}

// parseQuery refuses a query string that doesn't decode, instead of dropping
// what it can't read.
func parseQuery(raw string) (url.Values, *Error) {
	q, err := url.ParseQuery(raw)
	if err != nil {
		return q, refuse(http.StatusBadRequest, "badRequest", "Bad Request: the query string does not decode.")
	}
	return q, nil
}
