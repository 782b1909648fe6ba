package convergence_test

import (
	"context"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
)

// What people do, on both sides.

// timed is an event at Google, so many hours after the start.
func timed(title string, hour int) sim.Event {
	at := start.Add(time.Duration(hour) * time.Hour)
	return sim.Event{
		"summary": title,
		"start":   map[string]any{"dateTime": at.Format(time.RFC3339), "timeZone": "Europe/Madrid"},
		"end":     map[string]any{"dateTime": at.Add(time.Hour).Format(time.RFC3339), "timeZone": "Europe/Madrid"},
	}
}

// there makes an event at Google, and gives its id.
func (w *world) there(e sim.Event) string {
	w.Helper()
	made, err := w.sim.Calendar.Insert(w.email, w.email, e)
	w.must(err)
	id, _ := made["id"].(string)
	return id
}

// patchThere changes an event at Google.
func (w *world) patchThere(id string, patch sim.Event) {
	w.Helper()
	_, err := w.sim.Calendar.Patch(w.email, w.email, id, patch, sim.SpanAll)
	w.must(err)
}

func (w *world) deleteThere(id string) {
	w.Helper()
	w.must(w.sim.Calendar.Delete(w.email, w.email, id, sim.SpanAll))
}

// content is an event of Aura's.
func content(title string, hour int) calendar.Content {
	at := start.Add(time.Duration(hour) * time.Hour)
	return calendar.Content{
		Title: title, Busy: true,
		Start: calendar.Time{At: at, Zone: "Europe/Madrid"}, End: calendar.Time{At: at.Add(time.Hour), Zone: "Europe/Madrid"},
	}
}

// row gives the row with a title, tombstones too, and a series rather than one of
// its exceptions that has its title; nil where there is none.
func (w *world) row(title string) *calendar.Row {
	w.Helper()
	var found *calendar.Row
	for _, it := range w.items() {
		sk, _ := it["sk"].(string)
		if it["ti"] != title || sk[:2] != "E#" {
			continue
		}
		rows, err := w.me.db.Events.Rows(context.Background(), w.account, []string{sk[2:]})
		w.must(err)
		if found = rows[sk[2:]]; !found.IsException() {
			return found
		}
	}
	return found
}

func (p *process) create(ctx context.Context, c calendar.Content, key string) error {
	_, _, err := p.editor.Create(ctx, p.world.by, c, key)
	return err
}

func (p *process) retitle(ctx context.Context, id, title string) error {
	_, err := p.editor.Change(ctx, p.world.by, target(id), edit.Patch{Title: &title})
	return err
}

func (p *process) delete(ctx context.Context, id string) error {
	return p.editor.Delete(ctx, p.world.by, target(id))
}

// target is a whole event, however it looks by now.
func target(id string) edit.Target {
	no := false
	return edit.Target{ID: id, Scope: edit.All, Unchanged: func(*calendar.Row) bool { return true }, Notify: &no}
}
