package boot

import "slices"

// Variable is one line of the closed list of environment variables.
type Variable struct {
	Name string
	// Functions read it; nil means all.
	Functions []string
	// Optional ones may be missing or empty; Default is what that means.
	Optional bool
	Default  string
	// Given ones are set by Lambda itself and can't be in template.yaml.
	Given bool
	Doc   string
}

// The functions by what they share.
var (
	withTokens  = []string{"oauth-callback", "integrations", "status", "sync-now", "events", "subscription"}
	withQueue   = []string{"oauth-callback", "integrations", "sync-now", "events", "webhook", "scheduled-sync", "sync-worker"}
	withRecords = append(slices.Clone(withTokens), "webhook", "scheduled-sync", "sync-worker")
	withEvents  = []string{"integrations", "status", "events", "sync-worker"}
	withSecrets = []string{"oauth-callback", "integrations", "webhook", "sync-worker"}
	withOAuth   = []string{"oauth-callback", "integrations", "sync-worker"}
	withSealing = []string{"oauth-callback", "sync-worker"}
	withChannel = []string{"webhook", "sync-worker"}
	withFlows   = []string{"oauth-callback", "integrations"}
	withPlans   = []string{"integrations", "subscription"}
	withIssuer  = append(slices.Clone(withTokens), "console")
	withPace    = []string{"scheduled-sync", "sync-worker"}
	worker      = []string{"sync-worker"}
	pages       = []string{"console"}
)

// Variables is the list. template.yaml sets all that aren't Given, for exactly
// the functions named; shared/docs describes them in these words.
func Variables() []Variable {
	return []Variable{
		{Name: "LOG_LEVEL", Optional: true, Default: "info", Doc: "lowest level that is logged: debug, info, warn or error"},
		{Name: "METRICS_NAMESPACE", Optional: true, Default: "AuraIntegrations", Doc: "where CloudWatch files the metrics; one for each deployment in an AWS account"},
		{Name: "AWS_REGION", Functions: withRecords, Given: true, Doc: "the region of every AWS call"},
		{Name: "AWS_ACCESS_KEY_ID", Functions: withRecords, Given: true, Doc: "the role's credentials; they live as long as the sandbox"},
		{Name: "AWS_SECRET_ACCESS_KEY", Functions: withRecords, Given: true, Doc: "the role's credentials"},
		{Name: "AWS_SESSION_TOKEN", Functions: withRecords, Given: true, Optional: true, Doc: "the role's credentials; missing outside of Lambda"},
		{Name: "AWS_ENDPOINT_URL_DYNAMODB", Functions: withRecords, Optional: true, Doc: "another DynamoDB, for runs outside of AWS"},
		{Name: "AWS_ENDPOINT_URL_SQS", Functions: withQueue, Optional: true, Doc: "another SQS"},
		{Name: "AWS_ENDPOINT_URL_KMS", Functions: withSealing, Optional: true, Doc: "another KMS"},
		{Name: "AWS_ENDPOINT_URL_SSM", Functions: withSecrets, Optional: true, Doc: "another SSM"},

		{Name: "TOKEN_ISSUER", Functions: withIssuer, Optional: true, Doc: "whose tokens are accepted: the page signs in there, and a function without an authorizer in front verifies them itself"},
		{Name: "TOKEN_AUDIENCE", Functions: withTokens, Optional: true, Doc: "for whom they must have been made"},
		{Name: "TOKEN_KEYS_URL", Functions: withTokens, Optional: true, Doc: "where the issuer publishes its keys (JWKS); without it nobody's token is verified here, and only an authorizer's claims let anybody in"},
		{Name: "CLAIM_ACCOUNT", Functions: withTokens, Optional: true, Default: "account", Doc: "the claim that names the account"},
		{Name: "CLAIM_USER", Functions: withTokens, Optional: true, Default: "sub", Doc: "the claim that names the user"},
		{Name: "CLAIM_SCOPE", Functions: withTokens, Optional: true, Default: "scope", Doc: "the claim that lists the scopes"},
		{Name: "SCOPE_PREFIX", Functions: withIssuer, Optional: true, Doc: "what the issuer writes before the name of each of our scopes, such as aura/ in aura/events:read: the page asks for them so, and in a token no others count"},
		{Name: "ALLOWED_ORIGINS", Functions: withTokens, Optional: true, Doc: "origins of pages elsewhere that may call the API, separated by commas"},

		{Name: "INTEGRATIONS_TABLE", Functions: withRecords, Doc: "the table of integrations"},
		{Name: "CREDENTIALS_TABLE", Functions: withSealing, Doc: "the table of sealed credentials"},
		{Name: "EVENTS_TABLE", Functions: withEvents, Doc: "the table of events"},
		{Name: "QUEUE_URL", Functions: withQueue, Doc: "the queue of jobs"},

		{Name: "KMS_KEY_ID", Functions: withSealing, Doc: "the key that wraps data keys"},
		{Name: "FLOW_KEY_PARAMETER", Functions: withFlows, Doc: "name of the SSM parameter with the key of OAuth states: 32 bytes, base64"},
		{Name: "SUBJECT_KEY_PARAMETER", Functions: withSealing, Doc: "name of the SSM parameter with the key of the subject registry: 32 bytes, base64"},
		{Name: "CHANNEL_KEY_PARAMETER", Functions: withChannel, Doc: "name of the SSM parameter with the key that push channels are opened with: 32 bytes, base64"},
		{Name: "CHANNEL_KEY_PREVIOUS_PARAMETER", Functions: []string{"webhook"}, Doc: "name of the SSM parameter with the key that is accepted besides, while keys are rotated: 32 bytes, base64"},
		{Name: "GOOGLE_CLIENT_SECRET_PARAMETER", Functions: withSealing, Doc: "name of the SSM parameter with the OAuth client's secret"},

		{Name: "GOOGLE_CLIENT_ID", Functions: withOAuth, Doc: "the OAuth client at Google"},
		{Name: "GOOGLE_AUTH_URL", Functions: withOAuth, Optional: true, Doc: "another consent page than Google's"},
		{Name: "GOOGLE_TOKEN_URL", Functions: withOAuth, Optional: true, Doc: "another token endpoint"},
		{Name: "GOOGLE_REVOKE_URL", Functions: withOAuth, Optional: true, Doc: "another revocation endpoint"},
		{Name: "GOOGLE_ISSUERS", Functions: withOAuth, Optional: true, Doc: "other issuers that an id token may name, separated by commas"},
		{Name: "GOOGLE_CALENDAR_URL", Functions: withOAuth, Optional: true, Doc: "another Calendar v3"},
		{Name: "REDIRECT_URI", Functions: withFlows, Doc: "this deployment's callback, as registered at Google"},
		{Name: "RETURN_TARGETS", Functions: withFlows, Doc: "pages that flows come back to, name=URL, separated by commas"},

		{Name: "WEBHOOK_URL", Functions: worker, Optional: true, Doc: "this deployment's webhook, where push channels are pointed; without it every calendar is polled at its own interval"},

		{Name: "CONSOLE_CLIENT_ID", Functions: pages, Optional: true, Doc: "the page's public client at the issuer; without it the page can't sign anybody in"},
		{Name: "CONSOLE_ISSUER_ORIGINS", Functions: pages, Optional: true, Doc: "origins of the issuer's endpoints, where they are not the issuer's own, separated by commas; a browser lets the page call no others"},
		{Name: "CONSOLE_SCOPE", Functions: pages, Optional: true, Doc: "what the page asks the issuer for, separated by spaces; without it openid and the scopes that the page needs"},
		{Name: "BILLING_URL", Functions: pages, Optional: true, Doc: "where an account changes its plan; without it the page names the place and links nothing"},
		{Name: "PLAN_LIMITS", Functions: withPlans, Doc: "how many integrations each plan allows, plan=number, separated by commas; free must be among them"},
		{Name: "PLAN_INTERVALS", Functions: []string{"integrations"}, Optional: true, Doc: "the shortest interval that a plan allows, plan=minutes, separated by commas; a plan that isn't named allows any"},
		{Name: "PROVIDER_CALLS_PER_MINUTE", Functions: withPace, Doc: "the project's quota at the provider: workers keep to it, and polling intervals lengthen when more is due"},
		{Name: "WORKER_CONCURRENCY", Functions: worker, Doc: "how many workers share it, at most: the event source's MaximumConcurrency"},
	}
}

// Reads reports whether a function reads the variable.
func (v Variable) Reads(function string) bool {
	return v.Functions == nil || slices.Contains(v.Functions, function)
}

// Functions lists the functions, by the names of their folders.
func Functions() []string {
	return []string{
		"oauth-callback", "integrations", "status", "sync-now", "events", "subscription", "webhook", "console",
		"scheduled-sync", "sync-worker",
	}
}
