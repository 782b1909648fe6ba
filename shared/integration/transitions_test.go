package integration_test

import (
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// names lists every transition once, in the table's order.
func names() []integration.Name {
	var out []integration.Name
	for _, t := range integration.Transitions() {
		if !slices.Contains(out, t.Name) {
			out = append(out, t.Name)
		}
	}
	return out
}

// legal is the table of transitions written down a second time, by status: what a
// user or a worker may do, and where it leads ("=": unchanged).
var legal = map[integration.Status]string{
	integration.None:         "create:draft",
	integration.Draft:        "begin_authorization:configuring delete:gone",
	integration.Configuring:  "begin_authorization:= authorized:testing consent_incomplete:configuring disconnect:disconnected delete:gone",
	integration.Testing:      "begin_authorization:= consent_incomplete:= authorized:testing verified:active verification_failed:error credentials_rejected:error access_revoked:disconnected scope_lost:error calendar_service_lost:error disconnect:disconnected delete:gone",
	integration.Active:       "begin_authorization:= consent_incomplete:= authorized:testing calendar_chosen:testing pause:paused credentials_rejected:error access_revoked:disconnected scope_lost:error deactivated:error calendar_service_lost:error calendar_lost:error held:error disconnect:disconnected delete:gone",
	integration.Paused:       "begin_authorization:= consent_incomplete:= authorized:testing calendar_chosen:testing resume:active disconnect:disconnected delete:gone",
	integration.Error:        "begin_authorization:= consent_incomplete:= authorized:testing calendar_chosen:testing credentials_rejected:error access_revoked:disconnected disconnect:disconnected delete:gone",
	integration.Disconnected: "begin_authorization:= consent_incomplete:= authorized:testing replace:draft delete:gone",
}

// byReason is what only some reasons of error allow.
var byReason = map[integration.ReasonCode]string{
	integration.ReasonRepeatedFailures:   "recovered:active",
	integration.ReasonVerificationFailed: "verify_again:testing",
	integration.ReasonMassDeletionHeld:   "deletions_confirmed:active deletions_rejected:active",
}

func TestEveryTransitionFromEveryStatus(t *testing.T) {
	t.Parallel()
	statuses := append([]integration.Status{integration.None}, integration.Statuses()...)
	tried := 0
	for _, status := range statuses {
		reasons := []integration.ReasonCode{""}
		if status == integration.Error {
			reasons = nil
			for _, r := range integration.Reasons() {
				reasons = append(reasons, r.Code)
			}
		}
		for _, reason := range reasons {
			want := map[string]string{}
			for _, pair := range strings.Fields(legal[status] + " " + byReason[reason]) {
				name, to, _ := strings.Cut(pair, ":")
				want[name] = to
			}
			for _, name := range names() {
				tried++
				check(t, status, reason, name, want[string(name)])
			}
		}
	}
	if tried < 300 {
		t.Errorf("only %d pairs were tried", tried)
	}
}

func check(t *testing.T, status integration.Status, reason integration.ReasonCode, name integration.Name, to string) {
	t.Helper()
	rec := integration.New(integration.Key{Account: "a", Provider: "p"}, "01A", noon)
	rec.Status, rec.Version, rec.Fence = status, 7, 9
	rec.Lease = &integration.Lease{RunID: "r", State: integration.RunRunning, Started: noon}
	if reason != "" {
		rec.Reason = &integration.Reason{Code: reason, Since: noon}
	}
	was := *rec
	after, entry, err := integration.Move(rec, name, integration.Moving{Now: noon.Add(time.Hour), EntryID: "01E"})
	if to == "" {
		f := fault.Of(err)
		if f == nil || f.Kind != fault.Conflict || f.Code != "invalid_transition" {
			t.Errorf("%s from %s: %v, want invalid_transition", name, status, err)
			return
		}
		if !strings.Contains(f.Message, string(status)) || f.Extra["from"] != string(status) || f.Extra["to"] == "" {
			t.Errorf("%s from %s: the refusal names %q and %v", name, status, f.Message, f.Extra)
		}
		return
	}
	if err != nil {
		t.Errorf("%s from %s: %v", name, status, err)
		return
	}
	if rec.Status != was.Status || rec.Version != was.Version {
		t.Errorf("%s from %s changed the record that was read", name, status)
	}
	if to == "=" {
		if after.Status != status || after.Version != 7 || after.Fence != 9 || after.Lease == nil || entry.To != status {
			t.Errorf("%s from %s is quiet, yet: %s v%d f%d lease %v", name, status, after.Status, after.Version, after.Fence, after.Lease)
		}
		return
	}
	if after.Status != integration.Status(to) || entry.From != status || entry.To != integration.Status(to) {
		t.Errorf("%s from %s leads to %s (%s → %s), want %s", name, status, after.Status, entry.From, entry.To, to)
	}
	if after.Version != 8 || after.Fence <= 9 || after.Lease != nil {
		t.Errorf("%s from %s: version %d, fence %d, lease %v; want 8, raised, none", name, status, after.Version, after.Fence, after.Lease)
	}
	if want := noon.Add(time.Hour).Add(integration.FunctionLimit + integration.Skew); !after.VerifyAfter.Equal(want) {
		t.Errorf("%s from %s cleared a running lease and verifies after %s, want %s", name, status, after.VerifyAfter, want)
	}
	if (after.Slot != "") != after.Syncs(noon.Add(100*time.Hour)) && after.Status != integration.Error {
		t.Errorf("%s from %s: slot %q though syncing is %v", name, status, after.Slot, after.Syncs(noon))
	}
}

func TestTheDiagramShowsTheTable(t *testing.T) {
	t.Parallel()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "doc.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var drawn []string
	line := regexp.MustCompile(`^\t(\w+)\s+--(\w+)--> (\w+)`)
	for l := range strings.Lines(f.Doc.Text()) {
		if m := line.FindStringSubmatch(l); m != nil {
			drawn = append(drawn, m[1]+" "+m[2]+" "+m[3])
		}
	}
	var table []string
	for _, tr := range integration.Transitions() {
		if tr.Quiet {
			continue
		}
		for _, from := range tr.From {
			table = append(table, string(from)+" "+string(tr.Name)+" "+string(tr.To))
		}
	}
	slices.Sort(drawn)
	slices.Sort(table)
	for _, l := range table {
		if !slices.Contains(drawn, l) {
			t.Errorf("the table has %q, the diagram in doc.go doesn't", l)
		}
	}
	for _, l := range drawn {
		if !slices.Contains(table, l) {
			t.Errorf("the diagram in doc.go has %q, the table doesn't", l)
		}
	}
}

func TestEveryStatusAndReasonIsDocumented(t *testing.T) {
	t.Parallel()
	for _, s := range integration.Statuses() {
		if s.Explanation() == "" {
			t.Errorf("status %s has no explanation", s)
		}
	}
	fset := token.NewFileSet()
	var consts []string
	for _, file := range []string{"status.go", "reason.go"} {
		f, err := parser.ParseFile(fset, file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range f.Comments {
			consts = append(consts, strings.Fields(c.Text())...)
		}
	}
	text := strings.Join(consts, " ")
	for _, name := range []string{"Draft:", "Configuring:", "Testing:", "Active:", "Paused:", "Error:", "Disconnected:"} {
		if !strings.Contains(text, name) {
			t.Errorf("%s has no line of its own", name)
		}
	}
	for _, r := range integration.Reasons() {
		if r.Message == "" || r.Fix.Label == "" || r.Fix.Action == "" {
			t.Errorf("reason %s lacks message or fix", r.Code)
		}
	}
	if got := integration.InfoOf(integration.ReasonCredentialsExpired).Message; got != "Integration credentials have expired. Please reconnect." {
		t.Errorf("the FAQ's message reads %q", got)
	}
	if len(integration.Reasons()) != 8 {
		t.Errorf("%d reasons, there are 8 besides flow_expired", len(integration.Reasons()))
	}
}

func TestVerifiedLeadsBackToPaused(t *testing.T) {
	t.Parallel()
	rec := integration.New(integration.Key{Account: "a", Provider: "p"}, "01A", noon)
	rec.Status = integration.Paused
	m := integration.Moving{Now: noon}
	chosen, _, err := integration.Move(rec, integration.CalendarChosen, m)
	if err != nil {
		t.Fatal(err)
	}
	verified, entry, err := integration.Move(chosen, integration.Verified, m)
	if err != nil || verified.Status != integration.Paused || entry.To != integration.Paused || verified.WasPaused {
		t.Errorf("verified after a choice while paused: %+v, %v; want paused", verified.Status, err)
	}
	reconnected, _, err := integration.Move(chosen, integration.Authorized, m)
	if err != nil {
		t.Fatal(err)
	}
	if verified, _, _ = integration.Move(reconnected, integration.Verified, m); verified.Status != integration.Active {
		t.Errorf("verified after a reconnect: %s, want active", verified.Status)
	}
}

func TestADecisionOnDeletionsEndsWithItsConnection(t *testing.T) {
	t.Parallel()
	for _, end := range []integration.Name{integration.Disconnect, integration.AccessRevoked} {
		rec := &integration.Integration{ID: "01A", Status: integration.Active, DeletionsDecision: integration.DeletionsConfirmed}
		after, _, err := integration.Move(rec, end, integration.Moving{})
		if err != nil {
			t.Fatal(err)
		}
		if after.DeletionsDecision != "" {
			t.Errorf("%s keeps %q: the next connection would delete without asking", end, after.DeletionsDecision)
		}
	}
}
