package boot

import (
	"context"
	"net/http"

	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/watch"
)

// Notifications reads Google's push messages for a receiver.
func Notifications(r *watch.Receiver) func(context.Context, http.Header) {
	return func(ctx context.Context, h http.Header) {
		n := google.NotificationOf(h)
		r.Receive(ctx, watch.Message{Provider: google.Key, Channel: n.Channel, Token: n.Token, Resource: n.Resource, Opening: n.Opening})
	}
}
