package convergence_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/googlesim/accounts"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// titlesIn gives what is alive in a calendar at Google.
func (w *world) titlesIn(calendar string) []string {
	w.Helper()
	events, err := w.sim.Calendar.Stored(calendar)
	w.must(err)
	var out []string
	for _, e := range events {
		if e["status"] != "cancelled" {
			title, _ := e["summary"].(string)
			out = append(out, title)
		}
	}
	slices.Sort(out)
	return out
}

// titlesHere gives what Aura shows: "+" marks what waits for a provider.
func (w *world) titlesHere() []string {
	w.Helper()
	var out []string
	for _, it := range w.items() {
		sk, _ := it["sk"].(string)
		if !strings.HasPrefix(sk, "E#") || it["st"] == "cancelled" || it["pe"] == "deleted" {
			continue
		}
		title, _ := it["ti"].(string)
		if it["ln"] == nil {
			title += "+"
		}
		out = append(out, title)
	}
	slices.Sort(out)
	return out
}

func (w *world) same(what string, got []string, want ...string) {
	w.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.Errorf("%s: %q, want %q", what, got, want)
	}
}

// orders gives the wind-downs that are left at the world's place.
func (w *world) orders() []integration.Order {
	w.Helper()
	list, err := w.me.db.Integrations.OrdersOf(context.Background(), w.key)
	w.must(err)
	return list
}

// wound lets the slot bring every order back until none is left.
func (w *world) wound() {
	w.Helper()
	for range 60 {
		orders := w.orders()
		if len(orders) == 0 {
			w.settle()
			return
		}
		w.pass(integration.FunctionLimit)
		for _, o := range orders {
			w.must(w.me.worker.Handle(context.Background(), windDownJob(o)))
		}
		w.settle()
	}
	w.Fatalf("wind-downs never end: %+v", w.orders())
}

func windDownJob(o integration.Order) job.Job {
	return job.Job{Kind: job.WindDown, Account: o.Key.Account, Provider: o.Key.Provider, Generation: o.Generation, Due: o.Since}
}

// credentialRows counts what is stored of the account's credentials, the
// registrations of its subject with them.
func (w *world) credentialRows() int {
	w.Helper()
	n := 0
	pages := dynamodb.NewScanPaginator(w.site.database(http.DefaultTransport, 3), &dynamodb.ScanInput{TableName: &w.site.names.Credentials, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		w.must(err)
		for _, it := range page.Items {
			for _, name := range []string{"pk", "sk"} {
				if v, ok := it[name].(*types.AttributeValueMemberS); ok && strings.Contains(v.Value, w.account) {
					n++
				}
			}
		}
	}
	return n
}

func (w *world) grants() int {
	n := 0
	for _, g := range w.sim.Accounts.Grants() {
		if g.Email == w.email {
			n++
		}
	}
	return n
}

// mixed is a connected world with two events of Google's and two of Aura's.
func mixed(t *testing.T) *world {
	w := connected(t, timed("a", 24), timed("b", 26))
	for i, title := range []string{"mine", "ours"} {
		w.must(w.me.create(context.Background(), content(title, 28+i), title))
	}
	w.settle()
	w.pass(time.Minute)
	w.same("at Google at first", w.titlesIn(w.email), "a", "b", "mine", "ours")
	return w
}

// letgo is a way to let an integration go, and what is to be so in the end.
type letgo struct {
	name  string
	do    func(ctx context.Context, p *process) error
	there []string
	here  []string
}

func letgoes() []letgo {
	drop := func(remove bool) func(context.Context, *process) error {
		return func(ctx context.Context, p *process) error {
			err := p.service.Delete(ctx, p.world.caller, p.world.key.Provider, remove)
			p.work(ctx)
			if fault.Is(err, fault.NotFound) {
				return nil
			}
			return err
		}
	}
	return []letgo{
		{"delete", drop(false), []string{"a", "b", "mine", "ours"}, []string{"mine+", "ours+"}},
		{"delete, removing", drop(true), []string{"a", "b"}, []string{"mine+", "ours+"}},
		{"disconnect, removing", func(ctx context.Context, p *process) error {
			_, err := p.service.Disconnect(ctx, p.world.caller, p.world.key.Provider, true)
			p.work(ctx)
			if fault.CodeOf(err) == "invalid_transition" {
				return nil
			}
			return err
		}, []string{"a", "b"}, []string{"a", "b", "mine+", "ours+"}},
	}
}

// TestS13DeathBeforeAndAfterEveryStepOfAWindDown ends the process at each of its
// boundaries and lets the slot bring the order back: in the end the grant is
// revoked, the credential's rows are gone, what was imported is gone where it is
// to go, Aura's own events are all there, and their copies are gone where that
// was asked. Connecting again then pushes and reads everything.
func TestS13DeathBeforeAndAfterEveryStepOfAWindDown(t *testing.T) {
	t.Parallel()
	var total, runs atomic.Int64
	t.Cleanup(func() { t.Logf("S13: %d boundaries, %d runs", total.Load(), runs.Load()) })
	for _, l := range letgoes() {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			w := mixed(t)
			p := w.process(1)
			w.must(l.do(context.Background(), p))
			w.wound()
			l.check(w, true)
			all := p.crossings()
			total.Add(int64(len(all)))
			for k := range all {
				for _, after := range []bool{false, true} {
					if !long() && (k > 0 && !after || k%5 != 0) {
						continue // before is as after the one that came earlier
					}
					t.Run(fmt.Sprintf("%02d %s, after %v", k+1, all[k].what, after), func(t *testing.T) {
						t.Parallel()
						w := mixed(t)
						p := w.process(1)
						at := func(n int, _ crossing) bool { return n == k+1 }
						if after {
							p.after = at
						} else {
							p.before = at
						}
						_ = l.do(context.Background(), p)
						if !p.gone() {
							t.Fatal("nobody died")
						}
						w.pass(integration.Visibility)
						w.must(l.do(context.Background(), w.me)) // whoever pressed the button presses it again
						w.wound()
						l.check(w, k%4 == 0)
						runs.Add(1)
					})
				}
			}
		})
	}
}

// check holds a world to what letting go promises; again also connects anew.
func (l letgo) check(w *world, again bool) {
	w.Helper()
	w.same("at Google", w.titlesIn(w.email), slices.Clone(l.there)...)
	w.same("in Aura", w.titlesHere(), slices.Clone(l.here)...)
	if n := w.grants(); n != 0 {
		w.Errorf("%d grants are left at Google", n)
	}
	if n := w.credentialRows(); n != 0 {
		w.Errorf("%d rows of credentials are left", n)
	}
	if !again {
		return
	}
	w.must(connectAnew(context.Background(), w.me))
	w.settle()
	w.sync()
	w.wantConverged("connected again")
	w.wantTitles("connected again", "a", "b", "mine", "ours")
}

// TestR17ConnectingAgainAtAnyStepOfAWindDownLosesNothing lets somebody connect
// the same calendar again before each boundary of the old one's wind-down, the
// one that takes Aura's copies away too: every event is there in the end, once,
// on both sides.
func TestR17ConnectingAgainAtAnyStepOfAWindDownLosesNothing(t *testing.T) {
	t.Parallel()
	var runs atomic.Int64
	t.Cleanup(func() { t.Logf("R17: %d runs", runs.Load()) })
	for _, l := range letgoes() {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			w := mixed(t)
			p := w.process(1)
			w.must(l.do(context.Background(), p))
			for k := range p.crossings() {
				if k == 0 || !long() && k%4 != 1 { // at 0 nothing is let go yet
					continue
				}
				t.Run(fmt.Sprintf("before %02d", k+1), func(t *testing.T) {
					t.Parallel()
					w := mixed(t)
					p := w.process(1)
					busy := false
					p.meet = func(n int, _ crossing) {
						if n != k+1 || busy {
							return
						}
						busy = true
						// The person's page tries again after 503; the old worker is just
						// standing there, so the claim has to pass meanwhile.
						err := connectAnew(context.Background(), w.me)
						if fault.Is(err, fault.Unavailable) {
							return
						}
						w.must(err)
						w.settle()
					}
					_ = l.do(context.Background(), p)
					for range 5 { // what ended the new consent, or refused it, is tried again
						w.wound()
						if rec, err := w.me.db.Integrations.Get(context.Background(), w.key); err == nil && rec.Status == integration.Active {
							break
						}
						w.must(connectAnew(context.Background(), w.me))
						w.settle()
					}
					w.sync()
					w.sync()
					if rec := w.rec(); rec.Status != integration.Active {
						t.Fatalf("%s, %+v", rec.Status, rec.Reason)
					}
					w.wantConverged("reconnected in between")
					w.wantTitles("reconnected in between", "a", "b", "mine", "ours")
					w.wantHistory()
					runs.Add(1)
				})
			}
		})
	}
}

// wantHistory demands that the history has both lives: it outlives disconnect,
// delete and replacement.
func (w *world) wantHistory() {
	w.Helper()
	entries, _, err := w.me.db.Integrations.Entries(context.Background(), w.key, integration.Page{}, w.now())
	w.must(err)
	seen := map[integration.Name]int{}
	for _, e := range entries {
		seen[e.Transition]++
		if e.Actor == "" || e.Generation == "" || e.At.IsZero() {
			w.Errorf("an entry without actor, generation or time: %+v", e)
		}
	}
	if seen[integration.Create] == 0 || seen[integration.Authorized] < 2 || seen[integration.Delete]+seen[integration.Disconnect] == 0 {
		w.Errorf("the history knows %v", seen)
	}
}

// TestAnotherCalendarTakesAurasEventsAlong is about what people complain of first
// elsewhere: changing the calendar leaves, doubles or deletes nothing.
func TestAnotherCalendarTakesAurasEventsAlong(t *testing.T) {
	t.Parallel()
	for _, remove := range []bool{false, true} {
		t.Run(fmt.Sprintf("removing copies %v", remove), func(t *testing.T) {
			t.Parallel()
			w, team := twoCalendars(t)
			w.choose(team, remove, false)
			w.settle()
			kept := []string{"a", "b", "mine", "ours"}
			if remove {
				kept = kept[:2]
			}
			w.same("in the calendar that was left", w.titlesIn(w.email), kept...)
			w.same("in the chosen one", w.titlesIn(team), "mine", "ours", "t")
			w.same("in Aura", w.titlesHere(), "mine", "ours", "t")
			w.quiet("after the switch")
			w.choose("primary", remove, false)
			w.settle()
			w.same("back again", w.titlesIn(w.email), "a", "b", "mine", "ours")
			left := []string{"mine", "ours", "t"}
			if remove {
				left = left[2:]
			}
			w.same("in the calendar that was left then", w.titlesIn(team), left...)
			w.wantConverged("back again")
		})
	}
}

// twoCalendars is mixed with a second calendar, whose event is t.
func twoCalendars(t *testing.T) (*world, string) {
	w := mixed(t)
	team, err := w.sim.Calendar.AddCalendar(w.email, sim.Calendar{ID: "team-" + w.account + "@group.calendar.google.com", Summary: "Team"}, sim.RoleOwner)
	w.must(err)
	e := timed("t", 40)
	e["id"] = "teameventt0"
	_, err = w.sim.Calendar.PutEvent(team, e)
	w.must(err)
	w.must(w.me.worker.Handle(context.Background(), job.Job{Kind: job.RefreshCalendars, Account: w.account, Provider: google.Key, Generation: w.rec().ID}))
	return w, team
}

func (w *world) choose(calendar string, remove, discard bool) {
	w.Helper()
	w.must(w.me.choose(context.Background(), calendar, remove, discard))
}

// quiet demands that one more sync, incremental and full, writes nothing.
func (w *world) quiet(what string) {
	w.Helper()
	for _, full := range []bool{false, true} {
		p := w.process(3)
		w.pass(time.Minute)
		j := w.job(integration.TriggerSchedule)
		j.Full = full
		w.must(p.worker.Handle(context.Background(), j))
		if n := p.writes("/calendar/") + p.writes(w.site.names.Events); n != 0 {
			w.Errorf("%s: one more sync (full %v) writes %d times: %v", what, full, n, p.crossings())
		}
	}
}

// TestASwitchStoppedAnywhereEndsAsIfItHadNotBeen goes over every boundary of the
// run that follows the choice of another calendar.
func TestASwitchStoppedAnywhereEndsAsIfItHadNotBeen(t *testing.T) {
	t.Parallel()
	do := func(ctx context.Context, w *world, p *process, team string) error {
		if err := p.choose(ctx, team, true, false); err != nil {
			return err
		}
		p.work(ctx)
		return nil
	}
	w, team := twoCalendars(t)
	p := w.process(1)
	w.must(do(context.Background(), w, p, team))
	for k := range p.crossings() {
		if !long() && k%5 != 0 {
			continue
		}
		t.Run(fmt.Sprintf("after %02d", k+1), func(t *testing.T) {
			t.Parallel()
			w, team := twoCalendars(t)
			p := w.process(1)
			p.after = func(n int, _ crossing) bool { return n == k+1 }
			_ = do(context.Background(), w, p, team)
			if !p.gone() {
				t.Fatal("nobody died")
			}
			w.pass(integration.Visibility)
			w.must(do(context.Background(), w, w.me, team))
			w.settle()
			w.pass(integration.Visibility)
			w.sync()
			w.settle()
			w.pass(integration.Visibility)
			w.sync()
			w.same("in the calendar that was left", w.titlesIn(w.email), "a", "b")
			w.same("in the chosen one", w.titlesIn(team), "mine", "ours", "t")
			w.same("in Aura", w.titlesHere(), "mine", "ours", "t")
			w.quiet("after the switch")
		})
	}
}

// TestPendingChangesHoldASwitchBack: named, or given up on purpose.
func TestPendingChangesHoldASwitchBack(t *testing.T) {
	t.Parallel()
	w, team := twoCalendars(t)
	ctx := context.Background()
	w.must(w.me.retitle(ctx, w.row("a").ID, "a edited"))
	w.must(w.me.retitle(ctx, w.row("mine").ID, "mine edited"))
	w.must(w.me.create(ctx, content("new", 33), "new"))
	w.must(w.me.delete(ctx, w.row("ours").ID))
	before := w.rec().Version
	err := w.me.choose(ctx, team, false, false)
	e := fault.Of(err)
	if e == nil || e.Code != "pending_changes" || e.Extra["pending_count"] != 4 || e.Fix == nil || e.Fix.Action != "discard_changes" {
		t.Fatalf("refused with %+v", e)
	}
	if said := fmt.Sprint(e.Extra["pending"]); !strings.Contains(said, "a edited") || !strings.Contains(said, "delete") {
		t.Errorf("the list says %s", said)
	}
	if w.rec().Version != before {
		t.Error("a refused switch changed the record")
	}
	w.choose(team, false, true)
	w.settle()
	w.same("in the calendar that was left", w.titlesIn(w.email), "a", "b", "mine", "ours")
	w.same("in the chosen one", w.titlesIn(team), "mine edited", "new", "t")
	w.same("in Aura", w.titlesHere(), "mine edited", "new", "t")
	w.quiet("after the switch")
	runs, _, err := w.me.db.Integrations.Runs(ctx, w.key, integration.Page{Limit: 1}, w.now())
	w.must(err)
	said, err := w.me.db.Integrations.Decisions(ctx, w.key, runs[0].ID)
	w.must(err)
	if !strings.Contains(fmt.Sprint(said), "discarded") {
		t.Errorf("the run doesn't name the edit that was given up: %+v", said)
	}
}

// choose chooses another calendar, as a person does who has just looked.
func (p *process) choose(ctx context.Context, calendar string, remove, discard bool) error {
	_, err := p.service.Configure(ctx, p.world.caller, p.world.key.Provider, connectPatch(calendar, remove, discard))
	return err
}

func connectPatch(calendar string, remove, discard bool) connect.Patch {
	return connect.Patch{CalendarID: &calendar, RemoveCopies: remove, Discard: discard}
}

// TestAnotherAccountGetsNothingOfTheFirstOnes switches accounts while an edit of
// an imported event waits: what was imported from the first is never written to
// the second, and Aura's own events go along.
func TestAnotherAccountGetsNothingOfTheFirstOnes(t *testing.T) {
	t.Parallel()
	w := mixed(t)
	ctx := context.Background()
	w.must(w.me.retitle(ctx, w.row("a").ID, "a edited"))
	_, err := w.me.service.Disconnect(ctx, w.caller, w.key.Provider, false)
	w.must(err)
	first, second := w.email, "second-"+w.account+"@example.com"
	_, err = w.sim.Accounts.AddAccount(accounts.Account{Email: second})
	w.must(err)
	w.must(w.sim.Calendar.AddAccount(second, "Europe/Madrid"))
	_, err = w.me.service.Create(ctx, w.caller, w.key.Provider) // replaces it, before any purge
	w.must(err)
	p := w.process(3)
	w.email = second
	w.must(p.authorize(ctx))
	for range 3 { // the new one syncs before the old one's purge has had its turn
		w.pass(time.Minute)
		w.must(p.worker.Handle(ctx, w.job(integration.TriggerSchedule)))
	}
	w.same("at the second account's calendar, at once", w.titlesIn(second))
	w.settle()
	w.wound()
	w.sync()
	w.settle()
	w.same("at the first account's calendar", w.titlesIn(first), "a", "b", "mine", "ours")
	w.same("at the second account's calendar", w.titlesIn(second), "mine", "ours")
	w.same("in Aura", w.titlesHere(), "mine", "ours")
}
