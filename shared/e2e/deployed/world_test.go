package deployed_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"aura.example/integrations/shared/awscalls"
	"aura.example/integrations/shared/devstack"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/local"
	"aura.example/integrations/shared/runtimeapi"
	"aura.example/integrations/shared/samtemplate"
)

// trace is the X-Ray header that Lambda gives to every invocation here.
const trace = "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1"

// world is one deployment: template.yaml with every function running.
type world struct {
	*testing.T
	template  *samtemplate.Template
	values    samtemplate.Values
	policies  awscalls.Policies
	book      *awscalls.Book
	program   *local.Program // Google, and the issuer of tokens
	gateway   *httptest.Server
	sandboxes map[string]*runtimeapi.Sandbox
	queue     *sqs.Client
	queueURL  string
	secrets   map[string]string // what must never be seen, and what it is

	mu       sync.Mutex
	messages []string          // bodies that were sent to the queue
	untraced []string          // calls that didn't carry the trace header
	answers  []string          // of the API, whole
	spoken   map[string]string // what sandboxes wrote that are gone, by function
	fault    googlesim.Fault
}

// newWorld deploys template.yaml here.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := newDeployment(t)
	for folder := range w.template.Functions() {
		w.start(bootstraps(t), folder)
	}
	for folder, s := range w.sandboxes {
		if err := s.Ready(t.Context()); err != nil {
			t.Fatalf("%s: %v", folder, err)
		}
	}
	return w
}

// newDeployment makes what the template's resources stand for and the routes to
// its functions, and starts none of them.
func newDeployment(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, book: awscalls.NewBook(), sandboxes: map[string]*runtimeapi.Sandbox{}, secrets: map[string]string{}, spoken: map[string]string{}}
	var err error
	if w.template, err = samtemplate.Load(filepath.Join(root, "template.yaml")); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	w.program, err = local.Start(context.Background(), local.Options{
		Dir: data, Memory: true, NoTicks: true, Sim: googlesim.Options{Fault: w.mishap},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.program.Close() })
	gateway := http.NewServeMux()
	w.gateway = httptest.NewServer(gateway)
	t.Cleanup(w.gateway.Close)
	w.standIns(readRunFile(t, data))
	for _, rt := range w.template.Routes() {
		pattern := rt.Method + " " + strings.ReplaceAll(rt.Path, "+}", "...}")
		gateway.HandleFunc(pattern, func(rw http.ResponseWriter, r *http.Request) { w.route(rt, rw, r) })
	}
	return w
}

// mishap is what goes wrong at Google.
func (w *world) mishap(r *http.Request) googlesim.Decision {
	w.mu.Lock()
	fault := w.fault
	w.mu.Unlock()
	w.overhear(r)
	if fault == nil {
		return googlesim.Decision{}
	}
	return fault(r)
}

type runFile struct {
	ClientID     string `json:"google_client_id"`
	ClientSecret string `json:"google_client_secret"`
	GoogleURL    string `json:"google_url"`
	APIURL       string `json:"api_url"`
}

// standIns makes what the template's resources stand for: tables, queue, key,
// secrets; and says so in the values.
func (w *world) standIns(run runFile) {
	w.Helper()
	var raw [8]byte
	_, _ = rand.Read(raw[:])
	name := "deployed-" + hex.EncodeToString(raw[:])
	stack := devstack.ForTest(w.T)
	identity := credentials.NewStaticCredentialsProvider("test", "test", "")
	names := dynamo.Prefixed(name + "-")
	db := dynamodb.New(dynamodb.Options{Region: awscalls.Region, BaseEndpoint: aws.String(stack.DynamoDB()), Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	w.must(dynamo.CreateTables(w.Context(), db, names))
	moto := aws.String(stack.Moto())
	w.queue = sqs.New(sqs.Options{Region: awscalls.Region, BaseEndpoint: moto, Credentials: identity})
	q, err := w.queue.CreateQueue(w.Context(), &sqs.CreateQueueInput{QueueName: aws.String(name)})
	w.must(err)
	w.queueURL = aws.ToString(q.QueueUrl)
	key, err := kms.New(kms.Options{Region: awscalls.Region, BaseEndpoint: moto, Credentials: identity}).CreateKey(w.Context(), &kms.CreateKeyInput{})
	w.must(err)
	params := ssm.New(ssm.Options{Region: awscalls.Region, BaseEndpoint: moto, Credentials: identity})
	for _, p := range []struct{ name, value string }{{"flow-key", newKey()}, {"subject-key", newKey()}, {"google-client-secret", run.ClientSecret}} {
		w.learn("the "+p.name, p.value)
		_, err := params.PutParameter(w.Context(), &ssm.PutParameterInput{
			Name: aws.String("/" + name + "/" + p.name), Value: aws.String(p.value), Type: ssmtypes.ParameterTypeSecureString,
		})
		w.must(err)
	}
	w.values = samtemplate.Values{
		"AWS::Partition": "aws", "AWS::Region": awscalls.Region, "AWS::AccountId": awscalls.Account, "AWS::URLSuffix": "amazonaws.com", "AWS::StackName": name,
		"TokenIssuer": "https://id.example.com/", "TokenAudience": "aura", "GoogleClientId": run.ClientID, "SecretsPath": "/" + name,
		"GoogleAuthUrl": run.GoogleURL + "/o/oauth2/v2/auth", "GoogleTokenUrl": run.GoogleURL + "/token", "GoogleRevokeUrl": run.GoogleURL + "/revoke",
		"GoogleIssuers": run.GoogleURL, "GoogleCalendarUrl": run.GoogleURL + "/calendar/v3/", "ReturnTargets": "integrations=" + w.gateway.URL + "/agent/integrations",
		"PublicUrl": w.gateway.URL, "Api": "api", "Jobs": w.queueURL, "Jobs.Arn": awscalls.ARN("sqs", name), "TokenKey.Arn": aws.ToString(key.KeyMetadata.Arn),
		"LogLevel": "debug",
	}
	for _, table := range []string{"Integrations", "Credentials", "Events"} {
		physical := name + "-" + strings.ToLower(table)
		w.values[table+"Table"], w.values[table+"Table.Arn"] = physical, awscalls.ARN("dynamodb", "table/"+physical)
	}
	for _, f := range w.template.Functions() {
		w.values[strings.TrimSuffix(f.Name, "Function")+"Logs.Arn"] = awscalls.ARN("logs", "log-group:"+f.Folder)
	}
	if w.policies, err = awscalls.PoliciesOf(w.template, w.values); err != nil {
		w.Fatal(err)
	}
}

// start runs one function, with a proxy of its own before AWS.
func (w *world) start(dir, folder string) {
	w.Helper()
	stack := devstack.ForTest(w.T)
	db, err := url.Parse(stack.DynamoDB())
	w.must(err)
	moto, err := url.Parse(stack.Moto())
	w.must(err)
	proxy := httptest.NewServer(awscalls.Proxy(db, moto, func(r *http.Request, target string, body []byte) { w.saw(folder, r, target, body) }))
	w.Cleanup(proxy.Close)
	env := w.environment(folder, proxy.URL)
	s, err := runtimeapi.Start(runtimeapi.Options{Name: folder, Command: []string{filepath.Join(dir, folder, "bootstrap")}, Env: env, Trace: trace})
	w.must(err)
	w.Cleanup(func() {
		s.Close()
		if w.Failed() && os.Getenv("E2E_LOGS") != "" {
			w.Logf("%s wrote:\n%s", folder, tail(s.Output()))
		}
	})
	w.sandboxes[folder] = s
}

// environment gives a function's variables: those of the template, and what
// Lambda adds. aws is where it finds AWS; "" is the stand-ins themselves.
func (w *world) environment(folder, aws string) []string {
	w.Helper()
	values := maps.Clone(w.values)
	for _, e := range []string{"DynamoDbEndpoint", "SqsEndpoint", "KmsEndpoint", "SsmEndpoint"} {
		values[e] = aws
		if aws == "" {
			values[e] = devstack.ForTest(w.T).Moto()
		}
	}
	if aws == "" {
		values["DynamoDbEndpoint"] = devstack.ForTest(w.T).DynamoDB()
	}
	env, err := w.template.Environment(w.template.Functions()[folder], values)
	w.must(err)
	return append(env, "AWS_REGION="+awscalls.Region, "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local")
}

// saw holds a call to the function's policy, and keeps what must be looked at.
func (w *world) saw(folder string, r *http.Request, target string, body []byte) {
	calls, err := awscalls.Read(target, body)
	if err != nil {
		w.Errorf("S14: %s: %v", folder, err)
	}
	for _, c := range calls {
		if err := w.book.Note(w.policies, folder, c); err != nil {
			w.Errorf("S14: %v", err)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if strings.HasPrefix(target, "AmazonSQS.") {
		w.messages = append(w.messages, string(body))
	}
	if r.Header.Get("X-Amzn-Trace-Id") != trace && !strings.HasPrefix(target, "AmazonSSM.") { // secrets are read before there is an invocation
		w.untraced = append(w.untraced, folder+" "+target)
	}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func newKey() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	return base64.StdEncoding.EncodeToString(raw)
}

func tail(s string) string {
	if len(s) > 6000 {
		return "…" + s[len(s)-6000:]
	}
	return s
}

func readRunFile(t *testing.T, dir string) (run runFile) {
	t.Helper()
	if err := json.Unmarshal(read(t, filepath.Join(dir, "run.json")), &run); err != nil {
		t.Fatal(err)
	}
	return run
}
