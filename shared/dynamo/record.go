package dynamo

import (
	"strings"
	"time"

	"aura.example/integrations/shared/integration"
)

// Attributes of an integration's record. The names are short because they
// count: see doc.go, and the test that fills a record to the brim.
const (
	rID, rStatus, rVersion, rFence               = "id", "st", "v", "f"
	rReason, rReasonText, rReasonSince           = "rc", "rt", "rs"
	rCalendar, rCalendarName, rDirection         = "ca", "cn", "di"
	rInterval, rKinds                            = "iv", "ki"
	rSubject, rEmail, rScopes                    = "su", "em", "sc"
	rCursor, rLinked, rLease, rDirty             = "cu", "n", "l", "d"
	rVerifyAfter, rLastStarted, rLastRun, rFresh = "va", "ls", "lr", "fr"
	rRetryNotBefore, rRetryAt, rPushPaused       = "rb", "ra", "pp"
	rPushRest, rUnreadable                       = "q", "u"
	rFailures, rFailureWindow                    = "fa", "fw"
	rDecision, rSwitch, rChannel, rWasPaused     = "dd", "cs", "ch", "wp"
	rStatusSince, rFlowExpires, rCreated         = "ss", "fe", "cr"
	rReadOnly, rEditsWait                        = "o", "w"
)

// Attributes of the lease.
const (
	lRun, lAttempt, lState, lStarted, lUntil = "r", "a", "s", "b", "u"
	lTrigger, lPhase, lPages, lEvents        = "t", "p", "g", "e"
	lFull                                    = "f"
	lInstead                                 = "v"
	lRound                                   = "n" // of the commit that began the round; tells a repeated write from another
)

// Attributes of the last run. lrID is the last run that completed, which is what
// a claim's condition asks for (see guessFresh); where another has failed since,
// that one's id stands beside it and everything else is about the failed one.
const (
	lrID, lrStarted, lrEnded, lrTrigger, lrOutcome = "r", "b", "e", "t", "o"
	lrCreated, lrUpdated, lrDeleted, lrConflicts   = "c", "u", "d", "x"
	lrFailed                                       = "f"
)

func recordItem(rec *integration.Integration) item {
	it := recordKey(rec.Key).item()
	it.str(rID, rec.ID)
	it.str(rStatus, string(rec.Status))
	it.num(rVersion, rec.Version)
	it.num(rFence, rec.Fence)
	if r := rec.Reason; r != nil {
		it.str(rReason, string(r.Code))
		if r.Message != integration.InfoOf(r.Code).Message { // the catalogue's own words needn't be stored
			it.str(rReasonText, r.Message)
		}
		it.at(rReasonSince, r.Since)
	}
	it.str(rCalendar, rec.Settings.CalendarID)
	it.str(rCalendarName, rec.Settings.CalendarName)
	it.str(rDirection, direction(rec))
	it.num(rInterval, int64(rec.Settings.Interval/time.Minute))
	it.str(rKinds, strings.Join(rec.Settings.ImportKinds, " "))
	it.str(rSubject, rec.Subject)
	it.str(rEmail, rec.Email)
	it.str(rScopes, packScopes(rec.Scopes))
	it.str(rCursor, rec.Cursor)
	it.num(rLinked, int64(rec.LinkedCount))
	it.sub(rLease, leaseItem(rec.Lease))
	it.flag(rDirty, rec.Dirty)
	it.at(rVerifyAfter, rec.VerifyAfter)
	it.at(rLastStarted, rec.LastStarted)
	it.sub(rLastRun, lastRunItem(rec.LastRun))
	it.at(rFresh, rec.FreshAsOf)
	it.at(rRetryNotBefore, rec.RetryNotBefore)
	it.at(rRetryAt, rec.RetryAt)
	it.at(rPushPaused, rec.PushPausedUntil)
	it.num(rPushRest, int64(rec.PushRest/time.Hour))
	it.num(rFailures, int64(rec.Failures))
	it.num(rFailureWindow, rec.FailureWindow)
	it.str(rDecision, string(rec.DeletionsDecision))
	if s := rec.CalendarSwitch; s != nil {
		m := item{}
		m.str("c", s.OldCalendar)
		m.flag("r", s.RemoveCopies)
		it.sub(rSwitch, m)
	}
	it.sub(rChannel, channelItem(rec.Channel))
	it.flag(rWasPaused, rec.WasPaused)
	it.flag(rReadOnly, rec.ReadOnly)
	it.second(rEditsWait, rec.EditsWait)
	it.flag(rUnreadable, rec.Unreadable)
	it.at(rStatusSince, rec.StatusSince)
	it.at(rFlowExpires, rec.FlowExpires)
	it.at(rCreated, rec.CreatedAt)
	it.str(attrSlot, rec.Slot)
	return it
}

func recordOf(key integration.Key, it item) (*integration.Integration, error) {
	r := read(it)
	rec := &integration.Integration{
		Key: key, ID: r.str(rID), Status: integration.Status(r.str(rStatus)), Version: r.num(rVersion), Fence: r.num(rFence),
		Settings: integration.Settings{
			CalendarID: r.str(rCalendar), CalendarName: r.str(rCalendarName),
			Interval:    time.Duration(r.num(rInterval)) * time.Minute,
			ImportKinds: fields(r.str(rKinds)),
		},
		Subject: r.str(rSubject), Email: r.str(rEmail), Scopes: r.scopes(rScopes),
		Cursor: r.str(rCursor), LinkedCount: r.count(rLinked), Lease: leaseOf(r), Dirty: r.flag(rDirty),
		VerifyAfter: r.at(rVerifyAfter), LastStarted: r.at(rLastStarted), LastRun: lastRunOf(r), FreshAsOf: r.at(rFresh),
		RetryNotBefore: r.at(rRetryNotBefore), RetryAt: r.at(rRetryAt), PushPausedUntil: r.at(rPushPaused), PushRest: time.Duration(r.num(rPushRest)) * time.Hour,
		Failures: r.count(rFailures), FailureWindow: r.num(rFailureWindow),
		DeletionsDecision: integration.DeletionsDecision(r.str(rDecision)), Channel: channelOf(r), WasPaused: r.flag(rWasPaused), ReadOnly: r.flag(rReadOnly), EditsWait: r.second(rEditsWait), Unreadable: r.flag(rUnreadable),
		StatusSince: r.at(rStatusSince), FlowExpires: r.at(rFlowExpires), CreatedAt: r.at(rCreated), Slot: r.str(attrSlot),
	}
	if code := integration.ReasonCode(r.str(rReason)); code != "" {
		rec.Reason = &integration.Reason{Code: code, Message: r.str(rReasonText), Since: r.at(rReasonSince)}
		if rec.Reason.Message == "" {
			rec.Reason.Message = integration.InfoOf(code).Message
		}
	}
	var err error
	if rec.Settings.Direction, rec.GaveUpIn, err = directionOf(r.str(rDirection)); err != nil && r.err == nil {
		r.err = err
	}
	if s := r.sub(rSwitch); s != nil {
		rec.CalendarSwitch = &integration.CalendarSwitch{OldCalendar: s.str("c"), RemoveCopies: s.flag("r")}
		r.join(s)
	}
	return rec, r.err
}

func fields(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, " ")
}

func leaseItem(l *integration.Lease) item {
	if l == nil {
		return nil
	}
	it := item{}
	it.id(lRun, l.RunID)
	it.id(lAttempt, l.Attempt)
	it.str(lState, runStateCodes.of(l.State))
	it.at(lStarted, l.Started)
	it.at(lUntil, l.Until)
	it.str(lTrigger, triggerCodes.of(l.Trigger))
	it.flag(lFull, l.Full)
	if l.Phase != integration.PhaseQueued { // read from the state instead: see leaseOf
		it.str(lPhase, phaseCodes.of(l.Phase))
	}
	it.num(lPages, int64(l.Pages))
	it.num(lEvents, int64(l.Events))
	if v := l.Instead; v != nil {
		m := item{}
		m.id(lRun, v.RunID)
		m.at(lStarted, v.Started)
		m.str(lTrigger, triggerCodes.of(v.Trigger))
		it.sub(lInstead, m)
	}
	return it
}

func leaseOf(r *reader) *integration.Lease {
	s := r.sub(rLease)
	if s == nil {
		return nil
	}
	l := &integration.Lease{
		RunID: s.id(lRun), Attempt: s.id(lAttempt), State: runStateCodes.word(s.str(lState)),
		Started: s.at(lStarted), Until: s.at(lUntil), Trigger: triggerCodes.word(s.str(lTrigger)), Full: s.flag(lFull),
		Phase: phaseCodes.word(s.str(lPhase)), Pages: s.count(lPages), Events: s.count(lEvents),
	}
	if v := s.sub(lInstead); v != nil {
		l.Instead = &integration.Vanished{RunID: v.id(lRun), Started: v.at(lStarted), Trigger: triggerCodes.word(v.str(lTrigger))}
		s.join(v)
	}
	if l.Phase == "" && l.State == integration.RunQueued {
		l.Phase = integration.PhaseQueued
	}
	r.join(s)
	return l
}

func lastRunItem(l *integration.LastRun) item {
	if l == nil {
		return nil
	}
	it := item{}
	if l.Outcome == integration.RunFailed {
		it.id(lrID, l.Completed)
		it.id(lrFailed, l.ID)
	} else {
		it.id(lrID, l.ID)
	}
	it.at(lrStarted, l.Started)
	it.at(lrEnded, l.Ended)
	it.str(lrTrigger, triggerCodes.of(l.Trigger))
	it.str(lrOutcome, runStateCodes.of(l.Outcome))
	it.num(lrCreated, int64(l.Created))
	it.num(lrUpdated, int64(l.Updated))
	it.num(lrDeleted, int64(l.Deleted))
	it.num(lrConflicts, int64(l.Conflicts))
	return it
}

func lastRunOf(r *reader) *integration.LastRun {
	s := r.sub(rLastRun)
	if s == nil {
		return nil
	}
	l := &integration.LastRun{
		ID: s.id(lrID), Started: s.at(lrStarted), Ended: s.at(lrEnded), Trigger: triggerCodes.word(s.str(lrTrigger)),
		Outcome: runStateCodes.word(s.str(lrOutcome)), Created: s.count(lrCreated), Updated: s.count(lrUpdated),
		Deleted: s.count(lrDeleted), Conflicts: s.count(lrConflicts),
	}
	if failed := s.id(lrFailed); failed != "" {
		l.ID, l.Completed = failed, l.ID
	}
	r.join(s)
	return l
}

func channelItem(c *integration.Channel) item {
	if c == nil {
		return nil
	}
	it := item{}
	it.id("i", c.ID)
	it.str("r", c.Resource)
	it.at("e", c.Expires)
	it.id("n", c.Next)
	it.at("w", c.NotBefore)
	return it
}

func channelOf(r *reader) *integration.Channel {
	s := r.sub(rChannel)
	if s == nil {
		return nil
	}
	c := &integration.Channel{ID: s.id("i"), Resource: s.str("r"), Expires: s.at("e"), Next: s.id("n"), NotBefore: s.at("w")}
	r.join(s)
	return c
}
