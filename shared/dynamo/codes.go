package dynamo

import "aura.example/integrations/shared/integration"

// Words that stand in every record are stored as one letter, since the record
// has 1 KB to fit into. Each letter stands for one word within its attribute; a
// word without a letter is stored as it is, so that a new one needs no line here.
var (
	triggerCodes = codes[integration.Trigger]{
		integration.TriggerConnected: "c", integration.TriggerResumed: "r", integration.TriggerSyncNow: "p",
		integration.TriggerSchedule: "s", integration.TriggerNotification: "n", integration.TriggerAuraEdit: "e",
		integration.TriggerContinuation: "h",
	}
	runStateCodes = codes[integration.RunState]{
		integration.RunQueued: "q", integration.RunRunning: "r", integration.RunSucceeded: "s",
		integration.RunFailed: "f", integration.RunSuperseded: "x",
	}
	phaseCodes = codes[integration.Phase]{
		integration.PhaseVerifying: "v", integration.PhasePulling: "p", integration.PhaseDeleting: "d",
		integration.PhasePushing: "o", integration.PhaseFinishing: "f",
	}
	directionCodes = codes[integration.Direction]{
		integration.TwoWay: "b", integration.FromProvider: "f", integration.ToProvider: "t",
	}
)

// gaveUp stands for the direction from_provider with Integration.GaveUp, which says
// something with that direction only: the record has no byte to spare for it.
const gaveUp = "g"

func directionOf(rec *integration.Integration) string {
	if rec.GaveUpWaiting() {
		return gaveUp
	}
	return directionCodes.of(rec.Settings.Direction)
}

// codes maps words to their letters.
type codes[T ~string] map[T]string

func (c codes[T]) of(word T) string {
	if code, ok := c[word]; ok {
		return code
	}
	return string(word)
}

func (c codes[T]) word(code string) T {
	for word, x := range c {
		if x == code {
			return word
		}
	}
	return T(code)
}
