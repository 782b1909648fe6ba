package main

import (
	"fmt"
	"io"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

type breakLeaseCommand struct{ one }

type brokenAnswer struct {
	Account  string     `json:"account"`
	Provider string     `json:"provider"`
	Broken   *leaseText `json:"broken"`
	Fence    int64      `json:"fence"`
}

// Run breaks a lease as a transition would: fence and version rise, so whatever
// the holder still writes is refused, and the first run after its time limit
// verifies everything.
func (s *breakLeaseCommand) Run(c *call) error {
	before, err := c.db.Integrations.Get(c, s.key())
	if err != nil {
		return fmt.Errorf("reading the integration: %w", err)
	}
	a := brokenAnswer{Account: s.Account, Provider: s.Provider, Fence: before.Fence}
	if before.Lease == nil {
		return c.say(a)
	}
	now := c.now()
	after := integration.Break(before, now)
	err = c.db.Integrations.Apply(c, integration.Change{Before: before, After: after})
	if fault.Is(err, fault.Stale) {
		return fmt.Errorf("the integration moved while it was looked at: run it again if the lease is still stuck (aura status %s)", s.Account)
	}
	if err != nil {
		return fmt.Errorf("breaking the lease: %w", err)
	}
	a.Broken, a.Fence = leaseOf(before.Lease, now), after.Fence
	return c.say(a)
}

func (a brokenAnswer) text(w io.Writer) {
	if a.Broken == nil {
		fmt.Fprintln(w, "Nothing to break: no run holds the lease.")
		return
	}
	fmt.Fprintf(w, "Broken: run %s (%s since %s) can write nothing more; the fence is now %d.\n", a.Broken.Run, a.Broken.State, whenPtr(a.Broken.Started), a.Fence)
	fmt.Fprintln(w, "The next sync takes over; one after the function's time limit compares everything once.")
}
