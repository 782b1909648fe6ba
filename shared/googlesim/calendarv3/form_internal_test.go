package calendarv3

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// FuzzIndent holds the fast layout to encoding/json's.
func FuzzIndent(f *testing.F) {
	for _, s := range []string{`{}`, `[]`, `{"a":[1,{"b":"c\"d\\"}],"e":{},"f":[]}`, `"\\\""`, `[[],[[]],{"":""}]`, `{"a":"x:y,{z}"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var compact, want bytes.Buffer
		if json.Compact(&compact, raw) != nil || json.Indent(&want, compact.Bytes(), "", " ") != nil {
			t.Skip()
		}
		if got := indent(compact.Bytes()); !bytes.Equal(got, want.Bytes()) {
			t.Fatalf("got %q, want %q", got, want.Bytes())
		}
	})
}

func TestCleanHTML(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain & simple":                        "plain & simple",
		"a < b":                                 "a &lt; b",
		"<b>bold":                               "<b>bold</b>",
		"<b><i>x</b></i>":                       "<b><i>x</i></b>",
		"<A HREF='https://x/?a=1&b=2' id=q>y":   `<a href="https://x/?a=1&amp;b=2">y</a>`,
		"<style>p{}</style><p class=c>z</p>":    "<p>z</p>",
		"<script>if (a<b) alert('</b>')":        "",
		"one<br/>two<br>three<hr>":              "one<br>two<br>three",
		"<table><tr><td>cell</td></tr></table>": "cell",
		"</b>closing":                           "closing",
	} {
		if got := cleanHTML(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

// FuzzCleanHTML: cleaning what is clean changes nothing, or a client that writes back what it read would never be done.
func FuzzCleanHTML(f *testing.F) {
	for _, s := range []string{"a < b & c", "<b>x</i>", "<a href=x>", "<script>a</script>b & c", "&lt;b&gt;<u>", "<p><p>", "<!-- c --><i>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := cleanHTML(s)
		if again := cleanHTML(once); again != once {
			t.Fatalf("%q becomes %q and then %q", s, once, again)
		}
	})
}

func TestStripBlocks(t *testing.T) {
	t.Parallel()
	mark := "-::~:~::~:~:~:~:~:~:~::~:~::-"
	for in, want := range map[string]string{
		"text":                                 "text",
		"text\n" + mark + "\nx\n" + mark:       "text",
		mark + "\nx\n" + mark + "\ntext":       "text",
		"text\n" + mark + "\nnever closed":     "text",
		"in the middle " + mark + " of a line": "in the middle " + mark + " of a line",
	} {
		if got := stripBlocks(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestTokensOpenOnlyAsTheyWereSealed(t *testing.T) {
	t.Parallel()
	st := newState()
	rapid.Check(t, func(t *rapid.T) {
		b := bookmark{kind: pageKind, what: rapid.Uint32().Draw(t, "what"), who: rapid.Uint32().Draw(t, "who"), query: rapid.Uint64().Draw(t, "query"),
			epoch: rapid.Uint64().Draw(t, "epoch"), rights: rapid.Uint64().Draw(t, "rights"), issued: rapid.Int64().Draw(t, "issued"),
			after: rapid.Uint64().Draw(t, "after"), upto: rapid.Uint64().Draw(t, "upto"), at: rapid.Int64().Draw(t, "at"),
			sub: rapid.Int64().Draw(t, "sub"), before: rapid.Int64().Draw(t, "before"), bsub: rapid.Int64().Draw(t, "bsub")}
		token := st.seal(b)
		if got, ok := st.open(pageKind, token); !ok || got != b {
			t.Fatalf("opened %v, %v, sealed %v", got, ok, b)
		}
		if _, ok := st.open(syncKind, token); ok {
			t.Fatal("opened as another kind")
		}
		i := rapid.IntRange(0, len(token)-5).Draw(t, "i")
		if changed := token[:i] + string('A'+(token[i]+1)%26) + token[i+1:]; changed != token {
			if _, ok := st.open(pageKind, changed); ok {
				t.Fatalf("opened %s, changed from %s", changed, token)
			}
		}
	})
}

func TestRealTokensAreShort(t *testing.T) {
	t.Parallel()
	// Worst of what happens: a million changes, and instances in the order of their start.
	token := newState().seal(bookmark{kind: pageKind, what: 9999, who: 9999, query: 1<<63 - 1, epoch: 99, rights: 99, issued: 1 << 31,
		after: 1e6, upto: 1e6, at: 1 << 31, sub: 1 << 54, before: 1 << 31, bsub: 1 << 54})
	if len(token) > 120 {
		t.Errorf("%d characters: %s", len(token), token)
	}
}

func TestChangeLogStaysOfTheOrderOfTheEvents(t *testing.T) {
	t.Parallel()
	st := newState()
	c, err := st.newCalendar(Calendar{ID: "c", TimeZone: "UTC"}, "c")
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Split("abcdefghijklmnopqrst", "")
	for i := range 10_000 {
		if _, err := st.put(c, Event{"id": names[i*7%len(names)]}, false, nil); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.log) > 100 || len(c.events) != len(names) || len(c.order) != len(names) {
		t.Errorf("log of %d for %d events, %d in order", len(c.log), len(c.events), len(c.order))
	}
	if got := c.since(c.seq-5, c.seq); len(got) != 5 {
		t.Errorf("%d of the last five changes", len(got))
	}
	if got := c.since(0, c.seq); len(got) != len(names) {
		t.Errorf("%d of all", len(got))
	}
}

func TestQuotasForgetWhoIsGone(t *testing.T) {
	t.Parallel()
	q := newQuota(Limits{UserPerMinute: 5}.withDefaults())
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for i := range 100 {
		q.take(now, "user "+strings.Repeat("x", i), 5, time.Minute)
	}
	q.sweep(now)
	if len(q.counts) != 100 {
		t.Errorf("%d windows", len(q.counts))
	}
	q.sweep(now.Add(2 * time.Hour))
	if len(q.counts) != 0 {
		t.Errorf("%d windows two hours later", len(q.counts))
	}
}
