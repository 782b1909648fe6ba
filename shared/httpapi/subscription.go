package httpapi

import (
	"fmt"
	"net/http"
	"regexp"
	"sync"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// Subscription shows the plan and lets billing change it.
type Subscription struct {
	Service *connect.Service
}

type subscriptionDoc struct {
	Plan  string `json:"plan"`
	Limit int    `json:"limit"`
	Used  int    `json:"used"`
}

func (h *Subscription) get(w http.ResponseWriter, r *http.Request) error {
	if err := readQuery(r).err(); err != nil {
		return err
	}
	a, err := h.Service.Subscription(r.Context(), caller(r))
	if err != nil {
		return err
	}
	return answerSubscription(w, a)
}

// answerSubscription sends the plan. Its tag moves with the plan and with what
// is used of it: both are in the account's version.
func answerSubscription(w http.ResponseWriter, a integration.Account) error {
	w.Header().Set("ETag", etag(a.Version, a.Plan))
	return answer(w, http.StatusOK, subscriptionDoc{Plan: a.Plan, Limit: a.Limit, Used: a.Used})
}

var planForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`) })

// maxPlanLimit bounds a limit of an account's own.
const maxPlanLimit = 10_000

// put sets the plan. A limit of the account's own stands in for a configured
// plan's; with neither, nobody would know what is allowed.
func (h *Subscription) put(w http.ResponseWriter, r *http.Request) error {
	var plan string
	var limit *int
	if err := read(r, map[string]field{"plan": required(&plan), "limit": optional(&limit)}); err != nil {
		return err
	}
	var bad []fault.Field
	if !planForm().MatchString(plan) {
		bad = append(bad, fault.Field{Field: "plan", Message: "must be a plan's name"})
	}
	if limit != nil && (*limit < 0 || *limit > maxPlanLimit) {
		bad = append(bad, fault.Field{Field: "limit", Message: fmt.Sprintf("must be between 0 and %d", maxPlanLimit)})
	}
	if len(bad) > 0 {
		return fault.Fields(bad...)
	}
	tag, err := ifMatch(r)
	if err != nil {
		return err
	}
	if limit == nil && tag == "" {
		a, err := h.Service.SetPlan(r.Context(), caller(r), plan)
		if err != nil {
			return err
		}
		return answerSubscription(w, a)
	}
	return h.set(w, r, plan, limit, tag)
}

// set is put for what the use case doesn't know: a limit of the account's own,
// and a change on condition of what the caller read.
func (h *Subscription) set(w http.ResponseWriter, r *http.Request, plan string, limit *int, tag string) error {
	a, err := h.Service.Subscription(r.Context(), caller(r))
	if err != nil {
		return err
	}
	if tag != "" && tag != etag(a.Version, a.Plan) {
		return errStale()
	}
	a.ID, a.Plan = caller(r).Account, plan
	if limit != nil {
		a.Limit = *limit
	} else if configured, ok := h.Service.PlanLimits[plan]; ok {
		a.Limit = configured
	} else {
		return fault.Fields(fault.Field{Field: "plan", Message: fmt.Sprintf("there is no plan %q", plan)})
	}
	if a, err = h.Service.Accounts.SetPlan(r.Context(), a); err != nil {
		return fmt.Errorf("storing the plan: %w", err)
	}
	return answerSubscription(w, a)
}
