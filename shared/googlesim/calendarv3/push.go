package calendarv3

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// send queues one message on a channel. The request is complete but for its
// transport; the body is empty.
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

// notify tells the channels on a calendar's events that something changed;
// what, they have to find out.
func (st *state) notify(c *calendar) { st.each(c.num, func(*channel) bool { return true }, "exists") }

// notifyList tells the channels on an account's calendar list.
func (st *state) notifyList(a *account) {
	st.each(a.num, func(*channel) bool { return true }, "exists")
}

// notifyGone tells an account's channels on a calendar that the calendar is no
// more, for it. That is the last that they say.
func (st *state) notifyGone(e *entry) {
	theirs := func(ch *channel) bool { return ch.Account == e.acct.num }
	st.each(e.cal.num, theirs, "not_exists")
	for _, ch := range st.watching[e.cal.num] {
		if theirs(ch) {
			st.dropChannel(ch)
		}
	}
}

// each sends on the channels on a resource, in the order in which they were
// opened.
func (st *state) each(resource uint32, fits func(*channel) bool, resourceState string) {
	for _, ch := range st.watching[resource] {
		if fits(ch) {
			st.send(ch, resourceState)
		}
	}
}

// key names a channel: ids are unique within a project.
func (ch *channel) key() string { return ch.Project + "\x00" + ch.ID }

// resource is the number of what a channel watches; calendars and accounts are
// numbered together.
func (ch *channel) resource() uint32 {
	if ch.Calendar != 0 {
		return ch.Calendar
	}
	return ch.Account
}

// addChannel and dropChannel keep the two ways to find a channel together: by
// its name, and by what it watches.
func (st *state) addChannel(ch *channel) {
	st.channels[ch.key()] = ch
	st.watching[ch.resource()] = append(st.watching[ch.resource()], ch)
}

func (st *state) dropChannel(ch *channel) {
	delete(st.channels, ch.key())
	rest := slices.DeleteFunc(slices.Clone(st.watching[ch.resource()]), func(x *channel) bool { return x == ch })
	if st.watching[ch.resource()] = rest; len(rest) == 0 {
		delete(st.watching, ch.resource())
	}
}

// sweepChannels forgets expired channels now and then, so that a long
// simulation's memory doesn't grow with them.
func (st *state) sweepChannels() {
	if st.now.Sub(st.swept).Abs() < time.Hour {
		return
	}
	st.swept = st.now
	for _, ch := range st.channels {
		if !ch.Expires.After(st.now) {
			st.dropChannel(ch)
		}
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

// describe turns numbers back into names that a person knows.
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
