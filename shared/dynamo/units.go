package dynamo

import (
	"context"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"

	"aura.example/integrations/shared/integration"
)

// Units adds up the capacity units of one context's calls. It is safe for
// concurrent use.
type Units struct {
	mu    sync.Mutex
	total integration.Units
}

// Total gives the sum so far.
func (u *Units) Total() integration.Units {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.total
}

func (u *Units) add(x integration.Units) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.total.Read += x.Read
	u.total.Write += x.Write
}

type unitsKey struct{}

// Record makes a context whose calls are added up, in the contexts around it
// too: a run reports its own units.
func Record(ctx context.Context) (context.Context, *Units) {
	u := &Units{}
	around, _ := ctx.Value(unitsKey{}).([]*Units)
	return context.WithValue(ctx, unitsKey{}, append(around[:len(around):len(around)], u)), u
}

// Call is one request that reached the table, tries of the SDK's each for itself.
type Call struct {
	Operation string
	Units     integration.Units // by AWS's published rules: see cost.go
	Reported  float64           // what the answer says; 0 where it says nothing
	Err       error
}

// Recorder computes what every call of a client consumes. DynamoDB Local's own
// figures are off in places, so they are only a cross-check: local_test.go has
// the table.
type Recorder struct {
	Units
	tables map[string]Table // by their names in the deployment
	onCall func(Call)
}

// NewRecorder makes one for a deployment's tables. Each call is told to onCall,
// which may be nil and must be safe for concurrent use.
func NewRecorder(names Names, onCall func(Call)) *Recorder {
	r := &Recorder{tables: map[string]Table{}, onCall: onCall}
	for _, t := range Tables() {
		r.tables[names.nameOf(t.Name)] = t
	}
	return r
}

// WithRecorder attaches a recorder to a client.
func WithRecorder(r *Recorder) func(*dynamodb.Options) {
	return func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, r.attach)
	}
}

type inputKey struct{}

// attach adds two steps: one that keeps the typed request, since the later
// steps see bytes only, and one inside the retries, since every try costs.
func (r *Recorder) attach(stack *middleware.Stack) error {
	keep := middleware.InitializeMiddlewareFunc("KeepRequest", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		in.Parameters = asking(in.Parameters)
		return next.HandleInitialize(middleware.WithStackValue(ctx, inputKey{}, in.Parameters), in)
	})
	count := middleware.FinalizeMiddlewareFunc("CountUnits", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
		out, md, err := next.HandleFinalize(ctx, in)
		r.count(ctx, out.Result, err)
		return out, md, err
	})
	if err := stack.Initialize.Add(keep, middleware.After); err != nil {
		return fmt.Errorf("adding the recorder: %w", err)
	}
	if err := stack.Finalize.Insert(count, "Retry", middleware.After); err != nil {
		return fmt.Errorf("adding the recorder: %w", err)
	}
	return nil
}

// asking gives the request with the question for consumed capacity, which costs
// nothing. The caller's own request is left alone: it may be used again.
func asking(in any) any {
	const total = types.ReturnConsumedCapacityTotal
	switch in := in.(type) {
	case *dynamodb.GetItemInput:
		c := *in
		c.ReturnConsumedCapacity = total
		return &c
	case *dynamodb.BatchGetItemInput:
		c := *in
		c.ReturnConsumedCapacity = total
		return &c
	case *dynamodb.QueryInput:
		c := *in
		c.ReturnConsumedCapacity = total
		return &c
	case *dynamodb.PutItemInput:
		c := *in
		c.ReturnConsumedCapacity = total
		return &c
	case *dynamodb.UpdateItemInput:
		c := *in
		c.ReturnConsumedCapacity = total
		return &c
	case *dynamodb.DeleteItemInput:
		c := *in
		c.ReturnConsumedCapacity = total
		return &c
	case *dynamodb.TransactWriteItemsInput:
		c := *in
		c.ReturnConsumedCapacity = total
		return &c
	}
	return in
}

func (r *Recorder) count(ctx context.Context, out any, err error) {
	hint, known := ctx.Value(indexWritesKey{}).(float64)
	call, ok := r.cost(middleware.GetStackValue(ctx, inputKey{}), out, err, indexHint{hint, known})
	if !ok {
		return
	}
	r.add(call.Units)
	around, _ := ctx.Value(unitsKey{}).([]*Units)
	for _, u := range around {
		u.add(call.Units)
	}
	if r.onCall != nil {
		r.onCall(call)
	}
}

type indexWritesKey struct{}

// indexHint is what the adapter knows of a call's index writes.
type indexHint struct {
	writes float64
	known  bool
}

// withIndexWrites tells the recorder what a write costs in the indexes, where
// only the adapter knows it: an update's answer doesn't say what the index key
// was, and a transaction's says nothing.
func withIndexWrites(ctx context.Context, n float64) context.Context {
	return context.WithValue(ctx, indexWritesKey{}, n)
}
