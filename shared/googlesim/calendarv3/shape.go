package calendarv3

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// A shape describes a JSON value of the API. Three things hang on it: bodies
// are checked against it, `fields` selectors are resolved in it, and a test
// holds it to Google's discovery document.
type shape struct {
	is     kindOf
	fields map[string]*shape // of an object
	of     *shape            // of a list's items
}

type kindOf uint8

const (
	isText     kindOf = iota // string
	isFlag                   // boolean
	isWhole                  // integer, int32
	isLong                   // integer, int64: a string in JSON, though a bare number is understood
	isObject                 // object with known members
	isTexts                  // object with arbitrary members, each a string
	isList                   // array
	isAnything               // object that the simulator carries without looking into it
)

var (
	text     = &shape{is: isText}
	flag     = &shape{is: isFlag}
	whole    = &shape{is: isWhole}
	long     = &shape{is: isLong}
	texts    = &shape{is: isTexts}
	anything = &shape{is: isAnything}
)

// list is the shape of an array.
func list(of *shape) *shape { return &shape{is: isList, of: of} }

// object builds a shape from lines "member member …" by kind, to keep the
// tables readable.
func object(of map[string]*shape, simple ...string) *shape {
	for _, line := range simple {
		kind, names, _ := strings.Cut(line, ":")
		for name := range strings.FieldsSeq(names) {
			of[name] = map[string]*shape{"text": text, "flag": flag, "whole": whole, "long": long}[kind]
		}
	}
	return &shape{is: isObject, fields: of}
}

// conform checks a decoded JSON value (json.Number for numbers) and returns it
// with unknown members left out: Calendar ignores what it doesn't know in a
// body. null is kept, since PATCH means something by it.
func (s *shape) conform(v any, path string) (any, *Error) {
	if v == nil {
		return nil, nil
	}
	wrong := func(want string) *Error {
		return errInvalid("Invalid value for %s: expected %s, got %s", path, want, clip(fmt.Sprint(v)))
	}
	switch s.is {
	case isText:
		if t, ok := v.(string); ok {
			return t, nil
		}
		return nil, wrong("a string")
	case isFlag:
		if b, ok := v.(bool); ok {
			return b, nil
		}
		return nil, wrong("a boolean")
	case isWhole, isLong:
		n, ok := wholeNumber(v, s.is == isLong)
		if !ok {
			return nil, wrong("an integer")
		}
		return n, nil
	case isTexts:
		m, ok := v.(map[string]any)
		if !ok {
			return nil, wrong("an object")
		}
		for name, member := range m {
			if _, err := text.conform(member, path+"."+clip(name)); err != nil {
				return nil, err
			}
		}
		return m, nil
	case isList:
		l, ok := v.([]any)
		if !ok {
			return nil, wrong("an array")
		}
		return s.conformItems(l, path)
	case isAnything:
		if m, ok := v.(map[string]any); ok {
			return m, nil
		}
		return nil, wrong("an object")
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, wrong("an object")
	}
	return s.conformMembers(m, path)
}

// conformItems refuses null inside an array: there it can't mean "remove".
func (s *shape) conformItems(l []any, path string) (any, *Error) {
	out := make([]any, len(l))
	for i, item := range l {
		if item == nil {
			return nil, errInvalid("Invalid value for %s: null in an array", path)
		}
		kept, err := s.of.conform(item, fmt.Sprintf("%s[%d]", path, i))
		if err != nil {
			return nil, err
		}
		out[i] = kept
	}
	return out, nil
}

// conformMembers goes through an object and leaves out what it doesn't know.
func (s *shape) conformMembers(m map[string]any, path string) (any, *Error) {
	out := make(map[string]any, len(m))
	for name, member := range m {
		known, ok := s.fields[name]
		if !ok {
			continue
		}
		kept, err := known.conform(member, strings.TrimPrefix(path+"."+name, "."))
		if err != nil {
			return nil, err
		}
		out[name] = kept
	}
	return out, nil
}

// wholeNumber reads an integer of 32 bits, or of 64 which JSON may carry as a
// string.
func wholeNumber(v any, wide bool) (int64, bool) {
	bits, digits := 32, ""
	switch n := v.(type) {
	case json.Number:
		digits = n.String()
	case string:
		if !wide {
			return 0, false
		}
		digits = n
	case float64: // from operations in process, whose maps may come from plain encoding/json
		digits = strconv.FormatFloat(n, 'f', -1, 64)
	case int:
		digits = strconv.Itoa(n)
	case int64:
		digits = strconv.FormatInt(n, 10)
	default:
		return 0, false
	}
	if wide {
		bits = 64
	}
	i, err := strconv.ParseInt(digits, 10, bits)
	return i, err == nil
}

// clip keeps what a client sent from filling the error message.
func clip(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}
