package apispec

import (
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// operation is one route as the page shows it.
type operation struct {
	ID, Method, Path, Summary, Scope, Function string
	About                                      template.HTML
	Params                                     []param
	Body                                       *body
	BodyRequired                               bool
	Responses                                  []response
	Curl                                       string
}

// param is a parameter or a header of a response.
type param struct {
	Name, In string
	Required bool
	Type     []part
	Rules    []string
	Values   []value
	About    template.HTML
}

// body is what is sent or answered in one media type.
type body struct {
	Media   string
	Type    []part
	Codes   []string
	Samples []sample
	Gateway bool
}

// sample is an example as JSON.
type sample struct{ Name, Text string }

// response is what one status means for an operation.
type response struct {
	Status, Text string
	About        template.HTML
	Headers      []param
	Bodies       []body
}

// methods are those that a path item may have, in the order to show them.
var methods = []string{"get", "post", "put", "patch", "delete"}

// operation reads one operation.
func (d *doc) operation(path, method string, item, op node) operation {
	o := operation{
		ID: op.get("operationId").text(), Method: strings.ToUpper(method), Path: path, Summary: op.get("summary").text(),
		Scope: op.get("x-scope").text(), Function: op.get("x-function").text(), About: d.prose(op.get("description")),
	}
	var declared []node
	for _, p := range slices.Concat(item.get("parameters").items(), op.get("parameters").items()) {
		p = p.resolve(d.root)
		declared = append(declared, p)
		o.Params = append(o.Params, d.param(p.get("name").text(), p.get("in").text(), p))
	}
	request := op.get("requestBody").resolve(d.root)
	if bodies := d.bodies(request); len(bodies) > 0 {
		o.Body, o.BodyRequired = &bodies[0], request.get("required").text() == "true"
	}
	op.get("responses").each(func(status string, r node) {
		o.Responses = append(o.Responses, d.response(status, r.resolve(d.root)))
	})
	o.Curl = d.curl(o, declared, request)
	return o
}

func (d *doc) param(name, in string, p node) param {
	s := p.get("schema")
	return param{
		Name: name, In: in, Required: p.get("required").text() == "true", Type: d.typeOf(s),
		Rules: rules(s), Values: d.values(s), About: d.prose(p.get("description")),
	}
}

func (d *doc) response(status string, r node) response {
	code, _ := strconv.Atoi(status)
	out := response{Status: status, Text: http.StatusText(code), About: d.prose(r.get("description")), Bodies: d.bodies(r)}
	r.get("headers").each(func(name string, h node) {
		out.Headers = append(out.Headers, d.param(name, "header", h.resolve(d.root)))
	})
	return out
}

// bodies reads the content of a request or a response.
func (d *doc) bodies(n node) []body {
	var out []body
	n.get("content").each(func(media string, m node) {
		b := body{Media: media, Gateway: m.get("x-sent-by").text() == "gateway", Codes: codes(m.get("schema"))}
		if s := m.get("schema"); !s.empty() {
			b.Type = d.typeOf(s)
		}
		m.get("examples").each(func(name string, e node) {
			summary := e.get("summary").text()
			e = e.resolve(d.root)
			if summary == "" {
				summary = e.get("summary").text()
			}
			if summary == "" {
				summary = name
			}
			b.Samples = append(b.Samples, sample{Name: summary, Text: pretty(e.get("value"))})
		})
		out = append(out, b)
	})
	return out
}

// codes are the problem codes that a response's schema narrows Problem to.
func codes(s node) []string { return s.get("properties", "code", "enum").texts() }

// curl is the operation as a command that works once $API and $TOKEN are set.
func (d *doc) curl(o operation, declared []node, request node) string {
	var args []string
	path, query := o.Path, []string{}
	var headers []string
	for _, p := range declared {
		name, example := p.get("name").text(), p.get("example").text()
		switch in := p.get("in").text(); {
		case in == "path":
			path = strings.ReplaceAll(path, "{"+name+"}", example)
		case example == "" || p.get("required").text() != "true" && name != "Idempotency-Key":
		case in == "query":
			query = append(query, name+"="+strings.ReplaceAll(example, "+", "%2B"))
		case in == "header":
			headers = append(headers, name+": "+example)
		}
	}
	if len(query) > 0 {
		path += "?" + strings.Join(query, "&")
	}
	command := "curl "
	if o.Method != http.MethodGet {
		command += "-X " + o.Method + " "
	}
	args = append(args, command+`"$API`+path+`"`)
	switch o.Scope {
	case "public":
	case "channel_token":
		args = append(args, `-H "X-Goog-Channel-Token: $CHANNEL_TOKEN"`)
	default:
		args = append(args, `-H "Authorization: Bearer $TOKEN"`)
	}
	for _, h := range headers {
		args = append(args, "-H "+shell(h))
	}
	if o.Body != nil && len(o.Body.Samples) > 0 {
		first := node{}
		request.get("content", o.Body.Media, "examples").each(func(_ string, e node) {
			if first.empty() {
				first = e.resolve(d.root).get("value")
			}
		})
		args = append(args, "-H 'Content-Type: "+o.Body.Media+"'", "-d "+shell(compact(first)))
	}
	return strings.Join(args, " \\\n  ")
}
