// Package opening wires the function integrations, which opens OAuth flows and
// moves integrations through their lives.
package opening

import (
	"log/slog"
	"net/http"
	"time"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/awsdynamodb"
	"aura.example/integrations/shared/boot/awsssm"
	"aura.example/integrations/shared/boot/flows"
	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/google/oauth"
	"aura.example/integrations/shared/httpapi"
	"aura.example/integrations/shared/ssmsecrets"
)

// noSecret stands where the OAuth client's secret would stand in a function that
// sends browsers to the consent page and never speaks to Google itself. Whoever
// tried with it would be refused.
const noSecret = "not held by this function"

// New makes the handler, anew when the flow key changes.
func New(c boot.Integrations, edge httpapi.Edge, log *slog.Logger) *ssmsecrets.Built[http.Handler] {
	names, client := dynamo.Names{Integrations: c.IntegrationsTable}, awsdynamodb.New(c.AWS)
	base := flows.Common(c.AWS, c.Flow, names, c.QueueURL, log)
	base.PlanLimits, base.PlanIntervals = c.PlanLimits, c.PlanIntervals
	paced := &httpapi.Pacer{Source: dynamo.NewIntegrations(client, names, time.Now), Now: time.Now, Log: log}
	events := dynamo.NewEvents(client, c.EventsTable, time.Now)
	base.Waiting, base.Quarantine = events, events
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
		return httpapi.New(edge, httpapi.IntegrationsRoutes(&httpapi.Integrations{Flows: &f, Paced: paced})), nil
	}, c.FlowKeyParameter)
}
