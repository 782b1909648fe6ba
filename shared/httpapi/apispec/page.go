package apispec

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
)

//go:embed page.html
var pageSource string

// doc is a document being rendered.
type doc struct {
	root  node
	links map[string]string // a name in a code span → where it leads
}

// page is what the template is given.
type page struct {
	Title, Version, Summary string
	Intro                   template.HTML
	Groups                  []group
	Problems                []problem
	Schemas                 []schema
}

// group is the operations of one tag.
type group struct {
	Name, Anchor string
	About        template.HTML
	Operations   []operation
}

// problem is a code with its place in the documentation.
type problem struct {
	Code, Status, Title string
	Meaning             template.HTML
}

// render writes the page of a document.
func render(w io.Writer, source []byte) error {
	root, err := parse(source)
	if err != nil {
		return err
	}
	tmpl, err := template.New("page").Parse(pageSource)
	if err != nil {
		return fmt.Errorf("parsing the page's template: %w", err)
	}
	d := &doc{root: root, links: names(root)}
	info := root.get("info")
	p := page{
		Title: info.get("title").text(), Version: info.get("version").text(), Summary: info.get("summary").text(),
		Intro: d.prose(info.get("description")), Groups: d.groups(), Problems: d.problems(), Schemas: d.schemas(),
	}
	if err := tmpl.Execute(w, p); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

// names gives the addresses of everything that has an anchor and a name of its
// own. A code may be called like something else (a reason, a field), so codes
// are left to their table.
func names(root node) map[string]string {
	out := map[string]string{}
	root.get("paths").each(func(_ string, item node) {
		for _, m := range methods {
			if id := item.get(m, "operationId").text(); id != "" {
				out[id] = "#op-" + id
			}
		}
	})
	root.get("components", "schemas").each(func(name string, _ node) { out[name] = "#schema-" + name })
	return out
}

// prose renders a description.
func (d *doc) prose(n node) template.HTML { return markdown(n.text(), d.links) }

// inlineHTML renders a phrase.
func inlineHTML(text string, links map[string]string) template.HTML {
	return template.HTML(inline(text, links)) //nolint:gosec // inline escapes
}

// groups gives the operations by tag, tags in their order, operations in the
// order of the paths.
func (d *doc) groups() []group {
	var out []group
	at := map[string]int{}
	for _, t := range d.root.get("tags").items() {
		name := t.get("name").text()
		at[name] = len(out)
		out = append(out, group{
			Name: name, Anchor: "tag-" + strings.ToLower(strings.ReplaceAll(name, " ", "-")), About: d.prose(t.get("description")),
		})
	}
	d.root.get("paths").each(func(path string, item node) {
		for _, m := range methods {
			op := item.get(m)
			tags := op.get("tags").texts()
			if op.empty() || len(tags) == 0 {
				continue
			}
			if i, ok := at[tags[0]]; ok {
				out[i].Operations = append(out[i].Operations, d.operation(path, m, item, op))
			}
		}
	})
	return out
}

// problems reads the table of codes.
func (d *doc) problems() []problem {
	var out []problem
	d.root.get("components", "schemas", "ProblemCode", "x-problems").each(func(code string, p node) {
		out = append(out, problem{
			Code: code, Status: p.get("status").text(), Title: p.get("title").text(), Meaning: inlineHTML(p.get("meaning").text(), d.links),
		})
	})
	return out
}
