package e2e_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"aura.example/integrations/shared/awscalls"
	"aura.example/integrations/shared/local"
	"aura.example/integrations/shared/samtemplate"
	"aura.example/integrations/shared/telemetry"
)

// S14, DynamoDB's part: every call that a function makes in any test of this
// package is allowed by that function's own role in template.yaml, and every
// action that a role allows was made by some test. What SQS, KMS and SSM are
// asked is seen by package deployed, where functions are processes of their own.

var policies = awscalls.NewBook()

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	part := flag.Lookup("test.run").Value.String() != "" || flag.Lookup("test.skip").Value.String() != ""
	if code == 0 && !part { // a part of the tests makes a part of the calls
		unused := policies.Unused(func(action string) bool { return strings.HasPrefix(action, "dynamodb:") })
		for _, u := range unused {
			fmt.Println("S14: template.yaml allows what no test asked for:", u)
			code = 1
		}
	}
	os.Exit(code)
}

// resources are the template's, under the names that a world gives them.
func resources(prefix string) samtemplate.Values {
	v := samtemplate.Values{
		"AWS::Partition": "aws", "AWS::Region": awscalls.Region, "AWS::AccountId": awscalls.Account, "SecretsPath": "/aura",
		"Jobs.Arn": awscalls.ARN("sqs", "jobs"), "TokenKey.Arn": awscalls.ARN("kms", "key/tokens"),
	}
	for _, f := range []string{"OAuthCallback", "Integrations", "Status", "SyncNow", "Events", "Subscription", "Webhook", "Console", "ScheduledSync", "SyncWorker"} {
		v[f+"Logs.Arn"] = awscalls.ARN("logs", "log-group:"+f)
	}
	for _, table := range []string{"Integrations", "Credentials", "Events"} {
		v[table+"Table.Arn"] = awscalls.ARN("dynamodb", "table/"+prefix+strings.ToLower(table))
	}
	return v
}

// underPolicy fails a test whose functions ask DynamoDB for what their roles
// don't allow.
func underPolicy(t *testing.T, o *local.Options) {
	t.Helper()
	doc, err := samtemplate.Load("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	allowed, err := awscalls.PoliciesOf(doc, resources(o.Prefix))
	if err != nil {
		t.Fatal(err)
	}
	see := func(r *http.Request, target string, body []byte) {
		operation := target[strings.LastIndex(target, ".")+1:]
		if operation == "CreateTable" || operation == "DescribeTable" || operation == "UpdateTimeToLive" {
			return // a world's own, before any function runs
		}
		calls, err := awscalls.Read(target, body)
		if err != nil {
			t.Errorf("S14: %v", err)
		}
		for _, c := range calls {
			if err := policies.Note(allowed, telemetry.Function(r.Context()), c); err != nil {
				t.Errorf("S14: %v", err)
			}
		}
	}
	o.Dynamo = append(o.Dynamo, func(o *dynamodb.Options) { o.HTTPClient = awscalls.Watch(o.HTTPClient, see) })
}
