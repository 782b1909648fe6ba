package httpapi

import (
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// integrationDoc is an integration as the API shows it. What
// isn't known is null.
type integrationDoc struct {
	ID              string      `json:"id"`
	Provider        string      `json:"provider"`
	ETag            string      `json:"etag"`
	Status          string      `json:"status"`
	Explanation     string      `json:"explanation"`
	Reason          *reasonDoc  `json:"reason"`
	AccountEmail    *string     `json:"account_email"`
	Settings        settingsDoc `json:"settings"`
	LastRun         *lastRunDoc `json:"last_run"`
	FreshAsOf       *string     `json:"fresh_as_of"`
	NextSyncAt      *string     `json:"next_sync_at"`
	RetryAt         *string     `json:"retry_at"`
	PushPausedUntil *string     `json:"push_paused_until"`
	LiveUpdates     bool        `json:"live_updates"`
	Notices         []noticeDoc `json:"notices"`
	Flow            *flowDoc    `json:"flow"`
	HeldDeletions   *heldDoc    `json:"held_deletions"`
	CreatedAt       *string     `json:"created_at"`
}

type reasonDoc struct {
	Code    string     `json:"code"`
	Message string     `json:"message"`
	Since   *string    `json:"since"`
	Fix     *fault.Fix `json:"fix"`
}

type settingsDoc struct {
	CalendarID      *string  `json:"calendar_id"`
	CalendarName    *string  `json:"calendar_name"`
	Direction       string   `json:"direction"`
	IntervalMinutes int      `json:"interval_minutes"`
	ImportKinds     []string `json:"import_kinds"`
}

type lastRunDoc struct {
	ID        string  `json:"id"`
	Trigger   string  `json:"trigger"`
	State     string  `json:"state"`
	StartedAt *string `json:"started_at"`
	EndedAt   *string `json:"ended_at"`
	Created   int     `json:"created"`
	Updated   int     `json:"updated"`
	Deleted   int     `json:"deleted"`
	Conflicts int     `json:"conflicts"`
}

type noticeDoc struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

type flowDoc struct {
	Code    string    `json:"code"`
	Message string    `json:"message"`
	Fix     fault.Fix `json:"fix"`
}

// flowExpired is what is said of a consent page that nobody came back from: the
// provider tells nobody why, so the three causes that there are are named.
const flowExpired = "Google didn't send you back: admin policy, an app that isn't verified (or has its 100 users), or a wrong redirect address."

// calendarReadOnly is said of a calendar whose role is `reader`, from the start
// or since somebody changed it.
const calendarReadOnly = "This calendar is shared with you for reading only: its events are brought in, and nothing that is changed in Aura goes out to it."

// showIntegration renders a record as of now, polled as its shard is paced.
func showIntegration(rec *integration.Integration, pacing integration.Pacing, now time.Time) integrationDoc {
	doc := integrationDoc{
		ID: rec.ID, Provider: rec.Provider, ETag: integrationTag(rec), Status: string(rec.Status), Explanation: rec.Status.Explanation(),
		Reason: showReason(rec), Notices: []noticeDoc{}, AccountEmail: text(rec.Email),
		Settings: settingsDoc{
			CalendarID: text(rec.Settings.CalendarID), CalendarName: text(rec.Settings.CalendarName),
			Direction: string(rec.Settings.Direction), IntervalMinutes: int(rec.Settings.Interval / time.Minute),
			ImportKinds: append([]string{}, rec.Settings.ImportKinds...),
		},
		FreshAsOf: stamp(rec.FreshAsOf), NextSyncAt: stamp(rec.NextSync(now, pacing)), CreatedAt: stamp(rec.CreatedAt),
		LiveUpdates: rec.Status == integration.Active && rec.Channel.Live(now),
	}
	if now.Before(rec.RetryAt) {
		doc.RetryAt = stamp(rec.RetryAt)
	}
	if now.Before(rec.PushPausedUntil) {
		doc.PushPausedUntil = stamp(rec.PushPausedUntil)
	}
	if l := rec.LastRun; l != nil {
		doc.LastRun = &lastRunDoc{
			ID: l.ID, Trigger: string(l.Trigger), State: string(l.Outcome), StartedAt: stamp(l.Started), EndedAt: stamp(l.Ended),
			Created: l.Created, Updated: l.Updated, Deleted: l.Deleted, Conflicts: l.Conflicts,
		}
	}
	if rec.ReadOnly {
		doc.Notices = append(doc.Notices, noticeDoc{Code: "calendar_read_only", Message: calendarReadOnly})
	}
	if factor := pacing.Factor(now); factor > 1 && rec.Status.Spread() {
		doc.Notices = append(doc.Notices, noticeDoc{Code: "polling_slowed", Message: pollingSlowed(rec.PollEvery(), factor)})
	}
	if !rec.FlowExpires.IsZero() && !now.Before(rec.FlowExpires) {
		doc.Flow = &flowDoc{Code: "flow_expired", Message: flowExpired, Fix: fault.Fix{Label: "Try again", Action: integration.ActionConnect}}
	}
	return doc
}

// showReason renders the reason with its one fix. The stored message is what a
// person is told, but for the time of the next probe, which is in the record.
func showReason(rec *integration.Integration) *reasonDoc {
	r := rec.Reason
	if r == nil {
		return nil
	}
	info := integration.InfoOf(r.Code)
	doc := &reasonDoc{Code: string(r.Code), Message: r.Message, Since: stamp(r.Since)}
	if doc.Message == "" {
		doc.Message = info.Message
	}
	if r.Code == integration.ReasonRepeatedFailures && !rec.RetryAt.IsZero() {
		doc.Message += " Next try: " + rec.RetryAt.UTC().Format("2006-01-02 15:04") + " UTC."
	}
	if info.Fix.Action != "" {
		doc.Fix = &info.Fix
	}
	return doc
}
