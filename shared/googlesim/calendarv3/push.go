package calendarv3

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// send queues one message on a channel. The request is complete but for its transport; the body is empty.
func (st *state) send(ch *channel, resourceState string) {
	if !ch.Expires.After(st.now) {
		return
	}
	ch.Messages++
	r, err := http.NewRequest(http.MethodPost, ch.Address, http.NoBody)
	if err != nil { // the address was parsed when the channel was opened
		return
	}
	r.ContentLength = 0
	for name, value := range map[string]string{
		"X-Goog-Channel-ID":         ch.ID,
		"X-Goog-Message-Number":     strconv.FormatInt(ch.Messages, 10),
		"X-Goog-Resource-ID":        ch.ResourceID,
		"X-Goog-Resource-State":     resourceState,
		"X-Goog-Resource-URI":       ch.URI,
		"X-Goog-Channel-Expiration": ch.Expires.UTC().Format(http.TimeFormat),
		"User-Agent":                "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)",
	} {
		r.Header.Set(name, value)
	}
	if ch.Token != "" {
		r.Header.Set("X-Goog-Channel-Token", ch.Token)
	}
	st.outgoing = append(st.outgoing, r)
}

// notify tells the channels on a calendar's events that something changed; what, they have to find out.
func (st *state) notify(c *calendar) {
	st.each(func(ch *channel) bool { return ch.Calendar == c.num }, "exists")
}

// notifyList tells the channels on an account's calendar list.
func (st *state) notifyList(a *account) {
	st.each(func(ch *channel) bool { return ch.Calendar == 0 && ch.Account == a.num }, "exists")
}

// notifyGone tells an account's channels on a calendar that the calendar is no more, for it.
func (st *state) notifyGone(e *entry) {
	st.each(func(ch *channel) bool { return ch.Calendar == e.cal.num && ch.Account == e.acct.num }, "not_exists")
}

// each sends on the channels that fit, in the order of their ids so that runs can be repeated.
func (st *state) each(fits func(*channel) bool, resourceState string) {
	var found []*channel
	for _, ch := range st.channels {
		if fits(ch) {
			found = append(found, ch)
		}
	}
	slices.SortFunc(found, func(a, b *channel) int { return strings.Compare(a.Project+a.ID, b.Project+b.ID) })
	for _, ch := range found {
		st.send(ch, resourceState)
	}
}

// Channels lists the open push channels.
func (s *Server) Channels() []ChannelInfo {
	now := s.o.Now()
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []ChannelInfo
	for _, ch := range s.state.channels {
		if ch.Expires.After(now) {
			out = append(out, s.state.describe(ch))
		}
	}
	slices.SortFunc(out, func(a, b ChannelInfo) int { return strings.Compare(a.ID, b.ID) })
	return out
}

func (st *state) describe(ch *channel) ChannelInfo {
	out := ChannelInfo{ID: ch.ID, Address: ch.Address, Expires: ch.Expires, Messages: ch.Messages}
	for _, a := range st.accounts {
		if a.num == ch.Account {
			out.Account = a.email
		}
	}
	for id, c := range st.calendars {
		if c.num == ch.Calendar {
			out.Calendar = id
		}
	}
	return out
}
