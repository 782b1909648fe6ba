package awscalls

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"aura.example/integrations/shared/samtemplate"
)

// Book holds calls to policies and remembers what was made use of. It is safe
// for concurrent use, and may serve many deployments of one template: uses are
// told apart by statement, not by resource names.
type Book struct {
	mu       sync.Mutex
	used     map[use]bool
	policies map[string][]samtemplate.Statement // the last given, by function
}

// use is one thing that one statement of one function allows.
type use struct {
	function, sid, action string
	resource              int    // which of the statement's
	key                   string // the pattern that a leading key matched; "" where the statement has none
}

// NewBook makes an empty one.
func NewBook() *Book {
	return &Book{used: map[use]bool{}, policies: map[string][]samtemplate.Statement{}}
}

// Policies are the statements of a deployment's functions.
type Policies map[string][]samtemplate.Statement

// PoliciesOf reads them for a deployment.
func PoliciesOf(t *samtemplate.Template, v samtemplate.Values) (Policies, error) {
	out := Policies{}
	for folder, f := range t.Functions() {
		s, err := t.Policy(f, v)
		if err != nil {
			return nil, err
		}
		out[folder] = s
	}
	return out, nil
}

// Note looks a call up in its function's policy. It gives an error where no
// statement allows it.
func (b *Book) Note(p Policies, function string, c Call) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, statements := range p {
		b.policies[name] = statements
	}
	allowed := false
	for _, s := range p[function] {
		at, keys, ok := allows(s, c)
		if !ok {
			continue
		}
		allowed = true
		for _, k := range keys {
			b.used[use{function, s.Sid, c.Action, at, k}] = true
		}
		break
	}
	if allowed {
		return nil
	}
	return fmt.Errorf("%s may not %s on %s with keys %q", function, c.Action, c.Resource, c.Keys)
}

// allows reports whether a statement allows a call, by which of its resources,
// and which of its key patterns were made use of.
func allows(s samtemplate.Statement, c Call) (resource int, keys []string, ok bool) {
	at := slices.Index(s.Resources, c.Resource)
	if at < 0 || !slices.Contains(s.Actions, c.Action) {
		return 0, nil, false
	}
	for name, want := range s.Context {
		if c.Context[name] != want {
			return 0, nil, false
		}
	}
	if s.LeadingKeys == nil {
		return at, []string{""}, true
	}
	for _, k := range c.Keys {
		i := slices.IndexFunc(s.LeadingKeys, func(pattern string) bool { return like(pattern, k) })
		if i < 0 {
			return 0, nil, false
		}
		keys = append(keys, s.LeadingKeys[i])
	}
	return at, keys, len(keys) > 0
}

// like is StringLike for what the template uses: a * at the end, or none.
func like(pattern, s string) bool {
	if head, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(s, head)
	}
	return pattern == s
}

// Unused lists what policies allow and nothing asked for, among the actions that
// the caller cares for.
func (b *Book) Unused(cares func(action string) bool) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for function, statements := range b.policies {
		for _, s := range statements {
			patterns := s.LeadingKeys
			if patterns == nil {
				patterns = []string{""}
			}
			for _, action := range s.Actions {
				if !cares(action) {
					continue
				}
				for at, resource := range s.Resources {
					for _, k := range patterns {
						if !b.used[use{function, s.Sid, action, at, k}] {
							out = append(out, fmt.Sprintf("%s, %s: %s on %s %s", function, s.Sid, action, logical(resource), k))
						}
					}
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// logical is a resource's name without what a deployment puts before it.
func logical(resource string) string {
	name := path.Base(resource)
	if strings.Contains(resource, ":table/") {
		name = name[strings.LastIndex(name, "-")+1:]
	}
	return name
}
