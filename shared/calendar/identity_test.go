package calendar_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
)

// Ids are computed anew on every pull: a change of one character doubles every
// event of every account. These were computed by another program (SHA-256 over
// each part with its length before it, the first 16 bytes in base32hex).
func TestIdsStayWhatTheyAre(t *testing.T) {
	t.Parallel()
	master := calendar.ImportedID("google-calendar", "108", "primary", "abc_R20260101T000000Z")
	if want := "evt_mul8k4mvsthn1n6e95f4e4cn6k"; master != want {
		t.Errorf("imported %s, want %s", master, want)
	}
	berlin := time.FixedZone("", 3600)
	for _, tt := range []struct {
		original calendar.Time
		want     string
	}{
		{calendar.Time{At: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}, "evt_6h7gm1ku2rocemgj4dv7co8654"},
		{calendar.Time{At: time.Date(2026, 3, 1, 9, 0, 0, 0, berlin), Zone: "Europe/Berlin"}, "evt_6h7gm1ku2rocemgj4dv7co8654"},
		{calendar.Time{Date: "2026-03-01"}, "evt_vecggfnc5vck6avlfkrer6164g"},
	} {
		if got := calendar.ExceptionID(master, tt.original); got != tt.want {
			t.Errorf("the exception at %+v is %s, want %s", tt.original, got, tt.want)
		}
	}
	id, providerID := calendar.BornID([16]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
	if id != "evt_000g40o40k30e209185go38e1s" || providerID != "000g40o40k30e209185go38e1s" || calendar.ProviderIDOf(id) != providerID {
		t.Errorf("born as %s and %s", id, providerID)
	}
}

// Two events are one only where every part is the same, whatever the parts are
// made of.
func TestIdsAreDifferent(t *testing.T) {
	t.Parallel()
	// What Google takes for an id of ours: base32hex, long enough.
	lawful := regexp.MustCompile(`^evt_[a-v0-9]{26}$`)
	seen := map[string]int{}
	for i, id := range []string{
		calendar.ImportedID("p", "s", "c", "e"), calendar.ImportedID("p", "s", "ce", ""), calendar.ImportedID("p", "sc", "", "e"),
		calendar.ImportedID("ps", "", "c", "e"), calendar.ImportedID("", "ps", "c", "e"), calendar.ImportedID("p", "s", "e", "c"),
		calendar.ImportedID("p", "s", "c", "E"), calendar.ImportedID("p", "s", "c", "e\x00"), calendar.ImportedID("", "", "", ""),
		calendar.ExceptionID("p", calendar.Time{Date: "2026-03-01"}), calendar.ExceptionID("p", calendar.Time{Date: "2026-03-02"}),
		calendar.ExceptionID("p", calendar.Time{At: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}),
		calendar.DerivedID("p", "s", "c", "x"), calendar.DerivedID("ps", "c", "x"),
	} {
		if other, twice := seen[id]; twice {
			t.Errorf("%d and %d are both %s", other, i, id)
		}
		seen[id] = i
		if !lawful.MatchString(id) {
			t.Errorf("%d is %s", i, id)
		}
	}
}

func TestOccurrenceKeysAreReadBack(t *testing.T) {
	t.Parallel()
	tokyo := time.FixedZone("", 9*3600)
	for want, in := range map[string]calendar.Time{
		"20260301":         {Date: "2026-03-01"},
		"20260301T080000Z": {At: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)},
		"20260228T160000Z": {At: time.Date(2026, 3, 1, 1, 0, 0, 0, tokyo), Zone: "Asia/Tokyo"},
	} {
		key := calendar.OccurrenceKey(in)
		back, ok := calendar.ParseOccurrenceKey(key)
		if key != want || !ok || !back.SameMoment(in) || back.Zone != "" {
			t.Errorf("%+v is %s, and back %+v, %v", in, key, back, ok)
		}
	}
	for _, bad := range []string{"", "2026030", "20260230", "20260301T080000", "20260301T250000Z", "20260301T080000+01", "evt_x", "20260301 "} {
		if at, ok := calendar.ParseOccurrenceKey(bad); ok {
			t.Errorf("%q is read as %+v", bad, at)
		}
	}
}

func TestMayBeBornKnowsTheFormOfAurasIDs(t *testing.T) {
	t.Parallel()
	_, born := calendar.BornID([16]byte{255, 2, 3})
	for id, want := range map[string]bool{
		born: true, born + "0": false, born[:25]: false, born[:25] + "1": false, // the last character holds three bits
		"_60q30c1g60o30e1i60o4ac1g": false, strings.ToUpper(born): false, "": false,
	} {
		if got := calendar.MayBeBorn(id); got != want {
			t.Errorf("%q: %v, want %v", id, got, want)
		}
	}
}
