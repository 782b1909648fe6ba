package googlesim_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim"
)

func method(verb string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.Method == verb }
}

func pushes(r *http.Request) bool { return googlesim.IsPush(r) }

func TestDelay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.once(method("GET"), googlesim.Decision{Delay: 3 * time.Second})
	b.ok("GET", listPath, "")
	if len(b.waits) != 1 || b.waits[0] != 3*time.Second {
		t.Errorf("waited %v", b.waits)
	}
}

func TestCutAndDropDifferInWhetherTheCallTookEffect(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for id, d := range map[string]googlesim.Decision{"lost0": {Cut: true}, "done0": {Drop: true},
		"lost1": {Answer: googlesim.Refusal(503, "global", "backendError", "Backend Error")},
		"done1": {Answer: googlesim.Refusal(503, "global", "backendError", "Backend Error"), AnswerAfter: true}} {
		b.once(method("POST"), d)
		status, _, err := b.call("POST", listPath, `{"id":"`+id+`",`+aDay+`}`)
		if d.Answer == nil && !errors.Is(err, io.ErrUnexpectedEOF) || d.Answer != nil && status != 503 {
			t.Errorf("%s: %d %v", id, status, err)
		}
		found, _, err := b.call("GET", listPath+"/"+id, "")
		b.must(err)
		if want := map[bool]int{true: 200, false: 404}[strings.HasPrefix(id, "done")]; found != want {
			t.Errorf("%s: afterwards %d, want %d", id, found, want)
		}
	}
}

func TestAnswerIsSentAsItIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	a := googlesim.Refusal(429, "usageLimits", "rateLimitExceeded", "Slow down")
	a.Header.Set("Retry-After", "7")
	b.once(method("GET"), googlesim.Decision{Answer: a})
	r, err := http.NewRequest("GET", "http://google.test"+listPath, nil)
	b.must(err)
	res, err := b.client().Do(r)
	b.must(err)
	var doc struct {
		Error struct {
			Errors []struct{ Reason, Domain string }
		}
	}
	b.must(json.NewDecoder(res.Body).Decode(&doc))
	if res.StatusCode != 429 || res.Header.Get("Retry-After") != "7" || doc.Error.Errors[0].Reason != "rateLimitExceeded" {
		t.Errorf("answer %d %v %v", res.StatusCode, res.Header, doc)
	}
}

func TestTruncateAndEdit(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.once(method("GET"), googlesim.Decision{Truncate: 10})
	if _, text, err := b.call("GET", listPath, ""); !errors.Is(err, io.ErrUnexpectedEOF) || len(text) != 10 {
		t.Errorf("truncated: %q %v", text, err)
	}
	b.once(method("GET"), googlesim.Decision{Edit: json.RawMessage(`{"nextSyncToken":null,"nextPageToken":"changed","items":null}`)})
	doc := b.ok("GET", listPath, "")
	if doc["nextPageToken"] != "changed" || doc["nextSyncToken"] != nil || doc["summary"] != owner {
		t.Errorf("edited: %v", doc)
	}
	b.once(method("GET"), googlesim.Decision{Edit: json.RawMessage(`{"items":[{"id":"planted"}],"x":{"y":null,"z":1}}`)})
	if doc := b.ok("GET", listPath, ""); len(doc["items"].([]any)) != 1 || doc["x"].(map[string]any)["z"] != 1.0 {
		t.Errorf("edited: %v", doc)
	}
}

func TestDripWaitsBetweenPieces(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for range 3 {
		b.ok("POST", listPath, `{`+aDay+`}`)
	}
	b.once(method("GET"), googlesim.Decision{Drip: time.Minute})
	_, text, err := b.call("GET", listPath, "")
	b.must(err)
	if want := (len(text) + 511) / 512; len(b.waits) != want || want < 3 {
		t.Errorf("%d waits for %d bytes", len(b.waits), len(text))
	}
}

func TestRepeatPage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, id := range []string{"page0", "page1", "page2", "page3"} {
		b.ok("POST", listPath, `{"id":"`+id+`",`+aDay+`}`)
	}
	next := func(page any) map[string]any {
		token, _ := page.(string)
		return b.ok("GET", listPath+"?maxResults=1&pageToken="+url.QueryEscape(token), "")
	}
	id := func(doc map[string]any) any { return doc["items"].([]any)[0].(map[string]any)["id"] }
	one := next("")
	two := next(one["nextPageToken"])
	b.once(method("GET"), googlesim.Decision{RepeatPage: true})
	again := next(two["nextPageToken"]) // asks for the third and gets the second
	if id(again) != "page1" || id(next(again["nextPageToken"])) != "page2" {
		t.Errorf("repeated %v, then %v", id(again), id(next(again["nextPageToken"])))
	}
	b.once(method("GET"), googlesim.Decision{RepeatPage: true})
	if first := next(one["nextPageToken"]); id(first) != "page0" {
		t.Errorf("repeated %v", id(first))
	}
}

func TestBlindInsert(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	body := `{"id":"twins",` + aDay + `}`
	first := b.ok("POST", listPath, strings.Replace(body, "twins", "first", 1))
	if status, _, _ := b.call("POST", listPath, strings.Replace(body, "twins", "first", 1)); status != 409 {
		t.Errorf("second insert: %d", status)
	}
	b.once(method("POST"), googlesim.Decision{BlindInsert: true})
	if again := b.ok("POST", listPath, strings.Replace(body, "twins", "first", 1)); again["etag"] == first["etag"] {
		t.Error("blind insert changed nothing")
	}
}

// watched is a bench with a channel whose sync message has come.
func watched(t *testing.T, configure ...func(*googlesim.Options)) *bench {
	t.Helper()
	b := newBench(t, configure...)
	b.ok("POST", listPath+"/watch", `{"id":"chan","type":"web_hook","address":"https://hook.example.com/"}`)
	return b
}

func (b *bench) change() { b.t.Helper(); b.ok("POST", listPath, `{`+aDay+`}`) }

func TestPushMessagesCanBeLostDoubledAndReordered(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		d    googlesim.Decision
		want string
	}{
		"nothing wrong": {googlesim.Decision{}, "1 2 3 4"},
		"lost":          {googlesim.Decision{Cut: true}, "1 3 4"},
		"doubled":       {googlesim.Decision{Twice: true}, "1 2 2 3 4"},
		"reordered":     {googlesim.Decision{Hold: true}, "1 3 2 4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := watched(t)
			b.once(pushes, c.d)
			b.change()
			b.change()
			b.change()
			if got := b.messages(); got != c.want {
				t.Errorf("messages %s, want %s", got, c.want)
			}
		})
	}
}

func TestPushMessagesCanBeLate(t *testing.T) {
	t.Parallel()
	b := watched(t)
	b.fire = make(chan struct{})
	b.once(pushes, googlesim.Decision{Delay: time.Hour})
	b.change()
	b.change()
	if got := b.messages(); got != "1 3" {
		t.Errorf("before: %s", got)
	}
	b.fire <- struct{}{}
	for _, want := range []string{"1", "3", "2"} {
		if got := <-b.came; got != want {
			t.Errorf("message %s, want %s", got, want)
		}
	}
}

func TestPushOverHTTPWithRetries(t *testing.T) {
	t.Parallel()
	heard := make(chan *http.Request, 8)
	statuses := make(chan int, 8)
	for _, s := range []int{200, 503, 500, 204} { // sync; then a change that succeeds at the third try
		statuses <- s
	}
	hook := newHook(t, func(w http.ResponseWriter, r *http.Request) {
		heard <- r
		w.WriteHeader(<-statuses)
	})
	b := newBench(t, func(o *googlesim.Options) {
		o.Push = nil
		o.AllowPush = func(*url.URL) bool { return true }
	})
	b.ok("POST", listPath+"/watch", `{"id":"chan","type":"web_hook","address":"`+hook+`","token":"t"}`)
	if r := <-heard; r.Header.Get("X-Goog-Resource-State") != "sync" || r.ContentLength != 0 {
		t.Errorf("sync: %v", r.Header)
	}
	b.change()
	for range 3 {
		if r := <-heard; r.Header.Get("X-Goog-Message-Number") != "2" || r.Header.Get("X-Goog-Channel-Token") != "t" {
			t.Errorf("change: %v", r.Header)
		}
	}
	b.sim.Close()
	if len(heard) != 0 || len(b.waits) != 2 {
		t.Errorf("%d more messages, waited %v", len(heard), b.waits)
	}
}
