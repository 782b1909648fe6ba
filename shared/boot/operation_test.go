package boot_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/samtemplate"
)

// What is logged is decided by the functions, by LOG_LEVEL. A filter of Lambda's
// behind them would take away debug lines that somebody asked for, and metrics,
// which are lines without a level.
func TestNothingFiltersLogsBehindTheFunctions(t *testing.T) {
	t.Parallel()
	doc := load(t)
	shared := at(doc.Globals, "Function", "LoggingConfig")
	if at(shared, "LogFormat") != "JSON" || at(shared, "ApplicationLogLevel") != "TRACE" {
		t.Errorf("functions log by %v", shared)
	}
	for folder, name := range doc.functions(t) {
		own, _ := at(doc.Resources[name].Properties, "LoggingConfig").(map[string]any)
		if len(own) != 1 || own["LogGroup"] == nil {
			t.Errorf("%s logs by %v, want its log group alone", folder, own)
		}
	}
	if at(doc.Globals, "Function", "Environment", "Variables", "LOG_LEVEL") != "LogLevel" {
		t.Error("LOG_LEVEL isn't the parameter")
	}
}

// A table's throttling metrics don't count its indexes': each has its own.
func TestEveryTableAndIndexIsWatchedForThrottling(t *testing.T) {
	t.Parallel()
	var got, want []string
	for _, n := range alarmed(load(t).Resources["TablesThrottledAlarm"].Properties) {
		got = append(got, n.name+" "+n.by["TableName"]+" "+n.by["GlobalSecondaryIndexName"])
	}
	for _, tab := range dynamo.Tables() {
		name := strings.ToUpper(tab.Name[:1]) + tab.Name[1:] + "Table"
		for _, metric := range []string{"ReadThrottleEvents", "WriteThrottleEvents"} {
			want = append(want, metric+" "+name+" ")
			for _, x := range tab.Indexes {
				want = append(want, metric+" "+name+" "+x.Name)
			}
		}
	}
	equal(t, "TablesThrottled", got, want)
	if len(got) > 10 {
		t.Errorf("an alarm takes ten metrics, this has %d", len(got))
	}
}

// Tracing takes permissions of no resource, so they are given only where somebody
// asked for traces, in one policy that holds these two and no third; and nothing
// else gives a function what its role doesn't say.
func TestTracingIsAskedFor(t *testing.T) {
	t.Parallel()
	doc := load(t)
	if at(doc.Globals, "Function", "Tracing") != "TracingMode" || at(doc.Parameters["TracingMode"], "Default") != "PassThrough" {
		t.Errorf("tracing is %v by default", at(doc.Parameters["TracingMode"], "Default"))
	}
	var roles []string
	for name, r := range doc.Resources {
		switch {
		case r.Type == "AWS::IAM::Role":
			roles = append(roles, name)
		case strings.HasPrefix(r.Type, "AWS::IAM::") && name != "TracingPolicy":
			t.Errorf("%s is a %s: a permission that the roles don't show", name, r.Type)
		}
	}
	if len(roles) != len(doc.functions(t))+1 { // and the schedule's
		t.Errorf("the roles are %q", roles)
	}
	policy := doc.Resources["TracingPolicy"]
	statements, _ := at(policy.Properties, "PolicyDocument", "Statement").([]any)
	if policy.Condition != "HasTracing" || len(statements) != 1 || !slices.Equal(texts(at(statements, 0, "Action")), []string{"xray:PutTraceSegments", "xray:PutTelemetryRecords"}) {
		t.Errorf("TracingPolicy is %+v", policy)
	}
	sam := reading(t)
	for folder, f := range sam.Functions() {
		for mode, want := range map[string]string{"PassThrough": "<nil>", "Active": "[tracing]"} {
			got, err := sam.Property(strings.TrimSuffix(f.Name, "Function")+"Role", samtemplate.Values{"TracingMode": mode, "TracingPolicy": "tracing"}, "ManagedPolicyArns")
			if err != nil || fmt.Sprint(got) != want {
				t.Errorf("%s with tracing %s has %v, %v", folder, mode, got, err)
			}
		}
	}
}

func reading(t *testing.T) *samtemplate.Template {
	t.Helper()
	sam, err := samtemplate.Load(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return sam
}

// A deployment has one address: with a domain API Gateway's own is closed, and
// nothing leads there any more; without, nothing is closed.
func TestADeploymentHasOneAddress(t *testing.T) {
	t.Parallel()
	sam := reading(t)
	const domain, gateway = "https://calendar.example.com", "https://api.execute-api.eu-central-1.amazonaws.com"
	for _, c := range []struct {
		what   string
		given  samtemplate.Values
		closed string
		at     string
	}{
		{"nothing", nil, "false", gateway},
		{"a domain", samtemplate.Values{"DomainName": "calendar.example.com", "CertificateArn": "arn"}, "true", domain},
		{"a proxy in front of API Gateway", samtemplate.Values{"PublicUrl": "https://front.example.com"}, "false", "https://front.example.com"},
		{"a proxy in front of a domain", samtemplate.Values{"PublicUrl": "https://front.example.com", "DomainName": "calendar.example.com", "CertificateArn": "arn"}, "true", "https://front.example.com"},
	} {
		v := samtemplate.Values{"AWS::Region": "eu-central-1", "AWS::URLSuffix": "amazonaws.com", "AWS::StackName": "s", "Api": "api", "TokenIssuer": "i", "TokenAudience": "a", "GoogleClientId": "g",
			"IntegrationsTable": "i", "CredentialsTable": "c", "EventsTable": "e", "Jobs": "j", "TokenKey.Arn": "k"}
		for name, value := range c.given {
			v[name] = value
		}
		if closed, err := sam.Property("Api", v, "DisableExecuteApiEndpoint"); err != nil || fmt.Sprint(closed) != c.closed {
			t.Errorf("with %s API Gateway's own address is closed: %v, %v", c.what, closed, err)
		}
		found := map[string]string{}
		for _, f := range sam.Functions() {
			env, err := sam.Environment(f, v)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range env {
				name, value, _ := strings.Cut(e, "=")
				if name == "REDIRECT_URI" || name == "WEBHOOK_URL" {
					found[f.Folder+"'s "+name] = value
				}
			}
		}
		for _, name := range []string{"ApiUrl", "ConsoleUrl", "RedirectUri", "WebhookUrl"} {
			value, err := sam.Output(name, v)
			if err != nil {
				t.Fatal(err)
			}
			found[name] = fmt.Sprint(value)
		}
		if len(found) != 7 {
			t.Errorf("addresses are in %v", found)
		}
		for where, address := range found {
			if address != c.at && !strings.HasPrefix(address, c.at+"/") {
				t.Errorf("with %s, %s is %s, want %s", c.what, where, address, c.at)
			}
		}
	}
}
