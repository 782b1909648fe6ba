package dynamo

import (
	"fmt"
	"strconv"

	"aura.example/integrations/shared/integration"
)

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

// direction is the letter of the direction, and behind it, in base 36, the version of the
// record with which what waited was given up, where it was: it has few bytes to spare.
func direction(rec *integration.Integration) string {
	code := directionCodes.of(rec.Settings.Direction)
	if rec.GaveUpIn == 0 {
		return code
	}
	return code + strconv.FormatInt(rec.GaveUpIn, 36)
}

func directionOf(s string) (d integration.Direction, gaveUp int64, err error) {
	if len(s) < 2 {
		return directionCodes.word(s), 0, nil
	}
	if gaveUp, err = strconv.ParseInt(s[1:], 36, 64); err != nil {
		return "", 0, fmt.Errorf("the direction of a record: %w", err)
	}
	return directionCodes.word(s[:1]), gaveUp, nil
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
