// Package flows wires what the two functions of the OAuth flow share. Each has a
// package of its own below boot (opening, completing), so that the one that
// only opens flows doesn't link what seals tokens.
package flows

import (
	"log/slog"
	"time"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/awsdynamodb"
	"aura.example/integrations/shared/boot/awssqs"
	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/sqsqueue"
)

// Common makes the user's side of the lifecycle; secrets are filled in when they
// were read.
func Common(aws boot.AWS, f boot.Flow, names dynamo.Names, queueURL string, log *slog.Logger) connect.Flows {
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
