package dynamo

import (
	"strconv"
	"strings"
)

// Scopes are stored as OAuth writes them, apart by spaces, except that a scope
// which begins like the one before says only how much of it: scopes of one
// provider are addresses that differ in their last part, and the record has 1 KB
// to fit into. The backslash that marks it can't be part of a scope (RFC 6749,
// section 3.3).
const scopeMark = `\`

// worthSharing is the shortest beginning for which the mark is shorter.
const worthSharing = 4

func packScopes(scopes []string) string {
	out := make([]string, len(scopes))
	last := ""
	for i, s := range scopes {
		n := 0
		for n < min(len(s), len(last)) && s[n] == last[n] {
			n++
		}
		out[i] = s
		if n >= worthSharing {
			out[i] = strconv.Itoa(n) + scopeMark + s[n:]
		}
		last = s
	}
	return strings.Join(out, " ")
}

func (r *reader) scopes(name string) []string {
	packed := fields(r.str(name))
	for i, s := range packed {
		count, rest, marked := strings.Cut(s, scopeMark)
		if !marked {
			continue
		}
		n, err := strconv.Atoi(count)
		if err != nil || i == 0 || n < 0 || n > len(packed[i-1]) {
			r.broken(name, r.it[name])
			return nil
		}
		packed[i] = packed[i-1][:n] + rest
	}
	return packed
}
