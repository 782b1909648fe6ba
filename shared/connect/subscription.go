package connect

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// Subscription gives the account's plan, its limit and what is used of it.
func (s *Service) Subscription(ctx context.Context, c Caller) (integration.Account, error) {
	a, err := s.Accounts.Account(ctx, c.Account)
	if err != nil {
		return integration.Account{}, fmt.Errorf("reading the account: %w", err)
	}
	if a.Plan == "" {
		a.Plan = integration.DefaultPlan
	}
	if a.Version == 0 { // nobody has set one; a limit of 0 that was set is a limit
		a.Limit = s.PlanLimits[a.Plan]
	}
	return a, nil
}

// shortest gives an account's plan and the shortest interval that it allows, 0
// for any. Where no plan is bound in it, nothing is read.
func (s *Service) shortest(ctx context.Context, account string) (plan string, every time.Duration, err error) {
	if len(s.PlanIntervals) == 0 {
		return "", 0, nil
	}
	a, err := s.Accounts.Account(ctx, account)
	if err != nil {
		return "", 0, fmt.Errorf("reading the account's plan: %w", err)
	}
	plan = cmp.Or(a.Plan, integration.DefaultPlan)
	return plan, s.PlanIntervals[plan], nil
}

// SetPlan changes the plan. A lowered plan keeps what exists, intervals too, and
// refuses what is new. Invalid unknown_plan.
func (s *Service) SetPlan(ctx context.Context, c Caller, plan string) (integration.Account, error) {
	limit, ok := s.PlanLimits[plan]
	if !ok {
		return integration.Account{}, fault.Fields(fault.Field{Field: "plan", Message: fmt.Sprintf("there is no plan %q", plan)})
	}
	for range tries {
		a, err := s.Accounts.Account(ctx, c.Account)
		if err != nil {
			return integration.Account{}, fmt.Errorf("reading the account: %w", err)
		}
		a.ID, a.Plan, a.Limit = c.Account, plan, limit
		a, err = s.Accounts.SetPlan(ctx, a)
		if fault.Is(err, fault.Stale) {
			continue
		}
		if err != nil {
			return integration.Account{}, fmt.Errorf("storing the plan: %w", err)
		}
		return a, nil
	}
	return integration.Account{}, errBusy()
}
