package archtest

import (
	"strings"
	"testing"
	"testing/fstest"
)

// plant is a small tree with something in it. A key without a dot is a package
// and its value the body of one file there, below the package clause; any other
// key is a file and its value the whole of it.
type plant map[string]string

func (p plant) tree(t *testing.T) *Tree {
	t.Helper()
	fsys := fstest.MapFS{"go.mod": {Data: []byte("module aura.example/integrations\n\ngo 1.26\n")}}
	for where, what := range p {
		if !strings.Contains(where, ".") {
			name := where[strings.LastIndex(where, "/")+1:]
			if strings.HasPrefix(where, "functions/") || strings.HasPrefix(where, "shared/cmd/") {
				what = "// Command " + name + " is planted.\npackage main\n" + what
			} else {
				what = "// Package " + name + " is planted.\npackage " + name + "\n" + what
			}
			where += "/main.go"
		}
		fsys[where] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(what, "AURA/", "aura.example/integrations/"))}
	}
	tree, err := Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// planted are trees that break a rule, with a word of what must be said; where
// that is "", the tree keeps the rule, narrowly.
var planted = map[string][]struct {
	name  string
	plant plant
	says  string
}{
	"every package has a layer": {
		{"a new folder", plant{"shared/misc": ``}, "shared/misc"},
		{"outside both", plant{"internal/x": ``}, "internal/x"},
		{"tests alone need none", plant{"shared/misc/a_test.go": "package misc"}, ""},
		{"below one that has", plant{"shared/google/oauth": ``}, ""},
		{"a folder of the same beginning", plant{"shared/googleplus": ``}, "shared/googleplus"},
	},
	"imports follow the arrows": {
		{"domain → use case", plant{"shared/job": `import _ "AURA/shared/dispatch"`}, "shared/job (domain) imports shared/dispatch (use cases)"},
		{"domain → domain", plant{"shared/job": `import _ "AURA/shared/integration"`}, ""},
		{"use case → adapter", plant{"shared/connect": `import _ "AURA/shared/dynamo"`}, "shared/dynamo (adapters)"},
		{"use case → use case", plant{"shared/dispatch": `import _ "AURA/shared/calsync"`}, "shared/calsync"},
		{"the engine borrows tokens", plant{"shared/calsync": `import _ "AURA/shared/connect"`}, ""},
		{"the exception is one way", plant{"shared/connect": `import _ "AURA/shared/calsync"`}, "shared/calsync"},
		{"adapter → adapter", plant{"shared/dynamo": `import _ "AURA/shared/kmskey"`}, "shared/kmskey"},
		{"an adapter's own parts", plant{"shared/google/oauth": `import _ "AURA/shared/google"`}, ""},
		{"a suite below the edge is no part of it", plant{"shared/httpapi": `import _ "AURA/shared/httpapi/apitest"`}, "shared/httpapi/apitest (suites)"},
		{"edge → adapter", plant{"shared/httpapi": `import _ "AURA/shared/dynamo"`}, "shared/dynamo"},
		{"edge → boot", plant{"shared/httpapi": `import _ "AURA/shared/boot"`}, "shared/boot"},
		{"trim → use case", plant{"shared/telemetry": `import _ "AURA/shared/connect"`}, "shared/connect"},
		{"boot → simulator", plant{"shared/boot": `import _ "AURA/shared/googlesim"`}, "shared/googlesim"},
		{"a function → the stand-ins", plant{"functions/status": `import _ "AURA/shared/devstack"`}, "shared/devstack"},
		{"a function → its adapter", plant{"functions/status": `import _ "AURA/shared/dynamo"`}, ""},
		{"a function → a function", plant{"functions/status": `import _ "AURA/functions/events"`}, "functions/events"},
		{"the local run → a function", plant{"shared/local": `import _ "AURA/functions/events"`}, "nothing imports a main"},
		{"the local run → anything else", plant{"shared/local": `import (_ "AURA/shared/dynamo"; _ "AURA/shared/googlesim"; _ "AURA/shared/devstack")`}, ""},
		{"simulator → domain", plant{"shared/googlesim": `import _ "AURA/shared/calendar"`}, "shared/calendar"},
		{"simulator → adapter", plant{"shared/googlesim/accounts": `import _ "AURA/shared/google"`}, "shared/google"},
		{"adapter → simulator", plant{"shared/google": `import _ "AURA/shared/googlesim"`}, "shared/googlesim"},
		{"oracle → engine", plant{"shared/oracle": `import _ "AURA/shared/calsync"`}, "grade itself"},
		{"oracle → adapter", plant{"shared/oracle": `import _ "AURA/shared/google/calendarv3"`}, "grade itself"},
		{"oracle → domain", plant{"shared/oracle": `import _ "AURA/shared/calendar"`}, ""},
		{"workshop → product", plant{"shared/devstack": `import _ "AURA/shared/fault"`}, "shared/fault"},
		{"a test may", plant{"shared/job/a_test.go": "package job\nimport _ \"AURA/shared/dynamo\""}, ""},
	},
	"outside modules stay where they belong": {
		{"domain → anything", plant{"shared/fault": `import _ "golang.org/x/sync/errgroup"`}, "the domain has neither"},
		{"use case → AWS", plant{"shared/calsync": `import _ "github.com/aws/aws-sdk-go-v2/aws"`}, "AWS's SDK"},
		{"edge → AWS", plant{"shared/httpapi": `import _ "github.com/aws/aws-lambda-go/events"`}, "AWS's SDK"},
		{"stand-ins → AWS", plant{"shared/devstack": `import _ "github.com/aws/aws-sdk-go-v2/aws"`}, "AWS's SDK"},
		{"adapter → AWS", plant{"shared/dynamo": `import _ "github.com/aws/aws-sdk-go-v2/service/dynamodb"`}, ""},
		{"a main → AWS", plant{"functions/events": `import _ "github.com/aws/aws-lambda-go/lambda"`}, ""},
		{"simulator → Google's client", plant{"shared/googlesim": `import _ "google.golang.org/api/calendar/v3"`}, "Google's client"},
		{"engine → Google's client", plant{"shared/calsync": `import _ "google.golang.org/api/googleapi"`}, "Google's client"},
		{"another → the recurrence library", plant{"shared/calsync": `import _ "github.com/teambition/rrule-go"`}, "local-time"},
		{"recurrence → its library", plant{"shared/recurrence": `import _ "github.com/teambition/rrule-go"`}, ""},
		{"function → validator", plant{"functions/events": `import _ "github.com/getkin/kin-openapi/openapi3"`}, "OpenAPI"},
		{"a stranger", plant{"shared/httpapi": `import _ "github.com/gorilla/mux"`}, "in no row"},
		{"one of the same beginning", plant{"shared/dynamo": `import _ "github.com/awsome/x"`}, "in no row"},
		{"a test may", plant{"shared/job/a_test.go": "package job\nimport _ \"pgregory.net/rapid\""}, ""},
	},
	"only what calls Google's calendar links its client": {
		{"by way of an adapter", plant{
			"functions/status":         `import _ "AURA/shared/boot"`,
			"shared/boot":              `import _ "AURA/shared/google/calendarv3"`,
			"shared/google/calendarv3": `import _ "google.golang.org/api/calendar/v3"`,
		}, "functions/status → shared/boot → shared/google/calendarv3 → google.golang.org/api/calendar/v3"},
		{"the worker", plant{
			"functions/sync-worker":    `import _ "AURA/shared/google/calendarv3"`,
			"shared/google/calendarv3": `import _ "google.golang.org/api/calendar/v3"`,
		}, ""},
		{"the adapter's light part", plant{
			"functions/status":         `import _ "AURA/shared/google"`,
			"shared/google":            ``,
			"shared/google/calendarv3": `import _ "google.golang.org/api/calendar/v3"`,
		}, ""},
	},
	"Google's wire format stays in two packages": {
		{"engine", plant{"shared/calsync": `const field = "nextSyncToken"`}, "nextSyncToken"},
		{"a tag", plant{"shared/httpapi": "type e struct { U string `json:\"iCalUID\"` }"}, "iCalUID"},
		{"a header", plant{"shared/httpapi": `var h = "X-Goog-Channel-ID"`}, "X-Goog-"},
		{"the adapter", plant{"shared/google": `var h = "X-Goog-Channel-ID"`}, ""},
		{"a comment", plant{"shared/calsync": `// nextSyncToken is Google's.`}, ""},
	},
	"only a transition sets a status": {
		{"an assignment", statusPlant("shared/connect", `func f(r *integration.Integration) { r.Status = integration.Active }`), "main.go:4: shared/connect sets"},
		{"one of several", statusPlant("shared/connect", `func f(r *integration.Integration, s integration.Status) { r.ID, r.Status = "", s }`), "sets"},
		{"by way of an embedding", statusPlant("shared/connect", `type w struct{ *integration.Integration }; func f(x w) { x.Status = "active" }`), "sets"},
		{"by way of a pointer", statusPlant("shared/connect", `func f(r *integration.Integration) *integration.Status { return &r.Status }`), "sets"},
		{"in a literal", statusPlant("shared/calsync", `var r = &integration.Integration{Status: "active"}`), "sets"},
		{"in a literal without keys", statusPlant("shared/calsync", `var r = integration.Integration{"", "active"}`), "sets"},
		{"in what a function returns", statusPlant("shared/httpapi", `func g() (*integration.Integration, error) { return nil, nil }
func f() { r, _ := g(); r.Status = integration.Active }`), "sets"},
		{"a store restores", statusPlant("shared/dynamo", `func f(s string) integration.Integration { return integration.Integration{Status: integration.Status(s)} }`), ""},
		{"a store decides", statusPlant("shared/dynamo", `func f(r *integration.Integration) { r.Status = integration.Active }`), "sets"},
		{"another's status", statusPlant("shared/connect", `type e struct{ Status integration.Status }; func f(x *e) { x.Status = integration.Active }`), ""},
		{"reading it", statusPlant("shared/connect", `func f(r *integration.Integration) bool { return r.Status == integration.Active }`), ""},
		{"at home", plant{"shared/integration": integrationBody + `; func Move(r *Integration) { r.Status = Active }`}, ""},
		{"a suite", statusPlant("shared/storetest", `var r = &integration.Integration{Status: "active"}`), ""},
		{"a record without it", plant{"shared/integration": `type Integration struct{}`}, "finds the field by its name"},
	},
	"the domain and the use cases don't ask the clock": {
		{"domain", plant{"shared/integration": `import "time"; var t = time.Now()`}, "time.Now"},
		{"passed on", plant{"shared/calsync": `import "time"; var clock = time.Now`}, "time.Now"},
		{"by another name", plant{"shared/connect": `import tm "time"; func f(t tm.Time) { _ = tm.Since(t) }`}, "time.Since"},
		{"into its own names", plant{"shared/connect": `import . "time"; var t = Now()`}, "own names"},
		{"reckoning with what it was given", plant{"shared/connect": `import "time"; func f(t time.Time) time.Time { return t.Add(time.Hour) }`}, ""},
		{"another Now", plant{"shared/connect": `var time struct{ Now func() int }; var x = time.Now()`}, ""},
		{"a main may", plant{"functions/status": `import "time"; var t = time.Now()`}, ""},
	},
	"tests don't sleep": {
		{"a test", plant{"shared/job/a_test.go": `package job; import "time"; func f() { time.Sleep(1) }`}, "time.Sleep"},
		{"a suite", plant{"shared/storetest": `import "time"; func f() { time.Sleep(1) }`}, "time.Sleep"},
		{"in a bubble", plant{"shared/job/a_test.go": `package job; import ("time"; _ "testing/synctest"); func f() { time.Sleep(1) }`}, ""},
		{"a program may", plant{"shared/local": `import "time"; func f() { time.Sleep(1) }`}, ""},
	},
	"a function's main wires and does nothing else": {
		{"too long", plant{"functions/status": strings.Repeat("\n", 59)}, "61 lines"},
		{"long enough", plant{"functions/status": strings.Repeat("\n", 58)}, ""},
		{"a second file", plant{"functions/status": ``, "functions/status/more.go": "package main"}, "functions/status/more.go"},
		{"a package below", plant{"functions/status/inner": ``}, "functions/status/inner"},
		{"no main", plant{"functions/status/main.go": "package status"}, "not package main"},
		{"a test beside it", plant{"functions/status": ``, "functions/status/main_test.go": "package main"}, ""},
		{"other programs", plant{"shared/cmd/local": strings.Repeat("\n", 100)}, ""},
	},
	"no folder is named after nothing": {
		{"at the end", plant{"shared/utils": ``}, "utils"},
		{"on the way", plant{"shared/google/types/event": ``}, "types"},
		{"part of a name", plant{"shared/commonplace": ``}, ""},
	},
	"every package says what it is": {
		{"silence", plant{"shared/job/job.go": "package job"}, `"Package job "`},
		{"a detached comment", plant{"shared/job/job.go": "// Package job is far away.\n\npackage job"}, "Package job"},
		{"another's comment", plant{"shared/job/job.go": "// Package jobs is misnamed.\npackage job"}, "Package job"},
		{"a main", plant{"functions/status/main.go": "// Main starts.\npackage main"}, `"Command status "`},
		{"only in a test", plant{"shared/job/job.go": "package job", "shared/job/job_test.go": "// Package job is.\npackage job"}, "Package job"},
		{"in one of two", plant{"shared/job/job.go": "package job", "shared/job/doc.go": "// Package job is.\npackage job"}, ""},
		{"tests alone", plant{"shared/e2e/a_test.go": "package e2e"}, ""},
	},
}

const integrationBody = `type Status string; const Active Status = "active"; type Integration struct { ID string; Status Status }`

// statusPlant is a package that imports integration. Its third line is the
// import, so the body begins on the fourth.
func statusPlant(pkg, body string) plant {
	return plant{"shared/integration": integrationBody, pkg: "import \"AURA/shared/integration\"\n" + body}
}

func TestEveryRuleFindsWhatWasPlanted(t *testing.T) {
	t.Parallel()
	for _, rule := range Rules() {
		var breaks, keeps bool
		for _, c := range planted[rule.Name] {
			breaks, keeps = breaks || c.says != "", keeps || c.says == ""
			t.Run(rule.Name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				found := rule.Check(c.plant.tree(t))
				var said []string
				for _, f := range found {
					if f.At == "" || f.What == "" || f.Why == "" {
						t.Errorf("a finding without its place, its fault or its reason: %+v", f)
					}
					said = append(said, f.String())
				}
				all := strings.Join(said, "\n")
				switch {
				case c.says == "" && len(found) > 0:
					t.Errorf("found fault with what keeps the rule:\n%s", all)
				case c.says != "" && len(found) == 0:
					t.Error("found nothing")
				case !strings.Contains(all, c.says):
					t.Errorf("said nothing of %q:\n%s", c.says, all)
				}
			})
		}
		if !breaks || !keeps {
			t.Errorf("%s: plant a violation and something that narrowly keeps the rule", rule.Name)
		}
	}
	if len(planted) != len(Rules()) {
		t.Errorf("planted for %d rules, and there are %d", len(planted), len(Rules()))
	}
}

func TestLoadPassesOverWhatGoDoes(t *testing.T) {
	t.Parallel()
	tree := plant{
		"deps.go":                        "//go:build tools\n\npackage deps",
		".tools/x/x.go":                  "package x",
		"_old/x.go":                      "package x",
		"shared/job/testdata/bad.go":     "not Go at all",
		"shared/job/node_modules/x/x.go": "package x",
		"shared/job/linux.go":            "//go:build linux\n\npackage job",
	}.tree(t)
	if len(tree.Packages) != 1 || tree.Packages[0].Path != "shared/job" || len(tree.Packages[0].Files) != 1 {
		t.Errorf("loaded %+v", tree.Packages)
	}
	if _, err := Load(fstest.MapFS{"go.mod": {Data: []byte("module m")}, "a/a.go": {Data: []byte("pack age a")}}); err == nil {
		t.Error("a file that isn't Go passes")
	}
	if _, err := Load(fstest.MapFS{}); err == nil {
		t.Error("a tree without go.mod passes")
	}
}
