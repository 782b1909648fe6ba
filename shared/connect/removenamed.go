package connect

import (
	"context"
	"fmt"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
)

// Journal is the part of integration.Journal in which a wind-down names what it met.
type Journal interface {
	PutRun(ctx context.Context, r integration.Run) error
	PutDecisions(ctx context.Context, key integration.Key, run string, chunk int, d []integration.Decision, expires time.Time) error
}

// newest is the rule of a conflict in a copy, as a run's report has it.
const newest = "the newer wins: edited in Aura %s, last changed at the provider (an upper bound) %s"

// name stores what both sides changed of an event whose copy goes, both values,
// rule and winner, before the value that lost is nowhere else. It stands among the
// integration's runs as one of its own, for as long as those are kept; after a
// deletion there is no integration left that could show it.
func (w *WindDown) name(ctx context.Context, o *integration.Order, decisions []integration.Decision) error {
	if len(decisions) == 0 || w.Journal == nil {
		return nil
	}
	now := w.Now()
	fights := 0
	for i := range decisions {
		if decisions[i].What == "conflict" {
			fights++
		}
		decisions[i].At = now
	}
	r := integration.Run{
		Key: o.Key, ID: w.NewID(), Generation: o.Generation, Trigger: integration.TriggerContinuation, State: integration.RunSucceeded,
		StartedAt: now, EndedAt: now, Conflicts: fights, Chunks: 1,
	}
	err := w.Journal.PutDecisions(ctx, o.Key, r.ID, 0, decisions, now.Add(integration.Retention))
	if err != nil {
		return fmt.Errorf("naming what was edited in a copy: %w", err)
	}
	if err := w.Journal.PutRun(ctx, r); err != nil {
		return fmt.Errorf("naming what was edited in a copy: %w", err)
	}
	return nil
}

// What becomes of a copy.
const (
	whatRemoved = "copy_removed"
	whatLeft    = "copy_left"
)

// causeOf begins the reason of what happens to a copy.
func causeOf(o *integration.Order) string {
	switch o.Cause {
	case integration.Delete:
		return "the integration was deleted: "
	case integration.Replace:
		return "the integration was started over: "
	}
	return "the integration was disconnected: "
}

// accessGone says of all copies that are left that they stay.
func accessGone(o *integration.Order) integration.Decision {
	return integration.Decision{What: whatLeft, Why: causeOf(o) + "what Aura had created at the provider was to go, but access to the calendar is gone, so what is left of it stays there"}
}

// fought gives a merge's conflicts as a report names them.
func fought(row *calendar.Row, conflicts []calendar.Conflict) (out []integration.Decision) {
	for _, c := range conflicts {
		d := integration.Decision{
			Event: row.ID, Title: row.Title, What: "conflict", Why: "both sides changed it before its copy was removed", Field: string(c.Field),
			Ours: c.Ours.Text(c.Field), Their: c.Theirs.Text(c.Field), Won: "provider",
			Rule: fmt.Sprintf(newest, stamped(c.OursAt), stamped(c.TheirsAt)),
		}
		if c.OursWon {
			d.Won = "aura"
		}
		out = append(out, d)
	}
	return out
}

// outlived names an edit there that won over a deletion in Aura.
func outlived(row *calendar.Row, theirs calendar.Remote) []integration.Decision {
	return []integration.Decision{{
		Event: row.ID, Title: row.Title, What: "conflict", Why: "edited on one side, deleted on the other", Field: "existence",
		Ours: "deleted", Their: theirs.Title, Won: "provider", Rule: "an edit that the deletion's author had not seen outlives the deletion",
	}}
}

func stamped(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}
