package calendarv3

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// Limits of extended properties: a key that is longer is dropped, a value that
// is longer is cut, both silently (Calendar guide, "Extended properties").
const (
	maxPropertyKey   = 44
	maxPropertyValue = 1024
)

// settleProperties applies the limits. An empty set of properties isn't stored.
func settleProperties(d Event) {
	sets := d.object("extendedProperties")
	out := map[string]any{}
	for _, set := range []string{"private", "shared"} {
		kept := map[string]any{}
		for key, v := range asObject(sets[set]) {
			value, ok := v.(string)
			if ok && utf8.RuneCountInString(key) <= maxPropertyKey {
				kept[key] = cut(value, maxPropertyValue)
			}
		}
		if len(kept) > 0 {
			out[set] = kept
		}
	}
	if len(out) == 0 {
		delete(d, "extendedProperties")
		return
	}
	d["extendedProperties"] = out
}

// cut keeps the first n characters.
func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// settleTexts normalises what people write.
func settleTexts(d Event) {
	for _, name := range []string{"summary", "location", "description"} {
		s, ok := d[name].(string)
		if !ok {
			delete(d, name)
			continue
		}
		s = strings.ReplaceAll(s, "\r\n", "\n")
		if name == "description" {
			s = cleanHTML(stripBlocks(s))
		}
		if s == "" {
			delete(d, name)
			continue
		}
		d[name] = s
	}
}

// blockMark begins and ends the lines around what Google itself writes into
// descriptions ("Do not edit this section").
const blockMark = "-::~:~::"

// stripBlocks takes out such sections, marks included; one that doesn't end
// goes to the end of the text.
func stripBlocks(s string) string {
	if !strings.Contains(s, blockMark) {
		return s
	}
	var out []string
	inside := false
	for line := range strings.SplitSeq(s, "\n") {
		switch marked := strings.HasPrefix(line, blockMark); {
		case marked:
			inside = !inside
		case !inside:
			out = append(out, line)
		}
	}
	return strings.TrimRight(strings.Join(out, "\n"), "\n")
}

// allowedTags survive in a description; of attributes only href does.
var allowedTags = map[string]bool{
	"a": true, "b": true, "br": true, "em": true, "i": true, "li": true, "ol": true, "p": true, "span": true, "strong": true,
	"u": true, "ul": true,
}

// cleanHTML rewrites a description that contains markup: unknown tags and
// attributes go, scripts and styles with their content, what is left open is
// closed, text is escaped. Cleaning a clean text changes nothing.
func cleanHTML(s string) string {
	if !strings.Contains(s, "<") {
		return s
	}
	z := html.NewTokenizer(strings.NewReader(s))
	var b strings.Builder
	var open []string
	silent := ""
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken: // the end, or as good as
			for i := len(open) - 1; i >= 0; i-- {
				b.WriteString("</" + open[i] + ">")
			}
			return b.String()
		case html.TextToken:
			if silent == "" {
				b.WriteString(html.EscapeString(z.Token().Data))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if t.Data == "script" || t.Data == "style" {
				silent = t.Data
			}
			if !allowedTags[t.Data] || silent != "" {
				continue
			}
			b.WriteString(startTag(t))
			if t.Data != "br" {
				open = append(open, t.Data)
			}
		case html.EndTagToken:
			name := z.Token().Data
			if name == silent {
				silent = ""
			}
			for i := len(open) - 1; i >= 0 && slices.Contains(open, name); i-- { // close what is open inside it as well
				b.WriteString("</" + open[i] + ">")
				done := open[i] == name
				open = open[:i]
				if done {
					break
				}
			}
		}
	}
}

// startTag writes a tag without its attributes, but for a link's target.
func startTag(t html.Token) string {
	for _, a := range t.Attr {
		if t.Data == "a" && a.Key == "href" {
			return `<a href="` + html.EscapeString(a.Val) + `">`
		}
	}
	return "<" + t.Data + ">"
}

// unsaid are members that Google leaves out of a resource when they have their
// default.
var unsaid = map[string]any{
	"transparency": "opaque", "visibility": "default", "guestsCanInviteOthers": true, "guestsCanModify": false,
	"guestsCanSeeOtherGuests": true, "privateCopy": false, "attendeesOmitted": false, "endTimeUnspecified": false, "locked": false,
}

// dropDefaults leaves out what is null or goes without saying.
func dropDefaults(d Event) {
	for name, v := range d {
		if v == nil {
			delete(d, name)
			continue
		}
		if w, ok := unsaid[name]; ok && v == w {
			delete(d, name)
		}
	}
}
