package calendarv3_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

// channel is a watch body.
func channel(id string) obj {
	return obj{"id": id, "type": "web_hook", "address": "https://hook.example.com/google", "token": "secret"}
}

func TestWatchSendsSyncBeforeItAnswers(t *testing.T) {
	t.Parallel()
	var w *world
	answered := false
	w = newWorld(t, func(o *calendarv3.Options) {
		inner := o.Deliver
		o.Deliver = func(r *http.Request) {
			if answered {
				t.Error("sync after the answer")
			}
			inner(r)
		}
	})
	a := w.owner().do("POST", events("watch"), channel("chan-1")).ok()
	answered = true
	if got := w.messages(); !slices.Equal(got, []string{"1 sync chan-1"}) {
		t.Fatalf("messages %v", got)
	}
	r := w.pushed[0]
	for name, want := range map[string]string{
		"X-Goog-Channel-ID": "chan-1", "X-Goog-Message-Number": "1", "X-Goog-Resource-ID": a.text("resourceId"), "X-Goog-Resource-State": "sync",
		"X-Goog-Resource-URI": a.text("resourceUri"), "X-Goog-Channel-Token": "secret", "X-Goog-Channel-Expiration": "Mon, 30 Nov 2026 09:00:00 GMT",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if r.Method != "POST" || r.URL.String() != "https://hook.example.com/google" || r.ContentLength != 0 || r.Body != http.NoBody {
		t.Errorf("%s %s with %d bytes", r.Method, r.URL, r.ContentLength)
	}
	if a.text("kind") != "api#channel" || a.text("token") != "secret" || !strings.HasPrefix(a.text("resourceUri"), "http://google.test/calendar/v3/calendars/primary/events?alt=json") {
		t.Errorf("answer: %s", a.raw)
	}
}

func TestDefaultLifeOfAChannelAndTheReturnedExpiration(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	week := w.time().Add(604800 * time.Second)
	for id, c := range map[string]struct {
		member string
		value  any
		want   time.Time
	}{
		"plain": {"", nil, week},
		"short": {"params", obj{"ttl": "60"}, w.time().Add(time.Minute)},
		"until": {"expiration", strconv.FormatInt(w.time().Add(time.Hour).UnixMilli(), 10), w.time().Add(time.Hour)},
		"never": {"expiration", strconv.FormatInt(w.time().AddDate(1, 0, 0).UnixMilli(), 10), week}, // longer than it may
		"large": {"params", obj{"ttl": "99999999"}, week},
	} {
		body := channel(id)
		if c.member != "" {
			body[c.member] = c.value
		}
		a := w.owner().do("POST", events("watch"), body).ok()
		if got := a.text("expiration"); got != strconv.FormatInt(c.want.UnixMilli(), 10) {
			t.Errorf("%s: %s, want %d", id, got, c.want.UnixMilli())
		}
	}
	past := channel("past0")
	past["expiration"] = "1000"
	w.owner().do("POST", events("watch"), past).refused("400 invalid")
}

func TestEveryChangeIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.share()
	other, err := w.Server.AddCalendar(owner, calendarv3.Calendar{Summary: "Other"}, calendarv3.RoleOwner)
	w.must(err)
	w.owner().do("POST", events("watch"), channel("chan")).ok()
	w.insert(meeting("first", 1, 10))
	w.owner().do("GET", events("first"), nil).ok()
	w.owner().do("PATCH", events("first"), obj{"summary": "x"}).ok()
	w.owner().do("PATCH", events("first"), obj{"summary": "x"}, "If-Match: \"0\"").refused("412 conditionNotMet")
	w.as(writer, everything).do("DELETE", on(owner, "first"), nil).ok() // whoever does it
	w.owner().do("POST", on(other), meeting("other", 1, 10)).ok()       // another calendar
	_, err = w.Server.Insert(owner, owner, calendarv3.Event{"start": at(1, 1), "end": at(1, 2)})
	w.must(err)
	if got, want := w.messages(), []string{"1 sync chan", "2 exists chan", "3 exists chan", "4 exists chan", "5 exists chan"}; !slices.Equal(got, want) {
		t.Errorf("messages %v, want %v", got, want)
	}
}

func TestChannelsExpireAndAreNotRenewed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.owner().do("POST", events("watch"), channel("chan")).ok()
	w.owner().do("POST", events("watch"), channel("chan")).refused("400 channelIdNotUnique")
	w.advance(604800*time.Second - time.Millisecond)
	w.insert(meeting("first", 1, 10))
	w.advance(time.Millisecond)
	w.insert(meeting("later", 1, 10))
	if got := w.messages(); len(got) != 2 {
		t.Errorf("messages %v", got)
	}
	if got := w.Server.Channels(); len(got) != 0 {
		t.Errorf("open: %v", got)
	}
	w.owner().do("POST", events("watch"), channel("chan")).ok() // a new one, of the same name
}

func TestChannelRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *calendarv3.Options) {
		o.AllowPush = func(u *url.URL) bool { return u.Scheme == "https" && u.Host == "hook.example.com" }
	})
	_, err := w.Server.AddCalendar(owner, calendarv3.Calendar{ID: "es.spain#holiday@group.v.calendar.google.com", Summary: "Holidays"}, calendarv3.RoleReader)
	w.must(err)
	for name, c := range map[string]struct {
		member string
		value  any
		want   string
	}{
		"no id": {"id", nil, "400 required"}, "no type": {"type", nil, "400 required"}, "no address": {"address", nil, "400 required"},
		"long id": {"id", strings.Repeat("i", 65), "400 invalid"}, "bad id": {"id", "a b", "400 invalid"},
		"long token": {"token", strings.Repeat("t", 257), "400 invalid"}, "other type": {"type", "sms", "400 push.channelTypeNotSupported"},
		"not https": {"address", "http://hook.example.com/", "400 push.webhookUrlNotHttps"}, "no host": {"address", "/google", "400 invalid"},
		"unauthorized": {"address", "https://elsewhere.example.com/", "401 push.webhookUrlUnauthorized"},
	} {
		body := channel("chan")
		if body[c.member] = c.value; c.value == nil {
			delete(body, c.member)
		}
		if a := w.owner().do("POST", events("watch"), body); a.refused(c.want).message() == "" {
			t.Errorf("%s: no message", name)
		}
	}
	longest := channel(strings.Repeat("i", 64))
	longest["token"] = strings.Repeat("t", 256)
	w.owner().do("POST", events("watch"), longest).ok()
	w.owner().do("POST", on("es.spain#holiday@group.v.calendar.google.com", "watch"), channel("hols")).refused("400 pushNotSupportedForRequestedResource")
	w.owner().do("GET", on("es.spain#holiday@group.v.calendar.google.com"), nil).ok() // it can be polled
}

func TestStoppingAChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.share()
	a := w.owner().do("POST", events("watch"), channel("chan")).ok()
	stop := obj{"id": "chan", "resourceId": a.text("resourceId")}
	path := "/calendar/v3/channels/stop"
	w.owner().do("POST", path, obj{"id": "chan"}).refused("400 required")
	w.owner().do("POST", path, obj{"id": "chan", "resourceId": "other"}).refused("404 notFound")
	w.as(writer, everything).do("POST", path, stop).refused("404 notFound")
	w.as(owner, aura+"|2").do("POST", path, stop).refused("404 notFound") // another project
	if r := w.as(owner, aura).do("POST", path, stop).ok(); r.status != 204 {
		t.Errorf("answered %d", r.status)
	}
	w.owner().do("POST", path, stop).refused("404 notFound")
	w.insert(meeting("first", 1, 10))
	if got := w.messages(); len(got) != 1 {
		t.Errorf("messages %v", got)
	}
}

func TestSameResourceSameResourceID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one := w.owner().do("POST", events("watch"), channel("one")).ok().text("resourceId")
	two := w.owner().do("POST", on(owner, "watch"), channel("two")).ok().text("resourceId")
	list := w.owner().do("POST", "/calendar/v3/users/me/calendarList/watch", channel("list")).ok().text("resourceId")
	if one == "" || one != two || one == list {
		t.Errorf("resource ids %s %s %s", one, two, list)
	}
}

func TestLosingACalendarIsNotExists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.share()
	c := w.as(reader, everything)
	c.do("POST", on(owner, "watch"), channel("evts")).ok()
	c.do("POST", "/calendar/v3/users/me/calendarList/watch", channel("list")).ok()
	w.must(w.Server.Share(reader, owner, ""))
	if got := w.messages()[2:]; !slices.Equal(got, []string{"2 exists list", "2 not_exists evts"}) {
		t.Errorf("messages %v", got)
	}
	// Whoever has lost a calendar isn't told of what goes on there.
	w.insert(meeting("later", 1, 10))
	w.must(w.Server.Share(reader, owner, calendarv3.RoleReader))
	w.insert(meeting("again", 1, 10)) // nor when it is back: a new channel has to be opened
	if got := w.messages()[4:]; !slices.Equal(got, []string{"3 exists list"}) {
		t.Errorf("messages afterwards %v", got)
	}
}
