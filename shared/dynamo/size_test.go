package dynamo

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/integration"
)

const ulid1, ulid2, ulid3 = "01JD7Q5Z8E3V9X2B4C6D8F0G1H", "01JD7Q5Z8E3V9X2B4C6D8F0G1J", "01JD7Q5Z8E3V9X2B4C6D8F0G1K"

// fullest is the largest record that there is reason to expect: an account named
// by a UUID, a shared calendar (they have the longest ids, 92 bytes), every kind
// imported, every scope granted, a run at work, a live channel, a cursor of 200
// bytes (they have some 60), and every moment set that can be.
func fullest() *integration.Integration {
	now := time.Date(2026, 11, 22, 12, 0, 0, 987e6, time.UTC)
	return &integration.Integration{
		Key: integration.Key{Account: strings.Repeat("a", 36), Provider: "google-calendar"},
		ID:  ulid1, Status: integration.Active, Version: 123456, Fence: 12345678,
		Settings: integration.Settings{
			CalendarID: "c_" + strings.Repeat("f", 64) + "@group.calendar.google.com", CalendarName: strings.Repeat("Sitzungen ", 5),
			Direction: integration.FromProvider, Interval: time.Hour, ImportKinds: []string{"workingLocation", "birthday"},
		},
		Subject: strings.Repeat("1", 21), Email: strings.Repeat("m", 34) + "@example.com",
		Scopes: []string{
			"openid", "email", "https://www.googleapis.com/auth/calendar.events", "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
		},
		Cursor: strings.Repeat("C", 200), LinkedCount: 123456,
		Lease: &integration.Lease{
			RunID: ulid2, Attempt: ulid3, State: integration.RunRunning, Started: now, Until: now, Trigger: integration.TriggerNotification,
			Full: true, Phase: integration.PhaseFinishing, Pages: 1234, Events: 123456,
		},
		Dirty: true, VerifyAfter: now, LastStarted: now,
		LastRun: &integration.LastRun{
			ID: ulid2, Started: now, Ended: now, Trigger: integration.TriggerContinuation, Outcome: integration.RunSucceeded,
			Created: 12345, Updated: 12345, Deleted: 12345, Conflicts: 12345,
		},
		FreshAsOf: now, RetryNotBefore: now, PushPausedUntil: now.Add(35 * time.Minute).Truncate(time.Minute), PushRest: 24 * time.Hour, Failures: 5, FailureWindow: 12345678,
		GaveUpIn: 123456, ReadOnly: true,
		EditsWait:   now.Truncate(time.Second),
		Unreadable:  true,
		Channel:     &integration.Channel{ID: ulid3, Resource: strings.Repeat("r", 27), Expires: now, Next: ulid2},
		StatusSince: now, FlowExpires: now, CreatedAt: now, Slot: "60#59#7",
	}
}

func TestTheFullestRecordsFitIntoOneUnit(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*integration.Integration){
		"running": func(*integration.Integration) {},
		"queued in a vanished run's place": func(r *integration.Integration) {
			l := r.Lease
			l.State, l.Started, l.Phase, l.Pages, l.Events = integration.RunQueued, time.Time{}, integration.PhaseQueued, 0, 0
			l.Instead = &integration.Vanished{RunID: ulid1, Started: r.CreatedAt, Trigger: integration.TriggerNotification}
		},
		"held, with a message of its own": func(r *integration.Integration) {
			r.Status, r.Lease, r.Dirty = integration.Error, nil, false
			r.Reason = &integration.Reason{Code: integration.ReasonMassDeletionHeld, Since: r.CreatedAt,
				Message: "12345 of 12346 events were deleted at Google. Nothing was deleted here."}
		},
		"deactivated, probing": func(r *integration.Integration) {
			r.Status, r.RetryAt, r.RetryNotBefore = integration.Error, r.CreatedAt, time.Time{}
			r.LastRun = r.Failed(integration.Run{ID: ulid3, StartedAt: r.CreatedAt, EndedAt: r.CreatedAt, Trigger: integration.TriggerContinuation})
			r.Channel.Next, r.Channel.NotBefore = "", r.CreatedAt // a run opens one only while active, and settles it
			r.Reason = &integration.Reason{Code: integration.ReasonRepeatedFailures, Since: r.CreatedAt,
				Message: integration.InfoOf(integration.ReasonRepeatedFailures).Message}
		},
		"another calendar chosen": func(r *integration.Integration) {
			r.Status, r.Channel, r.Cursor, r.RetryNotBefore = integration.Testing, nil, "", time.Time{}
			r.CalendarSwitch = &integration.CalendarSwitch{OldCalendar: r.Settings.CalendarID, RemoveCopies: true}
			r.WasPaused = true
		},
		"deletions confirmed": func(r *integration.Integration) { r.DeletionsDecision = integration.DeletionsConfirmed },
		"failed since the last that completed": func(r *integration.Integration) {
			r.LastRun = r.Failed(integration.Run{ID: ulid3, StartedAt: r.CreatedAt, EndedAt: r.CreatedAt, Trigger: integration.TriggerContinuation})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec := fullest()
			change(rec)
			it := recordItem(rec)
			if l, ok := it[rLease].(*types.AttributeValueMemberM); ok {
				l.Value[lRound] = newTry()
			}
			n := itemSize(it)
			t.Logf("%d bytes", n)
			if n > 1024 {
				t.Errorf("the record has %d bytes: every write of it costs two units", n)
			}
			if got, err := recordOf(rec.Key, it); err != nil || !reflect.DeepEqual(got, rec) {
				t.Errorf("read back as %+v, %v", got, err)
			}
		})
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name string
		v    types.AttributeValue
		want int
	}{
		{"text in bytes, not letters", text("größe"), 7},
		{"empty", text(""), 0},
		{"bytes", &types.AttributeValueMemberB{Value: make([]byte, 16)}, 16},
		{"bool", &types.AttributeValueMemberBOOL{Value: true}, 1},
		{"zero", number(0), 1},
		{"one digit", number(7), 2},
		{"two digits", number(42), 2},
		{"three digits", number(421), 3},
		{"trailing zeros don't count", number(1000), 2},
		{"negative", number(-42), 3},
		{"milliseconds", number(1795348800123), 8},
		{"a list", &types.AttributeValueMemberL{Value: []types.AttributeValue{text("ab"), text("c")}}, 3 + 1 + 2 + 1 + 1},
		{"a map", &types.AttributeValueMemberM{Value: item{"k": text("ab")}}, 3 + 1 + 1 + 2},
	} {
		if got := valueSize(x.v); got != x.want {
			t.Errorf("%s: %d bytes, want %d", x.name, got, x.want)
		}
	}
	if got := itemSize(item{"pk": text("A#x"), "n": number(42)}); got != 2+3+1+2 {
		t.Errorf("an item of %d bytes", got)
	}
	for _, x := range []struct {
		size                  int
		write, strong, either float64
	}{{0, 1, 1, .5}, {1024, 1, 1, .5}, {1025, 2, 1, .5}, {4096, 4, 1, .5}, {4097, 5, 2, 1}} {
		if w, s, e := writeUnits(x.size), readUnits(x.size, true), readUnits(x.size, false); w != x.write || s != x.strong || e != x.either {
			t.Errorf("%d bytes: %v %v %v, want %v %v %v", x.size, w, s, e, x.write, x.strong, x.either)
		}
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	for _, scopes := range [][]string{
		nil, {"openid"}, {"openid", "email"}, {"https://p.example/auth/a", "https://p.example/auth/b", "https://p.example/auth/b.read", "email"},
		{"abcd", "abcd", "abc", "abcde"}, {"12", "12345"}, {"größe.a", "größe.b"},
	} {
		it := item{}
		it.str(rScopes, packScopes(scopes))
		r := read(it)
		if got := r.scopes(rScopes); !reflect.DeepEqual(got, scopes) || r.err != nil {
			t.Errorf("%q became %q by way of %q, %v", scopes, got, packScopes(scopes), r.err)
		}
	}
	for _, broken := range []string{`5\x`, `abcd x\y`, `abcd -1\y`, `abcd 5\y`} {
		r := read(item{rScopes: text(broken)})
		if got := r.scopes(rScopes); r.err == nil {
			t.Errorf("%q was read as %q", broken, got)
		}
	}
}
