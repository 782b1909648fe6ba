package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// module is a row of the table of outside modules: these import paths, and what
// lies below them, may be seen by these packages and what lies below them.
// Tests are free to use them.
type module struct {
	name  string
	paths []string
	users []string
	why   string
}

var modules = []module{
	{
		"AWS's SDK", []string{"github.com/aws"},
		append(shared("dynamo", "sqsqueue", "kmskey", "ssmsecrets", "boot", "lambdahttp", "local", "deployment", "cmd", "e2e"), "functions"),
		"AWS is one place to run; only its adapters, boot, lambdahttp and the mains see it (devstack starts its stand-ins without it)",
	},
	{
		"Google's client", []string{"google.golang.org/api", "golang.org/x/oauth2"}, shared("google"),
		"only the adapter speaks to Google, and the simulator must not be built of the same parts",
	},
	{
		"the recurrence library", []string{"github.com/teambition/rrule-go"}, shared("recurrence", "googlesim"),
		"its local-time and bounds traps are dealt with once, in recurrence; the simulator, which may not import that, deals with them by itself",
	},
	{
		"iCalendar", []string{"github.com/arran4/golang-ical"}, shared("googlesim"),
		".ics files fill the simulator; Aura itself never reads one",
	},
	{
		"JWT", []string{"github.com/golang-jwt/jwt", "github.com/MicahParks/keyfunc"}, shared("jwtauth", "googlesim", "local"),
		"tokens are verified in one place, so that there is one place to get it right; the others issue them for the local run",
	},
	{
		"OpenAPI validation", []string{"github.com/getkin/kin-openapi", "github.com/santhosh-tekuri/jsonschema"}, shared("httpapi/apitest"),
		"the contract is held by tests; a function that carried the validator would start slower for nothing",
	},
	{
		"YAML", []string{"gopkg.in/yaml.v3"}, shared("httpapi/apispec", "httpapi/apitest", "samtemplate", "cmd"),
		"two files are YAML, the contract and the template",
	},
	{
		"command lines", []string{"github.com/alecthomas/kong", "github.com/jotaen/kong-completion"}, shared("cmd"),
		"flags belong to mains; everything else takes plain arguments",
	},
	{
		"ULIDs", []string{"github.com/oklog/ulid"}, shared("boot", "dynamo", "storetest", "local", "cmd", "memory"),
		"ids are made outside the domain, by a function that is handed in, so that tests know them beforehand",
	},
	{
		"Go's own extensions", []string{"golang.org/x/sync", "golang.org/x/time"},
		shared("connect", "calsync", "dispatch", "watch", "dynamo", "sqsqueue", "kmskey", "google", "boot", "local", "cmd", "e2e", "oracle"),
		"bounded concurrency and rates are use cases' and adapters' business; the domain has neither",
	},
	{
		"HTML", []string{"golang.org/x/net"}, shared("googlesim", "cmd/samlocal"),
		"the simulator reads descriptions as Google does, a proof its consent page; Aura passes them on",
	},
	{
		"tests' own", []string{"pgregory.net/rapid", "github.com/anishathalye/porcupine", "go.uber.org/goleak", "github.com/chromedp"},
		shared("oracle", "storetest", "calendartest", "queuetest", "e2e", "cmd"),
		"what proves is not deployed with what is proved",
	},
}

func technology(t *Tree) []Finding {
	var found []Finding
	for _, p := range t.Packages {
		for _, f := range p.built() {
			for _, imp := range f.Imports() {
				if _, ours := t.local(imp.Path); ours || standard(imp.Path) {
					continue
				}
				m := moduleOf(imp.Path)
				switch {
				case m == nil:
					found = append(found, Finding{t.at(imp.Pos), fmt.Sprintf("%s imports %s, which is in no row of shared/archtest/technology.go", p.Path, imp.Path),
						"a dependency is taken on for one purpose, by the packages that serve it"})
				case !within(p.Path, m.users):
					found = append(found, Finding{t.at(imp.Pos), fmt.Sprintf("%s imports %s (%s)", p.Path, imp.Path, m.name), m.why})
				}
			}
		}
	}
	return found
}

func moduleOf(importPath string) *module {
	i := slices.IndexFunc(modules, func(m module) bool { return within(importPath, m.paths) })
	if i < 0 {
		return nil
	}
	return &modules[i]
}

// calendarCallers are the functions that may link Google's calendar client,
// which brings gRPC and OpenTelemetry along.
var calendarCallers = []string{"functions/sync-worker"}

// lightweight follows every function's imports through the module.
func lightweight(t *Tree) []Finding {
	var found []Finding
	for _, p := range t.Packages {
		if !within(p.Path, []string{"functions"}) || within(p.Path, calendarCallers) {
			continue
		}
		if chain := t.reach(p, "google.golang.org/api/calendar", map[string]bool{}); chain != nil {
			found = append(found, Finding{p.Path, "it links Google's calendar client by way of " + strings.Join(chain, " → "),
				"the client more than doubles a cold start; only sync-worker calls Google's calendar"})
		}
	}
	return found
}

// reach gives the imports that lead from a package to an outside one.
func (t *Tree) reach(p *Package, outside string, seen map[string]bool) []string {
	seen[p.Path] = true
	for _, f := range p.built() {
		for _, imp := range f.Imports() {
			if within(imp.Path, []string{outside}) {
				return []string{p.Path, imp.Path}
			}
			target, ok := t.local(imp.Path)
			if !ok || seen[target] {
				continue
			}
			if next := t.find(target); next != nil {
				if chain := t.reach(next, outside, seen); chain != nil {
					return append([]string{p.Path}, chain...)
				}
			}
		}
	}
	return nil
}

func (t *Tree) find(pkg string) *Package {
	i := slices.IndexFunc(t.Packages, func(p *Package) bool { return p.Path == pkg })
	if i < 0 {
		return nil
	}
	return t.Packages[i]
}
