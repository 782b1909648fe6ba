package dynamo

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/integration"
)

// An entry of the slot index that isn't a record's and isn't an order's is named
// and nothing else; it is no error, which would stop a whole shard.
func TestAnEntryThatCantBeRead(t *testing.T) {
	t.Parallel()
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	entry := func(pk, sk, id, status string) item {
		it := item{}
		for name, v := range map[string]string{attrPK: pk, attrSK: sk, rID: id, rStatus: status} {
			if v != "" {
				it[name] = text(v)
			}
		}
		return it
	}
	key := integration.Key{Account: "a#b", Provider: "p"}
	for _, c := range []struct {
		it   item
		want integration.DueItem
	}{
		{entry("A#a#b", "I#p", "01A", "active"), integration.DueItem{Key: key, Generation: "01A", Status: integration.Active}},
		{entry("A#a#b", "I#p", "01A", ""), integration.DueItem{Key: key, Generation: "01A"}}, // by an index from before
		{entry("A#a#b", "W#p#01A", "01A", ""), integration.DueItem{Key: key, Generation: "01A", WindDown: true}},
	} {
		if got := dueOf(c.it); got != c.want {
			t.Errorf("got %+v, want %+v", got, c.want)
		}
	}
	odd := entry("A#a", "I#p", "01A", "active")
	odd[rID] = &types.AttributeValueMemberN{Value: "7"}
	strange := entry("A#a", "I#p", "01A", "")
	strange[rStatus] = &types.AttributeValueMemberBOOL{Value: true}
	for _, it := range []item{
		nil, odd, strange, entry("S#x", "I#p", "01A", ""), entry("A#", "I#p", "01A", ""), entry("A#a", "I#", "01A", ""), entry("A#a", "I#p", "", ""),
		entry("A#a", "E#x", "01A", ""), entry("A#a", "W#", "01A", ""),
	} {
		if got := dueOf(it); got.Unreadable == "" || got != (integration.DueItem{Unreadable: got.Unreadable}) {
			t.Errorf("%v is read as %+v", it, got)
		}
	}
}

// Factors that can't be read are none.
func TestFactorsAreReadBack(t *testing.T) {
	t.Parallel()
	want := [5]int{3, 1, 1000, 0, 7}
	if got := factorsOf(factorsText(want)); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, s := range []string{"", "1 2 3", "1 2 3 4 x", "1 2 3 4 5 6"} {
		if got := factorsOf(s); got != [5]int{} {
			t.Errorf("%q gives %v", s, got)
		}
	}
}
