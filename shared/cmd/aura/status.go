package main

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"aura.example/integrations/shared/integration"
)

type statusCommand struct {
	Account string `arg:"" help:"Account id."`
}

// statusAnswer is what an account's integrations are doing.
type statusAnswer struct {
	Account      string        `json:"account"`
	Plan         string        `json:"plan"`
	Limit        int           `json:"limit"`
	Used         int           `json:"used"`
	Integrations []recordShape `json:"integrations"`
	WindDowns    []orderShape  `json:"wind_downs"`
	Waiting      int           `json:"edits_waiting"`
	Quarantined  int           `json:"quarantined"`
}

type recordShape struct {
	Provider    string     `json:"provider"`
	ID          string     `json:"id"`
	Status      string     `json:"status"`
	Since       *time.Time `json:"status_since"`
	Reason      string     `json:"reason,omitempty"`
	Message     string     `json:"message,omitempty"`
	Email       string     `json:"account_email,omitempty"`
	Calendar    string     `json:"calendar,omitempty"`
	Direction   string     `json:"direction"`
	Version     int64      `json:"version"`
	Fence       int64      `json:"fence"`
	Lease       *leaseText `json:"lease"`
	Dirty       bool       `json:"dirty,omitempty"`
	VerifyAfter *time.Time `json:"verify_after,omitempty"`
	Cursor      bool       `json:"has_cursor"`
	Linked      int        `json:"linked"`
	FreshAsOf   *time.Time `json:"fresh_as_of"`
	NextSync    *time.Time `json:"next_sync_at"`
	Every       int        `json:"polled_every_minutes,omitempty"`
	Failures    int        `json:"failed_windows"`
	RetryAfter  *time.Time `json:"retry_not_before,omitempty"`
	RetryAt     *time.Time `json:"retry_at,omitempty"`
	PushPaused  *time.Time `json:"push_paused_until,omitempty"`
	Channel     *time.Time `json:"channel_expires,omitempty"`
	LastRun     string     `json:"last_run,omitempty"`
	LastOutcome string     `json:"last_outcome,omitempty"`
}

type leaseText struct {
	Run     string     `json:"run"`
	State   string     `json:"state"`
	Trigger string     `json:"trigger"`
	Phase   string     `json:"phase"`
	Started *time.Time `json:"started_at"`
	Until   time.Time  `json:"until"`
	Expired bool       `json:"expired"`
}

type orderShape struct {
	Provider   string     `json:"provider"`
	Generation string     `json:"generation"`
	Cause      string     `json:"cause"`
	Step       string     `json:"step"`
	Since      time.Time  `json:"since"`
	NotBefore  *time.Time `json:"not_before,omitempty"`
}

func (s *statusCommand) Run(c *call) error {
	acct, err := c.db.Integrations.Account(c, s.Account)
	if err != nil {
		return fmt.Errorf("reading the account: %w", err)
	}
	recs, err := c.db.Integrations.List(c, s.Account)
	if err != nil {
		return fmt.Errorf("reading the integrations: %w", err)
	}
	a := statusAnswer{
		Account: s.Account, Plan: acct.Plan, Limit: acct.Limit, Used: acct.Used, Integrations: []recordShape{}, WindDowns: []orderShape{},
	}
	now := c.now()
	for _, r := range recs {
		s, err := c.shape(r, now)
		if err != nil {
			return err
		}
		a.Integrations = append(a.Integrations, s)
	}
	for _, provider := range providers() {
		orders, err := c.db.Integrations.OrdersOf(c, integration.Key{Account: s.Account, Provider: provider})
		if err != nil {
			return fmt.Errorf("reading the wind-downs: %w", err)
		}
		for _, o := range orders {
			a.WindDowns = append(a.WindDowns, orderShape{provider, o.Generation, string(o.Cause), string(o.Step), o.Since, ptr(o.NotBefore)})
		}
	}
	for cursor := ""; ; {
		items, next, err := c.db.Events.Outbox(c, s.Account, cursor)
		if err != nil {
			return fmt.Errorf("reading the outbox: %w", err)
		}
		a.Waiting += len(items)
		if cursor = next; next == "" {
			break
		}
	}
	q, err := c.db.Events.Quarantined(c, s.Account)
	if err != nil {
		return fmt.Errorf("reading the quarantine: %w", err)
	}
	a.Quarantined = len(q)
	return c.say(a)
}

func (c *call) shape(r *integration.Integration, now time.Time) (recordShape, error) {
	var pacing integration.Pacing
	if place, ok := r.Place(); ok {
		var err error
		if pacing, err = c.db.Integrations.Pacing(c, place.Shard); err != nil {
			return recordShape{}, fmt.Errorf("reading how polls are spread out: %w", err)
		}
	}
	s := recordShape{
		Provider: r.Provider, ID: r.ID, Status: string(r.Status), Since: ptr(r.StatusSince), Email: r.Email,
		Calendar: r.Settings.CalendarID, Direction: string(r.Settings.Direction), Version: r.Version, Fence: r.Fence, Dirty: r.Dirty,
		VerifyAfter: ptr(r.VerifyAfter), Cursor: r.Cursor != "", Linked: r.LinkedCount, FreshAsOf: ptr(r.FreshAsOf),
		NextSync: ptr(r.NextSync(now, pacing)), Every: minutes(r, pacing, now), Failures: r.Failures, RetryAfter: ptr(r.RetryNotBefore), RetryAt: ptr(r.RetryAt),
		PushPaused: ptr(r.PushPausedUntil),
	}
	if r.Reason != nil {
		s.Reason, s.Message = string(r.Reason.Code), r.Reason.Message
	}
	if r.Channel != nil {
		s.Channel = ptr(r.Channel.Expires)
	}
	if r.LastRun != nil {
		s.LastRun, s.LastOutcome = r.LastRun.ID, string(r.LastRun.Outcome)
	}
	if r.Lease != nil {
		s.Lease = leaseOf(r.Lease, now)
	}
	return s, nil
}

func leaseOf(l *integration.Lease, now time.Time) *leaseText {
	return &leaseText{l.RunID, string(l.State), string(l.Trigger), string(l.Phase), ptr(l.Started), l.Until, l.Expired(now)}
}

// minutes is how often a record is polled just now; 0 where it isn't.
func minutes(r *integration.Integration, pacing integration.Pacing, now time.Time) int {
	if !r.Status.Spread() {
		return 0
	}
	return int(r.PollEvery()/time.Minute) * pacing.Factor(now)
}

func polledEvery(r recordShape) string {
	if r.Every == 0 {
		return ""
	}
	return ", polled every " + strconv.Itoa(r.Every) + " min"
}

func (a statusAnswer) text(w io.Writer) {
	fmt.Fprintf(w, "Account %s: plan %s, %d of %d integrations, %d edits waiting, %d events in quarantine\n",
		a.Account, or(a.Plan, "-"), a.Used, a.Limit, a.Waiting, a.Quarantined)
	if len(a.Integrations) == 0 {
		fmt.Fprintln(w, "It has no integrations.")
	}
	for _, r := range a.Integrations {
		fmt.Fprintln(w)
		rows := [][]string{
			{r.Provider, r.Status + " since " + whenPtr(r.Since)},
			{"  account", or(r.Email, "-")}, {"  calendar", or(r.Calendar, "-") + ", " + r.Direction},
			{"  generation", r.ID + ", version " + strconv.FormatInt(r.Version, 10) + ", fence " + strconv.FormatInt(r.Fence, 10)},
			{"  fresh as of", whenPtr(r.FreshAsOf) + ", next sync " + whenPtr(r.NextSync) + polledEvery(r)},
			{"  linked", strconv.Itoa(r.Linked) + " events"}, {"  last run", or(r.LastRun, "-") + " " + r.LastOutcome},
		}
		add := func(name, value string) {
			if value != "" {
				rows = append(rows, []string{"  " + name, value})
			}
		}
		add("reason", r.Reason)
		add("message", r.Message)
		if l := r.Lease; l != nil {
			s := fmt.Sprintf("run %s %s (%s, %s), started %s, until %s", l.Run, l.State, l.Trigger, l.Phase, whenPtr(l.Started), when(l.Until))
			if l.Expired {
				s += ": EXPIRED, the next job takes over"
			}
			add("lease", s)
		}
		if r.Failures > 0 {
			add("failed windows", strconv.Itoa(r.Failures))
		}
		for _, m := range []struct {
			name string
			at   *time.Time
		}{
			{"verifying after", r.VerifyAfter}, {"not before", r.RetryAfter}, {"next probe", r.RetryAt},
			{"push rests until", r.PushPaused}, {"push channel until", r.Channel},
		} {
			if m.at != nil {
				add(m.name, when(*m.at))
			}
		}
		table(w, rows...)
	}
	for _, o := range a.WindDowns {
		fmt.Fprintf(w, "\nWind-down of %s %s (%s): at step %s since %s\n", o.Provider, o.Generation, o.Cause, o.Step, when(o.Since))
	}
}

func whenPtr(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return when(*t)
}
