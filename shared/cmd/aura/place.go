package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/awsdynamodb"
	"aura.example/integrations/shared/boot/awskms"
	"aura.example/integrations/shared/boot/awssqs"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/filekey"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/kmskey"
	"aura.example/integrations/shared/seal"
	"aura.example/integrations/shared/sqsqueue"
)

// Where says on what the tool works: a deployment, by the functions' own
// variables, or the local run.
type Where struct {
	Local string `help:"Folder of the local run's data; the default where no table is named." type:"path" placeholder:"DIR" group:"Where"`

	IntegrationsTable string `env:"INTEGRATIONS_TABLE" help:"Table of integrations." group:"Where" placeholder:"NAME"`
	CredentialsTable  string `env:"CREDENTIALS_TABLE" help:"Table of sealed credentials." group:"Where" placeholder:"NAME"`
	EventsTable       string `env:"EVENTS_TABLE" help:"Table of events." group:"Where" placeholder:"NAME"`
	QueueURL          string `env:"QUEUE_URL" help:"Queue of jobs." group:"Where" placeholder:"URL"`
	DeadLetterURL     string `env:"DEAD_LETTER_QUEUE_URL" help:"Its dead-letter queue." group:"Where" placeholder:"URL"`
	KMSKeyID          string `env:"KMS_KEY_ID" help:"Key that wraps data keys." group:"Where" placeholder:"ID"`

	Region    string `env:"AWS_REGION" help:"Region of every AWS call." group:"Where"`
	AccessKey string `env:"AWS_ACCESS_KEY_ID" hidden:""`
	SecretKey string `env:"AWS_SECRET_ACCESS_KEY" hidden:""`
	Session   string `env:"AWS_SESSION_TOKEN" hidden:""`
	DynamoDB  string `env:"AWS_ENDPOINT_URL_DYNAMODB" hidden:""`
	SQS       string `env:"AWS_ENDPOINT_URL_SQS" hidden:""`
	KMS       string `env:"AWS_ENDPOINT_URL_KMS" hidden:""`

	GoogleClientID     string `env:"GOOGLE_CLIENT_ID" help:"OAuth client at Google, for doctor." group:"Where" placeholder:"ID"`
	GoogleClientSecret string `env:"GOOGLE_CLIENT_SECRET" help:"Its secret, for doctor; never stored." group:"Where" placeholder:"SECRET"`
	GoogleTokenURL     string `env:"GOOGLE_TOKEN_URL" hidden:""`

	Prefix string `hidden:"" help:"Of the local run's tables."`
}

// place is where the tool works, opened. Nobody is called yet.
type place struct {
	where    Where
	local    *localRun // nil in a deployment
	client   *dynamodb.Client
	db       *dynamo.DB
	operator *dynamo.Operator
	names    dynamo.Names
	sqs      *sqs.Client // nil in the local run
	queue    job.Queue
	dead     deadLetters
	wrapper  seal.KeyWrapper // nil where no key is named
	now      func() time.Time
}

// localRun is what the local run says of itself.
type localRun struct {
	Dir          string `json:"-"`
	APIURL       string `json:"api_url"`
	GoogleURL    string `json:"google_url"`
	ClientID     string `json:"google_client_id"`
	ClientSecret string `json:"google_client_secret"`
	DynamoURL    string `json:"dynamodb_url"`
}

// open finds the place. Errors say what to name or to start.
func open(w Where, now func() time.Time) (*place, error) {
	p := &place{where: w, now: now}
	aws := boot.AWS{
		Region: w.Region, AccessKey: w.AccessKey, SecretKey: w.SecretKey, Session: w.Session, DynamoDB: w.DynamoDB, SQS: w.SQS, KMS: w.KMS,
	}
	if w.IntegrationsTable == "" || w.Local != "" {
		if err := p.openLocal(); err != nil {
			return nil, err
		}
		aws = boot.AWS{Region: "local", AccessKey: "local", SecretKey: "local", DynamoDB: p.local.DynamoURL}
	} else if err := p.openDeployment(aws); err != nil {
		return nil, err
	}
	p.client = awsdynamodb.New(aws)
	p.db = dynamo.New(p.client, p.names, now)
	p.operator = dynamo.NewOperator(p.client, p.names)
	return p, nil
}

func (p *place) openDeployment(aws boot.AWS) error {
	w := p.where
	for _, v := range []struct{ name, value string }{
		{"CREDENTIALS_TABLE", w.CredentialsTable}, {"EVENTS_TABLE", w.EventsTable}, {"AWS_REGION", w.Region},
		{"AWS_ACCESS_KEY_ID", w.AccessKey}, {"AWS_SECRET_ACCESS_KEY", w.SecretKey},
	} {
		if v.value == "" {
			return fmt.Errorf("%s is missing: a deployment is named by the functions' own variables, and credentials come from the environment", v.name)
		}
	}
	p.names = dynamo.Names{Integrations: w.IntegrationsTable, Credentials: w.CredentialsTable, Events: w.EventsTable}
	p.sqs = awssqs.New(aws)
	if w.QueueURL != "" {
		q := sqsqueue.New(p.sqs, w.QueueURL)
		p.queue = q
		if w.DeadLetterURL != "" {
			p.dead = &sqsDead{sqsqueue.DeadLetters{Client: p.sqs, URL: w.DeadLetterURL, Queue: q}, dynamo.NewIntegrations(awsdynamodb.New(aws), p.names, time.Now)}
		}
	}
	if w.KMSKeyID != "" {
		p.wrapper = kmskey.New(awskms.New(aws), w.KMSKeyID)
	}
	return nil
}

func (p *place) openLocal() error {
	dir := p.where.Local
	if dir == "" {
		dir = ".local"
	}
	raw, err := os.ReadFile(filepath.Join(dir, "run.json"))
	if err != nil {
		return fmt.Errorf("nothing runs here (no %s): start it with `make run`, or name a deployment by INTEGRATIONS_TABLE and the other variables of its functions", filepath.Join(dir, "run.json"))
	}
	p.local = &localRun{Dir: dir}
	if err := json.Unmarshal(raw, p.local); err != nil {
		return fmt.Errorf("run.json in %s is broken: start the local run again", dir)
	}
	if p.local.DynamoURL == "" {
		return errors.New("the local run keeps its data in its own memory (STORE=memory), where nobody else can look: start it with `make run`")
	}
	p.names = dynamo.Prefixed(p.where.Prefix)
	p.queue, p.dead = localQueue{p.local.APIURL}, localDead{p.local.APIURL}
	p.wrapper, err = filekey.Open(filepath.Join(dir, "tokens.key"))
	return err
}

// needQueue says which variable a command lacks.
func (p *place) needQueue() error {
	if p.queue == nil {
		return errors.New("QUEUE_URL is missing")
	}
	return nil
}
