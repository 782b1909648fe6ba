package calendarv3

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"aura.example/integrations/shared/calendar"
)

// mostInstances bounds the pages that are looked through for one occurrence: by
// its original start there is one, and short or empty pages are legal.
const mostInstances = 10

// Occurrence finds one occurrence of a series; see calendar.ProviderWriter.
//
// Google documents how the ids of instances look, and events.instances with
// originalStart as the way to find one. It is looked up, never built: after
// "this and following" a series is called <base>_R<time> while its instances
// are <base>_<time>, and an id that is built wrongly names
// another series' occurrence or none.
func (a *account) Occurrence(ctx context.Context, calendarID, series string, original calendar.Time) (calendar.Remote, error) {
	token := ""
	for range mostInstances {
		call := a.client.service.Events.Instances(calendarID, series).
			Context(a.with(ctx)).
			OriginalStart(originally(original)).
			ShowDeleted(true). // cancelled ones are occurrences too
			Fields(instancesFields)
		if token != "" {
			call.PageToken(token)
		}
		answer, err := call.Do()
		if err != nil {
			return calendar.Remote{}, a.client.translate(opOccurrence, err)
		}
		if answer == nil || answer.AccessRole == "" {
			// Every list answer has one. What hangs on "no such occurrence" is an
			// edit's place, so it has to be Google that says so.
			return calendar.Remote{}, fmt.Errorf("%s: %w", opOccurrence, errUnreadable("a list without an access role"))
		}
		for _, e := range answer.Items {
			if e == nil || e.Id == "" {
				continue
			}
			if r := remote(e); r.MasterID == series && r.OriginalStart.SameMoment(original) {
				return r, nil
			}
		}
		if token = answer.NextPageToken; token == "" {
			break
		}
	}
	return calendar.Remote{}, errNoOccurrence()
}

// originally is an original start as a parameter.
func originally(t calendar.Time) string {
	if t.IsDate() {
		return t.Date
	}
	return t.At.UTC().Format(time.RFC3339)
}

// divided is how a series is called that began by "this and following".
var divided = regexp.MustCompile(`_R\d{8}(T\d{6})?$`)

// Divided compares what two series were before they were divided; see
// calendar.ProviderWriter.
func (a *account) Divided(series, other string) bool {
	return series != other && divided.ReplaceAllString(series, "") == divided.ReplaceAllString(other, "")
}
