package httpapi

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
)

// Status answers what there is and how it is: reads only, one unit each where
// one will do.
type Status struct {
	Catalogue   integration.Catalogue
	Store       integration.Store
	Lists       integration.Lists
	Journal     integration.Journal
	Quarantines Quarantined
	Paced       *Pacer
	Now         func() time.Time
}

// Quarantined gives the events that can't be synced; part of calendar.Store.
type Quarantined interface {
	Quarantined(ctx context.Context, account string) ([]calendar.Quarantine, error)
}

type providerDoc struct {
	Key    string     `json:"key"`
	Name   string     `json:"name"`
	Auth   string     `json:"auth"`
	Scopes []scopeDoc `json:"scopes"`
	Kinds  []kindDoc  `json:"kinds"`
}

type scopeDoc struct {
	Name     string `json:"name"`
	Purpose  string `json:"purpose"`
	Required bool   `json:"required"`
}

type kindDoc struct {
	Key  string `json:"key"`
	Name string `json:"name"`
}

func (h *Status) providers(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r, "limit", "cursor")
	page := q.page()
	if err := q.err(); err != nil {
		return err
	}
	var docs []providerDoc
	for _, p := range h.Catalogue {
		doc := providerDoc{Key: p.Key, Name: p.Name, Auth: p.Auth, Scopes: []scopeDoc{}, Kinds: []kindDoc{}}
		for _, s := range p.Scopes {
			doc.Scopes = append(doc.Scopes, scopeDoc{s.Name, s.Purpose, s.Required})
		}
		for _, k := range p.Kinds {
			doc.Kinds = append(doc.Kinds, kindDoc(k))
		}
		docs = append(docs, doc)
	}
	docs, next, err := paginate(docs, page, func(d providerDoc) string { return d.Key })
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, listOf(docs, next))
}

func (h *Status) list(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r, "limit", "cursor")
	page := q.page()
	if err := q.err(); err != nil {
		return err
	}
	recs, err := h.Store.List(r.Context(), caller(r).Account)
	if err != nil {
		return fmt.Errorf("listing integrations: %w", err)
	}
	recs, next, err := paginate(recs, page, func(rec *integration.Integration) string { return rec.Provider })
	if err != nil {
		return err
	}
	var docs []integrationDoc
	for _, rec := range recs {
		doc, err := h.presenter().show(r.Context(), rec)
		if err != nil {
			return err
		}
		docs = append(docs, doc)
	}
	return answer(w, http.StatusOK, listOf(docs, next))
}

func (h *Status) presenter() presenter { return presenter{held: h.Lists, paced: h.Paced, now: h.Now} }

func (h *Status) one(w http.ResponseWriter, r *http.Request) error {
	rec, err := h.record(r, readQuery(r))
	if err != nil {
		return err
	}
	return h.presenter().answer(w, r, http.StatusOK, rec)
}

// record gives the integration that the path names.
func (h *Status) record(r *http.Request, q *query) (*integration.Integration, error) {
	k, err := key(r)
	if err != nil {
		return nil, err
	}
	if err := q.err(); err != nil {
		return nil, err
	}
	rec, err := h.Store.Get(r.Context(), k)
	if err != nil {
		return nil, fmt.Errorf("reading the integration: %w", err)
	}
	return rec, nil
}

type entryDoc struct {
	ID            string  `json:"id"`
	At            *string `json:"at"`
	Transition    string  `json:"transition"`
	From          string  `json:"from"`
	To            string  `json:"to"`
	Actor         string  `json:"actor"`
	Reason        *string `json:"reason"`
	CorrelationID string  `json:"correlation_id"`
}

// history outlives the integration that it is about, so it is given for a
// provider whether or not there is an integration now; unknown providers have
// an empty one only where the catalogue knows them.
func (h *Status) history(w http.ResponseWriter, r *http.Request) error {
	k, err := h.listed(r)
	if err != nil {
		return err
	}
	q := readQuery(r, "limit", "cursor")
	page := q.page()
	if err := q.err(); err != nil {
		return err
	}
	entries, next, err := h.Journal.Entries(r.Context(), k, page, h.Now())
	if err != nil {
		return fmt.Errorf("reading the history: %w", ofCursor(err))
	}
	if len(entries) == 0 && page.Cursor == "" {
		if _, err := h.Store.Get(r.Context(), k); err != nil { // never was one: 404 like anything unknown
			return fmt.Errorf("reading the integration: %w", err)
		}
	}
	var docs []entryDoc
	for _, e := range entries {
		docs = append(docs, entryDoc{
			ID: e.ID, At: stamp(e.At), Transition: string(e.Transition), From: string(e.From), To: string(e.To),
			Actor: string(e.Actor), Reason: text(e.Reason), CorrelationID: cmp.Or(e.CorrelationID, e.ID),
		})
	}
	return answer(w, http.StatusOK, listOf(docs, next))
}

// listed gives the key that a path names, of a provider that the catalogue knows.
func (h *Status) listed(r *http.Request) (integration.Key, error) {
	k, err := key(r)
	if err != nil {
		return k, err
	}
	if _, err := h.Catalogue.Find(k.Provider); err != nil {
		return k, errNotFound()
	}
	return k, nil
}
