package calendarv3_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// TestTroublesOfAList is the matrix: everything that can go wrong, at every
// page, in a first list and in one of changes. After each, the same request is
// made again and the list ends as if nothing had happened: whoever retries
// loses and doubles nothing.
func TestTroublesOfAList(t *testing.T) {
	t.Parallel()
	for _, tr := range troubles {
		for page := range 3 {
			for _, cursor := range []string{"", "sync0"} {
				name := fmt.Sprintf("%s/page %d/cursor %q", tr.name, page, cursor)
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					list(t, tr, page, cursor)
				})
			}
		}
	}
}

// list reads a book of three pages, where tr happens once at page.
func list(t *testing.T, tr trouble, page int, cursor string) {
	t.Helper()
	b := &book{pages: 3, size: 2}
	var requests atomic.Int64 // each comes on a connection of its own
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) == int64(page+1) {
			tr.do(w, r, b.page(page))
			return
		}
		b.ServeHTTP(w, r)
	}))
	defer srv.Close()
	c := config(srv.URL)
	c.MaxAnswer = 100_000
	// On a connection that was used before, Go's transport would try again by
	// itself where the server closes it without a word.
	c.HTTPClient = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	r := dial(t, c, steady)
	q := calendar.Query{Calendar: primary, Cursor: cursor}
	var ids []string
	failures := 0
	for {
		p, err := r.Changes(t.Context(), q)
		if err != nil {
			if failures++; failures > 1 {
				t.Fatalf("fails a second time: %v", err)
			}
			checkFault(t, err, tr)
			continue // with the same query
		}
		for _, e := range p.Events {
			ids = append(ids, e.ProviderID)
		}
		if p.NextPage == "" {
			break
		}
		q.PageToken = p.NextPage
	}
	if got := strings.Join(ids, " "); failures != 1 || got != "event0 event1 event2 event3 event4 event5" {
		t.Errorf("listed %s after %d failures", got, failures)
	}
}

// checkFault holds an error to what is said of its trouble, and to telling
// nothing that mustn't get into a log.
func checkFault(t *testing.T, err error, tr trouble) {
	t.Helper()
	f := fault.Of(err)
	if f == nil || f.Kind != tr.kind || f.Code != tr.code || f.RetryAfter != tr.after || f.Message == "" {
		t.Fatalf("%v, want %s %s after %v", err, tr.kind, tr.code, tr.after)
	}
	for _, secret := range []string{"canary", "sync0", "page-", "http://"} {
		if s := err.Error() + f.Message; strings.Contains(s, secret) {
			t.Errorf("tells %q: %s", secret, s)
		}
	}
	if _, named := f.Extra["scopes"]; named != (f.Kind == fault.ScopeMissing) {
		t.Errorf("names scopes: %v", f.Extra)
	}
}
