package httpapi

import (
	"context"
	"net/http"
	"slices"
	"time"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// Integrations changes what there is.
type Integrations struct {
	Flows *connect.Flows // the whole user's side; flows are only opened here
	Paced *Pacer
}

func (h *Integrations) presenter() presenter {
	return presenter{held: h.Flows.Lists, paced: h.Paced, now: h.Flows.Now}
}

func (h *Integrations) create(w http.ResponseWriter, r *http.Request) error {
	var provider string
	if err := read(r, map[string]field{"provider": required(&provider)}); err != nil {
		return err
	}
	rec, err := h.Flows.Create(r.Context(), caller(r), provider)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/v1/integrations/"+rec.Provider)
	return h.presenter().answer(w, r, http.StatusCreated, rec)
}

// read is readBody for a route that knows no query parameters.
func read(r *http.Request, fields map[string]field) error {
	if err := readQuery(r).err(); err != nil {
		return err
	}
	return readBody(r, fields)
}

// nothing is for a route that knows neither query parameters nor a body.
func nothing(r *http.Request) error {
	if err := readQuery(r).err(); err != nil {
		return err
	}
	return noBody(r)
}

type authorizationDoc struct {
	AuthorizationURL string  `json:"authorization_url"`
	ExpiresAt        *string `json:"expires_at"`
}

func (h *Integrations) authorization(w http.ResponseWriter, r *http.Request) error {
	k, err := key(r)
	if err != nil {
		return err
	}
	var returnTo string
	if err := read(r, map[string]field{"return_to": required(&returnTo)}); err != nil {
		return err
	}
	opened, err := h.Flows.Begin(r.Context(), caller(r), k.Provider, returnTo)
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, authorizationDoc{opened.AuthorizationURL, stamp(opened.ExpiresAt)})
}

// settings changes what the body names, on condition of what the caller read.
func (h *Integrations) settings(w http.ResponseWriter, r *http.Request) error {
	k, err := key(r)
	if err != nil {
		return err
	}
	q := readQuery(r, "discard", "remove_copies")
	discard, remove := q.flag("discard"), q.flag("remove_copies")
	if err := q.err(); err != nil {
		return err
	}
	tag, err := mustMatch(r)
	if err != nil {
		return err
	}
	patch, err := readPatch(r)
	if err != nil {
		return err
	}
	if patch.CalendarID == nil && remove {
		return fault.Fields(fault.Field{Field: "calendar_id", Message: "is needed with remove_copies"})
	}
	in := patch.Direction != nil && *patch.Direction == integration.FromProvider
	if patch.CalendarID == nil && discard && !in {
		return fault.Fields(fault.Field{Field: "calendar_id", Message: "is needed with discard, unless direction is from_provider"})
	}
	patch.Discard, patch.RemoveCopies = discard, remove
	rec, err := h.seen(tag).Configure(r.Context(), caller(r), k.Provider, patch)
	if err != nil {
		return err
	}
	return h.presenter().answer(w, r, http.StatusOK, rec)
}

// maxKinds bounds import_kinds; a catalogue entry has a handful.
const maxKinds = 20

func readPatch(r *http.Request) (p connect.Patch, err error) {
	var minutes *int
	err = readBody(r, map[string]field{
		"calendar_id": optional(&p.CalendarID), "direction": optional(&p.Direction),
		"interval_minutes": optional(&minutes), "import_kinds": optional(&p.ImportKinds),
	})
	if err != nil {
		return p, err
	}
	if minutes != nil { // bounded, so that no overflow makes sense of nonsense
		every := time.Duration(min(max(*minutes, 0), 1<<20)) * time.Minute
		p.Interval = &every
	}
	if p.CalendarID == nil && p.Direction == nil && p.Interval == nil && p.ImportKinds == nil {
		return p, fault.Fields(fault.Field{Field: "body", Message: "names no setting"})
	}
	if k := p.ImportKinds; k != nil {
		sorted := slices.Sorted(slices.Values(*k))
		if len(sorted) > maxKinds || len(slices.Compact(sorted)) != len(*k) {
			return p, fault.Fields(fault.Field{Field: "import_kinds", Message: "must be different kinds, at most 20"})
		}
	}
	return p, nil
}

// seen gives the use cases of a caller who changes only the record that their
// tag stands for; no tag stands for any. The tag is compared with the very record
// that the change is then conditional on.
func (h *Integrations) seen(tag string) *connect.Service {
	if tag == "" {
		return h.Flows.Service
	}
	return h.Flows.If(func(rec *integration.Integration) bool { return integrationTag(rec) == tag })
}

// transition is a route that is one transition and says nothing in its body.
func (h *Integrations) transition(do func(*connect.Service, context.Context, connect.Caller, string) (*integration.Integration, error)) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		k, err := key(r)
		if err != nil {
			return err
		}
		if err := nothing(r); err != nil {
			return err
		}
		tag, err := ifMatch(r)
		if err != nil {
			return err
		}
		rec, err := do(h.seen(tag), r.Context(), caller(r), k.Provider)
		if err != nil {
			return err
		}
		return h.presenter().answer(w, r, http.StatusOK, rec)
	}
}

func (h *Integrations) disconnect(w http.ResponseWriter, r *http.Request) error {
	k, tag, remove, err := removing(r)
	if err != nil {
		return err
	}
	rec, err := h.seen(tag).Disconnect(r.Context(), caller(r), k.Provider, remove)
	if err != nil {
		return err
	}
	return h.presenter().answer(w, r, http.StatusOK, rec)
}

func (h *Integrations) delete(w http.ResponseWriter, r *http.Request) error {
	k, tag, remove, err := removing(r)
	if err != nil {
		return err
	}
	if err := h.seen(tag).Delete(r.Context(), caller(r), k.Provider, remove); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// removing reads what disconnect and delete may say.
func removing(r *http.Request) (k integration.Key, tag string, remove bool, err error) {
	if k, err = key(r); err != nil {
		return k, "", false, err
	}
	q := readQuery(r, "remove_from_provider")
	remove = q.flag("remove_from_provider")
	if err := q.err(); err != nil {
		return k, "", false, err
	}
	if err := noBody(r); err != nil {
		return k, "", false, err
	}
	tag, err = ifMatch(r)
	return k, tag, remove, err
}
