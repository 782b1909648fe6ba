// Package completing wires the function oauth-callback, which completes OAuth
// flows.
package completing

import (
	"log/slog"
	"net/http"
	"time"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/awsdynamodb"
	"aura.example/integrations/shared/boot/awskms"
	"aura.example/integrations/shared/boot/awsssm"
	"aura.example/integrations/shared/boot/flows"
	"aura.example/integrations/shared/boot/web"
	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/google/oauth"
	"aura.example/integrations/shared/httpapi"
	"aura.example/integrations/shared/kmskey"
	"aura.example/integrations/shared/seal"
	"aura.example/integrations/shared/ssmsecrets"
)

// New makes the handler, anew when a secret changes. It may write credentials,
// not read them.
func New(c boot.OAuthCallback, edge httpapi.Edge, log *slog.Logger) *ssmsecrets.Built[http.Handler] {
	names := dynamo.Names{Integrations: c.IntegrationsTable, Credentials: c.CredentialsTable}
	base := flows.Common(c.AWS, c.Flow, names, c.QueueURL, log)
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
		f.Seal = &connect.Vault{Sealer: sealer, SubjectKey: subject, Failed: web.Watch(c.Function, log).SealingFailed}
		f.Authorizers = map[string]connect.Authorizer{google.Key: auth}
		return httpapi.New(edge, httpapi.OAuthRoutes(&httpapi.OAuth{Flows: &f, Now: time.Now})), nil
	}, c.FlowKeyParameter, c.SubjectKeyParameter, c.ClientSecretParameter)
}
