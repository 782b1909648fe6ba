package apispec

import (
	"html/template"
	"regexp"
	"strings"
)

// markdown renders the little of CommonMark that the document's descriptions
// use: paragraphs, headings (### is the page's second level, under its title),
// lists, tables, code, bold and emphasis. Everything else, HTML above all,
// comes out as the text that it is.
//
// links turns a code span that is exactly an operation's or a schema's name
// into a link to it.
func markdown(text string, links map[string]string) template.HTML {
	var b strings.Builder
	for _, block := range strings.Split(strings.TrimSpace(text), "\n\n") {
		lines := strings.Split(strings.TrimSpace(block), "\n")
		switch first := lines[0]; {
		case first == "":
		case strings.HasPrefix(first, "### "):
			b.WriteString("<h2>" + inline(first[4:], links) + "</h2>\n")
		case strings.HasPrefix(first, "- "):
			list(&b, "ul", lines, bullet, links)
		case ordinal.MatchString(first):
			list(&b, "ol", lines, ordinal, links)
		case strings.HasPrefix(first, "|"):
			table(&b, lines, links)
		default:
			b.WriteString("<p>" + inline(strings.Join(lines, " "), links) + "</p>\n")
		}
	}
	return template.HTML(b.String()) //nolint:gosec // every text in it went through inline, which escapes
}

var (
	bullet  = regexp.MustCompile(`^- `)
	ordinal = regexp.MustCompile(`^\d+\. `)
)

// list writes items; a line without a marker goes on with the item before it.
func list(b *strings.Builder, kind string, lines []string, marker *regexp.Regexp, links map[string]string) {
	var items []string
	for _, l := range lines {
		if at := marker.FindStringIndex(l); at != nil {
			items = append(items, l[at[1]:])
		} else {
			items[len(items)-1] += " " + strings.TrimSpace(l)
		}
	}
	b.WriteString("<" + kind + ">\n")
	for _, i := range items {
		b.WriteString("<li>" + inline(i, links) + "</li>\n")
	}
	b.WriteString("</" + kind + ">\n")
}

// table writes a table whose second line only separates the head.
func table(b *strings.Builder, lines []string, links map[string]string) {
	row := func(line, cell, open string) {
		b.WriteString("<tr>")
		for _, c := range strings.Split(strings.Trim(line, "| "), "|") {
			b.WriteString("<" + cell + open + ">" + inline(strings.TrimSpace(c), links) + "</" + cell + ">")
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("<table>\n<thead>\n")
	row(lines[0], "th", ` scope="col"`)
	b.WriteString("</thead>\n<tbody>\n")
	for _, l := range lines[min(2, len(lines)):] {
		row(l, "td", "")
	}
	b.WriteString("</tbody>\n</table>\n")
}

var spans = regexp.MustCompile("`[^`]+`|\\*\\*[^*]+\\*\\*|\\*[^* ][^*]*\\*")

// inline renders code, bold and emphasis, and escapes everything.
func inline(text string, links map[string]string) string {
	var b strings.Builder
	for text != "" {
		at := spans.FindStringIndex(text)
		if at == nil {
			b.WriteString(template.HTMLEscapeString(text))
			break
		}
		b.WriteString(template.HTMLEscapeString(text[:at[0]]))
		span := text[at[0]:at[1]]
		text = text[at[1]:]
		switch {
		case span[0] == '`':
			code := "<code>" + template.HTMLEscapeString(span[1:len(span)-1]) + "</code>"
			if to := links[span[1:len(span)-1]]; to != "" {
				code = `<a href="` + template.HTMLEscapeString(to) + `">` + code + "</a>"
			}
			b.WriteString(code)
		case strings.HasPrefix(span, "**"):
			b.WriteString("<strong>" + inline(span[2:len(span)-2], links) + "</strong>")
		default:
			b.WriteString("<em>" + inline(span[1:len(span)-1], links) + "</em>")
		}
	}
	return b.String()
}
