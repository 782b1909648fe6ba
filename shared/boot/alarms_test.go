package boot_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aura.example/integrations/shared/telemetry"
)

// named is a metric as an alarm or a panel names it.
type named struct {
	namespace, name string
	by              map[string]string
}

const ours = "AuraIntegrations/${AWS::StackName}"

// theirs are the namespaces whose metrics AWS emits, and which of them are used:
// nothing here can show that it does.
var theirs = map[string][]string{
	"AWS/SQS":        {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"},
	"AWS/ApiGateway": {"Count", "4xx", "5xx", "Latency"},
	"AWS/Lambda":     {"Errors", "Throttles"},
	"AWS/DynamoDB":   {"ReadThrottleEvents", "WriteThrottleEvents"},
}

// alarmed lists what one alarm names.
func alarmed(p map[string]any) []named {
	one := func(m any) named {
		by := map[string]string{}
		list, _ := at(m, "Dimensions").([]any)
		for i := range list {
			by[fmt.Sprint(at(list, i, "Name"))] = fmt.Sprint(at(list, i, "Value"))
		}
		return named{fmt.Sprint(at(m, "Namespace")), fmt.Sprint(at(m, "MetricName")), by}
	}
	if p["MetricName"] != nil {
		return []named{one(p)}
	}
	var out []named
	list, _ := p["Metrics"].([]any)
	for i := range list {
		if m := at(list, i, "MetricStat", "Metric"); m != nil {
			out = append(out, one(m))
		}
	}
	return out
}

// panels lists what the dashboard names, by the panel's title.
func panels(t *testing.T, doc template) map[string][]named {
	t.Helper()
	var body struct {
		Widgets []struct {
			Properties struct {
				Title   string
				Metrics [][]any
			}
		}
	}
	raw := fmt.Sprint(doc.Resources["Dashboard"].Properties["DashboardBody"])
	if err := json.Unmarshal([]byte(raw), &body); err != nil {
		t.Fatalf("the dashboard isn't JSON: %v", err)
	}
	out := map[string][]named{}
	for _, w := range body.Widgets {
		for _, m := range w.Properties.Metrics {
			if _, last := m[len(m)-1].(map[string]any); last {
				m = m[:len(m)-1]
			}
			n := named{fmt.Sprint(m[0]), fmt.Sprint(m[1]), map[string]string{}}
			for i := 2; i+1 < len(m); i += 2 {
				n.by[fmt.Sprint(m[i])] = fmt.Sprint(m[i+1])
			}
			out[w.Properties.Title] = append(out[w.Properties.Title], n)
		}
	}
	return out
}

// D6, one half: a metric that an alarm or a panel names is one that is emitted
// (telemetry's tests emit every one of the list), with the very dimensions.
func TestAlarmsAndPanelsNameWhatIsEmitted(t *testing.T) {
	t.Parallel()
	doc := load(t)
	known := map[string][]string{}
	for _, m := range telemetry.Metrics() {
		known[m.Name] = m.By
	}
	all := panels(t, doc)
	if len(all) < 12 {
		t.Errorf("the dashboard has %d panels", len(all))
	}
	shown := map[string]bool{}
	for _, list := range all {
		for _, n := range list {
			shown[n.name] = true
		}
	}
	for name, r := range doc.Resources {
		if r.Type == "AWS::CloudWatch::Alarm" {
			all[name] = alarmed(r.Properties)
			if len(all[name]) == 0 {
				t.Errorf("%s watches nothing", name)
			}
		}
	}
	for where, list := range all {
		for _, n := range list {
			if n.namespace != ours {
				if !slices.Contains(theirs[n.namespace], n.name) {
					t.Errorf("%s names %s of %s, which nobody is known to emit", where, n.name, n.namespace)
				}
				continue
			}
			by, ok := known[n.name]
			if got := slices.Sorted(maps.Keys(n.by)); !ok || !slices.Equal(got, slices.Sorted(slices.Values(by))) {
				t.Errorf("%s names %s by %v, which nothing emits so", where, n.name, got)
			}
		}
	}
	for name := range known {
		if !shown[name] {
			t.Errorf("no panel shows %s", name)
		}
	}
}

// D6, the other half: every alarm has a playbook of its name, and no playbook is
// left of an alarm that is gone.
func TestEveryAlarmHasItsPlaybook(t *testing.T) {
	t.Parallel()
	doc := load(t)
	raw, err := os.ReadFile(filepath.Join(root, "shared", "docs", "playbooks.md"))
	if err != nil {
		t.Fatal(err)
	}
	var books []string
	sections := regexp.MustCompile(`(?m)^## `).Split(string(raw), -1)
	for _, s := range sections[1:] {
		title, text, _ := strings.Cut(s, "\n")
		books = append(books, title)
		for _, part := range []string{"**Means:**", "**Look:**", "**Do:**"} {
			if !strings.Contains(text, part) {
				t.Errorf("the playbook of %s lacks %s", title, part)
			}
		}
	}
	var alarms []string
	for name, r := range doc.Resources {
		if r.Type != "AWS::CloudWatch::Alarm" {
			continue
		}
		title := strings.TrimSuffix(name, "Alarm")
		alarms = append(alarms, title)
		d := fmt.Sprint(r.Properties["AlarmDescription"])
		if !strings.HasSuffix(d, " See shared/docs/playbooks.md#"+strings.ToLower(title)+".") || len(d) > 1024 {
			t.Errorf("%s doesn't say where its playbook is: %s", name, d)
		}
		if at(r.Properties, "AlarmActions", 0) != "AlarmTopic" {
			t.Errorf("%s tells nobody", name)
		}
	}
	equal(t, "playbooks", books, alarms)
}
