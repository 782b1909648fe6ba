// Package flows wires the user's side of the lifecycle for the two functions
// that have it: integrations opens OAuth flows, oauth-callback completes them.
package flows

import (
	"log/slog"
	"net/http"
	"time"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/awsdynamodb"
	"aura.example/integrations/shared/boot/awskms"
	"aura.example/integrations/shared/boot/awssqs"
	"aura.example/integrations/shared/boot/awsssm"
	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/google/oauth"
	"aura.example/integrations/shared/httpapi"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/kmskey"
	"aura.example/integrations/shared/seal"
	"aura.example/integrations/shared/sqsqueue"
	"aura.example/integrations/shared/ssmsecrets"
)

// common is what both have; secrets are filled in when they were read.
func common(aws boot.AWS, f boot.Flow, names dynamo.Names, queueURL string, log *slog.Logger) connect.Flows {
	records := dynamo.NewIntegrations(awsdynamodb.New(aws), names, time.Now)
	return connect.Flows{
		Service: &connect.Service{
			Catalogue: integration.Catalogue{google.Provider()},
			Store:     records, Accounts: records, Lists: records,
			Queue: sqsqueue.New(awssqs.New(aws), queueURL),
			Now:   time.Now, NewID: boot.NewID, Log: log,
		},
		Flows: records, Orders: records, RedirectURI: f.RedirectURI, Returns: f.Returns,
	}
}

// noSecret stands where the OAuth client's secret would stand in a function that
// sends browsers to the consent page and never speaks to Google itself. Whoever
// tried with it would be refused.
const noSecret = "not held by this function"

// Opening makes the handler of the function integrations.
func Opening(c boot.Integrations, edge httpapi.Edge, log *slog.Logger) *ssmsecrets.Built[http.Handler] {
	base := common(c.AWS, c.Flow, dynamo.Names{Integrations: c.IntegrationsTable}, c.QueueURL, log)
	base.PlanLimits = c.PlanLimits
	return ssmsecrets.New(awsssm.New(c.AWS), time.Now, func(s ssmsecrets.Secrets) (http.Handler, error) {
		f, conf := base, c.Google
		conf.ClientSecret = noSecret
		auth, err := oauth.New(conf, time.Now)
		if err != nil {
			return nil, err
		}
		if f.FlowKey, err = s.Key(c.FlowKeyParameter); err != nil {
			return nil, err
		}
		f.Authorizers = map[string]connect.Authorizer{google.Key: auth}
		return httpapi.New(edge, httpapi.IntegrationsRoutes(&httpapi.Integrations{Flows: &f})), nil
	}, c.FlowKeyParameter)
}

// Completing makes the handler of the function oauth-callback. It may write
// credentials, not read them.
func Completing(c boot.OAuthCallback, edge httpapi.Edge, log *slog.Logger) *ssmsecrets.Built[http.Handler] {
	names := dynamo.Names{Integrations: c.IntegrationsTable, Credentials: c.CredentialsTable}
	base := common(c.AWS, c.Flow, names, c.QueueURL, log)
	keys := dynamo.NewCredentials(awsdynamodb.New(c.AWS), c.CredentialsTable, time.Now)
	sealer := seal.New(kmskey.New(awskms.New(c.AWS), c.KMSKeyID), keys, time.Now)
	return ssmsecrets.New(awsssm.New(c.AWS), time.Now, func(s ssmsecrets.Secrets) (http.Handler, error) {
		f, conf := base, c.Google
		conf.ClientSecret = s.Text(c.ClientSecretParameter)
		auth, err := oauth.New(conf, time.Now)
		if err != nil {
			return nil, err
		}
		if f.FlowKey, err = s.Key(c.FlowKeyParameter); err != nil {
			return nil, err
		}
		subject, err := s.Key(c.SubjectKeyParameter)
		if err != nil {
			return nil, err
		}
		f.Seal = &connect.Vault{Sealer: sealer, SubjectKey: subject}
		f.Authorizers = map[string]connect.Authorizer{google.Key: auth}
		return httpapi.New(edge, httpapi.OAuthRoutes(&httpapi.OAuth{Flows: &f, Now: time.Now})), nil
	}, c.FlowKeyParameter, c.SubjectKeyParameter, c.ClientSecretParameter)
}
