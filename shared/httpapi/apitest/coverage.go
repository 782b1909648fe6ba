package apitest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// Answer is one operation answered with one status.
type Answer struct {
	Operation string // operationId
	Status    int
}

// String renders it as in a list of what is missing.
func (a Answer) String() string { return fmt.Sprintf("%s %d", a.Operation, a.Status) }

// Coverage remembers which declared answers were seen. It is safe for
// concurrent use.
type Coverage struct {
	declared []Answer

	mu   sync.Mutex
	seen map[Answer]int
}

func newCoverage(doc *openapi3.T) *Coverage {
	c := &Coverage{seen: map[Answer]int{}}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			for status := range op.Responses.Map() {
				if n, err := strconv.Atoi(status); err == nil { // "default" and "4XX" can't be demanded
					c.declared = append(c.declared, Answer{op.OperationID, n})
				}
			}
		}
	}
	slices.SortFunc(c.declared, compare)
	return c
}

func compare(a, b Answer) int {
	return cmp.Or(cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Status, b.Status))
}

func (c *Coverage) saw(operation string, status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[Answer{operation, status}]++
}

// Declared gives every answer that the document declares, in order.
func (c *Coverage) Declared() []Answer { return slices.Clone(c.declared) }

// Seen gives how often each answer was seen and right.
func (c *Coverage) Seen() map[Answer]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make(map[Answer]int, len(c.seen))
	for a, n := range c.seen {
		out[a] = n
	}
	return out
}

// Missing gives the declared answers that were not seen, in order, besides
// those that exempt says can't be had in a test (429, which only a gateway
// sends; 500, which nothing is to cause). A nil exempt exempts nothing.
func (c *Coverage) Missing(exempt func(Answer) bool) []Answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []Answer
	for _, a := range c.declared {
		if c.seen[a] == 0 && (exempt == nil || !exempt(a)) {
			out = append(out, a)
		}
	}
	return out
}
