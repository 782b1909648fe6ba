package icsfile

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// line is one logical content line and the number of the physical one it
// begins on.
type line struct {
	number int
	text   string
}

// unfold joins folded lines, RFC 5545 section 3.1. It works on bytes: some
// programs fold in the middle of a UTF-8 sequence. Line ends may be CRLF, LF
// or CR, for files that went through other hands.
func unfold(data []byte) []line {
	var out []line
	var current []byte // the logical line being gathered
	folded := false    // current is a copy, so it may be appended to
	began := 0
	flush := func() {
		if len(bytes.TrimSpace(current)) > 0 {
			out = append(out, line{began, decode(current)})
		}
	}
	for number := 1; len(data) > 0; number++ {
		var text []byte
		text, data = cutLine(data)
		if began == 0 || len(text) == 0 || (text[0] != ' ' && text[0] != '\t') {
			flush()
			current, folded, began = text, false, number
			continue
		}
		if !folded { // an attachment is one line of megabytes: grow, don't copy each time
			current, folded = append(make([]byte, 0, 4*len(current)), current...), true
		}
		current = append(current, text[1:]...)
	}
	flush()
	return out
}

// cutLine takes one physical line off the front.
func cutLine(data []byte) (text, rest []byte) {
	end := bytes.IndexAny(data, "\r\n")
	switch {
	case end < 0:
		return data, nil
	case data[end] == '\r' && end+1 < len(data) && data[end+1] == '\n':
		return data[:end], data[end+2:]
	}
	return data[:end], data[end+1:]
}

// decode takes bytes that are not UTF-8 for Latin-1, which old Outlook
// versions write without saying so.
func decode(text []byte) string {
	if utf8.Valid(text) {
		return string(text)
	}
	var b strings.Builder
	for _, c := range text {
		b.WriteRune(rune(c))
	}
	return b.String()
}
