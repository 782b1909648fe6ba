package dynamo

import (
	"maps"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/seal"
)

// TestWhatIsStoredWrongIsAnError puts every attribute, at every depth, to a
// type that it never has: the store says so, and doesn't panic or guess.
func TestWhatIsStoredWrongIsAnError(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	key := integration.Key{Account: "a", Provider: "p"}
	content := calendar.Content{Title: "t", Start: calendar.Time{At: now, Zone: "UTC"}, Recurrence: []string{"RRULE:FREQ=DAILY"}, Busy: true}
	row := &calendar.Row{Account: "a", ID: "evt_x", Version: 1, Content: content, Edited: map[string]time.Time{"title": now},
		OriginalStart: calendar.Time{Date: "2026-11-22"}, Mirror: calendar.Mirror{Guests: []calendar.Guest{{Email: "e", Self: true}}},
		Link: &calendar.Link{Provider: "p", Updated: now}}
	yes := true
	out := &calendar.Item{Account: "a", EventID: "evt_x", Op: calendar.OpChange, Base: &content, NotifyGuests: &yes, Version: 1, Since: now,
		Refused: &calendar.Refusal{Code: "c", Version: 1, ETag: "e"}}
	outbox := outboxItem(out)
	outbox[oxSent] = attempts([]calendar.Attempt{{Stamp: "s", Fields: []calendar.Field{calendar.FieldTitle}, Content: content, Version: 1}})
	order := integration.Order{Key: key, Generation: "01A", Channel: &integration.Channel{ID: ulid1, Expires: now}, Look: &integration.Look{Calendar: "c", Cursor: "k", Kinds: []string{"x"}}, Noted: []integration.Copy{{Event: "e", Calendar: "c", ID: "i"}}, Cursor: "k", Since: now, Version: 1}
	credential := integration.Credential{Key: key, Generation: "01A", Subject: "s", Sealed: seal.Envelope{Version: 1, KeyID: "k", Data: []byte("d")}, Scopes: []string{"a"}, Version: 1}
	entry := integration.Entry{ID: "01E", Key: key, At: now, Transition: integration.Pause, From: integration.Active, To: integration.Paused}
	for name, x := range map[string]struct {
		it     item
		decode func(item) error
	}{
		"record":     {recordItem(fullest()), func(it item) error { _, err := recordOf(key, it); return err }},
		"row":        {rowItem(row), func(it item) error { _, err := rowOf("a", it); return err }},
		"outbox":     {outbox, func(it item) error { _, err := outboxOf("a", it); return err }},
		"order":      {orderItem(order), func(it item) error { _, err := orderOf(key, it); return err }},
		"credential": {credentialItem(credential), func(it item) error { _, err := credentialOf(key, "01A", it); return err }},
		"entry":      {entryItem(entry), func(it item) error { _, err := entryOf(key, it); return err }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := x.decode(x.it); err != nil {
				t.Fatalf("the right one: %v", err)
			}
			spoilt := 0
			spoil(x.it, "", func(path string) {
				spoilt++
				if err := x.decode(x.it); err == nil {
					t.Errorf("%s is stored wrong, and nobody noticed", path)
				}
			})
			if spoilt < 5 {
				t.Errorf("only %d attributes were spoilt", spoilt)
			}
			_ = x.decode(item{}) // nothing at all
		})
	}
}

// unread are the attributes that a decoder doesn't look at: the keys, which the
// reader knows, and what serves an index or TTL.
var unread = map[string]bool{attrPK: true, attrSK: true, attrTTL: true, attrTime: true, eGeneration: true, eFence: true}

// spoil sets one attribute after the other to a set of strings, which nothing
// here ever is, and puts it back.
func spoil(it map[string]types.AttributeValue, path string, look func(path string)) {
	for name, right := range maps.Clone(it) {
		if unread[name] && path == "" {
			continue
		}
		it[name] = &types.AttributeValueMemberSS{Value: []string{"x"}}
		look(path + name)
		it[name] = right
		switch v := right.(type) {
		case *types.AttributeValueMemberM:
			spoil(v.Value, path+name+".", look)
		case *types.AttributeValueMemberL:
			for i, e := range v.Value {
				v.Value[i] = &types.AttributeValueMemberSS{Value: []string{"x"}}
				look(path + name + "[]")
				v.Value[i] = e
				if m, ok := e.(*types.AttributeValueMemberM); ok {
					spoil(m.Value, path+name+"[].", look)
				}
			}
		case *types.AttributeValueMemberN:
			it[name] = &types.AttributeValueMemberN{Value: "1.5e400"}
			look(path + name + " as a number")
			it[name] = right
		}
	}
}
