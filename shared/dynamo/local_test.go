package dynamo_test

import (
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"aura.example/integrations/shared/dynamo"
)

// localIsOff is where DynamoDB Local 3.3.1 reports other figures than AWS's
// rules give; everywhere else the two must agree to the half unit.
var localIsOff = []struct {
	why     string
	applies func(dynamo.Call) bool
	says    func(dynamo.Call) bool // what it says instead, so that a better version shows
}{
	{"a refused condition reports nothing", func(c dynamo.Call) bool { return c.Err != nil }, func(c dynamo.Call) bool { return c.Reported == 0 }},
	{"a transaction reports a figure of its own, less for some and more for others (it doubles indexes)",
		func(c dynamo.Call) bool { return c.Operation == "TransactWriteItems" }, func(dynamo.Call) bool { return true }},
	{"an empty query reports 0", func(c dynamo.Call) bool { return c.Operation == "Query" && c.Reported == 0 },
		func(c dynamo.Call) bool { return c.Units.Read <= 1 }},
	{"a batch doesn't report what isn't there", func(c dynamo.Call) bool { return c.Operation == "BatchGetItem" },
		func(c dynamo.Call) bool { return c.Reported <= c.Units.Read }},
}

// crossCheck attaches a recorder that compares every call with what DynamoDB
// Local reports. Each exception must be met, or it has outlived its reason.
func crossCheck(t *testing.T, names dynamo.Names) func(*dynamodb.Options) {
	var mu sync.Mutex
	met, agreed := make([]int, len(localIsOff)), 0
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		for i, x := range localIsOff {
			if whole() && met[i] == 0 {
				t.Errorf("no call met the exception %q", x.why)
			}
		}
		if whole() && agreed < 1000 {
			t.Errorf("only %d calls were compared", agreed)
		}
	})
	return dynamo.WithRecorder(dynamo.NewRecorder(names, func(c dynamo.Call) {
		mu.Lock()
		defer mu.Unlock()
		if c.Units.Read+c.Units.Write == c.Reported {
			agreed++
			return
		}
		for i, x := range localIsOff {
			if x.applies(c) {
				met[i]++
				if !x.says(c) {
					t.Errorf("%s: computed %+v, reported %v, though %s", c.Operation, c.Units, c.Reported, x.why)
				}
				return
			}
		}
		t.Errorf("%s: computed %+v, reported %v", c.Operation, c.Units, c.Reported)
	}))
}
