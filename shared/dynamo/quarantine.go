package dynamo

import (
	"context"
	"fmt"
	"strings"

	"aura.example/integrations/shared/calendar"
)

// Quarantined gives the events that can't be synced, by id.
func (t *Events) Quarantined(ctx context.Context, account string) ([]calendar.Quarantine, error) {
	out := []calendar.Quarantine{}
	err := t.each(ctx, accountPK(account), quarPrefix, func(it item) error {
		r := read(it)
		out = append(out, calendar.Quarantine{
			Account: account, EventID: strings.TrimPrefix(r.str(attrSK), quarPrefix), Provider: r.str("p"), ProviderID: r.str("i"),
			Title: r.str("ti"), Op: calendar.Operation(r.str("o")), Code: r.str("c"), Reason: r.str("re"), ETag: r.str("e"), Since: r.at("si"),
		})
		return r.err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the quarantine: %w", err)
	}
	return out, nil
}

// PutQuarantine stores one.
func (t *Events) PutQuarantine(ctx context.Context, q calendar.Quarantine) error {
	it := quarantineKey(q.Account, q.EventID).item()
	it.str("p", q.Provider)
	it.str("i", q.ProviderID)
	it.str("ti", q.Title)
	it.str("o", string(q.Op))
	it.str("c", q.Code)
	it.str("re", q.Reason)
	it.str("e", q.ETag)
	it.at("si", q.Since)
	return t.store(ctx, it, "storing a quarantine")
}

// DropQuarantine deletes one; one that is gone is no error.
func (t *Events) DropQuarantine(ctx context.Context, account, eventID string) error {
	return t.erase(ctx, quarantineKey(account, eventID), "ending a quarantine")
}
