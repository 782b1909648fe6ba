package calendarv3

import (
	"context"
	"fmt"
	"time"

	api "google.golang.org/api/calendar/v3"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// Watch opens a push channel; see calendar.Watcher. Its first message may come
// before this returns.
func (a *account) Watch(ctx context.Context, w calendar.Watch) (calendar.Watched, error) {
	answer, err := a.client.service.Events.Watch(w.Calendar, &api.Channel{
		Id: w.Channel, Type: "web_hook", Address: w.Address, Token: w.Token,
	}).Context(a.with(ctx)).Fields("id,resourceId,expiration").Do()
	if err != nil {
		return calendar.Watched{}, a.client.translate(opWatch, err)
	}
	if answer == nil || answer.ResourceId == "" || answer.Expiration <= 0 {
		return calendar.Watched{}, fmt.Errorf("%s: %w", opWatch, errUnreadable("a channel without a resource or an end"))
	}
	return calendar.Watched{Resource: answer.ResourceId, Expires: time.UnixMilli(answer.Expiration).UTC()}, nil
}

// StopWatch ends a push channel; see calendar.Watcher.
func (a *account) StopWatch(ctx context.Context, channel, resource string) error {
	err := a.client.service.Channels.Stop(&api.Channel{Id: channel, ResourceId: resource}).Context(a.with(ctx)).Do()
	if err == nil {
		return nil
	}
	if err := a.client.translate(opStop, err); !fault.Is(err, fault.Gone) {
		return err
	}
	return nil
}
