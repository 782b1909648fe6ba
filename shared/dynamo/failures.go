package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/job"
)

// a failure's attributes.
const dReason, dAt = "e", "at"

// NoteFailure keeps why a try at a message failed, unless a later one is kept.
func (t *Integrations) NoteFailure(ctx context.Context, f job.Failure) error {
	var u update
	at := moment(f.At)
	u.when("attribute_not_exists(%s) OR %s <= %s", u.name(dAt), u.name(dAt), u.value(at))
	u.set(at, dAt)
	u.set(text(f.Reason), dReason)
	u.set(number(f.At.Add(job.FailureKept).Unix()), attrTTL)
	_, err := t.change(ctx, failureKey(f.Message), &u, types.ReturnValueNone)
	if _, later := refused(err); later {
		return nil
	}
	return failed("noting why a job failed", err)
}

// Failure gives why the last try at a message failed.
func (t *Integrations) Failure(ctx context.Context, message string) (job.Failure, error) {
	it, err := t.get(ctx, failureKey(message), "reading why a job failed")
	if err != nil || it == nil {
		return job.Failure{}, err
	}
	r := read(it)
	f := job.Failure{Message: message, Reason: r.str(dReason), At: r.at(dAt)}
	if r.err == nil && !t.now().Before(f.At.Add(job.FailureKept)) {
		return job.Failure{}, nil // TTL deletes late
	}
	return f, r.err
}
