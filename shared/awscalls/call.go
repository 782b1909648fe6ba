package awscalls

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// Call is one action on one resource, as IAM sees it.
type Call struct {
	Action   string
	Resource string // an ARN
	// Keys are the leading keys of the items or the query; nil for what has none.
	Keys    []string
	Context map[string]string // KMS's encryption context
}

// The region and account that stand-ins live in.
const (
	Region  = "eu-central-1"
	Account = "123456789012"
)

// ARN names a resource of this region and account.
func ARN(service, resource string) string {
	return "arn:aws:" + service + ":" + Region + ":" + Account + ":" + resource
}

// Read reads a request's calls: target is its header X-Amz-Target.
func Read(target string, body []byte) ([]Call, error) {
	service, operation, _ := strings.Cut(target, ".")
	switch service {
	case "DynamoDB_20120810":
		return dynamodb(operation, body)
	case "AmazonSQS":
		var in struct {
			QueueURL string `json:"QueueUrl"`
		}
		err := json.Unmarshal(body, &in)
		return one("sqs:"+strings.TrimSuffix(operation, "Batch"), ARN("sqs", path.Base(in.QueueURL)), err)
	case "TrentService":
		var in struct {
			KeyID             string `json:"KeyId"`
			EncryptionContext map[string]string
		}
		err := json.Unmarshal(body, &in)
		calls, err := one("kms:"+operation, in.KeyID, err)
		if err == nil {
			calls[0].Context = in.EncryptionContext
		}
		return calls, err
	case "AmazonSSM":
		var in struct{ Names []string }
		err := json.Unmarshal(body, &in)
		var calls []Call
		for _, n := range in.Names {
			calls = append(calls, Call{Action: "ssm:" + operation, Resource: ARN("ssm", "parameter"+n)})
		}
		return calls, err
	}
	return nil, fmt.Errorf("a call to %q isn't known here", target)
}

func one(action, resource string, err error) ([]Call, error) {
	return []Call{{Action: action, Resource: resource}}, err
}

// attribute is a value on DynamoDB's wire; keys are strings here.
type attribute struct{ S string }

// asked is what is read of one item's part of a request.
type asked struct {
	TableName string
	Key       map[string]attribute
	Item      map[string]attribute
}

func (a asked) call(action string) Call {
	key := a.Key
	if key == nil {
		key = a.Item
	}
	return Call{Action: "dynamodb:" + action, Resource: ARN("dynamodb", "table/"+a.TableName), Keys: []string{key["pk"].S}}
}

func dynamodb(operation string, body []byte) ([]Call, error) {
	switch operation {
	case "GetItem", "PutItem", "UpdateItem", "DeleteItem":
		var in asked
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, err
		}
		return []Call{in.call(operation)}, nil
	case "Query":
		return query(body)
	case "BatchGetItem":
		var in struct {
			RequestItems map[string]struct{ Keys []map[string]attribute }
		}
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, err
		}
		var calls []Call
		for table, items := range in.RequestItems {
			c := Call{Action: "dynamodb:BatchGetItem", Resource: ARN("dynamodb", "table/"+table)}
			for _, k := range items.Keys {
				c.Keys = append(c.Keys, k["pk"].S)
			}
			calls = append(calls, c)
		}
		return calls, nil
	case "TransactWriteItems":
		var in struct {
			TransactItems []struct{ Put, Update, Delete, ConditionCheck *asked }
		}
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, err
		}
		var calls []Call
		for _, it := range in.TransactItems {
			for action, a := range map[string]*asked{"PutItem": it.Put, "UpdateItem": it.Update, "DeleteItem": it.Delete, "ConditionCheckItem": it.ConditionCheck} {
				if a != nil {
					calls = append(calls, a.call(action))
				}
			}
		}
		return calls, nil
	}
	return nil, fmt.Errorf("DynamoDB's %s isn't known here", operation)
}

var equality = regexp.MustCompile(`([#A-Za-z0-9_]+) = (:[A-Za-z0-9_]+)`)

// query finds the leading key: the equality that a key condition must have. The
// first one is it; a sort key's would come after.
func query(body []byte) ([]Call, error) {
	var in struct {
		TableName, IndexName, KeyConditionExpression string
		ExpressionAttributeValues                    map[string]attribute
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	m := equality.FindStringSubmatch(in.KeyConditionExpression)
	if m == nil {
		return nil, fmt.Errorf("a query without a leading key: %s", in.KeyConditionExpression)
	}
	resource := "table/" + in.TableName
	if in.IndexName != "" {
		resource += "/index/" + in.IndexName
	}
	return []Call{{Action: "dynamodb:Query", Resource: ARN("dynamodb", resource), Keys: []string{in.ExpressionAttributeValues[m[2]].S}}}, nil
}
