package boot_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/httpapi"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/memory"
	"aura.example/integrations/shared/watch"
)

// counting is a queue that keeps what was sent.
type counting struct {
	mu   sync.Mutex
	sent []job.Message
}

func (q *counting) Send(_ context.Context, msgs ...job.Message) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sent = append(q.sent, msgs...)
	return nil
}

// R12 of the webhook: whatever its headers say, it answers 204 and nothing else;
// what isn't the token of that very channel queues nothing; and what is queued is
// a job that a worker takes, about the account that the token was made for.
func FuzzNotifications(f *testing.F) {
	const generation, channel = "01GENERATION00000000000000", "01CHANNEL0000000000000000A"
	key := integration.Key{Account: "acme", Provider: "google-calendar"}
	keys := watch.Keys{Current: []byte("the current key of thirty-two by"), Previous: []byte("the previous key, also of 32 byt")}
	old := watch.Keys{Current: keys.Previous}
	good := keys.Token(key, generation, channel)
	for _, s := range [][5]string{
		{channel, good, "resource", "exists", "7"},
		{channel, good, "resource", "sync", "1"},
		{channel, good, "", "not_exists", "99999999999999999999999999"},
		{channel, old.Token(key, generation, channel), "resource", "exists", "-1"},
		{"stray", keys.Token(key, generation, "stray"), "resource", "exists", "2"},
		{"older", keys.Token(key, "01EARLIER", "older"), "resource\r\nx: y", "SYNC", "0x7"},
		{"stranger", keys.Token(integration.Key{Account: "nobody", Provider: "google-calendar"}, generation, "stranger"), "r", "\x00", ""},
		{channel, good[:len(good)-1], "resource", "exists", "8"},
		{channel, strings.Repeat("A", 5000) + ".." + good, "resource", "exists", "∞"},
		{"", "..", "", "", ""},
	} {
		f.Add(s[0], s[1], s[2], s[3], s[4])
	}
	now := time.Date(2031, 5, 5, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	records := memory.New(clock).Integrations
	rec := integration.New(key, generation, now)
	rec.Status, rec.Version, rec.Settings.CalendarID = integration.Active, 1, integration.PrimaryCalendar
	rec.Channel = &integration.Channel{ID: channel, Resource: "resource", Expires: now.Add(time.Hour)}
	if err := records.Apply(f.Context(), integration.Change{After: rec, Limit: 9}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, id, token, resource, state, number string) {
		q := &counting{}
		receiver := &watch.Receiver{Store: records, Queue: q, Keys: keys, Now: clock, NewID: boot.NewID, Log: quiet}
		h := httpapi.New(httpapi.Edge{Log: quiet, Now: clock, NewID: boot.NewID}, httpapi.WebhookRoutes(&httpapi.Webhook{Receive: boot.Notifications(receiver)}))
		r := httptest.NewRequest(http.MethodPost, "/v1/webhooks/google-calendar", http.NoBody)
		for name, value := range map[string]string{
			"X-Goog-Channel-Id": id, "X-Goog-Channel-Token": token, "X-Goog-Resource-Id": resource, "X-Goog-Resource-State": state, "X-Goog-Message-Number": number,
		} {
			r.Header[name] = []string{value}
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusNoContent || w.Body.Len() > 0 {
			t.Errorf("answered %d %q", w.Code, w.Body)
		}
		if len(q.sent) == 0 {
			if token == good && id == channel && state != "sync" {
				t.Error("an authentic message was dropped")
			}
			return
		}
		j := q.sent[0].Job
		made := id != "" && (keys.Token(j.Key(), j.Generation, id) == token || old.Token(j.Key(), j.Generation, id) == token)
		if !made || len(q.sent) != 1 || j.Check() != nil || j.Provider != "google-calendar" {
			t.Errorf("channel %q, token %q queued %+v (%v)", id, token, q.sent, j.Check())
		}
		if current := id == channel && j.Key() == key && j.Generation == generation; current != (j.Kind == job.Sync) {
			t.Errorf("channel %q: %s", id, j.Kind)
		}
	})
}
