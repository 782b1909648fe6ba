// Package notified wires the function webhook, which takes the providers'
// notifications.
package notified

import (
	"log/slog"
	"net/http"
	"time"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/awsdynamodb"
	"aura.example/integrations/shared/boot/awssqs"
	"aura.example/integrations/shared/boot/awsssm"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/httpapi"
	"aura.example/integrations/shared/sqsqueue"
	"aura.example/integrations/shared/ssmsecrets"
	"aura.example/integrations/shared/watch"
)

// New makes the handler, anew when a channel key changes. A new one has no
// memory of whom it sent a job for within the last second: that is a job more.
func New(c boot.Webhook, edge httpapi.Edge, log *slog.Logger) *ssmsecrets.Built[http.Handler] {
	records := dynamo.NewIntegrations(awsdynamodb.New(c.AWS), dynamo.Names{Integrations: c.IntegrationsTable}, time.Now)
	queue := sqsqueue.New(awssqs.New(c.AWS), c.QueueURL)
	return ssmsecrets.New(awsssm.New(c.AWS), time.Now, func(s ssmsecrets.Secrets) (http.Handler, error) {
		current, err := s.Key(c.ChannelKeyParameter)
		if err != nil {
			return nil, err
		}
		previous, err := s.Key(c.ChannelPrevious)
		if err != nil {
			return nil, err
		}
		receiver := &watch.Receiver{
			Store: records, Queue: queue, Keys: watch.Keys{Current: current, Previous: previous},
			Now: time.Now, NewID: boot.NewID, Log: log,
		}
		return httpapi.New(edge, httpapi.WebhookRoutes(&httpapi.Webhook{Receive: boot.Notifications(receiver)})), nil
	}, c.ChannelKeyParameter, c.ChannelPrevious)
}
