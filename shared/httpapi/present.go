package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"aura.example/integrations/shared/integration"
)

// presenter renders integrations. Besides the record it reads the deletions
// that were held back, only while some are, and how polls are spread out, once
// a minute: a status stays one read.
type presenter struct {
	held  Held
	paced *Pacer
	now   func() time.Time
}

// Held gives the deletions that were held back; part of integration.Lists.
type Held interface {
	Held(ctx context.Context, key integration.Key) (*integration.HeldDeletions, error)
}

type heldDoc struct {
	Count  int      `json:"count"`
	Of     int      `json:"of"`
	Titles []string `json:"titles"`
	At     *string  `json:"at"`
}

// show renders a record as of now.
func (p presenter) show(ctx context.Context, rec *integration.Integration) (integrationDoc, error) {
	doc := showIntegration(rec, p.paced.of(ctx, rec), p.now())
	if rec.Reason == nil || rec.Reason.Code != integration.ReasonMassDeletionHeld || p.held == nil {
		return doc, nil
	}
	held, err := p.held.Held(ctx, rec.Key)
	if err != nil {
		return doc, fmt.Errorf("reading the held deletions: %w", err)
	}
	if held != nil {
		doc.HeldDeletions = &heldDoc{Count: held.Count, Of: held.Of, Titles: append([]string{}, held.Titles...), At: stamp(held.At)}
	}
	return doc, nil
}

// answer sends a record with the tag that a change has to present.
func (p presenter) answer(w http.ResponseWriter, r *http.Request, status int, rec *integration.Integration) error {
	doc, err := p.show(r.Context(), rec)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", doc.ETag)
	return answer(w, status, doc)
}
