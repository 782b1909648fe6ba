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
	"time"

	"gopkg.in/yaml.v3"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/httpapi/apispec"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// template is what these tests read of template.yaml. CloudFormation's own tags
// (!Ref, !GetAtt …) decode as the texts that they stand before.
type template struct {
	Parameters map[string]any      `yaml:"Parameters"`
	Globals    map[string]any      `yaml:"Globals"`
	Resources  map[string]resource `yaml:"Resources"`
}

type resource struct {
	Type           string         `yaml:"Type"`
	Condition      string         `yaml:"Condition"`
	DeletionPolicy string         `yaml:"DeletionPolicy"`
	Metadata       map[string]any `yaml:"Metadata"`
	Properties     map[string]any `yaml:"Properties"`
}

const root = "../.."

func load(t *testing.T) template {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var doc template
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// at follows a path of members; nil where it ends.
func at(v any, path ...any) any {
	for _, p := range path {
		switch k := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[k]
		case int:
			l, _ := v.([]any)
			if k >= len(l) {
				return nil
			}
			v = l[k]
		}
	}
	return v
}

// functions gives the resources of the functions by the names of their folders.
func (d template) functions(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name, r := range d.Resources {
		if r.Type != "AWS::Serverless::Function" {
			continue
		}
		folder, ok := strings.CutPrefix(fmt.Sprint(r.Properties["CodeUri"]), "functions/")
		if !ok || out[folder] != "" {
			t.Errorf("%s: CodeUri %v", name, r.Properties["CodeUri"])
		}
		out[folder] = name
	}
	return out
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	for _, x := range want {
		if !slices.Contains(got, x) {
			t.Errorf("%s: %s is missing", what, x)
		}
	}
	for _, x := range got {
		if !slices.Contains(want, x) {
			t.Errorf("%s: %s is too many", what, x)
		}
	}
}

// Every folder under functions/ is a function here, and the other way round;
// each has its own role, log group and event to try it with, and a short main.
func TestFunctions(t *testing.T) {
	t.Parallel()
	doc := load(t)
	entries, err := os.ReadDir(filepath.Join(root, "functions"))
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, e := range entries {
		if e.IsDir() {
			folders = append(folders, e.Name())
		}
	}
	in := doc.functions(t)
	equal(t, "functions/", folders, boot.Functions())
	equal(t, "template.yaml", slices.Collect(maps.Keys(in)), boot.Functions())
	roles := map[string]string{}
	for folder, name := range in {
		r := doc.Resources[name]
		role := strings.TrimSuffix(fmt.Sprint(r.Properties["Role"]), ".Arn")
		if roles[role] != "" || doc.Resources[role].Type != "AWS::IAM::Role" {
			t.Errorf("%s and %s share the role %s", folder, roles[role], role)
		}
		roles[role] = folder
		if group := fmt.Sprint(at(r.Properties, "LoggingConfig", "LogGroup")); doc.Resources[group].Type != "AWS::Logs::LogGroup" || doc.Resources[group].Properties["RetentionInDays"] == nil {
			t.Errorf("%s logs to %s, which isn't a log group that ends", folder, group)
		}
		if at(r.Metadata, "BuildMethod") != "go1.x" || at(r.Metadata, "BuildProperties", "TrimGoPath") != true {
			t.Errorf("%s is built by %v", folder, r.Metadata)
		}
		raw, err := os.ReadFile(filepath.Join(root, "functions", folder, "event.json"))
		if err != nil || !json.Valid(raw) {
			t.Errorf("%s has no event to try it with: %v", folder, err)
		}
		main, err := os.ReadFile(filepath.Join(root, "functions", folder, "main.go"))
		if lines := strings.Count(string(main), "\n"); err != nil || lines > 60 {
			t.Errorf("%s: main.go has %d lines, %v", folder, lines, err)
		}
	}
	g := at(doc.Globals, "Function")
	if at(g, "Runtime") != "provided.al2023" || at(g, "Handler") != "bootstrap" || at(g, "Architectures", 0) != "Architecture" || at(doc.Parameters["Architecture"], "Default") != "arm64" {
		t.Errorf("functions run as %+v", g)
	}
}

// D5: what a function reads is set for it, and nothing else is.
func TestEnvironments(t *testing.T) {
	t.Parallel()
	doc := load(t)
	for folder, name := range doc.functions(t) {
		vars, _ := at(doc.Resources[name].Properties, "Environment", "Variables").(map[string]any)
		got := slices.Collect(maps.Keys(vars))
		shared, _ := at(doc.Globals, "Function", "Environment", "Variables").(map[string]any)
		got = append(got, slices.Collect(maps.Keys(shared))...)
		var want []string
		for _, v := range boot.Variables() {
			if v.Reads(folder) && !v.Given {
				want = append(want, v.Name)
			}
		}
		equal(t, folder, got, want)
	}
	for name, p := range doc.Parameters {
		if strings.Contains(strings.ToLower(name), "secret") && name != "SecretsPath" {
			t.Errorf("parameter %s (%v) looks as if a secret passed through it", name, p)
		}
	}
}

// The page sends flows with the return target "integrations" (shared/console), so
// a deployment that nobody has given others must have it.
func TestThePageComesBack(t *testing.T) {
	t.Parallel()
	targets, _ := at(load(t).Parameters["ReturnTargets"], "Default").(string)
	found := false
	for pair := range strings.SplitSeq(targets, ",") {
		found = found || pair == "integrations=/agent/integrations"
	}
	if !found {
		t.Errorf("the template's return targets are %q: nobody could connect", targets)
	}
}

// D4: every route of the contract is here with the same function and the same
// authorizer, and none besides but the pages.
func TestRoutes(t *testing.T) {
	t.Parallel()
	doc := load(t)
	var contract struct {
		Paths map[string]map[string]struct {
			Function string `yaml:"x-function"`
			Scope    string `yaml:"x-scope"`
		} `yaml:"paths"`
	}
	raw := regexp.MustCompile(`(?m)^    parameters:\n(      - .*\n)+`).ReplaceAll(apispec.YAML, nil) // a path's own; not an operation
	if err := yaml.Unmarshal(raw, &contract); err != nil {
		t.Fatal(err)
	}
	var want []string
	for path, ops := range contract.Paths {
		for method, op := range ops {
			auth := "JWT by Authorizer"
			if op.Scope == "public" || op.Scope == "channel_token" {
				auth = "NONE"
			}
			want = append(want, fmt.Sprintf("%s %s: %s, %s", strings.ToUpper(method), path, op.Function, auth))
		}
	}
	if len(want) < 30 {
		t.Fatalf("the contract has %d routes only", len(want))
	}
	folders := map[string]string{}
	for folder, name := range doc.functions(t) {
		folders[name] = folder
	}
	pages := []string{"GET /agent: console, NONE", "GET /agent/: console, NONE", "GET /agent/{page+}: console, NONE"} // for people; they have no contract
	var got []string
	for name, r := range doc.Resources {
		if r.Type != "AWS::ApiGatewayV2::Route" {
			continue
		}
		target := regexp.MustCompile(`^integrations/\$\{(\w+)\}$`).FindStringSubmatch(fmt.Sprint(r.Properties["Target"]))
		if target == nil {
			t.Fatalf("%s has the target %v", name, r.Properties["Target"])
		}
		uri := fmt.Sprint(doc.Resources[target[1]].Properties["IntegrationUri"])
		function := regexp.MustCompile(`/functions/\$\{(\w+)\.Arn\}/invocations$`).FindStringSubmatch(uri)
		if function == nil {
			t.Fatalf("%s leads to %s", name, uri)
		}
		auth := fmt.Sprint(r.Properties["AuthorizationType"])
		if id := r.Properties["AuthorizerId"]; id != nil {
			auth += " by " + fmt.Sprint(id)
		}
		line := fmt.Sprintf("%v: %s, %s", r.Properties["RouteKey"], folders[function[1]], auth)
		if slices.Contains(pages, line) {
			continue
		}
		got = append(got, line)
	}
	equal(t, "routes", got, want)
	a := doc.Resources["Authorizer"].Properties
	if a["AuthorizerType"] != "JWT" || at(a, "JwtConfiguration", "Issuer") != "TokenIssuer" || at(a, "JwtConfiguration", "Audience", 0) != "TokenAudience" {
		t.Errorf("the authorizer is %v", a)
	}
}

// The tables are those that the adapter makes elsewhere, and can't be lost by a
// slip of the hand.
func TestTables(t *testing.T) {
	t.Parallel()
	doc := load(t)
	var got []string
	for name, r := range doc.Resources {
		if r.Type == "AWS::DynamoDB::Table" {
			got = append(got, strings.ToLower(strings.TrimSuffix(name, "Table")))
		}
	}
	var want []string
	for _, tab := range dynamo.Tables() {
		want = append(want, tab.Name)
		name := strings.ToUpper(tab.Name[:1]) + tab.Name[1:] + "Table"
		r := doc.Resources[name]
		p := r.Properties
		if r.DeletionPolicy != "Retain" || p["DeletionProtectionEnabled"] != true || p["BillingMode"] != "PAY_PER_REQUEST" ||
			at(p, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled") != true {
			t.Errorf("%s can be lost, or is paid for by the hour: %v", name, p)
		}
		if got, want := keys(p["KeySchema"]), tab.Partition+" HASH "+tab.Sort+" RANGE"; got != want {
			t.Errorf("%s has the keys %s, want %s", name, got, want)
		}
		if ttl, _ := at(p, "TimeToLiveSpecification", "AttributeName").(string); ttl != tab.TTL {
			t.Errorf("%s expires by %q, want %q", name, ttl, tab.TTL)
		}
		attrs := map[string]bool{}
		list, _ := p["AttributeDefinitions"].([]any)
		for i := range list {
			if at(list, i, "AttributeType") != "S" {
				t.Errorf("%s: %v", name, list[i])
			}
			attrs[fmt.Sprint(at(list, i, "AttributeName"))] = true
		}
		used := map[string]bool{tab.Partition: true, tab.Sort: true}
		indexes, _ := p["GlobalSecondaryIndexes"].([]any)
		if len(indexes) != len(tab.Indexes) {
			t.Errorf("%s has %d indexes, want %d", name, len(indexes), len(tab.Indexes))
		}
		for i, x := range tab.Indexes {
			used[x.Partition] = true
			schema := x.Partition + " HASH"
			if x.Sort != "" {
				schema += " " + x.Sort + " RANGE"
				used[x.Sort] = true
			}
			projection := "ALL []"
			if x.Include != nil {
				projection = fmt.Sprintf("INCLUDE %v", x.Include)
			}
			include, _ := at(indexes, i, "Projection", "NonKeyAttributes").([]any)
			if at(indexes, i, "IndexName") != x.Name || keys(at(indexes, i, "KeySchema")) != schema ||
				fmt.Sprintf("%v %v", at(indexes, i, "Projection", "ProjectionType"), include) != projection {
				t.Errorf("%s: index %v, want %+v", name, at(indexes, i), x)
			}
		}
		if !maps.Equal(attrs, used) {
			t.Errorf("%s defines %v, uses %v", name, attrs, used)
		}
	}
	equal(t, "tables", got, want)
}

// keys renders a key schema.
func keys(v any) string {
	list, _ := v.([]any)
	var out []string
	for i := range list {
		out = append(out, fmt.Sprint(at(list, i, "AttributeName"), " ", at(list, i, "KeyType")))
	}
	return strings.Join(out, " ")
}

// The queue's times follow the lease's and the function's.
func TestQueueAndWorker(t *testing.T) {
	t.Parallel()
	doc := load(t)
	seconds := func(v any) time.Duration { n, _ := v.(int); return time.Duration(n) * time.Second }
	q := doc.Resources["Jobs"].Properties
	if got := seconds(q["VisibilityTimeout"]); got < integration.Visibility {
		t.Errorf("a message stays hidden for %s, must be %s", got, integration.Visibility)
	}
	if at(q, "RedrivePolicy", "maxReceiveCount") != job.MaxReceives || at(q, "RedrivePolicy", "deadLetterTargetArn") != "DeadJobs.Arn" {
		t.Errorf("dead letters: %v", q["RedrivePolicy"])
	}
	w := doc.Resources["SyncWorkerFunction"].Properties
	if got := seconds(w["Timeout"]); got != integration.FunctionLimit {
		t.Errorf("the worker may take %s, the leases say %s", got, integration.FunctionLimit)
	}
	e := at(w, "Events", "Jobs", "Properties")
	if at(e, "BatchSize") != 1 || at(e, "FunctionResponseTypes", 0) != "ReportBatchItemFailures" || at(e, "ScalingConfig", "MaximumConcurrency") != "WorkerConcurrency" {
		t.Errorf("the worker is fed by %v", e)
	}
	if w["ReservedConcurrentExecutions"] != nil {
		t.Error("reserved concurrency sends messages to the dead letters")
	}
	if s := doc.Resources["EveryMinute"].Properties; s["ScheduleExpression"] != "rate(1 minute)" || at(s, "Target", "Arn") != "ScheduledSyncFunction.Arn" {
		t.Errorf("the clock is %v", s)
	}
}

// touches says who touches what: r reads, w writes, and whose secrets. That events
// writes records is for one line of them: that an edit waits whose job it could not send.
var touches = map[string]map[string]string{
	"oauth-callback": {"IntegrationsTable": "rw", "CredentialsTable": "rw", "TokenKey": "rw", "Jobs": "w", "secrets": "flow-key google-client-secret subject-key"},
	"integrations":   {"IntegrationsTable": "rw", "EventsTable": "r", "Jobs": "w", "secrets": "flow-key"},
	"status":         {"IntegrationsTable": "r", "EventsTable": "r"},
	"webhook":        {"IntegrationsTable": "r", "Jobs": "w", "secrets": "channel-key channel-key-previous"},
	"sync-now":       {"IntegrationsTable": "w", "Jobs": "w"},
	"events":         {"IntegrationsTable": "rw", "EventsTable": "rw", "Jobs": "w"},
	"subscription":   {"IntegrationsTable": "rw"},
	"console":        {},
	"scheduled-sync": {"IntegrationsTable": "rw", "Jobs": "w"},
	"sync-worker":    {"IntegrationsTable": "rw", "CredentialsTable": "rw", "EventsTable": "rw", "TokenKey": "rw", "Jobs": "rw", "secrets": "channel-key google-client-secret subject-key"},
}

// One role a function, no action or resource that stands for all, leading keys
// wherever a table is touched, and what is touched is what the design says.
func TestRoles(t *testing.T) {
	t.Parallel()
	doc := load(t)
	for folder, name := range doc.functions(t) {
		role := doc.Resources[strings.TrimSuffix(fmt.Sprint(doc.Resources[name].Properties["Role"]), ".Arn")]
		statements, _ := at(role.Properties, "Policies", 0, "PolicyDocument", "Statement").([]any)
		got := map[string]string{}
		var secrets []string
		for i := range statements {
			s := statements[i]
			if at(s, "Effect") != "Allow" {
				t.Errorf("%s: %v", folder, s)
			}
			for _, resource := range texts(at(s, "Resource")) {
				if resource == "*" || strings.HasPrefix(resource, "arn") && !strings.Contains(resource, ":parameter${SecretsPath}/") {
					t.Errorf("%s may touch %s", folder, resource)
				}
				table, _, isPart := strings.Cut(strings.NewReplacer("${", "", "}", "").Replace(resource), ".")
				if _, name, ok := strings.Cut(resource, ":parameter${SecretsPath}/"); ok {
					secrets = append(secrets, name)
					continue
				}
				if !isPart || strings.HasSuffix(table, "Logs") {
					continue
				}
				onIndex := strings.Contains(resource, "/index/slot")
				if strings.HasSuffix(table, "Table") && len(texts(at(s, "Condition", "ForAllValues:StringLike", "dynamodb:LeadingKeys"))) == 0 && !onIndex {
					t.Errorf("%s touches any item of %s", folder, table)
				}
				if table == "TokenKey" && at(s, "Condition", "StringEquals", "kms:EncryptionContext:purpose") != "tokens" {
					t.Errorf("%s may unwrap for any purpose", folder)
				}
				for _, action := range texts(at(s, "Action")) {
					got[table] += kind(t, action)
				}
			}
			for _, action := range texts(at(s, "Action")) {
				if strings.Contains(action, "*") || strings.HasSuffix(action, ":Scan") {
					t.Errorf("%s may do %s", folder, action)
				}
			}
		}
		for table, kinds := range got {
			if got[table] = ""; strings.Contains(kinds, "r") {
				got[table] = "r"
			}
			if strings.Contains(kinds, "w") {
				got[table] += "w"
			}
		}
		if len(secrets) > 0 {
			slices.Sort(secrets)
			got["secrets"] = strings.Join(secrets, " ")
		}
		if !maps.Equal(got, touches[folder]) {
			t.Errorf("%s touches %v, the design says %v", folder, got, touches[folder])
		}
	}
}

// texts gives one text or a list of them.
func texts(v any) []string {
	switch x := v.(type) {
	case string:
		return []string{x}
	case []any:
		var out []string
		for _, y := range x {
			out = append(out, fmt.Sprint(y))
		}
		return out
	}
	return nil
}

// kind says whether an action reads or writes.
func kind(t *testing.T, action string) string {
	t.Helper()
	_, name, _ := strings.Cut(action, ":")
	switch name {
	case "GetItem", "BatchGetItem", "Query", "Decrypt", "ReceiveMessage", "GetQueueAttributes":
		return "r"
	case "PutItem", "UpdateItem", "DeleteItem", "GenerateDataKey", "SendMessage", "DeleteMessage", "ChangeMessageVisibility":
		return "w"
	case "ConditionCheckItem":
		return ""
	}
	t.Errorf("%s is neither reading nor writing", action)
	return ""
}
