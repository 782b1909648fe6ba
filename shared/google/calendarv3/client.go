package calendarv3

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	api "google.golang.org/api/calendar/v3"
	"google.golang.org/api/option"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/google"
)

// Client is one process's connection to Google Calendar, shared by all
// accounts. It is safe for concurrent use.
type Client struct {
	service *api.Service
	now     func() time.Time
}

// New makes a Client. now is the clock for waiting times that Google gives as a
// date.
//
// The service gets an http.Client of our own rather than a token source: with
// one of those it would renew tokens in the background on a context that nobody
// ends, which Lambda freezes half way. Its logger is silenced, since at debug
// level (which an environment variable can set) it logs whole answers.
func New(c google.Config, now func() time.Time) (*Client, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	hc := c.Client()
	hc.Transport = &bearer{base: hc.Transport}
	service, err := api.NewService(context.Background(),
		option.WithHTTPClient(hc),
		option.WithEndpoint(c.CalendarBase()),
		option.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		return nil, fmt.Errorf("making the calendar client: %w", err)
	}
	return &Client{service: service, now: now}, nil
}

// Open makes the reader of one account, which is its writer as well
// (calendar.ProviderWriter). It makes no call.
func (c *Client) Open(access calendar.Access) calendar.Reader {
	return &account{client: c, access: access}
}

// account reads and writes one account's calendars. It is safe for concurrent
// use, as far as its access is.
type account struct {
	client *Client
	access calendar.Access
}

var (
	_ calendar.Reader         = (*account)(nil)
	_ calendar.ProviderWriter = (*account)(nil)
	_ calendar.Watcher        = (*account)(nil)
)

// with puts the account's access where the transport finds it. The service is
// shared, so the token travels with each call.
func (a *account) with(ctx context.Context) context.Context {
	return context.WithValue(ctx, accessKey{}, a.access)
}

type accessKey struct{}

var errNoAccess = errors.New("a call without anybody's access")
