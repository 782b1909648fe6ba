package awscalls

import (
	"slices"
	"strings"
	"testing"

	"aura.example/integrations/shared/samtemplate"
)

func TestWhatIsReadOfTheWire(t *testing.T) {
	t.Parallel()
	table := ARN("dynamodb", "table/t")
	for name, c := range map[string]struct {
		target, body string
		want         []string // action, resource and keys
	}{
		"get":    {"DynamoDB_20120810.GetItem", `{"TableName":"t","Key":{"pk":{"S":"A#a"},"sk":{"S":"x"}}}`, []string{"dynamodb:GetItem " + table + " A#a"}},
		"put":    {"DynamoDB_20120810.PutItem", `{"TableName":"t","Item":{"pk":{"S":"K#k"}}}`, []string{"dynamodb:PutItem " + table + " K#k"}},
		"query":  {"DynamoDB_20120810.Query", `{"TableName":"t","KeyConditionExpression":"(#0 = :0) AND (begins_with (#1, :1))","ExpressionAttributeValues":{":0":{"S":"A#a"},":1":{"S":"E#"}}}`, []string{"dynamodb:Query " + table + " A#a"}},
		"index":  {"DynamoDB_20120810.Query", `{"TableName":"t","IndexName":"i","KeyConditionExpression":"slot = :s","ExpressionAttributeValues":{":s":{"S":"5#1"}}}`, []string{"dynamodb:Query " + table + "/index/i 5#1"}},
		"batch":  {"DynamoDB_20120810.BatchGetItem", `{"RequestItems":{"t":{"Keys":[{"pk":{"S":"A#a"}},{"pk":{"S":"A#b"}}]}}}`, []string{"dynamodb:BatchGetItem " + table + " A#a A#b"}},
		"writes": {"DynamoDB_20120810.TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"t","Item":{"pk":{"S":"G#g"}}}},{"Update":{"TableName":"t","Key":{"pk":{"S":"A#a"}}}},{"Delete":{"TableName":"t","Key":{"pk":{"S":"S#s"}}}},{"ConditionCheck":{"TableName":"t","Key":{"pk":{"S":"A#c"}}}}]}`, []string{"dynamodb:PutItem " + table + " G#g", "dynamodb:UpdateItem " + table + " A#a", "dynamodb:DeleteItem " + table + " S#s", "dynamodb:ConditionCheckItem " + table + " A#c"}},
		"send":   {"AmazonSQS.SendMessageBatch", `{"QueueUrl":"http://127.0.0.1:1/123456789012/jobs"}`, []string{"sqs:SendMessage " + ARN("sqs", "jobs") + " "}},
		"unwrap": {"TrentService.Decrypt", `{"KeyId":"arn:k","EncryptionContext":{"purpose":"tokens"}}`, []string{"kms:Decrypt arn:k "}},
		"secret": {"AmazonSSM.GetParameters", `{"Names":["/a/x","/a/y"]}`, []string{"ssm:GetParameters " + ARN("ssm", "parameter/a/x") + " ", "ssm:GetParameters " + ARN("ssm", "parameter/a/y") + " "}},
	} {
		calls, err := Read(c.target, []byte(c.body))
		var got []string
		for _, c := range calls {
			got = append(got, c.Action+" "+c.Resource+" "+strings.Join(c.Keys, " "))
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, c.want)
		}
	}
	for _, target := range []string{"", "DynamoDB_20120810.Scan", "AWSLambda.Invoke"} {
		if _, err := Read(target, []byte(`{}`)); err == nil {
			t.Errorf("%q is read", target)
		}
	}
}

// The book is a judge: each way in which a call is not allowed must be seen.
func TestTheBookSeesPlantedViolations(t *testing.T) {
	t.Parallel()
	table, key := ARN("dynamodb", "table/t"), ARN("kms", "key/k")
	p := Policies{"f": {
		{Sid: "Rows", Actions: []string{"dynamodb:GetItem", "dynamodb:UpdateItem"}, Resources: []string{table}, LeadingKeys: []string{"A#*", "SYS"}},
		{Sid: "Key", Actions: []string{"kms:Decrypt"}, Resources: []string{key}, Context: map[string]string{"purpose": "tokens"}},
	}}
	b := NewBook()
	for name, c := range map[string]Call{
		"action":            {Action: "dynamodb:DeleteItem", Resource: table, Keys: []string{"A#a"}},
		"resource":          {Action: "dynamodb:GetItem", Resource: table + "2", Keys: []string{"A#a"}},
		"key":               {Action: "dynamodb:GetItem", Resource: table, Keys: []string{"K#k"}},
		"one key of two":    {Action: "dynamodb:GetItem", Resource: table, Keys: []string{"A#a", "K#k"}},
		"a key like a name": {Action: "dynamodb:GetItem", Resource: table, Keys: []string{"SYSTEM"}},
		"no key":            {Action: "dynamodb:GetItem", Resource: table},
		"purpose":           {Action: "kms:Decrypt", Resource: key, Context: map[string]string{"purpose": "other"}},
		"no purpose":        {Action: "kms:Decrypt", Resource: key},
	} {
		if b.Note(p, "f", c) == nil {
			t.Errorf("%s: allowed", name)
		}
	}
	if b.Note(p, "g", Call{Action: "dynamodb:GetItem", Resource: table, Keys: []string{"A#a"}}) == nil {
		t.Error("another function is allowed")
	}
	for _, c := range []Call{
		{Action: "dynamodb:GetItem", Resource: table, Keys: []string{"A#a", "SYS"}},
		{Action: "kms:Decrypt", Resource: key, Context: map[string]string{"purpose": "tokens"}},
	} {
		if err := b.Note(p, "f", c); err != nil {
			t.Error(err)
		}
	}
	want := []string{"f, Rows: dynamodb:UpdateItem on t A#*", "f, Rows: dynamodb:UpdateItem on t SYS"}
	if got := b.Unused(func(string) bool { return true }); !slices.Equal(got, want) {
		t.Errorf("unused: %q, want %q", got, want)
	}
}

// What the proof can't judge it must not pass over.
func TestATemplateThatIsNotUnderstood(t *testing.T) {
	t.Parallel()
	doc, err := samtemplate.Load("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := PoliciesOf(doc, samtemplate.Values{}); err == nil {
		t.Error("policies are resolved although nothing was said about the resources")
	}
}
