package calendarv3

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ChannelState is an open push channel.
type ChannelState struct {
	ID         string    `json:"id"`
	Project    string    `json:"project"`
	Account    uint32    `json:"account"`            // number of the account that opened it
	Calendar   uint32    `json:"calendar,omitempty"` // number of the calendar; 0: the account's calendar list
	ResourceID string    `json:"resourceId"`
	URI        string    `json:"resourceUri"`
	Address    string    `json:"address"`
	Token      string    `json:"token,omitempty"`
	Expires    time.Time `json:"expires"`
	Messages   int64     `json:"messages"`
}

type channel = ChannelState

// channelLife is how long a channel lives if nothing is asked for, and at most:
// seven days (events.watch, params.ttl).
const channelLife = 604800 * time.Second

// Forms of a channel's members (Calendar guide, "Push notifications").
var channelID = regexp.MustCompile(`^[A-Za-z0-9\-_+/=]{1,64}$`)

const maxChannelToken = 256

// eventsWatch opens a channel on the whole calendar; the filters that the
// method takes are repeated in the resource URI and narrow nothing.
func (c *call) eventsWatch() (out *reply, err *Error) {
	err = c.s.change(func(st *state) *Error {
		e, err := c.entry(st)
		if err != nil {
			return err
		}
		// Calendars that Google imports from elsewhere (holidays, birthdays,
		// sports) can't be watched, only polled.
		if strings.HasSuffix(e.cal.meta.ID, "@group.v.calendar.google.com") {
			return refuse(http.StatusBadRequest, "pushNotSupportedForRequestedResource",
				"Push notifications are not supported by this resource.")
		}
		out, err = c.open(st, &channel{Account: e.acct.num, Calendar: e.cal.num, ResourceID: st.resourceID("events", e.cal.num)})
		return err
	})
	return out, err
}

// calendarListWatch opens a channel on the account's list of calendars.
func (c *call) calendarListWatch() (out *reply, err *Error) {
	err = c.s.change(func(st *state) *Error {
		a, err := c.account(st)
		if err != nil {
			return err
		}
		out, err = c.open(st, &channel{Account: a.num, ResourceID: st.resourceID("calendarList", a.num)})
		return err
	})
	return out, err
}

// open checks what the client asks of a channel, opens it and sends its sync
// message.
func (c *call) open(st *state, ch *channel) (*reply, *Error) {
	body := Event(c.body)
	if err := c.checkChannel(body); err != nil {
		return nil, err
	}
	ch.ID, ch.Project, ch.Address, ch.Token = body.text("id"), c.id.Project, body.text("address"), body.text("token")
	ch.Expires = st.now.Add(channelLife).Truncate(time.Millisecond)
	if ms, ok := wholeNumber(body["expiration"], true); ok && ms > 0 && time.UnixMilli(ms).Before(ch.Expires) {
		ch.Expires = time.UnixMilli(ms)
	}
	if s, err := strconv.Atoi(Event(body.object("params")).text("ttl")); err == nil && s > 0 && s < int(channelLife/time.Second) {
		ch.Expires = st.now.Add(time.Duration(s) * time.Second).Truncate(time.Millisecond)
	}
	if !ch.Expires.After(st.now) {
		return nil, errInvalid("Invalid expiration: it has passed.")
	}
	st.sweepChannels()
	if old := st.channels[ch.key()]; old != nil {
		if old.Expires.After(st.now) {
			return nil, refuse(http.StatusBadRequest, "channelIdNotUnique", "Channel id %s not unique", ch.ID)
		}
		st.dropChannel(old) // an expired channel's id is free again
	}
	ch.URI = c.resourceURI()
	st.addChannel(ch)
	st.send(ch, "sync")
	d := Event{"kind": "api#channel", "id": ch.ID, "resourceId": ch.ResourceID, "resourceUri": ch.URI,
		"expiration": strconv.FormatInt(ch.Expires.UnixMilli(), 10)}
	if ch.Token != "" {
		d["token"] = ch.Token
	}
	raw, err := marshal(d)
	return &reply{body: raw, of: channelShape}, err
}

// checkChannel goes from what is missing over what is malformed to what isn't
// allowed. The address comes last: whether a host is verified says something
// about the project, not about the request.
func (c *call) checkChannel(body Event) *Error {
	for _, name := range []string{"id", "type", "address"} {
		if body.text(name) == "" {
			return errRequired("Missing channel %s.", name)
		}
	}
	switch u, err := url.Parse(body.text("address")); {
	case !channelID.MatchString(body.text("id")):
		return errInvalid("Invalid channel id.")
	case !slices.Contains([]string{"web_hook", "webhook"}, body.text("type")):
		return errPush(http.StatusBadRequest, "channelTypeNotSupported", "Unsupported channel type: "+clip(body.text("type")))
	case len(body.text("token")) > maxChannelToken:
		return errInvalid("Invalid channel token: longer than %d characters.", maxChannelToken)
	case err != nil || u.Host == "":
		return errInvalid("Invalid channel address.")
	case c.s.allowsPush(u):
		return nil
	case u.Scheme != "https":
		return errPush(http.StatusBadRequest, "webhookUrlNotHttps", "WebHook callback must be HTTPS: "+clip(u.String()))
	default:
		return errPush(http.StatusUnauthorized, "webhookUrlUnauthorized", "Unauthorized WebHook callback channel: "+clip(u.String()))
	}
}

// allowsPush asks the options, or holds to https alone.
func (s *Server) allowsPush(u *url.URL) bool {
	if s.o.AllowPush != nil {
		return s.o.AllowPush(u)
	}
	return u.Scheme == "https"
}

// errPush prefixes the reason as Google does for everything about delivery.
func errPush(status int, reason, message string) *Error {
	return refuse(status, "push."+reason, "%s", message)
}

// resourceURI is the watched collection, under the name by which the client
// reached it.
func (c *call) resourceURI() string {
	scheme := "https"
	if c.r.TLS == nil && !strings.HasSuffix(c.r.Host, "googleapis.com") {
		scheme = "http"
	}
	path, _ := strings.CutSuffix(c.r.URL.EscapedPath(), "/watch")
	q := url.Values{"alt": {"json"}}
	for _, name := range c.m.params {
		if c.q.Has(name) {
			q[name] = c.q.Values[name]
		}
	}
	return scheme + "://" + c.r.Host + path + "?" + q.Encode()
}

// resourceID is opaque and the same for every channel on the same collection.
func (st *state) resourceID(kind string, num uint32) string {
	sum := sha256.Sum256([]byte(kind + string(st.key[:]) + strconv.Itoa(int(num))))
	return base64.RawURLEncoding.EncodeToString(sum[:20])
}

// channelsStop ends a channel at once. Only who opened it may, and both ids
// must fit.
func (c *call) channelsStop() (out *reply, err *Error) {
	err = c.s.change(func(st *state) *Error {
		a, err := c.account(st)
		if err != nil {
			return err
		}
		body := Event(c.body)
		for _, name := range []string{"id", "resourceId"} {
			if body.text(name) == "" {
				return errRequired("Missing channel %s.", name)
			}
		}
		ch := st.channels[(&channel{Project: c.id.Project, ID: body.text("id")}).key()]
		if ch == nil || ch.ResourceID != body.text("resourceId") || ch.Account != a.num || !ch.Expires.After(st.now) {
			return refuse(http.StatusNotFound, "notFound", "Channel '%s' not found for project '%s'", clip(body.text("id")), c.id.Project)
		}
		st.dropChannel(ch)
		out = &reply{}
		return nil
	})
	return out, err
}
