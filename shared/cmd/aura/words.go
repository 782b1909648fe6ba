package main

import (
	"fmt"
	"strings"
)

// happened says what a run decided, for people: the console has the same words.
var happened = map[string]string{
	"created": "new in Aura", "updated": "changed in Aura", "deleted": "deleted in Aura", "inserted": "sent", "changed": "change sent",
	"deleted_there": "deletion sent", "merged": "merged", "taken_up": "taken up", "rebased": "brought up to date", "conflict": "conflict", "quarantined": "set aside",
	"held": "held back", "kept": "kept", "restored": "restored", "to_be_restored": "to be restored", "resync": "read anew", "occurrence_removed": "occurrence cancelled",
	"push_paused": "sending paused", "postponed": "postponed", "carried_over": "carried over", "not_applied": "not applied", "unlinked": "no longer linked",
	"discarded": "edit given up", "copy_removed": "copy removed", "copy_left": "copy left",
}

// happening gives the words for a decision. A code that is new is legible as it is.
func happening(what string) string {
	if s, ok := happened[what]; ok {
		return s
	}
	return strings.ReplaceAll(what, "_", " ")
}

// fieldWord names a field of an event in a sentence.
func fieldWord(f string) string {
	switch f {
	case "when":
		return "time"
	case "busy":
		return "busy or free"
	}
	return f
}

// sentence says what was decided and why; of a conflict both values and who won.
func sentence(d decisionShape) string {
	s := capital(happening(d.What)) + ": " + d.Why
	if d.Field == "" {
		return s
	}
	winner := "the provider's"
	if d.Won == "aura" {
		winner = "Aura's"
	}
	return s + fmt.Sprintf(". Of its %s Aura had %q and the provider %q; %s was kept, by the rule: %s", fieldWord(d.Field), d.Ours, d.Their, winner, d.Rule)
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
