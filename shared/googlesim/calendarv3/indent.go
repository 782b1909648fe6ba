package calendarv3

import "bytes"

// indent lays compact, valid JSON out as Google does by default, a space a
// level. encoding/json would check every byte again, which for a page of 2,500
// events takes longer than everything else together; a test holds the two
// equal.
func indent(compact []byte) []byte {
	out := make([]byte, 0, len(compact)+len(compact)/2)
	depth := 0
	line := func() {
		out = append(out, '\n')
		for range depth {
			out = append(out, ' ')
		}
	}
	for i := 0; i < len(compact); i++ {
		switch ch := compact[i]; ch {
		case '"':
			end := i + stringEnd(compact[i:])
			out = append(out, compact[i:end]...)
			i = end - 1
		case '{', '[':
			out = append(out, ch)
			if i+1 < len(compact) && (compact[i+1] == '}' || compact[i+1] == ']') {
				i++
				out = append(out, compact[i])
				continue
			}
			depth++
			line()
		case '}', ']':
			depth--
			line()
			out = append(out, ch)
		case ',':
			out = append(out, ch)
			line()
		case ':':
			out = append(out, ':', ' ')
		default:
			out = append(out, ch)
		}
	}
	return out
}

// stringEnd is the length of the string literal that s begins with.
func stringEnd(s []byte) int {
	for at := 1; at < len(s); {
		quote := bytes.IndexByte(s[at:], '"')
		if quote < 0 {
			return len(s)
		}
		at += quote
		escapes := 0
		for s[at-1-escapes] == '\\' {
			escapes++
		}
		at++
		if escapes%2 == 0 {
			return at
		}
	}
	return len(s)
}
