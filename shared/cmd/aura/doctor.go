package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/google/oauth"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/seal"
	"aura.example/integrations/shared/sqsqueue"
)

type doctorCommand struct{}

// finding is one thing that was looked at.
type finding struct {
	What  string   `json:"what"`
	State string   `json:"state"` // well, wrong, unknown (couldn't be looked at), skipped (nothing was named)
	Says  []string `json:"says,omitempty"`
}

type diagnosis struct {
	Findings []finding `json:"findings"`
	Well     bool      `json:"well"`
}

// errUnwell ends a diagnosis that found something.
var errUnwell = errors.New("something is wrong, see above")

// lag is how far the scheduler may be behind before it counts as stopped.
const lag = 5 * time.Minute

// Run looks at everything, whatever it finds on the way. It changes nothing.
func (*doctorCommand) Run(c *call) error {
	var d diagnosis
	for _, t := range dynamo.Tables() {
		problems, err := c.operator.Problems(c, t, c.local == nil)
		d.add("table "+t.Name, problems, err)
	}
	c.queues(&d)
	c.key(&d)
	c.scheduler(&d)
	c.google(&d)
	d.Well = true
	for _, f := range d.Findings {
		d.Well = d.Well && (f.State == "well" || f.State == "skipped")
	}
	if err := c.say(d); err != nil {
		return err
	}
	if !d.Well {
		return errUnwell
	}
	return nil
}

func (d *diagnosis) add(what string, problems []string, err error) {
	f := finding{What: what, State: "well", Says: problems}
	if err != nil {
		f.State, f.Says = "unknown", append(f.Says, plain(err))
	}
	if len(problems) > 0 { // whatever else couldn't be looked at
		f.State = "wrong"
	}
	d.Findings = append(d.Findings, f)
}

func (d *diagnosis) skip(what, why string) {
	d.Findings = append(d.Findings, finding{What: what, State: "skipped", Says: []string{why}})
}

func (c *call) queues(d *diagnosis) {
	if c.local != nil {
		letters, err := c.dead.list(c, manyLetters)
		d.add("local run", nil, err)
		if err == nil && len(letters) > 0 {
			d.add("dead letters", []string{fmt.Sprintf("%d jobs were given up: aura dead-letters list", len(letters))}, nil)
		}
		return
	}
	if c.where.QueueURL == "" {
		d.skip("queue", "QUEUE_URL isn't set")
	} else {
		problems, _, err := sqsqueue.Problems(c, c.sqs, c.where.QueueURL)
		d.add("queue", problems, err)
	}
	if c.where.DeadLetterURL == "" {
		d.skip("dead letters", "DEAD_LETTER_QUEUE_URL isn't set")
		return
	}
	_, waiting, err := sqsqueue.Problems(c, c.sqs, c.where.DeadLetterURL)
	var problems []string
	if waiting > 0 {
		problems = []string{fmt.Sprintf("about %d jobs were given up: aura dead-letters list", waiting)}
	}
	d.add("dead letters", problems, err)
}

// key wraps a key and unwraps it again, as sealing does.
func (c *call) key(d *diagnosis) {
	if c.wrapper == nil {
		d.skip("sealing key", "KMS_KEY_ID isn't set")
		return
	}
	_, wrapped, err := c.wrapper.NewKey(c, connect.Purpose)
	if err == nil {
		_, err = c.wrapper.Unwrap(c, connect.Purpose, wrapped)
	}
	var problems []string
	if errors.Is(err, seal.ErrBroken) {
		problems, err = []string{"what it wraps it doesn't unwrap"}, nil
	}
	d.add("sealing key", problems, err)
}

// scheduler looks at how far the dispatcher has come.
func (c *call) scheduler(d *diagnosis) {
	var problems []string
	for shard := range integration.Shards {
		mark, err := c.db.Integrations.Watermark(c, shard)
		if err != nil {
			d.add("scheduler", problems, err)
			return
		}
		switch behind := c.now().Sub(mark.Minute); {
		case mark.Minute.IsZero():
			problems = append(problems, fmt.Sprintf("shard %d was never dispatched: does the schedule run?", shard))
		case behind > lag:
			problems = append(problems, fmt.Sprintf("shard %d was last dispatched %s ago", shard, behind.Round(time.Second)))
		}
	}
	if c.local != nil && len(problems) == integration.Shards {
		problems = nil // it ticks with the minute, and may have started within this one
	}
	d.add("scheduler", problems, nil)
}

// google asks the token endpoint to renew a token that nobody has: a client
// that is in order is told so (invalid_grant), one that isn't is refused itself.
func (c *call) google(d *diagnosis) {
	conf := google.Defaults()
	conf.ClientID, conf.ClientSecret = c.where.GoogleClientID, c.where.GoogleClientSecret
	if c.where.GoogleTokenURL != "" {
		conf.TokenURL = c.where.GoogleTokenURL
	}
	if l := c.local; l != nil && l.ClientID != "" {
		conf.ClientID, conf.ClientSecret, conf.TokenURL = l.ClientID, l.ClientSecret, l.GoogleURL+"/token"
	}
	if conf.ClientID == "" || conf.ClientSecret == "" {
		d.skip("Google client", "GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET aren't set")
		return
	}
	conf.HTTPClient = &http.Client{Timeout: 10 * time.Second}
	auth, err := oauth.New(conf, c.now)
	if err != nil {
		d.add("Google client", []string{err.Error()}, nil)
		return
	}
	ctx, cancel := context.WithTimeout(c, 15*time.Second)
	defer cancel()
	_, err = auth.Refresh(ctx, connect.Token{Refresh: "a token that nobody has"})
	switch {
	case fault.Is(err, fault.CredentialGone):
		d.add("Google client", nil, nil)
	case fault.Is(err, fault.Operator):
		d.add("Google client", []string{"Google doesn't accept the client id with this secret"}, nil)
	default:
		d.add("Google client", nil, fmt.Errorf("asking Google: %w", err))
	}
}

func (d diagnosis) text(w io.Writer) {
	for _, f := range d.Findings {
		fmt.Fprintf(w, "%-8s %s\n", f.State, f.What)
		for _, s := range f.Says {
			fmt.Fprintf(w, "         %s\n", s)
		}
	}
}
