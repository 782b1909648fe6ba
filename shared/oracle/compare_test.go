package oracle_test

import (
	"maps"
	"strings"
	"testing"

	"aura.example/integrations/shared/oracle"
)

func resource() oracle.Doc {
	return oracle.Doc{
		"kind": "calendar#event", "id": "x1", "etag": `"1"`, "updated": "2026-11-22T09:00:00.123Z", "status": "confirmed", "summary": "Title",
		"start":     oracle.Doc{"dateTime": "2026-11-22T10:00:00+01:00", "timeZone": "Europe/Madrid"},
		"end":       oracle.Doc{"dateTime": "2026-11-22T11:00:00+01:00", "timeZone": "Europe/Madrid"},
		"organizer": oracle.Doc{"email": "a@example.com", "self": true}, "eventType": "default",
		"attendees": []any{oracle.Doc{"email": "b@example.com", "responseStatus": "accepted"}},
	}
}

func item() oracle.Doc {
	return oracle.Doc{
		"pk": "A#a", "sk": "E#evt_1", "ti": "Title", "st": "confirmed", "bu": true, "vi": "default", "k": "default", "or": true,
		"s": oracle.Doc{"a": 1795338000000.0, "z": "Europe/Madrid"}, "e": oracle.Doc{"a": 1795341600000.0, "z": "Europe/Madrid"},
		"ln": oracle.Doc{"c": "primary", "i": "x1", "e": `"1"`, "u": 1795338000123.0 - 0},
		"gs": []any{oracle.Doc{"e": "b@example.com", "r": "accepted"}},
	}
}

func with(d oracle.Doc, k string, v any) oracle.Doc {
	out := maps.Clone(d)
	if v == nil {
		delete(out, k)
	} else {
		out[k] = v
	}
	return out
}

func TestAgreementAndEveryPlantedDifference(t *testing.T) {
	t.Parallel()
	link := item()["ln"].(oracle.Doc)
	for _, c := range []struct {
		name string
		r    []oracle.Doc
		i    []oracle.Doc
		want string
	}{
		{"agreement", []oracle.Doc{resource()}, []oracle.Doc{item()}, ""},
		{"another title", []oracle.Doc{with(resource(), "summary", "Other")}, []oracle.Doc{item()}, "summary"},
		{"another description", []oracle.Doc{with(resource(), "description", "Other")}, []oracle.Doc{item()}, "description"},
		{"another place", []oracle.Doc{resource()}, []oracle.Doc{with(item(), "lo", "here")}, "location"},
		{"another start", []oracle.Doc{with(resource(), "start", oracle.Doc{"date": "2026-11-22"})}, []oracle.Doc{item()}, "start"},
		{"another zone", []oracle.Doc{resource()}, []oracle.Doc{with(item(), "e", oracle.Doc{"a": 1795341600000.0, "z": "UTC"})}, "end"},
		{"another rule", []oracle.Doc{with(resource(), "recurrence", []any{"RRULE:FREQ=DAILY"})}, []oracle.Doc{item()}, "recurrence"},
		{"free and busy", []oracle.Doc{with(resource(), "transparency", "transparent")}, []oracle.Doc{item()}, "transparency"},
		{"private", []oracle.Doc{with(resource(), "visibility", "private")}, []oracle.Doc{item()}, "visibility"},
		{"another answer of a guest", []oracle.Doc{resource()}, []oracle.Doc{with(item(), "gs", []any{oracle.Doc{"e": "b@example.com", "r": "declined"}})}, "attendees"},
		{"another etag", []oracle.Doc{with(resource(), "etag", `"2"`)}, []oracle.Doc{item()}, "etag"},
		{"missing here", []oracle.Doc{resource()}, nil, "at the provider only"},
		{"missing there", nil, []oracle.Doc{item()}, "in Aura only"},
		{"twice here", []oracle.Doc{resource()}, []oracle.Doc{item(), with(item(), "sk", "E#evt_2")}, "twice"},
		{"still pending", []oracle.Doc{resource()}, []oracle.Doc{with(item(), "pe", "edit")}, "waits"},
		{"a new field", []oracle.Doc{with(resource(), "mood", "good")}, []oracle.Doc{item()}, "nobody decided"},
		{"a hole that isn't here", []oracle.Doc{{"id": "x1", "status": "cancelled"}}, []oracle.Doc{item()}, "status"},
		{"another calendar's link", []oracle.Doc{resource()}, []oracle.Doc{with(item(), "ln", with(link, "c", "other"))}, "at the provider only"},
	} {
		got := strings.Join(oracle.Compare(c.r, c.i, "primary"), "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
