package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/sqsqueue"
)

// deadLetters is what was given up, in SQS or in the local run's own queue.
type deadLetters interface {
	// list gives up to most, and leaves them where everybody sees them.
	list(ctx context.Context, most int) ([]letter, error)
	// act takes letters out, sending them again or not, and says how many; no ids
	// means all. told is given the number on the way, where it takes long.
	act(ctx context.Context, ids []string, again bool, told func(int)) (int, error)
}

type letter struct {
	ID     string    `json:"id"`
	Job    job.Job   `json:"job"`
	Reason string    `json:"reason,omitempty"`
	Tries  int       `json:"tries,omitempty"`
	At     time.Time `json:"at"`
	Broken bool      `json:"broken,omitempty"` // no job at all: it can only be dropped
}

type deadLettersCommand struct {
	List    deadListCommand    `cmd:"" help:"What was given up."`
	Show    deadShowCommand    `cmd:"" help:"One of them, whole."`
	Redrive deadRedriveCommand `cmd:"" help:"Send them once more, once the cause is mended."`
	Drop    deadDropCommand    `cmd:"" help:"Take them out for good: the slot brings back whatever is still due."`
}

func (c *call) letters() (deadLetters, error) {
	if c.dead == nil {
		return nil, errors.New("DEAD_LETTER_QUEUE_URL or QUEUE_URL is missing")
	}
	return c.dead, nil
}

type deadListCommand struct {
	Limit int `help:"How many at most." default:"100"`
}

type lettersAnswer struct {
	Letters []letter `json:"dead_letters"`
}

func (s *deadListCommand) Run(c *call) error {
	d, err := c.letters()
	if err != nil {
		return err
	}
	list, err := d.list(c, s.Limit)
	if err != nil {
		return err
	}
	if list == nil {
		list = []letter{}
	}
	return c.say(lettersAnswer{list})
}

func (a lettersAnswer) text(w io.Writer) {
	if len(a.Letters) == 0 {
		fmt.Fprintln(w, "No dead letters.")
		return
	}
	rows := [][]string{{"ID", "AT", "TRIES", "KIND", "ACCOUNT", "TRIGGER", "REASON"}}
	for _, l := range a.Letters {
		rows = append(rows, []string{
			l.ID, when(l.At), strconv.Itoa(l.Tries), or(string(l.Job.Kind), "-"), or(l.Job.Account, "-"), or(string(l.Job.Trigger), "-"), or(l.Reason, "-"),
		})
	}
	table(w, rows...)
}

type deadShowCommand struct {
	ID string `arg:"" help:"Of the letter, as list gives it."`
}

func (s *deadShowCommand) Run(c *call) error {
	d, err := c.letters()
	if err != nil {
		return err
	}
	list, err := d.list(c, manyLetters)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(l letter) bool { return l.ID == s.ID })
	if i < 0 {
		return fmt.Errorf("there is no dead letter %s: it may have been sent again, or is just being looked at elsewhere", s.ID)
	}
	return c.say(list[i])
}

func (l letter) text(w io.Writer) {
	table(w,
		[]string{"id", l.ID}, []string{"given up", when(l.At)}, []string{"tries", strconv.Itoa(l.Tries)}, []string{"reason", or(l.Reason, "-")},
		[]string{"kind", string(l.Job.Kind)}, []string{"account", l.Job.Account}, []string{"provider", l.Job.Provider},
		[]string{"generation", l.Job.Generation}, []string{"run", or(l.Job.Run, "-")}, []string{"trigger", string(l.Job.Trigger)},
		[]string{"due", when(l.Job.Due)}, []string{"correlation id", or(l.Job.CorrelationID, "-")})
}

// which names letters, or all of them plainly.
type which struct {
	IDs []string `arg:"" optional:"" name:"id" help:"Of the letters, as list gives them."`
	All bool     `help:"All of them."`
}

func (s which) check() error {
	if s.All == (len(s.IDs) > 0) {
		return errors.New("name the letters, or say --all")
	}
	return nil
}

func (s which) act(c *call, again bool) error {
	if err := s.check(); err != nil {
		return err
	}
	d, err := c.letters()
	if err != nil {
		return err
	}
	n, err := d.act(c, s.IDs, again, func(n int) { c.progress("%d jobs done …", n) })
	if err != nil {
		return fmt.Errorf("after %d jobs: %w", n, err)
	}
	if n < len(s.IDs) {
		c.progress("%d of the %d letters weren't there: sent again meanwhile, or just being looked at elsewhere", len(s.IDs)-n, len(s.IDs))
	}
	return c.say(actedAnswer{n, again})
}

type actedAnswer struct {
	Count int  `json:"count"`
	Again bool `json:"sent_again"`
}

func (a actedAnswer) text(w io.Writer) {
	if a.Again {
		fmt.Fprintf(w, "Sent %d jobs again.\n", a.Count)
		return
	}
	fmt.Fprintf(w, "Dropped %d jobs.\n", a.Count)
}

type deadRedriveCommand struct{ which }

func (s *deadRedriveCommand) Run(c *call) error { return s.act(c, true) }

type deadDropCommand struct{ which }

func (s *deadDropCommand) Run(c *call) error { return s.act(c, false) }

// sqsDead is SQS's dead-letter queue.
type sqsDead struct {
	sqsqueue.DeadLetters
	notes job.Failures // SQS itself keeps no reason
}

// manyLetters is how many are looked through for those that are named: SQS
// finds no message by its id.
const manyLetters = 10000

func (d *sqsDead) list(ctx context.Context, most int) ([]letter, error) {
	found, err := d.List(ctx, most, 1)
	if err != nil {
		return nil, err
	}
	var out []letter
	for _, l := range found {
		s := shapeLetter(l)
		if why, err := d.notes.Failure(ctx, l.ID); err != nil {
			return nil, errors.Join(err, d.Release(ctx, found...))
		} else if why.Reason != "" && s.Reason == "" {
			s.Reason = why.Reason
		}
		if s.Reason == "" {
			s.Reason = "none was noted: its worker died or ran out of time; the log has the message's id"
		}
		out = append(out, s)
	}
	return out, d.Release(ctx, found...)
}

func shapeLetter(l sqsqueue.DeadLetter) letter {
	s := letter{ID: l.ID, Job: l.Job, Tries: l.Tries, At: l.Sent}
	if l.Err != nil {
		s.Broken, s.Reason = true, l.Err.Error()
	}
	return s
}

// act looks through the queue a batch at a time and deals with each before it
// reads the next: nothing is held for longer than it is hidden from others,
// however many there are, and what was done when it is cut short stays done.
func (d *sqsDead) act(ctx context.Context, ids []string, again bool, told func(int)) (done int, err error) {
	var leave []sqsqueue.DeadLetter
	seen := map[string]bool{} // what comes a second time was dealt with the first time
	for looked := 0; looked < manyLetters && (len(ids) == 0 || done < len(ids)); {
		found, err := d.List(ctx, actBatch, 1)
		if err != nil {
			return done, errors.Join(err, d.Release(ctx, leave...))
		}
		var take []sqsqueue.DeadLetter
		fresh := 0
		for _, l := range found {
			if seen[l.ID] {
				leave = append(leave, l)
				continue
			}
			seen[l.ID] = true
			fresh++
			if len(ids) > 0 && !slices.Contains(ids, l.ID) || again && l.Err != nil {
				leave = append(leave, l)
				continue
			}
			take = append(take, l)
		}
		if fresh == 0 {
			break
		}
		do := d.Drop
		if again {
			do = d.DeadLetters.Redrive
		}
		if err := do(ctx, take...); err != nil {
			return done, errors.Join(err, d.Release(ctx, append(leave, take...)...))
		}
		looked, done = looked+len(found), done+len(take)
		if len(found) == actBatch { // there may be more
			told(done)
		}
	}
	return done, d.Release(ctx, leave...)
}

// actBatch is how many letters are dealt with at once.
const actBatch = 100
