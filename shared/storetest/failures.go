package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/job"
)

func testFailures(t *testing.T, open Open) {
	each(t, open, map[string]func(*world){
		"the last one is kept, under the message": func(w *world) {
			id := w.id()
			is := func(want job.Failure) {
				w.t.Helper()
				if got, err := w.Failures.Failure(w.ctx, id); got != want || err != nil {
					w.t.Errorf("got %+v, %v; want %+v", got, err, want)
				}
			}
			is(job.Failure{})
			first, second := job.FailureOf(id, errors.New("first"), at(1)), job.FailureOf(id, errors.New("second"), at(2))
			w.must(w.Failures.NoteFailure(w.ctx, first))
			is(first)
			w.must(w.Failures.NoteFailure(w.ctx, second))
			w.must(w.Failures.NoteFailure(w.ctx, first)) // late
			w.must(w.Failures.NoteFailure(w.ctx, job.FailureOf(w.id(), errors.New("another's"), at(3))))
			is(second)
			w.Clock.Advance(job.FailureKept - time.Hour)
			is(second)
			w.Clock.Advance(2 * time.Hour)
			is(job.Failure{})
		},
		"a long one is cut where a character ends": func(w *world) {
			f := job.FailureOf(w.id(), errors.New(strings.Repeat("ü", 1000)), at(1))
			if n := len(f.Reason); n > 510 || !strings.HasSuffix(f.Reason, "ü…") {
				w.t.Errorf("%d bytes: %s", n, f.Reason)
			}
			w.must(w.Failures.NoteFailure(w.ctx, f))
			if got, err := w.Failures.Failure(w.ctx, f.Message); got != f || err != nil {
				w.t.Errorf("got %+v, %v", got, err)
			}
		},
	})
}
