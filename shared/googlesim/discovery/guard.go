package discovery

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Guard wraps a handler and reports what the document does not allow: in every
// request below Calendar's paths, and in every answer. It is for tests of
// clients, which must not send anything wrong.
func (d *Document) Guard(h http.Handler, problem func(string)) http.Handler {
	return &guard{doc: d, to: h, problem: problem, strict: true}
}

// GuardAnswers is Guard for tests that send wrong requests on purpose: what is
// wrong with a request is only reported when the handler accepted it all the
// same.
func (d *Document) GuardAnswers(h http.Handler, problem func(string)) http.Handler {
	return &guard{doc: d, to: h, problem: problem}
}

// Reporter is the part of testing.TB that a guard needs.
type Reporter interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Around returns a wrapper, as googlesim.Options.Around takes it, that fails
// the test on every problem. lenient is GuardAnswers instead of Guard.
func Around(t Reporter, lenient bool) func(http.Handler) http.Handler {
	t.Helper()
	doc, err := Load()
	if err != nil {
		t.Fatalf("drift guard: %v", err)
	}
	return func(h http.Handler) http.Handler {
		return &guard{doc: doc, to: h, strict: !lenient, problem: func(p string) { t.Errorf("drift guard: %s", p) }}
	}
}

type guard struct {
	doc     *Document
	to      http.Handler
	problem func(string)
	strict  bool
}

// ServeHTTP implements http.Handler.
func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<20))
	if err != nil { // the client's trouble; the handler is going to meet it too
		g.to.ServeHTTP(w, r)
		return
	}
	sent := exchange{verb: r.Method, path: r.URL.EscapedPath(), query: r.URL.RawQuery, header: r.Header.Clone(), body: body}
	r.Body = io.NopCloser(bytes.NewReader(body))
	out := &tee{ResponseWriter: w}
	g.to.ServeHTTP(out, r)
	sent.status, sent.answerHeader, sent.answer = out.code(), w.Header().Clone(), out.body.Bytes()
	switch {
	case strings.TrimSuffix(sent.path, "/") == "/"+g.doc.BatchPath:
		g.checkBatch(sent)
	case strings.HasPrefix(sent.path, g.doc.BasePath):
		g.check(sent)
	}
}

// exchange is a request and what was answered to it.
type exchange struct {
	verb, path, query string
	header            http.Header
	body              []byte
	status            int
	answerHeader      http.Header
	answer            []byte
}

// report says each problem with the call that it belongs to.
func (g *guard) report(x exchange, what string, problems []string) {
	for _, p := range problems {
		g.problem(fmt.Sprintf("%s of %s %s (%d): %s", what, x.verb, x.path, x.status, p))
	}
}

// check judges one exchange. An override of the method is seen through first,
// since the document describes what is meant and not how it was sent.
func (g *guard) check(x exchange) {
	if v := x.header.Get("X-Http-Method-Override"); v != "" && x.verb == http.MethodPost {
		x.verb = strings.ToUpper(v)
		if strings.HasPrefix(x.header.Get("Content-Type"), "application/x-www-form-urlencoded") {
			x.query, x.body = string(x.body), nil
		}
	}
	m := g.doc.Find(x.verb, x.path)
	accepted := x.status < 400
	if m == nil {
		if g.strict || accepted {
			g.report(x, "request", []string{"no such method in Google's document"})
		}
		return
	}
	if g.strict || accepted {
		g.report(x, "request", g.doc.checkRequest(m, x))
	}
	g.report(x, "answer", g.doc.checkAnswer(m, x))
}

// checkRequest looks at parameters and body.
func (d *Document) checkRequest(m *Method, x exchange) []string {
	q, err := url.ParseQuery(x.query)
	if err != nil {
		return []string{"query does not parse: " + err.Error()}
	}
	problems := d.CheckQuery(m, q)
	switch {
	case m.Request == nil && len(bytes.TrimSpace(x.body)) > 0 && string(bytes.TrimSpace(x.body)) != "{}":
		problems = append(problems, m.ID+" takes no body")
	case m.Request != nil && len(x.body) > 0:
		problems = append(problems, d.CheckBody(m.Request, x.body, x.verb == http.MethodPatch)...)
	}
	return problems
}

// checkAnswer knows what a success looks like from the document, and what a
// refusal looks like from errorSchema.
func (d *Document) checkAnswer(m *Method, x exchange) []string {
	body := x.answer
	if x.answerHeader.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return []string{"gzip: " + err.Error()}
		}
		if body, err = io.ReadAll(z); err != nil {
			return []string{"gzip: " + err.Error()}
		}
	}
	switch {
	case x.status >= 400:
		return checkError(x.status, x.answerHeader, body)
	case x.status == http.StatusNotModified || m.Response == nil:
		if len(body) > 0 {
			return []string{"a body where there is none to be"}
		}
		return nil
	case x.status != http.StatusOK:
		return []string{"not a status that Calendar answers"}
	}
	if kind := x.answerHeader.Get("Content-Type"); kind != "application/json; charset=UTF-8" {
		return []string{"content type " + kind}
	}
	return d.CheckAnswer(m.Response, body)
}

// errorSchema is the shape of Google's errors, which the document doesn't have:
// {"error": {errors, code, message}} as the guide "Handle API errors" shows it,
// with the members of the newer format that come beside them.
const errorSchema = `{"type":"object","properties":{"error":{"type":"object","properties":{
	"code":{"type":"integer"},"message":{"type":"string"},"status":{"type":"string"},
	"errors":{"type":"array","items":{"type":"object","properties":{
		"domain":{"type":"string","enum":["global","calendar","usageLimits"]},"reason":{"type":"string"},"message":{"type":"string"},
		"locationType":{"type":"string","enum":["parameter","header","other"]},"location":{"type":"string"},"extendedHelp":{"type":"string"}}}},
	"details":{"type":"array","items":{"type":"object","properties":{
		"@type":{"type":"string"},"reason":{"type":"string"},"domain":{"type":"string"},
		"metadata":{"type":"object","additionalProperties":{"type":"string"}}}}}}}}}`

// checkError wants the whole of Google's shape: a client that reads only
// errors[0].reason must find it, and so must one that reads only code and
// message.
func checkError(status int, header http.Header, body []byte) []string {
	if kind := header.Get("Content-Type"); kind != "application/json; charset=UTF-8" {
		return []string{"error with content type " + kind}
	}
	var s Schema
	if err := json.Unmarshal([]byte(errorSchema), &s); err != nil {
		return []string{err.Error()}
	}
	problems := (&Document{}).CheckAnswer(&s, body)
	var doc struct {
		Error struct {
			Code    int
			Message string
			Errors  []struct{ Domain, Reason, Message string }
		}
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return append(problems, err.Error())
	}
	e := doc.Error
	if e.Code != status || e.Message == "" || len(e.Errors) == 0 {
		return append(problems, fmt.Sprintf("error document is incomplete or says %d", e.Code))
	}
	if e.Errors[0].Domain == "" || e.Errors[0].Reason == "" || e.Errors[0].Message == "" {
		problems = append(problems, "errors[0] is incomplete")
	}
	return problems
}

// tee writes an answer through and keeps a copy.
type tee struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (t *tee) code() int {
	if t.status == 0 {
		return http.StatusOK
	}
	return t.status
}

func (t *tee) WriteHeader(status int) {
	if t.status != 0 {
		return // a second status is none; what wraps this must not see it
	}
	t.status = status
	t.ResponseWriter.WriteHeader(status)
}

func (t *tee) Write(p []byte) (int, error) {
	t.WriteHeader(http.StatusOK)
	n, err := t.ResponseWriter.Write(p)
	t.body.Write(p) // what the handler wanted to say, whether or not it arrives
	return n, err
}

// Unwrap lets http.ResponseController reach the writer inside.
func (t *tee) Unwrap() http.ResponseWriter { return t.ResponseWriter }
