package apitest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"aura.example/integrations/shared/integration"
)

// walk visits every schema of the document, wherever it stands, with its place.
func walk(node any, at string, visit func(at string, schema map[string]any)) {
	switch n := node.(type) {
	case map[string]any:
		for k, child := range n {
			if k == "example" || k == "examples" || strings.HasPrefix(k, "x-") && k != "x-schema" {
				continue
			}
			walk(child, at+"/"+k, visit)
		}
		if _, isSchema := n["type"]; isSchema && !strings.HasSuffix(at, "/properties") && n["in"] == nil && n["scheme"] == nil {
			visit(at, n)
		}
	case []any:
		for i, child := range n {
			walk(child, fmt.Sprintf("%s/%d", at, i), visit)
		}
	}
}

func TestEveryObjectIsClosed(t *testing.T) {
	t.Parallel()
	objects := 0
	walk(load(t).bodies.root, "", func(at string, s map[string]any) {
		if s["type"] != "object" {
			return
		}
		objects++
		if s["additionalProperties"] != false {
			t.Errorf("%s: additionalProperties is not false", at)
		}
		properties, _ := s["properties"].(map[string]any)
		required, _ := s["required"].([]any)
		for _, r := range required {
			if _, ok := properties[r.(string)]; !ok {
				t.Errorf("%s: %v is required and not a property", at, r)
			}
		}
	})
	if objects < 35 {
		t.Errorf("only %d objects were found: the walk is broken", objects)
	}
}

func TestEveryEnumValueIsDescribed(t *testing.T) {
	t.Parallel()
	described := 0
	walk(load(t).bodies.root, "", func(at string, s map[string]any) {
		d, ok := s["x-enum-descriptions"].(map[string]any)
		if !ok {
			return
		}
		described++
		enum, _ := s["enum"].([]any)
		if len(enum) != len(d) {
			t.Errorf("%s: %d values, %d descriptions", at, len(enum), len(d))
		}
		for _, v := range enum {
			if _, ok := d[v.(string)]; !ok {
				t.Errorf("%s: %v is not described", at, v)
			}
		}
	})
	if described < 10 {
		t.Errorf("only %d described enums were found: the walk is broken", described)
	}
}

// enum gives the values of a named schema.
func enum(t *testing.T, name string) []string {
	t.Helper()
	ref := load(t).Document().Components.Schemas[name]
	if ref == nil {
		t.Fatalf("there is no schema %s", name)
	}
	var out []string
	for _, v := range ref.Value.Enum {
		out = append(out, v.(string))
	}
	return out
}

// The lists that both the contract and the domain close must be the same list.
func TestClosedListsAreTheDomains(t *testing.T) {
	t.Parallel()
	var statuses, reasons, transitions []string
	for _, s := range integration.Statuses() {
		statuses = append(statuses, string(s))
	}
	for _, r := range integration.Reasons() {
		reasons = append(reasons, string(r.Code))
	}
	for _, tr := range integration.Transitions() {
		if !slices.Contains(transitions, string(tr.Name)) {
			transitions = append(transitions, string(tr.Name))
		}
	}
	history := append([]string{string(integration.None)}, append(slices.Clone(statuses), string(integration.Gone))...)
	for _, c := range []struct {
		schema string
		want   []string
	}{
		{"Status", statuses}, {"HistoryStatus", history}, {"ReasonCode", reasons}, {"TransitionName", transitions},
		{"Direction", []string{string(integration.TwoWay), string(integration.FromProvider), string(integration.ToProvider)}},
		{"Trigger", []string{string(integration.TriggerConnected), string(integration.TriggerResumed), string(integration.TriggerSyncNow), string(integration.TriggerSchedule),
			string(integration.TriggerNotification), string(integration.TriggerAuraEdit), string(integration.TriggerContinuation)}},
		{"RunState", []string{string(integration.RunQueued), string(integration.RunRunning), string(integration.RunSucceeded), string(integration.RunFailed), string(integration.RunSuperseded)}},
		{"Phase", []string{string(integration.PhaseQueued), string(integration.PhaseVerifying), string(integration.PhasePulling), string(integration.PhaseDeleting),
			string(integration.PhasePushing), string(integration.PhaseFinishing)}},
	} {
		got, want := enum(t, c.schema), c.want
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the contract has %v, the domain %v", c.schema, got, want)
		}
	}
	actions := enum(t, "FixAction")
	for _, r := range integration.Reasons() {
		if !slices.Contains(actions, r.Fix.Action) {
			t.Errorf("reason %s: action %q is not in the contract", r.Code, r.Fix.Action)
		}
	}
}

// The product's four messages stand in the contract word for word.
func TestMessagesAreTheProducts(t *testing.T) {
	t.Parallel()
	doc := fmt.Sprint(load(t).bodies.root)
	for _, m := range []string{integration.MessageCredentialsExpired, integration.MessagePlanLimit, integration.MessageSyncInProgress, integration.MessageProviderExists} {
		if !strings.Contains(doc, m) {
			t.Errorf("%q is in no example", m)
		}
	}
}
