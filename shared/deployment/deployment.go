// Package deployment makes, among the stand-ins for AWS and Google, what the
// resources of template.yaml stand for (tables, queue, key, secrets), and gives
// each function the environment that the template gives it. The proofs of the
// deployable set run on it, and so does `make sam-local`.
package deployment

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"aura.example/integrations/shared/awscalls"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/samtemplate"
)

// Options say among what to deploy.
type Options struct {
	Root      string // the project's folder
	DynamoDB  string // where DynamoDB Local is
	Moto      string // where moto is
	Data      string // the data folder of the local run, which says where Google is
	PublicURL string // under which browsers reach the API
}

// Stack is a deployment. Its names are its own, so that many may share the
// stand-ins.
type Stack struct {
	Template *samtemplate.Template
	Values   samtemplate.Values
	Queue    *sqs.Client
	QueueURL string
	Secrets  map[string]string // by the last part of the parameter's name
	o        Options
}

// Make makes a deployment.
func Make(ctx context.Context, o Options) (*Stack, error) {
	t, err := samtemplate.Load(filepath.Join(o.Root, "template.yaml"))
	if err != nil {
		return nil, err
	}
	var raw [8]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return nil, fmt.Errorf("making a name: %w", err)
	}
	name := "deployed-" + hex.EncodeToString(raw[:])
	s := &Stack{Template: t, Secrets: map[string]string{}, o: o, Values: samtemplate.Values{
		"AWS::Partition": "aws", "AWS::Region": awscalls.Region, "AWS::AccountId": awscalls.Account, "AWS::URLSuffix": "amazonaws.com", "AWS::StackName": name,
		"TokenIssuer": "https://id.example.com/", "TokenAudience": "aura", "SecretsPath": "/" + name, "Api": "api", "LogLevel": "debug",
		"PublicUrl": o.PublicURL, "ReturnTargets": "integrations=" + o.PublicURL + "/agent/integrations",
	}}
	secret, err := s.google()
	if err != nil {
		return nil, err
	}
	if err := s.resources(ctx, name, secret); err != nil {
		return nil, fmt.Errorf("making the stand-ins' resources: %w", err)
	}
	for _, f := range t.Functions() {
		s.Values[strings.TrimSuffix(f.Name, "Function")+"Logs.Arn"] = awscalls.ARN("logs", "log-group:"+f.Folder)
	}
	return s, nil
}

// google reads where the simulator is, and gives our client's secret there.
func (s *Stack) google() (secret string, err error) {
	raw, err := os.ReadFile(filepath.Join(s.o.Data, "run.json"))
	if err != nil {
		return "", fmt.Errorf("finding the Google simulator: %w", err)
	}
	var run struct {
		ClientID     string `json:"google_client_id"`
		ClientSecret string `json:"google_client_secret"`
		URL          string `json:"google_url"`
	}
	if err := json.Unmarshal(raw, &run); err != nil {
		return "", fmt.Errorf("finding the Google simulator: %w", err)
	}
	maps.Copy(s.Values, samtemplate.Values{
		"GoogleClientId": run.ClientID, "GoogleAuthUrl": run.URL + "/o/oauth2/v2/auth", "GoogleTokenUrl": run.URL + "/token",
		"GoogleRevokeUrl": run.URL + "/revoke", "GoogleIssuers": run.URL, "GoogleCalendarUrl": run.URL + "/calendar/v3/",
	})
	return run.ClientSecret, nil
}

func (s *Stack) resources(ctx context.Context, name, clientSecret string) error {
	db := s.DynamoDB()
	if err := dynamo.CreateTables(ctx, db, dynamo.Prefixed(name+"-")); err != nil {
		return err
	}
	for _, table := range dynamo.Tables() {
		physical, logical := name+"-"+table.Name, strings.ToUpper(table.Name[:1])+table.Name[1:]+"Table"
		s.Values[logical], s.Values[logical+".Arn"] = physical, awscalls.ARN("dynamodb", "table/"+physical)
	}
	moto, identity := aws.String(s.o.Moto), credentials.NewStaticCredentialsProvider("test", "test", "")
	s.Queue = sqs.New(sqs.Options{Region: awscalls.Region, BaseEndpoint: moto, Credentials: identity})
	q, err := s.Queue.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name})
	if err != nil {
		return err
	}
	s.QueueURL = aws.ToString(q.QueueUrl)
	s.Values["Jobs"], s.Values["Jobs.Arn"] = s.QueueURL, awscalls.ARN("sqs", name)
	key, err := kms.New(kms.Options{Region: awscalls.Region, BaseEndpoint: moto, Credentials: identity}).CreateKey(ctx, &kms.CreateKeyInput{})
	if err != nil {
		return err
	}
	s.Values["TokenKey.Arn"] = aws.ToString(key.KeyMetadata.Arn)
	s.Secrets = map[string]string{"google-client-secret": clientSecret}
	for _, k := range []string{"flow-key", "subject-key", "channel-key", "channel-key-previous"} {
		var raw [32]byte
		if _, err := rand.Read(raw[:]); err != nil {
			return err
		}
		s.Secrets[k] = base64.StdEncoding.EncodeToString(raw[:])
	}
	params := ssm.New(ssm.Options{Region: awscalls.Region, BaseEndpoint: moto, Credentials: identity})
	for k, v := range s.Secrets {
		if _, err := params.PutParameter(ctx, &ssm.PutParameterInput{Name: aws.String("/" + name + "/" + k), Value: &v, Type: types.ParameterTypeSecureString}); err != nil {
			return err
		}
	}
	return nil
}

// DynamoDB makes a client of the deployment's database.
func (s *Stack) DynamoDB() *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: awscalls.Region, BaseEndpoint: aws.String(s.o.DynamoDB), Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}

// Environment gives a function's variables as NAME=value: those of the template,
// and what Lambda adds. endpoint is where the function finds all of AWS; "" is
// the stand-ins themselves.
func (s *Stack) Environment(folder, endpoint string) ([]string, error) {
	values := maps.Clone(s.Values)
	for _, name := range []string{"DynamoDbEndpoint", "SqsEndpoint", "KmsEndpoint", "SsmEndpoint"} {
		values[name] = endpoint
		if endpoint == "" {
			values[name] = s.o.Moto
		}
	}
	if endpoint == "" {
		values["DynamoDbEndpoint"] = s.o.DynamoDB
	}
	env, err := s.Template.Environment(s.Template.Functions()[folder], values)
	return append(env, "AWS_REGION="+awscalls.Region, "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local"), err
}
