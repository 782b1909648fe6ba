package console

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/httpapi/apitest"
	"aura.example/integrations/shared/integration"
)

// table gives the keys of one of words.js's tables.
func table(t *testing.T, name string) string {
	t.Helper()
	source := string(newAssets("/", bundled).files["words.js"].body)
	m := regexp.MustCompile(`(?s)const ` + name + ` = \{(.*?)\n?\};`).FindStringSubmatch(source)
	if m == nil {
		t.Fatalf("words.js has no table %s", name)
	}
	return m[1]
}

// The page has a word for everything that the domain can say; what the domain
// learns later has to be put into words before this passes.
func TestThereIsAWordForEverything(t *testing.T) {
	t.Parallel()
	check := func(name string, codes ...string) {
		t.Helper()
		words := table(t, name)
		for _, c := range codes {
			if !regexp.MustCompile(`(?m)(^|[{,\s])` + c + `:`).MatchString(words) {
				t.Errorf("words.js, %s: no word for %s", name, c)
			}
		}
	}
	var statuses, reasons, transitions, actors []string
	for _, s := range integration.Statuses() {
		statuses = append(statuses, string(s))
	}
	for _, r := range integration.Reasons() {
		reasons = append(reasons, string(r.Code))
	}
	for _, tr := range integration.Transitions() {
		transitions = append(transitions, string(tr.Name))
		actors = append(actors, string(tr.By))
	}
	check("statuses", append(statuses, "none", "gone")...)
	check("todos", reasons...)
	check("transitions", transitions...)
	check("actors", append(actors, string(integration.ByOperator))...)
	check("directions", string(integration.TwoWay), string(integration.FromProvider), string(integration.ToProvider))
	for _, schema := range []struct{ name, table string }{{"Trigger", "triggers"}, {"Phase", "phases"}, {"RunState", "runStates"}, {"IntervalMinutes", "intervals"}} {
		check(schema.table, enum(t, schema.name)...)
	}
}

// enum gives a schema's values out of the contract.
func enum(t *testing.T, name string) []string {
	t.Helper()
	v, err := apitest.New()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range v.Document().Components.Schemas[name].Value.Enum {
		out = append(out, strings.TrimSuffix(strings.TrimSpace(jsonText(e)), ".0"))
	}
	if len(out) == 0 {
		t.Fatalf("the contract has no values for %s", name)
	}
	return out
}

// answering answers every request with one body.
type answering string

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Request: r, Body: io.NopCloser(strings.NewReader(string(a))),
		Header: http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {"fixture"}, "Etag": {`"1.fixture"`}},
	}, nil
}

// The gallery's answers are answers that the API could give: the contract is held
// against each.
func TestTheFixturesKeepToTheContract(t *testing.T) {
	t.Parallel()
	v, err := apitest.New()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC)
	answers := fixtures(now).Answers
	if len(answers) < 20 {
		t.Fatalf("only %d answers", len(answers))
	}
	for path, body := range answers {
		r := httptest.NewRequest(http.MethodGet, "http://example.com"+path, nil)
		r.RequestURI = ""
		r.Header.Set("Authorization", "Bearer x")
		resp, err := v.Client(t, answering(jsonText(body))).Do(r)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		_ = resp.Body.Close()
	}
}

func jsonText(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return strings.Trim(string(raw), `"`)
}
