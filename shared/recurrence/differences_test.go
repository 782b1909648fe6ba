package recurrence

import (
	"fmt"
	"strings"
	"testing"

	"github.com/teambition/rrule-go"
)

// difference is a set on which python-dateutil, rrule-go by itself and this
// package are not of one opinion, and what RFC 5545 says to it. All three are
// asked, so a new version of either library shows here.
type difference struct {
	name, start, zone string
	lines             []string
	// The first starts in UTC, basic format, or part of the error.
	dateutil, rruleGo, here string
	why                     string
}

var differences = []difference{
	{
		name: "two rules", start: "20260302T090000", zone: "Europe/Berlin", lines: []string{"RRULE:FREQ=WEEKLY;COUNT=2", "RRULE:FREQ=DAILY;COUNT=2"},
		dateutil: "20260302T080000Z 20260303T080000Z 20260309T080000Z",
		rruleGo:  "20260302T080000Z 20260303T080000Z",
		here:     "20260302T080000Z 20260303T080000Z 20260309T080000Z",
		why:      "3.8.5.2: the set is gathered from any of the rules (3.6.1: there SHOULD NOT be several, so there may). rrule-go keeps the last.",
	}, {
		name: "EXRULE", start: "20260302T090000", zone: "Europe/Berlin", lines: []string{"RRULE:FREQ=DAILY;COUNT=4", "EXRULE:FREQ=DAILY;INTERVAL=2"},
		dateutil: "20260303T080000Z 20260305T080000Z",
		rruleGo:  "20260302T080000Z 20260303T080000Z 20260304T080000Z 20260305T080000Z",
		here:     "20260303T080000Z 20260305T080000Z",
		why:      "RFC 2445, 4.8.5.2, where EXRULE is from. rrule-go passes it over.",
	}, {
		name: "DTSTART out of step", start: "20260302T090000", zone: "Europe/Berlin", lines: []string{"RRULE:FREQ=WEEKLY;BYDAY=WE;COUNT=3"},
		dateutil: "20260304T080000Z 20260311T080000Z 20260318T080000Z",
		rruleGo:  "20260304T080000Z 20260311T080000Z 20260318T080000Z",
		here:     "20260302T080000Z 20260304T080000Z 20260311T080000Z 20260318T080000Z",
		why:      "3.8.5.3: DTSTART defines the first instance, and a set whose DTSTART is out of step is undefined. Google Calendar is reported to show DTSTART and not to count it; 3.3.10 would count it.",
	}, {
		name: "a weekday beside a numbered one", start: "20260302T090000", zone: "Europe/Berlin", lines: []string{"RRULE:FREQ=MONTHLY;BYDAY=MO,2TU;COUNT=3"},
		dateutil: "it looked for too long",
		rruleGo:  "",
		here:     "20260302T080000Z 20260309T080000Z 20260310T080000Z",
		why:      "3.3.10: BYDAY is a list, each element adds to it. Both libraries want a day to be of both kinds.",
	}, {
		name: "a number beyond its month", start: "20260302T090000", zone: "Europe/Berlin", lines: []string{"RRULE:FREQ=YEARLY;BYMONTH=12;BYDAY=53MO"},
		dateutil: "IndexError",
		rruleGo:  "panic",
		here:     "20260302T080000Z",
		why:      "3.3.10: lawful; no month has a 53rd Monday, so nothing is added to DTSTART.",
	}, {
		name: "BYWEEKNO without BYDAY", start: "20260303T090000", zone: "Europe/Berlin", lines: []string{"RRULE:FREQ=YEARLY;BYWEEKNO=10;COUNT=3"},
		dateutil: "20260303T080000Z 20260304T080000Z 20260305T080000Z",
		rruleGo:  "20260303T080000Z 20260304T080000Z 20260305T080000Z",
		here:     "20260303T080000Z 20270309T080000Z 20280307T080000Z",
		why:      "3.3.10: what the rule leaves open is taken from DTSTART, here its weekday.",
	}, {
		name: "the last week of a short year", start: "20180101T000000", zone: "UTC", lines: []string{"RRULE:FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU;COUNT=3"},
		dateutil: "20210103T000000Z 20220102T000000Z 20270103T000000Z",
		rruleGo:  "20210103T000000Z 20220102T000000Z 20270103T000000Z",
		here:     "20180101T000000Z 20210103T000000Z 20270103T000000Z",
		why:      "3.3.10 with ISO 8601: 2 January 2022 is in week 52 of 2021, which has no 53rd. Both libraries count the weeks of the wrong year.",
	}, {
		name: "the first week, counted from the end", start: "20180101T000000", zone: "UTC", lines: []string{"RRULE:FREQ=YEARLY;BYWEEKNO=-52;BYDAY=MO;COUNT=3"},
		dateutil: "20180101T000000Z 20200106T000000Z 20210104T000000Z",
		rruleGo:  "20180101T000000Z 20200106T000000Z 20210104T000000Z",
		here:     "20180101T000000Z 20181231T000000Z 20200106T000000Z",
		why:      "3.3.10 with ISO 8601: 31 December 2018 is the Monday of week 1 of 2019, the 52nd from its end.",
	}, {
		name: "BYSETPOS in the first week", start: "20260303T090000", zone: "Europe/Berlin", lines: []string{"RRULE:FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=1"},
		dateutil: "20260306T080000Z 20260309T080000Z 20260316T080000Z",
		rruleGo:  "20260306T080000Z 20260309T080000Z 20260316T080000Z",
		here:     "20260303T080000Z 20260309T080000Z 20260316T080000Z",
		why:      "3.3.10: the set starts at the beginning of the interval, the week; its first is Monday the 2nd, before DTSTART.",
	}, {
		name: "a local time that doesn't exist", start: "20260307T023000", zone: "America/New_York", lines: []string{"RRULE:FREQ=DAILY;COUNT=3"},
		dateutil: "20260307T073000Z 20260308T073000Z 20260309T063000Z",
		rruleGo:  "20260307T073000Z 20260308T063000Z 20260309T063000Z",
		here:     "20260307T073000Z 20260308T073000Z 20260309T063000Z",
		why:      "3.8.5.3 with 3.3.5: by the offset before the gap. rrule-go leaves it to time.Date.",
	}, {
		name: "a local time that exists twice", start: "20261024T023000", zone: "Europe/Berlin", lines: []string{"RRULE:FREQ=DAILY;COUNT=3"},
		dateutil: "20261024T003000Z 20261025T003000Z 20261026T013000Z",
		rruleGo:  "20261024T003000Z 20261025T013000Z 20261026T013000Z",
		here:     "20261024T003000Z 20261025T003000Z 20261026T013000Z",
		why:      "3.8.5.3 with 3.3.5: the first of the two.",
	}, {
		name: "a rule without an end", start: "20260302T090000", zone: "Europe/Berlin", lines: []string{"RRULE:FREQ=YEARLY;INTERVAL=150"},
		dateutil: "20260302T080000Z 21760302T080000Z 23260302T080000Z",
		rruleGo:  "20260302T080000Z 21760302T080000Z",
		here:     "20260302T080000Z 21760302T080000Z 23260302T080000Z",
		why:      "3.3.10: it repeats for ever. rrule-go ends it after 292 years, the longest time.Duration.",
	}, {
		name: "UNTIL as a date", start: "20260302T090000", zone: "Europe/Berlin", lines: []string{"RRULE:FREQ=DAILY;UNTIL=20260304"},
		dateutil: "must be specified in UTC",
		rruleGo:  "20260302T080000Z 20260303T080000Z",
		here:     "20260302T080000Z 20260303T080000Z 20260304T080000Z",
		why:      "3.3.10: it MUST be of DTSTART's kind, so this is no rule of RFC 5545's; but it is common, and inclusive, as UNTIL is.",
	}, {
		name: "EXDATE as a date", start: "20260302T090000", zone: "Europe/Berlin", lines: []string{"RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20260303"},
		dateutil: "20260302T080000Z 20260303T080000Z 20260304T080000Z",
		rruleGo:  "20260302T080000Z 20260303T080000Z 20260304T080000Z",
		here:     "20260302T080000Z 20260304T080000Z",
		why:      "3.8.5.1 says nothing of a date beside times; whoever wrote it wanted the day gone, and nothing else could be meant.",
	}, {
		name: "COUNT and UNTIL", start: "20260302T090000", zone: "Europe/Berlin", lines: []string{"RRULE:FREQ=DAILY;COUNT=3;UNTIL=20260303T080000Z"},
		dateutil: "20260302T080000Z 20260303T080000Z",
		rruleGo:  "20260302T080000Z 20260303T080000Z",
		here:     "20260302T080000Z",
		why:      "3.3.10: they MUST NOT occur in the same rule. Not expanded, and marked.",
	}, {
		name: "a numbered weekday in a week", start: "20260302T090000", zone: "Europe/Berlin", lines: []string{"RRULE:FREQ=WEEKLY;BYDAY=2MO;COUNT=3"},
		dateutil: "20260302T080000Z 20260309T080000Z 20260316T080000Z",
		rruleGo:  "20260302T080000Z 20260309T080000Z 20260316T080000Z",
		here:     "20260302T080000Z",
		why:      "3.3.10: MUST NOT be. Both libraries pass the number over. Not expanded, and marked.",
	}, {
		name: "INTERVAL=0", start: "20260302T090000", zone: "Europe/Berlin", lines: []string{"RRULE:FREQ=DAILY;INTERVAL=0;COUNT=3"},
		dateutil: "20260302T080000Z",
		rruleGo:  "20260302T080000Z 20260303T080000Z 20260304T080000Z",
		here:     "20260302T080000Z",
		why:      "3.3.10: a positive integer. Not expanded, and marked.",
	}, {
		name: "a series of dates", start: "20260302", lines: []string{"RRULE:FREQ=DAILY;COUNT=2"},
		dateutil: "20260302 20260303",
		rruleGo:  "bad TZID",
		here:     "20260302 20260303",
		why:      "3.3.4. rrule-go can't read DTSTART;VALUE=DATE.",
	}, {
		name: "a zone that is an offset", start: "20260302T090000", zone: "Europe/Berlin", lines: []string{"RRULE:FREQ=DAILY;COUNT=2", "EXDATE;TZID=GMT+02:00:20260303T100000"},
		dateutil: "No time zone found",
		rruleGo:  "bad format",
		here:     "20260302T080000Z",
		why:      "3.2.19 leaves names to the writer; what this one means is beyond doubt.",
	}, {
		name: "a period", start: "20260302T090000", zone: "Europe/Berlin", lines: []string{"RDATE;VALUE=PERIOD:20260303T080000Z/PT2H"},
		dateutil: "unconverted data",
		rruleGo:  "unsupported: VALUE=PERIOD",
		here:     "20260302T080000Z 20260303T080000Z",
		why:      "3.8.5.2: an RDATE may be a period.",
	},
}

func TestWhereTheLibrariesDiffer(t *testing.T) {
	t.Parallel()
	var questions []question
	for _, d := range differences {
		q := question{Start: d.start, Zone: d.zone, Lines: d.lines, Until: "20400101T000000Z", Most: 50, Raw: true}
		switch {
		case d.zone == "":
			q.Until = "20400101"
		case strings.Contains(d.lines[0], "INTERVAL=150"):
			q.Until = "24000101T000000Z"
		}
		questions = append(questions, q)
	}
	answers := ask(t, questions)
	for i, d := range differences {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			said := strings.Join(answers[i].Starts, " ") + answers[i].Error
			if !matches(said, d.dateutil) {
				t.Errorf("dateutil says %s, not %s", said, d.dateutil)
			}
			if said = bare(d); !matches(said, d.rruleGo) {
				t.Errorf("rrule-go says %s, not %s", said, d.rruleGo)
			}
			starts, _ := own(t, questions[i])
			if said = strings.Join(starts, " "); !matches(said, d.here) {
				t.Errorf("here it is %s, and should be %s: %s", said, d.here, d.why)
			}
			if d.dateutil == d.here && d.rruleGo == d.here {
				t.Error("no difference")
			}
		})
	}
}

// matches says whether what was said is as wanted: up to three starts and, if
// fewer are wanted, no more than those; or an error that has it.
func matches(said, want string) bool {
	if !strings.HasPrefix(want, "2") {
		return strings.Contains(said, want) && (want != "" || said == "")
	}
	first := strings.Fields(said)
	wanted := strings.Fields(want)
	if len(wanted) == 3 {
		first = first[:min(3, len(first))]
	}
	return strings.Join(first, " ") == want
}

// bare asks rrule-go without this package around it.
func bare(d difference) (said string) {
	defer func() {
		if r := recover(); r != nil {
			said = fmt.Sprint("panic: ", r)
		}
	}()
	head := "DTSTART;TZID=" + d.zone + ":" + d.start
	if d.zone == "" {
		head = "DTSTART;VALUE=DATE:" + d.start
	}
	set, err := rrule.StrToRRuleSet(head + "\n" + strings.Join(d.lines, "\n"))
	if err != nil {
		return err.Error()
	}
	next := set.Iterator()
	var starts []string
	for range 50 {
		at, ok := next()
		if !ok {
			break
		}
		starts = append(starts, at.UTC().Format("20060102T150405Z"))
	}
	return strings.Join(starts, " ")
}
