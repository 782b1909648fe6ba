package recurrence

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
)

// answer is what python-dateutil says.
type answer struct {
	Starts   []string `json:"starts"`
	Complete string   `json:"complete"` // up to here
	Error    string   `json:"error"`
}

// ask puts questions to python-dateutil, which lives in .tools; a test that
// asks fails where it isn't there.
func ask(t *testing.T, questions []question) []answer {
	t.Helper()
	const python = "../../.tools/dateutil/bin/python"
	if _, err := os.Stat(python); err != nil {
		t.Fatalf("the second opinion is missing: run `make tools`, or shared/recurrence/secondopinion/install.sh (%v)", err)
	}
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, q := range questions {
		if err := enc.Encode(q); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(python, "secondopinion/opinion.py")
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = &in, &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("asking dateutil: %v: %s", err, stderr.String())
	}
	var answers []answer
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var a answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a)
	}
	if len(answers) != len(questions) {
		t.Fatalf("%d answers to %d questions: %s", len(answers), len(questions), stderr.String())
	}
	return answers
}

// row makes the series that a question is about.
func (q question) row(t testing.TB) *calendar.Row {
	t.Helper()
	row := &calendar.Row{ID: "evt_a", Content: calendar.Content{Recurrence: q.Lines}}
	if q.Zone == "" {
		row.Start.Date = mustParse(t, "20060102", q.Start).Format(time.DateOnly)
		return row
	}
	at := instant(mustParse(t, "20060102T150405", q.Start), load(q.Zone))
	row.Start = calendar.Time{At: at, Zone: q.Zone}
	row.End = row.Start
	return row
}

// own is what this package says.
func own(t testing.TB, q question) (starts []string, mark string) {
	t.Helper()
	row := q.row(t)
	r := Range{To: mustParse(t, "20060102", q.Until[:8]).AddDate(0, 0, 2)}
	r.From = row.Start.Instant().AddDate(0, 0, -3)
	got := Expand([]*calendar.Row{row}, r)
	if len(got.Cuts) > 0 && got.Cuts[0].Since.Format("20060102T150405Z") < q.Until && len(got.Occurrences) < q.Most {
		t.Fatalf("%v was cut: %+v", q, got.Cuts)
	}
	for _, o := range got.Occurrences {
		if key := calendar.OccurrenceKey(o.Start); key <= q.Until && len(starts) < q.Most {
			starts = append(starts, key)
		}
	}
	return starts, check(row, "", zones{})
}

// Whatever rules are generated, in whatever zone and across whichever change of
// its clock: python-dateutil says the same, occurrence for occurrence.
func TestASecondOpinionAgrees(t *testing.T) {
	t.Parallel()
	const rules = 5_400 // 5,000 and some that dateutil gives up on
	seed := uint64(20261122)
	if s := os.Getenv("RECURRENCE_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = n
	}
	g := generator{rand.New(rand.NewPCG(seed, 0))}
	questions := make([]question, rules)
	for i := range questions {
		questions[i] = g.question()
	}
	answers := askTwice(t, questions)
	compared, shown, crossed, disagreements := 0, 0, 0, 0
	for i, q := range questions {
		// It looks for a rule that never matches until it is stopped, or refuses it.
		if e := answers[i].Error; strings.Contains(e, "TimeoutError") || strings.Contains(e, "generates an empty set") {
			continue
		} else if e != "" {
			t.Errorf("dateutil can't answer %+v: %s", q, e)
			continue
		}
		q.Until = answers[i].Complete
		got, mark := own(t, q)
		if mark != "" || !slices.Equal(got, answers[i].Starts) {
			t.Errorf("%+v %s\n  only here     %v\n  only dateutil %v", q, mark, without(got, answers[i].Starts), without(answers[i].Starts, got))
			if disagreements++; disagreements > 10 {
				t.Fatal("and so on")
			}
		}
		compared++
		shown += len(got)
		if crosses(t, q, got) {
			crossed++
		}
	}
	t.Logf("seed %d: %d sets compared, %d occurrences, %d sets across a change of the clock", seed, compared, shown, crossed)
	if compared < 5_000 || shown < 20*compared || crossed < compared/3 {
		t.Errorf("too little was compared")
	}
}

// askTwice asks two processes, half of the questions each.
func askTwice(t *testing.T, questions []question) []answer {
	t.Helper()
	half := len(questions) / 2
	first := make(chan []answer, 1)
	go func() {
		var a []answer
		defer func() { first <- a }() // also where ask ends this goroutine
		a = ask(t, questions[:half])
	}()
	rest := ask(t, questions[half:])
	return append(<-first, rest...)
}

// without gives the elements of a that b hasn't got.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// crosses says whether a set's occurrences lie on both sides of a change.
func crosses(t *testing.T, q question, starts []string) bool {
	t.Helper()
	if q.Zone == "" || len(starts) < 2 {
		return false
	}
	_, end := mustParse(t, "20060102T150405Z", starts[0]).In(load(q.Zone)).ZoneBounds()
	return !end.IsZero() && !mustParse(t, "20060102T150405Z", starts[len(starts)-1]).Before(end)
}
