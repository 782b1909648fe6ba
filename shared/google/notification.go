package google

import "net/http"

// Notification is what a push message says, all of it in its headers: which
// channel, with which token, and about what. It says nothing of what changed.
type Notification struct {
	Channel  string
	Token    string
	Resource string
	Opening  bool // only says that the channel was opened
}

// NotificationOf reads a push message. Nothing in it is to be believed before
// the token was checked; what is missing is "".
func NotificationOf(h http.Header) Notification {
	return Notification{
		Channel: h.Get("X-Goog-Channel-ID"), Token: h.Get("X-Goog-Channel-Token"), Resource: h.Get("X-Goog-Resource-ID"),
		Opening: h.Get("X-Goog-Resource-State") == "sync",
	}
}
