package boot

import (
	"time"

	"golang.org/x/time/rate"

	"aura.example/integrations/shared/google"
)

// Status is the configuration of the function of that name, and so on.
type Status struct {
	Function
	AWS
	Access
	IntegrationsTable, EventsTable string
}

// LoadStatus reads it. Errors, here and below, are one line that names the
// variable.
func LoadStatus(get Getenv) (Status, error) {
	e := open("status", get)
	return Status{
		Function: e.common(), AWS: e.aws(), Access: e.access(),
		IntegrationsTable: e.name("INTEGRATIONS_TABLE"), EventsTable: e.name("EVENTS_TABLE"),
	}, e.err()
}

// Integrations opens flows and moves integrations.
type Integrations struct {
	Function
	AWS
	Access
	Flow
	IntegrationsTable, EventsTable, QueueURL string
	FlowKeyParameter                         string
	Google                                   google.Config
	PlanLimits                               map[string]int
	PlanIntervals                            map[string]time.Duration
}

// LoadIntegrations reads it.
func LoadIntegrations(get Getenv) (Integrations, error) {
	e := open("integrations", get)
	return Integrations{
		Function: e.common(), AWS: e.aws(), Access: e.access(), Flow: e.flow(),
		IntegrationsTable: e.name("INTEGRATIONS_TABLE"), EventsTable: e.name("EVENTS_TABLE"), QueueURL: e.address("QUEUE_URL"),
		FlowKeyParameter: e.name("FLOW_KEY_PARAMETER"), Google: e.google(), PlanLimits: e.plans(), PlanIntervals: e.intervals(),
	}, e.err()
}

// Sealing is what sealing tokens needs.
type Sealing struct {
	CredentialsTable      string
	KMSKeyID              string
	SubjectKeyParameter   string
	ClientSecretParameter string
}

func (e *env) sealing() Sealing {
	return Sealing{
		CredentialsTable: e.name("CREDENTIALS_TABLE"), KMSKeyID: e.name("KMS_KEY_ID"),
		SubjectKeyParameter: e.name("SUBJECT_KEY_PARAMETER"), ClientSecretParameter: e.name("GOOGLE_CLIENT_SECRET_PARAMETER"),
	}
}

// OAuthCallback completes flows.
type OAuthCallback struct {
	Function
	AWS
	Access
	Flow
	Sealing
	IntegrationsTable, QueueURL string
	FlowKeyParameter            string
	Google                      google.Config
}

// LoadOAuthCallback reads it.
func LoadOAuthCallback(get Getenv) (OAuthCallback, error) {
	e := open("oauth-callback", get)
	return OAuthCallback{
		Function: e.common(), AWS: e.aws(), Access: e.access(), Flow: e.flow(), Sealing: e.sealing(),
		IntegrationsTable: e.name("INTEGRATIONS_TABLE"), QueueURL: e.address("QUEUE_URL"),
		FlowKeyParameter: e.name("FLOW_KEY_PARAMETER"), Google: e.google(),
	}, e.err()
}

// SyncNow takes leases and sends jobs.
type SyncNow struct {
	Function
	AWS
	Access
	IntegrationsTable, QueueURL string
}

// LoadSyncNow reads it.
func LoadSyncNow(get Getenv) (SyncNow, error) {
	e := open("sync-now", get)
	return SyncNow{
		Function: e.common(), AWS: e.aws(), Access: e.access(),
		IntegrationsTable: e.name("INTEGRATIONS_TABLE"), QueueURL: e.address("QUEUE_URL"),
	}, e.err()
}

// Events shows and changes the calendar.
type Events struct {
	Function
	AWS
	Access
	IntegrationsTable, EventsTable, QueueURL string
}

// LoadEvents reads it.
func LoadEvents(get Getenv) (Events, error) {
	e := open("events", get)
	return Events{
		Function: e.common(), AWS: e.aws(), Access: e.access(),
		IntegrationsTable: e.name("INTEGRATIONS_TABLE"), EventsTable: e.name("EVENTS_TABLE"), QueueURL: e.address("QUEUE_URL"),
	}, e.err()
}

// Subscription shows and sets plans.
type Subscription struct {
	Function
	AWS
	Access
	IntegrationsTable string
	PlanLimits        map[string]int
}

// LoadSubscription reads it.
func LoadSubscription(get Getenv) (Subscription, error) {
	e := open("subscription", get)
	return Subscription{
		Function: e.common(), AWS: e.aws(), Access: e.access(),
		IntegrationsTable: e.name("INTEGRATIONS_TABLE"), PlanLimits: e.plans(),
	}, e.err()
}

// Webhook takes the provider's notifications.
type Webhook struct {
	Function
	AWS
	IntegrationsTable, QueueURL          string
	ChannelKeyParameter, ChannelPrevious string // names of SSM parameters
}

// LoadWebhook reads it.
func LoadWebhook(get Getenv) (Webhook, error) {
	e := open("webhook", get)
	return Webhook{
		Function: e.common(), AWS: e.aws(),
		IntegrationsTable: e.name("INTEGRATIONS_TABLE"), QueueURL: e.address("QUEUE_URL"),
		ChannelKeyParameter: e.name("CHANNEL_KEY_PARAMETER"), ChannelPrevious: e.name("CHANNEL_KEY_PREVIOUS_PARAMETER"),
	}, e.err()
}

// Console serves the pages, which sign in by themselves. What each is, package
// console says.
type Console struct {
	Function
	Issuer, ClientID   string
	ScopePrefix, Scope string
	IssuerOrigins      []string
	BillingURL         string
}

// LoadConsole reads it.
func LoadConsole(get Getenv) (Console, error) {
	e := open("console", get)
	c := Console{
		Function: e.common(), Issuer: e.text("TOKEN_ISSUER"), ClientID: e.text("CONSOLE_CLIENT_ID"),
		ScopePrefix: e.prefix("SCOPE_PREFIX"), Scope: e.scopes("CONSOLE_SCOPE"),
		IssuerOrigins: e.origins("CONSOLE_ISSUER_ORIGINS"), BillingURL: e.address("BILLING_URL"),
	}
	if c.ClientID != "" && safe(c.Issuer) != nil { // the local run's issuer is a mere name, and has no client
		e.refuse("TOKEN_ISSUER", "must be a URL that the page can sign in at, since CONSOLE_CLIENT_ID is set")
	}
	return c, e.err()
}

// ScheduledSync dispatches what is due.
type ScheduledSync struct {
	Function
	AWS
	IntegrationsTable, QueueURL string
	Quota                       int // the project's at the provider, in calls a minute
}

// LoadScheduledSync reads it.
func LoadScheduledSync(get Getenv) (ScheduledSync, error) {
	e := open("scheduled-sync", get)
	return ScheduledSync{
		Function: e.common(), AWS: e.aws(),
		IntegrationsTable: e.name("INTEGRATIONS_TABLE"), QueueURL: e.address("QUEUE_URL"), Quota: e.number("PROVIDER_CALLS_PER_MINUTE"),
	}, e.err()
}

// SyncWorker works jobs off.
type SyncWorker struct {
	Function
	AWS
	Sealing
	IntegrationsTable, EventsTable, QueueURL string
	ChannelKeyParameter                      string // name of an SSM parameter
	WebhookURL                               string // "" opens no channels
	Google                                   google.Config
	Pace                                     rate.Limit // provider calls a second of one worker
}

// LoadSyncWorker reads it. The quota is the whole project's, and each sandbox
// keeps to its share without asking the others: quota ÷ concurrency.
func LoadSyncWorker(get Getenv) (SyncWorker, error) {
	e := open("sync-worker", get)
	c := SyncWorker{
		Function: e.common(), AWS: e.aws(), Sealing: e.sealing(),
		IntegrationsTable: e.name("INTEGRATIONS_TABLE"), EventsTable: e.name("EVENTS_TABLE"), QueueURL: e.address("QUEUE_URL"),
		ChannelKeyParameter: e.name("CHANNEL_KEY_PARAMETER"), WebhookURL: e.address("WEBHOOK_URL"), Google: e.google(),
	}
	quota, workers := e.number("PROVIDER_CALLS_PER_MINUTE"), e.number("WORKER_CONCURRENCY")
	if workers > 0 {
		c.Pace = rate.Limit(float64(quota) / 60 / float64(workers))
	}
	return c, e.err()
}
