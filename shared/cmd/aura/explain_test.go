package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
)

const (
	single = "evt_00000000000000000000000001"
	series = "evt_00000000000000000000000002"
)

// put stores a row of the account with what waits of it.
func (w *world) put(r *calendar.Row, it *calendar.Item) {
	w.Helper()
	r.Account, r.Version = key.Account, 1
	if r.Start.IsZero() {
		at := time.Now().UTC().Truncate(time.Second)
		r.Start, r.End = calendar.Time{At: at, Zone: "UTC"}, calendar.Time{At: at.Add(time.Hour), Zone: "UTC"}
	}
	p := calendar.Pair{Account: r.Account, ID: r.ID, Row: r}
	if it != nil {
		it.Account, it.EventID, it.Version, it.Since = r.Account, r.ID, 1, time.Now()
		p.Item.Put = it
	}
	if err := w.db.Events.WritePair(w.Context(), p); err != nil {
		w.Fatal(err)
	}
}

// decided stores a run that decided this.
func (w *world) decided(ds ...integration.Decision) {
	w.Helper()
	at := time.Now().Add(-time.Minute)
	r := integration.Run{
		Key: key, ID: newID(), Generation: w.rec.ID, Trigger: integration.TriggerAuraEdit, State: integration.RunSucceeded, StartedAt: at, EndedAt: at, Chunks: 1,
	}
	if err := w.db.Integrations.PutRun(w.Context(), r); err != nil {
		w.Fatal(err)
	}
	if err := w.db.Integrations.PutDecisions(w.Context(), key, r.ID, 0, ds, at.Add(integration.Retention)); err != nil {
		w.Fatal(err)
	}
}

func link(id string) *calendar.Link {
	return &calendar.Link{Provider: provider, Calendar: "primary", ProviderID: id, ETag: `"1"`, Updated: time.Now().Add(-time.Hour)}
}

// daily stores a series that begins today, and gives its nth occurrence's start.
func (w *world) daily() func(n int) calendar.Time {
	w.Helper()
	day := time.Now().UTC().Truncate(24 * time.Hour).Add(9 * time.Hour)
	nth := func(n int) calendar.Time { return calendar.Time{At: day.AddDate(0, 0, n), Zone: "UTC"} }
	w.put(&calendar.Row{
		ID: series, Origin: calendar.BornInAura, Link: link("p"),
		Content: calendar.Content{Title: "Stand-up", Start: nth(0), End: calendar.Time{At: day.Add(time.Hour), Zone: "UTC"}, Recurrence: []string{"RRULE:FREQ=DAILY"}},
	}, nil)
	return nth
}

func TestExplainSaysHowAnEventStands(t *testing.T) {
	t.Parallel()
	spent := (&calendar.Row{Account: key.Account, ID: single, CreateHash: "h", Origin: calendar.BornInAura}).Spent()
	titled := func(r calendar.Row) *calendar.Row {
		r.ID, r.Title, r.Origin = single, "Lunch", calendar.BornInAura
		return &r
	}
	for _, c := range []struct {
		name  string
		row   *calendar.Row
		item  *calendar.Item
		aside string
		state standing
		says  string
		never string
	}{
		{"in step", titled(calendar.Row{Link: link("p")}), nil, "", inStep, "whoever made it", "which last changed it"},
		{"an edit waits", titled(calendar.Row{Link: link("p"), Pending: calendar.PendingEdit}), &calendar.Item{Op: calendar.OpChange}, "", waiting, "waits to be changed there", "it may be there already"},
		{"an edit was sent", titled(calendar.Row{Link: link("p"), Pending: calendar.PendingEdit}),
			&calendar.Item{Op: calendar.OpChange, Sent: []calendar.Attempt{{Stamp: "a"}}}, "", waiting, "sent once, and no answer", ""},
		{"a deletion waits", titled(calendar.Row{Link: link("p"), Pending: calendar.PendingDelete}), &calendar.Item{Op: calendar.OpDelete}, "", deletionWaits, "deleted in Aura", ""},
		{"a tombstone without an order", titled(calendar.Row{Link: link("p"), Pending: calendar.PendingDelete}), nil, "", deleted, "No order to delete it", ""},
		{"deleted, and its key is spent", spent, nil, "", deleted, "Idempotency-Key was used", "“”"},
		{"set aside", titled(calendar.Row{Link: link("p"), Pending: calendar.PendingEdit}),
			&calendar.Item{Op: calendar.OpChange, Refused: &calendar.Refusal{Code: "forbidden"}}, "The calendar can only be read.", setAside, "can't be synced: The calendar can only be read.", ""},
		{"its copy went with a disconnect", titled(calendar.Row{Pending: calendar.PendingEdit}),
			&calendar.Item{Op: calendar.OpCreate, Former: &calendar.Former{Provider: provider, Calendar: "primary"}}, "", waiting, "was in the calendar primary before. Whether its copy", "stays"},
		{"its copy stayed", titled(calendar.Row{Pending: calendar.PendingEdit}),
			&calendar.Item{Op: calendar.OpCreate, Former: &calendar.Former{Provider: provider, Calendar: "primary", ProviderID: "p1"}}, "", waiting, "its copy p1 stays", ""},
		{"only in Aura", titled(calendar.Row{}), nil, "", onlyHere, "in no calendar at the provider", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.put(c.row, c.item)
			if c.aside != "" {
				err := w.db.Events.PutQuarantine(t.Context(), calendar.Quarantine{Account: key.Account, EventID: single, Provider: provider, Code: "forbidden", Reason: c.aside, Since: time.Now()})
				if err != nil {
					t.Fatal(err)
				}
			}
			code, out, errs := w.aura("explain", key.Account, single)
			if code != 0 || !strings.Contains(out, c.says) || c.never != "" && strings.Contains(out, c.never) {
				t.Errorf("exit %d, %s\n%s\nwant %q, and never %q", code, errs, out, c.says, c.never)
			}
			if got := w.doc("explain", key.Account, single)["state"]; got != string(c.state) {
				t.Errorf("state %v, want %s", got, c.state)
			}
		})
	}
}

// A person has an occurrence's id from the API, its row's from a run, or its series'.
func TestExplainFindsAnOccurrenceByEveryId(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	nth := w.daily()
	edited, hole, reverted := calendar.ExceptionID(series, nth(1)), calendar.ExceptionID(series, nth(2)), calendar.ExceptionID(series, nth(3))
	w.put(&calendar.Row{ID: edited, MasterID: series, OriginalStart: nth(1), Content: calendar.Content{Title: "Retro"}, Link: link("p_1")}, nil)
	w.put(&calendar.Row{ID: hole, MasterID: series, OriginalStart: nth(2), Content: calendar.Content{Status: calendar.Cancelled}, Pending: calendar.PendingEdit}, &calendar.Item{Op: calendar.OpDelete})
	w.decided(
		integration.Decision{Event: edited, Title: "Retro", What: "taken_up", Why: "why of the occurrence"},
		integration.Decision{Event: reverted, Title: "Stand-up", What: "updated", Why: "why of one whose row is gone"},
		integration.Decision{Event: series, Title: "Stand-up", What: "changed", Why: "why of the series"},
		integration.Decision{Event: single, What: "created", Why: "why of another"},
	)
	address := func(n int) string { return series + "_" + calendar.OccurrenceKey(nth(n)) }
	for _, c := range []struct {
		asked string
		state standing
		says  []string
		never string
	}{
		{address(1), inStep, []string{"“Retro”", address(1), "Taken up: why of the occurrence", "of its series: Change sent: why of the series"}, "gone"},
		{edited, inStep, []string{"“Retro”", address(1), "why of the occurrence", "why of the series"}, "gone"},
		{address(2), cancelled, []string{"cancelled", "waits to be deleted there"}, "why of the occurrence"},
		{address(3), asSeries, []string{"as its series has it", "why of one whose row is gone", "why of the series"}, "isn't there"},
		{series + "_" + calendar.OccurrenceKey(calendar.Time{At: nth(1).At.Add(time.Hour)}), noDate, []string{"no occurrence that began on"}, "why of the occurrence"},
		{series, inStep, []string{
			"“Stand-up”", address(1) + " “Retro”", address(2), "cancelled", "why of the series",
			"of the occurrence of " + when(nth(1).At) + ": Taken up: why of the occurrence", "why of one whose row is gone",
		}, "why of another"},
	} {
		code, out, errs := w.aura("explain", key.Account, c.asked)
		for _, want := range c.says {
			if !strings.Contains(out, want) {
				t.Errorf("%s (exit %d, %s) doesn't say %q:\n%s", c.asked, code, errs, want, out)
			}
		}
		if code != 0 || strings.Contains(out, c.never) {
			t.Errorf("%s: exit %d, %s, or it says %q:\n%s", c.asked, code, errs, c.never, out)
		}
		if got := w.doc("explain", key.Account, c.asked)["state"]; got != string(c.state) {
			t.Errorf("%s: state %v, want %s", c.asked, got, c.state)
		}
	}
}

func TestExplainTellsBadIdsFromEventsThatAreGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{key.Account, "evt_nonsense"}, 2, "no event's id"},
		{[]string{key.Account, ""}, 2, "no event's id"},
		{[]string{key.Account, series + "_yesterday"}, 2, "no event's id"},
		{[]string{"", single}, 2, "account's id is empty"},
		{[]string{key.Account, single, "--runs", "0"}, 2, "at least one run"},
		{[]string{key.Account, single, "--runs=-1"}, 2, "at least one run"},
		{[]string{key.Account, single, "--provider", "outlook"}, 2, "google-calendar"},
		{[]string{"nobody", single}, 1, `nothing is stored of account "nobody"`},
		{[]string{key.Account, single}, 1, "nothing is known of this event"},
	} {
		if code, out, errs := w.aura(append([]string{"explain"}, c.args...)...); code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%q: exit %d, %q, %q; want %d, %q", c.args, code, out, errs, c.code, c.says)
		}
	}
	w.decided(integration.Decision{Event: single, Title: "Lunch", What: "deleted", Why: "deleted at the provider"})
	if code, out, errs := w.aura("explain", key.Account, single); code != 0 || !strings.Contains(out, "Nothing is stored") || !strings.Contains(out, "Deleted in Aura: deleted at the provider") {
		t.Errorf("of an event that is gone: exit %d, %s, %s", code, out, errs)
	}
}

// What a deleted integration took along is kept of no single event: that is said.
func TestExplainSaysWhatIsNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if d := w.doc("account", "delete", key.Account); d["only_said"] != true {
		t.Fatalf("delete without --yes: %v", d)
	}
	before := *w.rec
	_, entry, err := integration.Move(&before, integration.Delete, integration.Moving{Now: time.Now(), EntryID: newID()})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.db.Integrations.Apply(t.Context(), integration.Change{Before: w.rec, Entry: &entry}); err != nil {
		t.Fatal(err)
	}
	w.decided(integration.Decision{Event: single, Title: "Lunch", What: "created", Why: "new at the provider"})
	_, out, _ := w.aura("explain", key.Account, single)
	if !strings.Contains(out, "The integration was deleted: what it had brought in was taken away") || !strings.Contains(out, "noted of no single event") {
		t.Errorf("of an event that went with its integration:\n%s", out)
	}
}

func TestAConflictIsToldInPlainWords(t *testing.T) {
	t.Parallel()
	got := sentence(decisionShape{What: "conflict", Why: "both sides changed it", Field: "when", Ours: "9", Their: "10", Won: "provider", Rule: "the newer wins"})
	if want := `Conflict: both sides changed it. Of its time Aura had "9" and the provider "10"; the provider's was kept, by the rule: the newer wins`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := sentence(decisionShape{What: "deleted_there", Why: "deleted in Aura"}); got != "Deletion sent: deleted in Aura" {
		t.Errorf("%q", got)
	}
}

// Every code that a run decides with has words, here and in the console.
func TestEveryDecisionHasWords(t *testing.T) {
	t.Parallel()
	said := regexp.MustCompile(`(?:[wW]hat(?::| :?=|\w* +=)|What, \w+\.Why =|settle\(ctx, \w+,|broughtIn\(series, &next,) "([a-z_]+)"`)
	codes := map[string]bool{}
	for _, dir := range []string{"calsync", "connect"} {
		files, err := filepath.Glob(filepath.Join("..", "..", dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(dir, err)
		}
		for _, f := range files {
			raw, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			for _, m := range said.FindAllStringSubmatch(string(raw), -1) {
				codes[m[1]] = true
			}
		}
	}
	if len(codes) < 23 {
		t.Fatalf("only %d codes found: %v", len(codes), slices.Sorted(maps.Keys(codes)))
	}
	console, err := os.ReadFile(filepath.Join("..", "..", "console", "assets", "words.js"))
	if err != nil {
		t.Fatal(err)
	}
	for code := range codes {
		if happened[code] == "" {
			t.Errorf("aura has no words for %q", code)
		}
		if !strings.Contains(string(console), " "+code+": '") {
			t.Errorf("the console has no words for %q", code)
		}
	}
}
