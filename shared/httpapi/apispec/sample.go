package apispec

import (
	"encoding/json"
	"strings"
)

// pretty writes an example as JSON in the order in which it was written, which
// encoding/json, going through maps, would lose.
func pretty(n node) string {
	var b strings.Builder
	write(&b, n, "\n", "  ")
	return b.String()
}

// compact writes an example as JSON on one line, for a shell.
func compact(n node) string {
	var b strings.Builder
	write(&b, n, "", "")
	return b.String()
}

// write appends n; newline begins each line with its indentation so far, and is
// "" for one line.
func write(b *strings.Builder, n node, newline, indent string) {
	deeper, colon := newline, ":"
	if newline != "" {
		deeper, colon = newline+indent, ": "
	}
	switch n.tag() {
	case "!!map":
		first := true
		b.WriteByte('{')
		n.each(func(k string, v node) {
			if !first {
				b.WriteByte(',')
			}
			first = false
			b.WriteString(deeper + quote(k) + colon)
			write(b, v, deeper, indent)
		})
		if !first {
			b.WriteString(newline)
		}
		b.WriteByte('}')
	case "!!seq":
		b.WriteByte('[')
		for i, v := range n.items() {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(deeper)
			write(b, v, deeper, indent)
		}
		if len(n.items()) > 0 {
			b.WriteString(newline)
		}
		b.WriteByte(']')
	case "!!int", "!!float", "!!bool":
		b.WriteString(n.text())
	case "!!null", "":
		b.WriteString("null")
	default:
		b.WriteString(quote(n.text()))
	}
}

// quote is a JSON string that keeps <, > and & readable: html/template escapes
// what goes into the page.
func quote(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string can't fail
	return strings.TrimSuffix(b.String(), "\n")
}

// shell quotes an argument for a POSIX shell.
func shell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
