package httpapi

import (
	"net/http"

	"aura.example/integrations/shared/dispatch"
)

// Sync starts a run because a person asked.
type Sync struct {
	SyncNow *dispatch.SyncNow
}

// start answers 202 with the address of the promised run. Of many at once
// exactly one gets it, the others a 409 that names the run.
func (h *Sync) start(w http.ResponseWriter, r *http.Request) error {
	k, err := key(r)
	if err != nil {
		return err
	}
	var full bool
	if err := read(r, map[string]field{"full": optional(&full)}); err != nil {
		return err
	}
	run, err := h.SyncNow.Start(r.Context(), k, full, caller(r).CorrelationID)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/v1/integrations/"+k.Provider+"/runs/"+run.RunID)
	w.Header().Set("Retry-After", pollAfter)
	return answer(w, http.StatusAccepted, showLease(&run))
}
