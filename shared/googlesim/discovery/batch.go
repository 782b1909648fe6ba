package discovery

import (
	"bufio"
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
)

// checkBatch takes both sides of a batch apart and checks call by call.
func (g *guard) checkBatch(x exchange) {
	if x.status >= 400 {
		g.report(x, "answer", checkError(x.status, x.answerHeader, x.answer))
		return
	}
	requests, err := split(x.header.Get("Content-Type"), x.body)
	if err == nil {
		var answers [][]byte
		if answers, err = split(x.answerHeader.Get("Content-Type"), x.answer); err == nil && len(answers) != len(requests) {
			g.report(x, "answer", []string{"a batch of " + strconv.Itoa(len(requests)) + " has " + strconv.Itoa(len(answers)) + " answers"})
			return
		}
		for i := range answers {
			g.checkCall(x, requests[i], answers[i])
		}
	}
	if err != nil {
		g.report(x, "batch", []string{err.Error()})
	}
}

// checkCall checks one call with its answer, as if they had come alone.
func (g *guard) checkCall(outer exchange, request, answer []byte) {
	x := exchange{header: http.Header{}}
	line, head, body, err := message(request)
	f := strings.Fields(line)
	if err != nil || len(f) < 2 {
		g.report(outer, "request", []string{"a call of the batch does not parse"})
		return
	}
	x.verb, x.body, x.header = f[0], bytes.TrimSpace(body), http.Header(head)
	x.path, x.query, _ = strings.Cut(f[1], "?")
	line, head, body, err = message(answer)
	f = strings.Fields(line)
	if err != nil || len(f) < 2 {
		g.report(outer, "answer", []string{"an answer of the batch does not parse"})
		return
	}
	if x.status, err = strconv.Atoi(f[1]); err != nil {
		g.report(outer, "answer", []string{"an answer of the batch has no status"})
		return
	}
	x.answerHeader, x.answer = http.Header(head), body
	g.check(x)
}

// split returns the parts of a multipart body.
func split(contentType string, body []byte) ([][]byte, error) {
	_, args, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, err
	}
	r := multipart.NewReader(bytes.NewReader(body), args["boundary"])
	var out [][]byte
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		raw, err := io.ReadAll(p)
		if err != nil {
			return nil, err
		}
		out = append(out, raw)
	}
}

// message splits an HTTP message into its first line, headers and body.
func message(raw []byte) (string, textproto.MIMEHeader, []byte, error) {
	r := textproto.NewReader(bufio.NewReader(bytes.NewReader(raw)))
	line, err := r.ReadLine()
	if err != nil {
		return "", nil, nil, err
	}
	head, err := r.ReadMIMEHeader()
	if err != nil && err != io.EOF {
		return "", nil, nil, err
	}
	body, err := io.ReadAll(r.R)
	return line, head, body, err
}
