package httpapi

import (
	"cmp"

	"aura.example/integrations/shared/integration"
)

// runDoc is a run as the API shows it. What isn't known (of a run that is under
// way, or of a quiet one, whose report wasn't kept) is null.
type runDoc struct {
	ID            string             `json:"id"`
	Trigger       string             `json:"trigger"`
	State         string             `json:"state"`
	StartedAt     *string            `json:"started_at"`
	EndedAt       *string            `json:"ended_at"`
	Progress      *progressDoc       `json:"progress"`
	Pulled        *pulledDoc         `json:"pulled"`
	Pushed        *pushedDoc         `json:"pushed"`
	Conflicts     int                `json:"conflicts"`
	Quarantined   *int               `json:"quarantined"`
	ProviderCalls *int               `json:"provider_calls"`
	Retries       *int               `json:"retries"`
	Units         *unitsDoc          `json:"units"`
	Error         *runErrorDoc       `json:"error"`
	CorrelationID *string            `json:"correlation_id"`
	Decisions     *list[decisionDoc] `json:"decisions,omitempty"` // left out in lists
}

type progressDoc struct {
	Phase  string `json:"phase"`
	Pages  int    `json:"pages"`
	Events int    `json:"events"`
}

type pulledDoc struct {
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Deleted   int `json:"deleted"`
	Unchanged int `json:"unchanged"`
}

type pushedDoc struct {
	Created int `json:"created"`
	Updated int `json:"updated"`
	Deleted int `json:"deleted"`
}

type unitsDoc struct {
	Read  float64 `json:"read"`
	Write float64 `json:"write"`
}

type runErrorDoc struct {
	Class   string `json:"class"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

type decisionDoc struct {
	At       *string      `json:"at"`
	EventID  *string      `json:"event_id"`
	Title    string       `json:"title"`
	What     string       `json:"what"`
	Why      string       `json:"why"`
	Conflict *conflictDoc `json:"conflict"`
}

type conflictDoc struct {
	Field    string `json:"field"`
	Aura     string `json:"aura"`
	Provider string `json:"provider"`
	Rule     string `json:"rule"`
	Winner   string `json:"winner"`
}

// showRun renders a stored report, without its decisions.
func showRun(r *integration.Run) runDoc {
	doc := runDoc{
		ID: r.ID, Trigger: string(r.Trigger), State: string(r.State), StartedAt: stamp(r.StartedAt), EndedAt: stamp(r.EndedAt),
		Progress: showProgress(r.Progress.Phase, r.Progress.Pages, r.Progress.Events),
		Pulled:   (*pulledDoc)(&r.Pulled), Pushed: (*pushedDoc)(&r.Pushed), Conflicts: r.Conflicts, Quarantined: &r.Quarantined,
		ProviderCalls: &r.ProviderCalls, Retries: &r.Retries, Units: (*unitsDoc)(&r.Units), CorrelationID: text(r.CorrelationID),
	}
	if r.Error != nil {
		doc.Error = &runErrorDoc{cmp.Or(r.Error.Class, "unknown"), cmp.Or(r.Error.Code, "unknown"), r.Error.Message}
	}
	return doc
}

func showProgress(phase integration.Phase, pages, events int) *progressDoc {
	if phase == "" {
		return nil
	}
	return &progressDoc{string(phase), pages, events}
}

// showLease renders the run that holds the lease. The record keeps its progress
// only: what it has done is known when its report is there.
func showLease(l *integration.Lease) runDoc {
	return runDoc{
		ID: l.RunID, Trigger: string(l.Trigger), State: string(l.State), StartedAt: stamp(l.Started),
		Progress: showProgress(l.Phase, l.Pages, l.Events),
	}
}

// showLastRun renders what the record keeps of a run whose report isn't there:
// nothing happened in it, or storing it failed.
func showLastRun(l *integration.LastRun) runDoc {
	doc := runDoc{
		ID: l.ID, Trigger: string(l.Trigger), State: string(l.Outcome), StartedAt: stamp(l.Started), EndedAt: stamp(l.Ended),
		Conflicts: l.Conflicts,
	}
	if l.Outcome == integration.RunFailed {
		doc.Error = &runErrorDoc{"unknown", "unknown", "The sync could not be completed."}
	}
	return doc
}

func showDecision(d integration.Decision) decisionDoc {
	doc := decisionDoc{At: stamp(d.At), EventID: text(d.Event), Title: d.Title, What: d.What, Why: d.Why}
	if d.Field != "" {
		doc.Conflict = &conflictDoc{Field: d.Field, Aura: d.Ours, Provider: d.Their, Rule: d.Rule, Winner: d.Won}
	}
	return doc
}
