package calendarv3_test

import (
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

// limited is a world with quotas; those that aren't given are off.
func limited(t *testing.T, l calendarv3.Limits) *world {
	for _, n := range []*int{&l.ProjectPerMinute, &l.UserPerMinute, &l.CalendarWritesPerMinute, &l.UserWritesPerDay} {
		if *n == 0 {
			*n = -1
		}
	}
	return newWorld(t, func(o *calendarv3.Options) { o.Limits = l })
}

func (c caller) times(n int, verb, path string, body func(int) any) {
	c.w.t.Helper()
	for i := range n {
		c.do(verb, path, body(i)).ok()
	}
}

func none(int) any { return nil }

func TestRequestsAMinuteOfAUser(t *testing.T) {
	t.Parallel()
	w := limited(t, calendarv3.Limits{UserPerMinute: 600})
	w.share()
	w.owner().times(600, "GET", events(), none)
	a := w.owner().do("GET", events(), nil).refused("403 userRateLimitExceeded")
	if a.text("error", "errors", 0, "domain") != "usageLimits" {
		t.Errorf("domain %v", a.get("error", "errors"))
	}
	w.as(writer, everything).do("GET", on(owner), nil).ok()     // another user
	w.as(owner, everything+"|2").do("GET", events(), nil).ok()  // another project
	w.owner().do("GET", events("quotaUser=somebody"), nil).ok() // charged to somebody else
	w.advance(59 * time.Second)
	w.owner().do("GET", events(), nil).refused("403 userRateLimitExceeded")
	w.advance(time.Second)
	w.owner().do("GET", events(), nil).ok()
}

func TestRequestsAMinuteOfAProject(t *testing.T) {
	t.Parallel()
	w := limited(t, calendarv3.Limits{ProjectPerMinute: 20})
	w.share()
	w.owner().times(10, "GET", events(), none)
	w.as(writer, everything).times(10, "GET", on(owner), none)
	w.as(reader, everything).do("GET", on(owner), nil).refused("403 rateLimitExceeded")
	w.as(reader, everything+"|2").do("GET", on(owner), nil).ok()
}

func TestWriteBurstsToOneCalendarAreLimitedSeparately(t *testing.T) {
	t.Parallel()
	w := limited(t, calendarv3.Limits{CalendarWritesPerMinute: 5})
	w.owner().times(5, "POST", events(), func(int) any { return obj{"start": at(1, 1), "end": at(1, 2)} })
	w.owner().do("POST", on(owner), obj{"start": at(1, 1), "end": at(1, 2)}).refused("429 rateLimitExceeded") // by whatever name
	w.owner().do("GET", events(), nil).ok()
	id, err := w.Server.AddCalendar(owner, calendarv3.Calendar{Summary: "Other"}, calendarv3.RoleOwner)
	w.must(err)
	w.owner().do("POST", on(id), obj{"start": at(1, 1), "end": at(1, 2)}).ok()
	w.advance(time.Minute)
	w.owner().do("POST", events(), obj{"start": at(1, 1), "end": at(1, 2)}).ok()
}

func TestQuotaExceededLastsForHoursAndForWritesOnly(t *testing.T) {
	t.Parallel()
	w := limited(t, calendarv3.Limits{UserWritesPerDay: 3})
	body := func(int) any { return obj{"start": at(1, 1), "end": at(1, 2)} }
	w.owner().times(3, "POST", events(), body)
	w.owner().do("POST", events(), body(0)).refused("403 quotaExceeded")
	w.advance(6 * time.Hour)
	w.owner().do("POST", events(), body(0)).refused("403 quotaExceeded")
	w.owner().do("GET", events(), nil).ok()
	w.owner().do("POST", events("watch"), channel("chan")).ok() // opening a channel writes nothing to a calendar
	w.advance(18 * time.Hour)
	w.owner().do("POST", events(), body(0)).ok()
}

func TestGooglesOwnLimitsAreTheDefault(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *calendarv3.Options) { o.Limits = calendarv3.Limits{} })
	w.handler = w.Server // 600 calls, and the guard reads each
	w.owner().times(600, "GET", events(), none)
	w.owner().do("GET", events(), nil).refused("403 userRateLimitExceeded")
}

func TestNonsenseCountsAndRefusalsDoNot(t *testing.T) {
	t.Parallel()
	w := limited(t, calendarv3.Limits{UserPerMinute: 2})
	w.owner().do("POST", events(), "{").refused("400 parseError")
	w.owner().do("GET", events("none0"), nil).refused("404 notFound")
	for range 5 { // hammering doesn't prolong it
		w.owner().do("GET", events(), nil).refused("403 userRateLimitExceeded")
	}
	w.advance(time.Minute)
	w.owner().do("GET", events(), nil).ok()
}
