package boot

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Getenv reads one variable; os.Getenv is the one.
type Getenv func(name string) string

// env reads the variables of one function and collects what is wrong with them.
type env struct {
	function string
	get      Getenv
	known    map[string]Variable
	bad      []string
}

func open(function string, get Getenv) *env {
	e := &env{function: function, get: get, known: map[string]Variable{}}
	for _, v := range Variables() {
		if v.Reads(function) {
			e.known[v.Name] = v
		}
	}
	return e
}

// err is one line that names every variable that is missing or makes no sense,
// nil where none does. Values are never repeated: some are close to secrets.
func (e *env) err() error {
	if len(e.bad) == 0 {
		return nil
	}
	return fmt.Errorf("%s can't start: %s", e.function, strings.Join(e.bad, "; "))
}

func (e *env) refuse(name, why string) { e.bad = append(e.bad, name+" "+why) }

// text reads a variable. One that isn't in the list for this function is a
// defect of boot itself, found by the first test that loads the function.
func (e *env) text(name string) string {
	v, ok := e.known[name]
	if !ok {
		e.refuse(name, "isn't in the list of variables of this function")
		return ""
	}
	s := strings.TrimSpace(e.get(name))
	if s != "" {
		return s
	}
	if !v.Optional {
		e.refuse(name, "is missing")
	}
	return v.Default
}

// name reads what names something of AWS's or Google's: a region, a table, a key,
// a parameter, a client. Whatever form each has, none has spaces, quotes or
// brackets in it, as a value has that was cut or pasted wrong.
func (e *env) name(variable string) string {
	s := e.text(variable)
	bad := strings.ContainsFunc(s, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune("-_.:/#", r)
	})
	if bad || len(s) > 2048 {
		e.refuse(variable, "must be a name of letters, digits and -_.:/#")
		return ""
	}
	return s
}

// list reads comma-separated values.
func (e *env) list(name string) []string {
	var out []string
	for s := range strings.SplitSeq(e.text(name), ",") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// pair is one name=value of a list.
type pair struct{ name, value string }

// pairs reads comma-separated name=value, in order, each name once.
func (e *env) pairs(name string) []pair {
	var out []pair
	for _, s := range e.list(name) {
		k, v, ok := strings.Cut(s, "=")
		k, v = strings.TrimSpace(k), strings.TrimSpace(v)
		if !ok || k == "" || v == "" || slices.ContainsFunc(out, func(p pair) bool { return p.name == k }) {
			e.refuse(name, "must be name=value, separated by commas, each name once")
			return nil
		}
		out = append(out, pair{k, v})
	}
	return out
}

// number reads a whole number of at least one.
func (e *env) number(name string) int {
	s := e.text(name)
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		e.refuse(name, "must be a whole number of at least 1")
		return 0
	}
	return n
}

// address reads a URL that tokens or secrets may be sent to: https, or http to
// this very machine.
func (e *env) address(name string) string {
	s := e.text(name)
	if s == "" {
		return ""
	}
	if err := safe(s); err != nil {
		e.refuse(name, err.Error())
		return ""
	}
	return s
}

// origins reads a list of origins as browsers write them: no path, no slash, and
// nothing that could end a word of a Content-Security-Policy. Tokens are sent to
// and from them, so each is https, or http to this very machine.
func (e *env) origins(name string) []string {
	list := e.list(name)
	for _, o := range list {
		u, err := url.Parse(o)
		if err != nil || safe(o) != nil || o != u.Scheme+"://"+u.Host || strings.ContainsAny(u.Host, ";'*") {
			e.refuse(name, "must hold origins such as https://app.example.com")
			return nil
		}
	}
	return list
}

// prefix reads the beginning of a scope's name, which nothing that parts two
// scopes can be in: issuers write lists of them in several ways.
func (e *env) prefix(name string) string {
	s := e.scopes(name)
	if strings.ContainsAny(s, " ,[]") {
		e.refuse(name, "must be the beginning of a scope's name")
		return ""
	}
	return s
}

// scopes reads one scope or several, separated by spaces, in RFC 6749's letters
// (3.3): printable ASCII but for the quote and the backslash.
func (e *env) scopes(name string) string {
	s := e.text(name)
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
		e.refuse(name, "must be scopes, separated by spaces")
		return ""
	}
	return s
}

func safe(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "" || u.User != nil:
		return errors.New("must be an absolute URL without a user")
	case u.Scheme == "https", u.Scheme == "http" && loopback(u.Hostname()):
		return nil
	}
	return errors.New("must be https, or http to this very machine")
}

// loopback takes names literally, so that nobody's name server has a say.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
