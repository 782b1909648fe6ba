package calendarv3_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"testing"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// can answers every request alike, without a network.
type can struct {
	status int
	body   []byte
}

func (c can) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: c.status,
		Header:     http.Header{"Content-Type": {"application/json"}},
		Body:       io.NopCloser(bytes.NewReader(c.body)),
		Request:    r,
	}, nil
}

// FuzzPage: whatever comes as a page, nothing panics, every failure has a kind,
// and a page has exactly one way on.
func FuzzPage(f *testing.F) {
	f.Add(200, []byte(lastPage))
	f.Add(200, []byte(`{"accessRole":"owner","nextPageToken":"p","items":[{"id":"e","start":{"date":"2026-01-01"},"recurrence":["RRULE:"]}]}`))
	f.Add(200, []byte(`{"accessRole":"owner","nextSyncToken":"s","items":[{"id":"e","extendedProperties":{"private":null},"attendees":[{}]}]}`))
	f.Add(403, []byte(refusal(403, "quotaExceeded")))
	f.Add(403, []byte(`{"error":{"code":403,"details":[{"reason":7},null,"x"]}}`))
	f.Add(200, []byte("null"))
	f.Add(410, []byte(`[{"error":{"code":410}}]`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status < 200 || status > 599 {
			t.Skip("Go's client gives nothing else back")
		}
		c := config("https://calendar.test")
		c.HTTPClient = &http.Client{Transport: can{status, body}}
		p, err := dial(t, c, steady).Changes(t.Context(), calendar.Query{Calendar: primary, Cursor: "s"})
		if err != nil {
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind == "" || f.Code == "" || f.Message == "" {
				t.Errorf("a failure without a meaning: %v", err)
			}
			return
		}
		if (p.NextPage == "") == (p.Cursor == "") {
			t.Errorf("goes on with %q and %q", p.NextPage, p.Cursor)
		}
		for _, e := range p.Events {
			if e.ProviderID == "" {
				t.Error("an event without an id")
			}
		}
	})
}
