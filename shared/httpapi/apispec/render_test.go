package apispec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestMarkdown(t *testing.T) {
	t.Parallel()
	links := map[string]string{"getRun": "#op-getRun"}
	for _, c := range []struct{ in, want string }{
		{"one\ntwo\n\nthree", "<p>one two</p>\n<p>three</p>\n"},
		{"### Head & tail", "<h2>Head &amp; tail</h2>\n"},
		{"- a\n- b\n  goes on", "<ul>\n<li>a</li>\n<li>b goes on</li>\n</ul>\n"},
		{"1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>\n"},
		{"| a | b |\n|---|---|\n| c | `d` |", "<table>\n<thead>\n<tr><th scope=\"col\">a</th><th scope=\"col\">b</th></tr>\n</thead>\n<tbody>\n<tr><td>c</td><td><code>d</code></td></tr>\n</tbody>\n</table>\n"},
		{"see `getRun` or `x`", "<p>see <a href=\"#op-getRun\"><code>getRun</code></a> or <code>x</code></p>\n"},
		{"**bold `x`** and *soft*, 2 * 3 * 4", "<p><strong>bold <code>x</code></strong> and <em>soft</em>, 2 * 3 * 4</p>\n"},
		{"<script>alert(1)</script> `<b>`", "<p>&lt;script&gt;alert(1)&lt;/script&gt; <code>&lt;b&gt;</code></p>\n"},
		{"an open ` tick", "<p>an open ` tick</p>\n"},
		{"", ""},
	} {
		if got := string(markdown(c.in, links)); got != c.want {
			t.Errorf("%q\n got %q\nwant %q", c.in, got, c.want)
		}
	}
}

func FuzzMarkdownEscapes(f *testing.F) {
	for _, s := range []string{"a", "- <b>", "| <i> |\n|--|\n| x |", "`<`", "**<**", "1. <a href=x>", "### <h1>"} {
		f.Add(s)
	}
	known := []string{"p", "h2", "ul", "ol", "li", "table", "thead", "tbody", "tr", `th scope="col"`, "th", "td", "code", "strong", "em"}
	f.Fuzz(func(t *testing.T, s string) {
		out := string(markdown(s, nil))
		for _, tag := range known {
			out = strings.NewReplacer("<"+tag+">", "", "</"+tag+">", "").Replace(out)
		}
		if strings.ContainsAny(out, "<>") {
			t.Errorf("%q came out with markup of its own: %q", s, out)
		}
	})
}

// A small document with one of everything that the renderer knows.
const small = `
info: {title: T, version: "1", summary: S, description: "About <b>."}
tags: [{name: Things, description: Some}]
paths:
  /v1/things/{id}:
    parameters: [{$ref: '#/components/parameters/Id'}]
    put:
      operationId: putThing
      x-function: f
      x-scope: things:write
      tags: [Things]
      summary: Put it
      description: See ` + "`Thing`" + `.
      parameters: [{name: at, in: query, required: true, schema: {type: string}, example: '1+1'}]
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Thing'}
            examples: {one: {summary: One, value: {b: 1, a: "it's <new>", c: [], d: null, e: [true, 1.5]}}}
      responses:
        '200': {description: Put.}
        '409':
          description: No.
          content:
            application/problem+json:
              schema: {$ref: '#/components/schemas/Thing', properties: {code: {enum: [taken]}}}
components:
  parameters:
    Id: {name: id, in: path, required: true, schema: {$ref: '#/components/schemas/Name'}, example: x1}
  schemas:
    Name: {type: string, pattern: '^x'}
    ProblemCode: {type: string, enum: [taken], x-problems: {taken: {status: 409, title: Taken, meaning: Somebody has it.}}}
    Thing:
      type: object
      required: [a]
      properties:
        a: {type: [string, 'null'], format: date-time, maxLength: 3}
        b: {type: array, items: {type: object, properties: {deep: {type: integer, enum: [1, 2], x-enum-descriptions: {"1": one}}}}}
        c: {oneOf: [{$ref: '#/components/schemas/Name'}, {type: 'null'}]}
`

func TestPageOfASmallDocument(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := render(&b, []byte(small)); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for what, want := range map[string]string{
		"prose is escaped":            "About &lt;b&gt;.",
		"operation":                   `<article class="operation" id="op-putThing">`,
		"schema link in prose":        `See <a href="#schema-Thing"><code>Thing</code></a>.`,
		"parameter by reference":      `<dt><code>id</code> <span class="in">path</span> <span class="type"><a href="#schema-Name">Name</a></span> <span class="required">required</span></dt>`,
		"curl with everything":        "curl -X PUT &#34;$API/v1/things/x1?at=1%2B1&#34; \\\n  -H &#34;Authorization: Bearer $TOKEN&#34; \\\n  -H &#39;Content-Type: application/json&#39; \\\n  -d &#39;{&#34;b&#34;:1,&#34;a&#34;:&#34;it&#39;\\&#39;&#39;s &lt;new&gt;&#34;,&#34;c&#34;:[],&#34;d&#34;:null,&#34;e&#34;:[true,1.5]}&#39;",
		"members in their order":      "{\n  &#34;b&#34;: 1,\n  &#34;a&#34;: &#34;it&#39;s &lt;new&gt;&#34;,\n  &#34;c&#34;: [],\n  &#34;d&#34;: null,\n  &#34;e&#34;: [\n    true,\n    1.5\n  ]\n}",
		"code of a problem":           `<a href="#problem-taken"><code>taken</code></a>`,
		"table of codes":              `<div id="problem-taken">`,
		"nullable with a format":      `<span class="type">date-time or null</span> <span class="required">required</span>`,
		"a rule":                      "at most 3 characters",
		"list of unnamed objects":     `<code>b</code> <span class="type">list of object</span>`,
		"member of an unnamed object": `<div class="depth-1"><dt><code>deep</code>`,
		"meaning of a value":          `<dt><code>1</code></dt><dd>one</dd>`,
		"named or null":               `<a href="#schema-Name">Name</a> or null`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s: no %s", what, want)
		}
	}
	if t.Failed() {
		t.Log(page)
	}
}

// Every example of the contract comes out as JSON that says the same.
func TestSamplesAreJSON(t *testing.T) {
	t.Parallel()
	root, err := parse(YAML)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	root.get("components", "examples").each(func(name string, e node) {
		n++
		var want any
		if err := e.get("value").y.Decode(&want); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{pretty(e.get("value")), compact(e.get("value"))} {
			var got any
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				t.Errorf("%s: %v in %s", name, err, text)
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s:\n got %v\nwant %v", name, got, want)
			}
		}
	})
	if n < 40 {
		t.Errorf("only %d examples", n)
	}
}
