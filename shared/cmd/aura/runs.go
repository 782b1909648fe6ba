package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/integration"
)

// providers are those whose integrations there can be.
func providers() []string { return []string{google.Key} }

// one names an integration.
type one struct {
	Account  string `arg:"" help:"Account id."`
	Provider string `help:"Provider." default:"google-calendar"`
}

// Validate refuses what names no integration before anything is read.
func (o one) Validate() error {
	if o.Account == "" {
		return errors.New("the account's id is empty")
	}
	if !slices.Contains(providers(), o.Provider) {
		return fmt.Errorf("--provider is %q, and there is only %s", o.Provider, strings.Join(providers(), ", "))
	}
	return nil
}

func (o one) key() integration.Key { return integration.Key{Account: o.Account, Provider: o.Provider} }

type runsCommand struct {
	one
	Limit int `help:"How many at most." default:"20"`
}

type runsAnswer struct {
	Runs []runShape `json:"runs"`
}

type runShape struct {
	ID          string          `json:"id"`
	Trigger     string          `json:"trigger"`
	State       string          `json:"state"`
	Started     time.Time       `json:"started_at"`
	Ended       *time.Time      `json:"ended_at"`
	Phase       string          `json:"phase"`
	Pulled      pulledShape     `json:"pulled"`
	Pushed      pushedShape     `json:"pushed"`
	Conflicts   int             `json:"conflicts"`
	Quarantined int             `json:"quarantined"`
	Calls       int             `json:"provider_calls"`
	Units       unitsShape      `json:"units"`
	Retries     int             `json:"retries"`
	Error       *errorShape     `json:"error"`
	Correlation string          `json:"correlation_id"`
	Decisions   []decisionShape `json:"decisions,omitempty"`
}

// The domain's own structs under the names of the API; a struct converts to one
// with other tags, so a field that is added there is missed here by the compiler.
type (
	pulledShape struct {
		Created   int `json:"created"`
		Updated   int `json:"updated"`
		Deleted   int `json:"deleted"`
		Unchanged int `json:"unchanged"`
	}
	pushedShape struct {
		Created int `json:"created"`
		Updated int `json:"updated"`
		Deleted int `json:"deleted"`
	}
	unitsShape struct {
		Read  float64 `json:"read"`
		Write float64 `json:"write"`
	}
	errorShape struct {
		Class   string `json:"class"`
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	decisionShape struct {
		At    time.Time `json:"at"`
		Event string    `json:"event,omitempty"`
		Title string    `json:"title,omitempty"`
		What  string    `json:"what"`
		Why   string    `json:"why"`
		Field string    `json:"field,omitempty"`
		Ours  string    `json:"ours,omitempty"`
		Their string    `json:"theirs,omitempty"`
		Rule  string    `json:"rule,omitempty"`
		Won   string    `json:"won,omitempty"`
	}
)

func runOf(r integration.Run) runShape {
	s := runShape{
		ID: r.ID, Trigger: string(r.Trigger), State: string(r.State), Started: r.StartedAt, Ended: ptr(r.EndedAt), Phase: string(r.Progress.Phase),
		Pulled: pulledShape(r.Pulled), Pushed: pushedShape(r.Pushed), Conflicts: r.Conflicts, Quarantined: r.Quarantined,
		Calls: r.ProviderCalls, Units: unitsShape(r.Units), Retries: r.Retries, Error: (*errorShape)(r.Error), Correlation: r.CorrelationID,
	}
	for _, d := range r.Decisions {
		s.Decisions = append(s.Decisions, decisionShape(d))
	}
	return s
}

func (s *runsCommand) Run(c *call) error {
	runs, _, err := c.db.Integrations.Runs(c, s.key(), integration.Page{Limit: s.Limit}, c.now())
	if err != nil {
		return fmt.Errorf("reading the runs: %w", err)
	}
	a := runsAnswer{Runs: []runShape{}}
	for _, r := range runs {
		a.Runs = append(a.Runs, runOf(r))
	}
	return c.say(a)
}

func (a runsAnswer) text(w io.Writer) {
	if len(a.Runs) == 0 {
		fmt.Fprintln(w, "No run was kept: quiet runs leave only the integration's last run (aura status).")
		return
	}
	rows := [][]string{{"RUN", "STARTED", "TRIGGER", "STATE", "IN", "OUT", "CONFLICTS", "ERROR"}}
	for _, r := range a.Runs {
		code := ""
		if r.Error != nil {
			code = r.Error.Class + " " + r.Error.Code
		}
		rows = append(rows, []string{
			r.ID, when(r.Started), r.Trigger, r.State, fmt.Sprintf("+%d ~%d -%d", r.Pulled.Created, r.Pulled.Updated, r.Pulled.Deleted),
			fmt.Sprintf("+%d ~%d -%d", r.Pushed.Created, r.Pushed.Updated, r.Pushed.Deleted), strconv.Itoa(r.Conflicts), code,
		})
	}
	table(w, rows...)
}

type runCommand struct {
	one
	ID string `arg:"" name:"run" help:"Run id."`
}

func (s *runCommand) Run(c *call) error {
	r, err := c.db.Integrations.Run(c, s.key(), s.ID, c.now())
	if err != nil {
		return fmt.Errorf("run %s: %w", s.ID, err)
	}
	if r.Decisions, err = c.db.Integrations.Decisions(c, s.key(), s.ID); err != nil {
		return fmt.Errorf("reading the decisions: %w", err)
	}
	return c.say(runOf(*r))
}

func (r runShape) text(w io.Writer) {
	runsAnswer{Runs: []runShape{r}}.text(w)
	fmt.Fprintf(w, "\n%d provider calls, %d retries, %g read and %g write units, correlation id %s\n", r.Calls, r.Retries, r.Units.Read, r.Units.Write, r.Correlation)
	if r.Error != nil {
		fmt.Fprintf(w, "Failed: %s\n", r.Error.Message)
	}
	for _, d := range r.Decisions {
		fmt.Fprintf(w, "%s  %s  %s\n", or(d.Event, "-"), or(d.Title, "-"), sentence(d))
	}
}
