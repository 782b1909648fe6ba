package googlesim

import (
	"encoding/json"
	"net/http"
	"time"
)

// Fault decides what goes wrong with one request. It is called once for every
// request that comes in and for every push message that goes out (IsPush tells
// them apart), possibly from several goroutines at once. It may read the
// method, URL and headers, not the body. The zero Decision lets everything go
// right.
type Fault func(*http.Request) Decision

// IsPush says whether a request is a push message to a client's webhook.
func IsPush(r *http.Request) bool {
	return r.RequestURI == "" && r.Header.Get("X-Goog-Channel-Id") != ""
}

// Decision is what goes wrong. The fields are applied in the order in which
// they stand here, and those that make sense together may be set together.
type Decision struct {
	// Delay passes before anything else happens. A push message is late by it.
	Delay time.Duration
	// Cut closes the connection without an answer; the call takes no effect. A
	// push message is lost.
	Cut bool
	// Answer is sent instead of doing anything.
	Answer *Answer
	// AnswerAfter makes Answer follow the call's effect instead of replacing
	// it.
	AnswerAfter bool
	// BlindInsert makes events.insert overlook that the id exists: Google does
	// not promise to detect collisions at creation (discovery document,
	// Event.id). The new event takes the place of the stored one.
	BlindInsert bool
	// RepeatPage answers a list call that carries a page token with the page
	// before it, page token included.
	RepeatPage bool
	// Drop closes the connection without an answer after the call has taken
	// effect.
	Drop bool
	// Edit is a JSON merge patch (RFC 7386) over the answer's body:
	// {"nextSyncToken":null} loses the sync token.
	Edit json.RawMessage
	// Truncate sends only so many bytes of the body and then closes the
	// connection. 0: all of it.
	Truncate int
	// Drip is the pause before each 512 bytes of the body.
	Drip time.Duration

	// Twice sends a push message two times.
	Twice bool
	// Hold keeps a push message back until the next one has been sent, so that
	// they arrive in the wrong order.
	Hold bool
}

// Answer is a whole HTTP answer, not necessarily one that Google would give.
type Answer struct {
	Status int         `json:"status"`
	Header http.Header `json:"header,omitempty"`
	Body   string      `json:"body,omitempty"`
}

// Refusal is an answer in Google's own shape, for instance Refusal(403,
// "usageLimits", "rateLimitExceeded", "…").
func Refusal(status int, domain, reason, message string) *Answer {
	type item struct {
		Domain  string `json:"domain"`
		Reason  string `json:"reason"`
		Message string `json:"message"`
	}
	var doc struct {
		Error struct {
			Errors  []item `json:"errors"`
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	doc.Error.Errors = []item{{domain, reason, message}}
	doc.Error.Code, doc.Error.Message = status, message
	body, err := json.Marshal(doc)
	if err != nil { // strings and an int always marshal
		body = []byte("{}")
	}
	return &Answer{Status: status, Header: http.Header{"Content-Type": {"application/json; charset=UTF-8"}}, Body: string(body)}
}
