package job

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"
)

// Failure is why the last try at a message failed. A queue that gives a job up
// keeps none, so the worker notes it under the message's id, which the message
// keeps among the dead letters.
type Failure struct {
	Message string // the queue's id
	Reason  string
	At      time.Time
}

// longestReason is how much of an error is kept, in bytes.
const longestReason = 500

// FailureOf makes a Failure of a try's error.
func FailureOf(message string, err error, at time.Time) Failure {
	reason := strings.ToValidUTF8(err.Error(), "�")
	if len(reason) > longestReason {
		cut := longestReason
		for !utf8.RuneStart(reason[cut]) {
			cut--
		}
		reason = reason[:cut] + "…"
	}
	return Failure{message, reason, at}
}

// FailureKept is how long a failure is kept: as long as SQS keeps a message.
const FailureKept = 14 * 24 * time.Hour

// Failures keeps why tries failed.
type Failures interface {
	// NoteFailure keeps it, unless a later one is kept already.
	NoteFailure(ctx context.Context, f Failure) error
	// Failure gives the last one of a message; the zero Failure where none is
	// known: its worker died, or it is long ago.
	Failure(ctx context.Context, message string) (Failure, error)
}
