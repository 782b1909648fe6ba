package dynamo

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Sizes as DynamoDB counts them (Developer Guide, "DynamoDB item sizes and
// formats"): names and strings in UTF-8 bytes, a byte per two significant
// digits and one more, three bytes for a list or map and one for each element.

// itemSize is an item's size in bytes, names included.
func itemSize(it item) int {
	n := 0
	for name, v := range it {
		n += len(name) + valueSize(v)
	}
	return n
}

func valueSize(v types.AttributeValue) int {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return numberSize(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	case *types.AttributeValueMemberBOOL, *types.AttributeValueMemberNULL:
		return 1
	case *types.AttributeValueMemberL:
		n := 3
		for _, e := range v.Value {
			n += 1 + valueSize(e)
		}
		return n
	case *types.AttributeValueMemberM:
		n := 3 + len(v.Value)
		return n + itemSize(v.Value)
	}
	return 0 // sets: never stored here
}

func numberSize(s string) int {
	n := 1
	if strings.HasPrefix(s, "-") {
		n++
	}
	digits := strings.TrimLeft(strings.ReplaceAll(strings.TrimPrefix(s, "-"), ".", ""), "0")
	digits = strings.TrimRight(digits, "0")
	return n + (len(digits)+1)/2
}

// writeUnits is what writing so many bytes costs: a unit a kilobyte, at least one.
func writeUnits(size int) float64 { return blocks(size, 1024) }

// readUnits is what reading so many bytes costs: a unit for 4 KB, at least one,
// and half of it where the read may be stale.
func readUnits(size int, consistent bool) float64 {
	if consistent {
		return blocks(size, 4096)
	}
	return blocks(size, 4096) / 2
}

func blocks(size, block int) float64 { return float64(max(1, (size+block-1)/block)) }
