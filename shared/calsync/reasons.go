package calsync

import "aura.example/integrations/shared/calendar"

// What a meeting came to is said as it is: that both sides changed an event only
// where both did. Who reads it asks why an event is as it is, and often only Aura's
// person has touched it: an occurrence is looked up before its first edit is sent, and
// what was sent before is found there, when the answer to it was lost.

// Why a meeting came out as it did.
const (
	whyBothSides    = "changed on both sides"
	whyHere         = "edited in Aura: no synced field was changed at the provider"
	whyThere        = "changed at the provider"
	whyThereLater   = "changed at the provider, where the edit in Aura had got before"
	whyArrived      = "edited in Aura: sent before, and found at the provider now"
	whySame         = "it is the same on both sides by now"
	whyElsewhere    = "its copy in this calendar is from another time than the event: of each field the newer holds"
	whyStillDeleted = "deleted in Aura: at the provider nothing was changed that keeps it"
	whyEndedToo     = "deleted in Aura: at the provider the series was divided or ended too, and nothing else of it was changed"
	whyGoneToo      = "deleted in Aura, and it is gone at the provider too" // whoever deleted it there: a deletion leaves no stamp
	whyBack         = "edited at the provider, deleted in Aura: the edit outlives the deletion"
	whyPutBack      = "edited in Aura, deleted at the provider: the edit outlives the deletion"
	whyAsItWas      = "edited in Aura: what had been changed at the provider before it was deleted there is kept"
	whyOverwritten  = "edited in Aura: what was changed at the provider is not applied, since this integration only sends edits there"
)

// What a merge is called.
const (
	whatMerged  = "merged"
	whatTakenUp = "taken_up" // of what only Aura changed
	whatUpdated = "updated"  // of what only the provider changed
)

// merging says what comes of an edit that meets a state of its event, and why.
func merging(ours calendar.Content, item *calendar.Item, theirs calendar.Remote) (what, why string) {
	here, there := item.Sides(ours, theirs)
	sent := item.Bears(theirs.Stamp)
	switch {
	case !here && !there && sent:
		return whatTakenUp, whyArrived
	case len(calendar.Differing(ours, theirs.Content)) == 0:
		return whatTakenUp, whySame
	case !there:
		return whatTakenUp, whyHere
	case item.Former != nil:
		return whatMerged, whyElsewhere
	case here:
		return whatMerged, whyBothSides
	case sent:
		return whatUpdated, whyThereLater
	}
	return whatUpdated, whyThere
}

// merges reports that a state was met by an edit, and not by a deletion.
func (m met) merges() bool {
	return m.what == whatMerged || m.what == whatTakenUp || m.what == whatUpdated
}

// sending is merging, where edits travel to the provider only.
func sending(ours calendar.Content, item *calendar.Item, theirs calendar.Remote) (what, why string) {
	if item.Op == calendar.OpDelete {
		return "rebased", "deleted in Aura, and this integration only sends edits to the provider"
	}
	what, why = merging(ours, item, theirs)
	if what == whatTakenUp {
		return what, why
	}
	return "rebased", whyOverwritten
}
