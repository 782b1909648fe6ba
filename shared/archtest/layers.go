package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// layer is a row of the table of arrows. A package belongs to the row that names
// it or, most exactly, a folder above it.
type layer struct {
	name     string
	packages []string
	may      []string // layers it may import; itself only if it is named
	why      string   // and no other, because
}

const (
	domain    = "domain"
	useCases  = "use cases"
	reckoning = "reckoning"
	adapters  = "adapters"
	trim      = "edge trim"
	edge      = "edge"
	wiring    = "wiring"
	functions = "functions"
	simulator = "simulator"
	suites    = "suites"
	workshop  = "workshop"
	programs  = "programs"
)

// deployable is every layer whose code may run in AWS.
var deployable = []string{domain, useCases, reckoning, adapters, trim, edge, wiring}

var layers = []layer{
	{
		domain, shared("fault", "integration", "calendar", "job", "seal"), []string{domain},
		"the domain is what Aura means whoever stores, sends or shows it; it imports the standard library and itself",
	},
	{
		useCases, shared("connect", "calsync", "dispatch", "watch", "edit"), []string{domain},
		"a use case speaks to ports, so that it can be proved on the store in memory in virtual time and run on any other",
	},
	{
		reckoning, shared("recurrence"), []string{domain},
		"working out a recurrence is arithmetic behind calendar's types; it needs neither store nor provider",
	},
	{
		adapters, shared("dynamo", "sqsqueue", "kmskey", "ssmsecrets", "filekey", "google", "memory"), []string{domain},
		"an adapter turns one technology into the domain's ports; one that knew another couldn't be replaced alone",
	},
	{
		trim, shared("lambdahttp", "console", "telemetry", "jwtauth", "httpapi/apispec"), []string{domain},
		"these serve every product alike: they know a request, a log line, a token, and nothing of integrations' cases",
	},
	{
		edge, shared("httpapi"), []string{domain, useCases, reckoning, trim},
		"handlers call use cases through ports; one that knew a store or AWS could only be tested with it",
	},
	{
		wiring, shared("boot"), deployable,
		"boot puts together what runs in AWS, which must not carry its own proof along",
	},
	{
		functions, []string{"functions"}, deployable,
		"a function wires what runs in AWS, which must not carry its own proof along",
	},
	{
		simulator, shared("googlesim"), []string{simulator},
		"the simulator is written from Google's documentation alone; what it shared with Aura, a mistake in it would hide in both",
	},
	{
		suites, shared("storetest", "calendartest", "queuetest", "seal/wraptest", "httpapi/apitest", "oracle", "runtimeapi", "samtemplate", "awscalls"), []string{domain, trim, suites},
		"a proof that used an engine or an adapter would grade itself",
	},
	{
		workshop, shared("devstack", "archtest"), nil,
		"tools of the workshop know nothing of the product, so a fault of theirs is never the product's",
	},
	{
		programs, shared("local", "deployment", "cmd", "e2e"),
		append(slices.Clone(deployable), simulator, suites, workshop, programs),
		"", // may import everything but functions, which are mains
	},
}

// shared names folders below shared/.
func shared(names ...string) []string {
	for i, n := range names {
		names[i] = "shared/" + n
	}
	return names
}

// exception is an arrow that the table forbids and that is there for a reason.
type exception struct {
	from, to string // packages, and what lies below them
	why      string
}

var exceptions = []exception{
	{"shared/calsync", "shared/connect", "the engine borrows its access tokens there and knows a revoked grant by connect's code"},
	{"shared/google/oauth", "shared/connect", "the provider's OAuth port is declared by its only user"},
}

// layerOf finds a package's row: the one that names it most exactly.
func layerOf(pkg string) *layer {
	var best *layer
	longest := -1
	for i := range layers {
		for _, p := range layers[i].packages {
			if within(pkg, []string{p}) && len(p) > longest {
				best, longest = &layers[i], len(p)
			}
		}
	}
	return best
}

func placed(t *Tree) []Finding {
	var found []Finding
	for _, p := range t.Packages {
		if len(p.built()) > 0 && layerOf(p.Path) == nil {
			found = append(found, Finding{p.Path, "the package is in no layer; add it to the table in shared/archtest/layers.go",
				"what the table doesn't know may import anything"})
		}
	}
	return found
}

func arrows(t *Tree) []Finding {
	var found []Finding
	for _, p := range t.Packages {
		from := layerOf(p.Path)
		if from == nil {
			continue // placed says so
		}
		for _, f := range p.built() {
			for _, imp := range f.Imports() {
				target, ok := t.local(imp.Path)
				if !ok || family(p.Path) == family(target) || excepted(p.Path, target) {
					continue
				}
				to := layerOf(target)
				if to == nil || slices.Contains(from.may, to.name) {
					continue
				}
				found = append(found, Finding{t.at(imp.Pos),
					fmt.Sprintf("%s (%s) imports %s (%s)", p.Path, from.name, target, to.name), reason(from, to)})
			}
		}
	}
	return found
}

func reason(from, to *layer) string {
	if to.name == functions {
		return "a function is a main, and nothing imports a main"
	}
	return from.why
}

// family is the part of a package's path that names one thing: packages below
// shared/google are all the adapter google, and may know one another.
func family(pkg string) string {
	parts := strings.SplitN(pkg, "/", 3)
	if len(parts) > 2 && !slices.ContainsFunc(layers, func(l layer) bool { return slices.Contains(l.packages, pkg) }) {
		parts = parts[:2]
	}
	return strings.Join(parts, "/")
}

func excepted(from, to string) bool {
	return slices.ContainsFunc(exceptions, func(e exception) bool {
		return within(from, []string{e.from}) && within(to, []string{e.to})
	})
}
