package connect_test

import (
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// path leads from testing to each status that one may reconnect from.
var path = map[string][]integration.Name{
	"testing":             {},
	"active":              {integration.Verified},
	"paused":              {integration.Verified, integration.Pause},
	"disconnected":        {integration.Verified, integration.Disconnect},
	"access revoked":      {integration.Verified, integration.AccessRevoked},
	"credentials expired": {integration.Verified, integration.CredentialsRejected},
	"scope lost":          {integration.Verified, integration.ScopeLost},
	"deactivated":         {integration.Verified, integration.Deactivated},
	"calendar lost":       {integration.Verified, integration.CalendarLost},
	"held":                {integration.Verified, integration.Held},
	"service lost":        {integration.Verified, integration.CalendarServiceLost},
	"not verified":        {integration.VerificationFailed},
}

// walk carries the record through transitions, as worker and user do.
func (w *world) walk(names []integration.Name) *integration.Integration {
	w.Helper()
	for _, name := range names {
		before, err := w.db.Integrations.Get(w.Context(), key)
		w.must(err)
		after, entry, err := integration.Move(before, name, integration.Moving{Now: w.clock.Now(), EntryID: w.service.NewID(), RetryAt: noon.Add(time.Hour)})
		w.must(err)
		if name == integration.Verified {
			after.Settings.CalendarID, after.Settings.Interval, after.Settings.Direction = "team", time.Hour, integration.FromProvider
			after.Cursor, after.LinkedCount, after.Failures = "cursor", 7, 3
		}
		w.must(w.db.Integrations.Apply(w.Context(), integration.Change{Before: before, After: after, Entry: &entry}))
	}
	rec, err := w.db.Integrations.Get(w.Context(), key)
	w.must(err)
	return rec
}

// From every status, testing included: the same person's reconnect keeps
// configuration, links, cursor and history and forgets the failures; another
// person's is refused, naming both and what to do instead, and changes nothing.
func TestReconnectingFromEveryStatus(t *testing.T) {
	t.Parallel()
	for name, names := range path {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connected()
			was := w.walk(names)
			w.provider.grant.Subject, w.provider.grant.Email = "sub-2", "ben@example.org"
			opened, err := w.flows.Begin(t.Context(), mia, key.Provider, "page")
			w.must(err)
			state := opened.AuthorizationURL[len("https://provider.example/?state="):]
			_, err = w.flows.Complete(t.Context(), mia, connect.Returned{State: state, Code: "code"})
			e := fault.Of(err)
			if e == nil || e.Kind != fault.Conflict || e.Code != "account_mismatch" || !strings.Contains(e.Message, "ana@example.com") ||
				!strings.Contains(e.Message, "ben@example.org") || !strings.Contains(e.Message, "create a new") || e.Fix == nil ||
				e.Fix.Action != map[bool]string{true: integration.ActionStartOver, false: integration.ActionDisconnect}[was.Status == integration.Disconnected] {
				t.Errorf("another account: %v", err)
			}
			now, err := w.db.Integrations.Get(t.Context(), key)
			w.must(err)
			if now.Version != was.Version || now.Status != was.Status || now.Email != was.Email {
				t.Errorf("a refused account changed it from %+v to %+v", was, now)
			}
			w.provider.grant.Subject, w.provider.grant.Email = "sub-1", "ana.new@example.com" // the address changed, the person didn't
			rec := w.authorize()
			if rec.Status != integration.Testing || rec.Reason != nil || rec.Failures != 0 || !rec.RetryAt.IsZero() || rec.Email != "ana.new@example.com" {
				t.Errorf("reconnected: %+v", rec)
			}
			if rec.ID != was.ID || rec.Cursor != was.Cursor || rec.LinkedCount != was.LinkedCount || rec.Settings.CalendarID != was.Settings.CalendarID ||
				rec.Settings.Interval != was.Settings.Interval || rec.Settings.Direction != was.Settings.Direction {
				t.Errorf("lost on the way: %+v, was %+v", rec, was)
			}
			entries, _, err := w.db.Integrations.Entries(t.Context(), key, integration.Page{}, w.clock.Now())
			w.must(err)
			if len(entries) != 5+len(names)+1 { // create, begin ×3 (one quiet after another), authorized ×2
				seen := []integration.Name{}
				for _, e := range entries {
					seen = append(seen, e.Transition)
				}
				t.Errorf("the history has %d entries: %v", len(entries), seen)
			}
		})
	}
}
