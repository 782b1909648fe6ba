package recurrence

// The bounds of one expansion. They are far beyond what a page shows and far
// below what would hurt: a month of an hourly event is 744 occurrences.
const (
	maxPerSeries = 5_000   // occurrences of one series in one range
	maxTotal     = 50_000  // occurrences of one range altogether
	maxSteps     = 150_000 // wall-clock times looked at for one series, shown or not
	maxAtOnce    = 50_000  // times of one year, month, week or day of a rule
	maxLines     = 1_000   // recurrence lines of one event
	maxDates     = 10_000  // dates on its RDATE and EXDATE lines altogether
	maxNumber    = 1e9     // of any number in a rule, COUNT and INTERVAL included
)

// lastYear is the last one that rrule-go knows; nothing is expanded beyond it.
const lastYear = 9999

// cycle is the length in years of the Gregorian calendar's cycle: 146,097 days,
// which is a whole number of weeks, so that a date moved by it keeps its
// weekday, its month's length and its year's length.
const cycle = 400
