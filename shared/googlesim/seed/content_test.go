package seed_test

import (
	"fmt"
	"strings"
	"time"
)

const (
	ana = "ana@example.com"
	ben = "ben@example.org"
)

// generate writes the default file: an interior design studio in Madrid, its
// holidays, a calendar that is still empty, and a colleague in New York.
func generate() string {
	f := &file{}
	f.calendar(ana, ana, "owner", ana, "Europe/Madrid", func() {
		f.series()
		f.appointments()
		f.traps()
	})
	f.calendar(ben, ben, "owner", ben, "America/New_York", f.newYork)
	// The '#' is Google's: it must be escaped in every address.
	f.calendar(ana, "en.example#holiday@group.v.calendar.google.com", "reader", "Public holidays", "Europe/Madrid", f.holidays)
	f.calendar(ana, "c_viewings0000000000000000@group.calendar.google.com", "owner", "Viewings", "Europe/Madrid", nil)
	// Ana sees only when Ben is busy.
	f.calendar(ana, ben, "freeBusyReader", "", "America/New_York", nil)
	return f.String()
}

// series are the events that recur, with what happens to series in real life.
func (f *file) series() {
	standup := f.add(event{title: "Stand-up", from: "20260907T091500", to: "20260907T093000", alarm: "-PT5M",
		guests:    []string{ana + "|Ana Example|ACCEPTED", "sam@example.com|Sam Sample|ACCEPTED", "robin@example.com|Robin Placeholder|TENTATIVE"},
		organizer: ana,
		rules: []string{"RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH",
			"EXDATE;TZID=Europe/Madrid:20261012T091500,20261102T091500", "EXDATE;TZID=Europe/Madrid:20261208T091500"}})
	f.add(event{uid: standup, original: "20261026T091500", title: "Stand-up (clocks have changed)", from: "20261026T100000", to: "20261026T101500", sequence: 1})
	f.add(event{uid: standup, original: "20261105T091500", title: "Stand-up", from: "20261105T091500", to: "20261105T093000", status: "CANCELLED"})
	f.add(event{uid: standup, original: "20261119T091500", title: "Stand-up at the client's", from: "20261120T091500", to: "20261120T094500", place: "12 Example Street", sequence: 1})

	f.add(event{title: "Week planning", from: "20260907T100000", to: "20260907T110000", place: "Big table",
		rules: []string{"RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20270628T215959Z;BYDAY=MO"}})
	oneToOne := f.add(event{title: "One-to-one with Sam", from: "20260909T160000", to: "20260909T163000", class: "PRIVATE",
		organizer: ana, guests: []string{ana + "|Ana Example|ACCEPTED", "sam@example.com|Sam Sample|ACCEPTED"},
		rules: []string{"RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=26;BYDAY=WE"}})
	f.add(event{uid: oneToOne, original: "20261104T160000", title: "One-to-one with Sam (walk)", from: "20261104T173000", to: "20261104T181500", class: "PRIVATE", place: "Example Park", sequence: 2})
	f.add(event{title: "Invoices", text: "Everything delivered up to the 25th.", from: "20260925T120000", to: "20260925T133000",
		rules: []string{"RRULE:FREQ=MONTHLY;BYDAY=-1FR"}, alarm: "-P1D"})
	f.add(event{title: "VAT return", from: "20261020", to: "20261021", free: true,
		rules: []string{"RRULE:FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY=20"}})
	f.add(event{title: "Rent is due", from: "20261001", to: "20261002", free: true,
		rules: []string{"RRULE:FREQ=MONTHLY;COUNT=14;BYMONTHDAY=1", "EXDATE;VALUE=DATE:20270101"}})
	f.add(event{title: "Sam's birthday", from: "20261203", to: "20261204", free: true, rules: []string{"RRULE:FREQ=YEARLY"}})
	f.add(event{title: "29 February club", from: "20240229", to: "20240301", free: true, rules: []string{"RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"}})
	f.add(event{title: "English class", zone: "Europe/London", from: "20260915T173000", to: "20260915T183000",
		rules: []string{"RRULE:FREQ=WEEKLY;UNTIL=20270617T225959Z;BYDAY=TU,TH", "EXDATE;TZID=Europe/London:20261222T173000,20261224T173000,20261229T173000,20261231T173000"}})
	// For some weeks a year the distance to New York is five hours, not six.
	call := f.add(event{title: "Call with New York", zone: "America/New_York", from: "20260910T100000", to: "20260910T104500", organizer: ben,
		guests: []string{ben + "|Ben Example|ACCEPTED", ana + "|Ana Example|ACCEPTED"}, rules: []string{"RRULE:FREQ=WEEKLY;BYDAY=TH"}})
	f.add(event{uid: call, original: "20261126T100000", zone: "America/New_York", title: "Call with New York", from: "20261126T100000", to: "20261126T104500", status: "CANCELLED"})
	f.add(event{title: "Tile supplier", zone: "Asia/Tokyo", from: "20261007T170000", to: "20261007T173000",
		rules: []string{"RRULE:FREQ=MONTHLY;COUNT=9;BYDAY=1WE", "RDATE;TZID=Asia/Tokyo:20261216T170000"}})
	f.add(event{title: "On call", from: "20261010", to: "20261012", rules: []string{"RRULE:FREQ=WEEKLY;INTERVAL=4;BYDAY=SA", "EXDATE;VALUE=DATE:20261205"}})
	f.add(event{title: "Backup of the drawings", zone: "UTC", from: "20260901T020000", to: "20260901T023000", free: true, rules: []string{"RRULE:FREQ=DAILY;INTERVAL=3"}})
	f.add(event{title: "Lunch", from: "20260907T140000", to: "20260907T150000", free: true, rules: []string{"RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"}})
}

var (
	clients = []string{"alex|Alex Example", "kim|Kim Sample", "jo|Jo Placeholder", "max|Max Mustermann", "noa|Noa Nobody",
		"pat|Pat Person", "lee|Lee Someone", "eva|Eva Anyone", "tom|Tom Tester", "ida|Ida Instance", "uli|Uli Unknown"}
	visits = []struct {
		title, text string
		minutes     int
	}{
		{"First consultation", "Wishes, budget, time. Bring the sample folder.", 60},
		{"Site visit", "Measure and photograph every room.", 90},
		{"Concept presentation", "Two variants, mood board, first figures.", 75},
		{"Material selection", "Floor, tiles, fabrics.\nSamples are in box 3.", 60},
		{"Offer", "", 30},
		{"Construction meeting", "With carpenter and electrician.", 45},
		{"Delivery", "Somebody has to be there.", 120},
		{"Handover", "Keys, warranty papers, photographs.", 60},
		{"Call", "", 20},
	}
	rooms = []string{"kitchen", "living room", "bathroom", "office", "shop", "loft", "terrace"}
	hours = [][2]int{{10, 0}, {11, 30}, {13, 0}, {15, 30}, {17, 0}}
)

// appointments are the single events of ten months, spread over the working
// days by arithmetic: it looks like a life and is the same in every run.
func (f *file) appointments() {
	start := time.Date(2026, 9, 21, 0, 0, 0, 0, time.UTC)
	for n := range 152 {
		t := start.AddDate(0, 0, n*2+n*n%3)
		for t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
			t = t.AddDate(0, 0, 1)
		}
		visit, room, client := visits[n*7%len(visits)], rooms[n*3%len(rooms)], strings.Split(clients[n*5%len(clients)], "|")
		hour := hours[n*11%len(hours)]
		from := t.Add(time.Duration(hour[0])*time.Hour + time.Duration(hour[1])*time.Minute)
		e := event{
			title: fmt.Sprintf("%s: %s, %s", visit.title, room, client[1]),
			text:  visit.text,
			from:  from.Format(local),
			to:    from.Add(time.Duration(visit.minutes) * time.Minute).Format(local),
			place: fmt.Sprintf("%d Example Street", 1+n*13%99),
		}
		address := client[0] + "@example.org"
		switch n % 7 {
		case 1, 4:
			e.organizer = ana
			e.guests = []string{ana + "|Ana Example|ACCEPTED", address + "|" + client[1] + "|" + []string{"ACCEPTED", "NEEDS-ACTION", "TENTATIVE", "DECLINED"}[n%4]}
		case 5:
			e.status = "TENTATIVE"
		}
		if n%9 == 0 {
			e.alarm = "-PT30M"
		}
		if n%28 == 17 {
			e.status, e.title = "CANCELLED", e.title+" (called off)"
		}
		f.add(e)
	}
}

// traps are single events that synchronisations are known to stumble over.
func (f *file) traps() {
	for _, e := range []event{
		{title: "Night of the clock change", text: "Thirteen hours by the clock on the wall, fourteen by any other.", from: "20261024T210000", to: "20261025T100000"},
		{title: "Spring clock change", from: "20270327T230000", to: "20270328T043000"},
		{title: "Flight to New York", zone: "UTC", from: "20261110T103000", to: "20261110T190000", place: "Airport, terminal 4"},
		{title: "Design fair", text: "Stand 7, hall 4", from: "20270420T090000", to: "20270423T180000", place: "Exhibition centre"},
		{title: "Holiday", from: "20261224", to: "20270103", class: "PRIVATE"},
		{title: "School closed", from: "20261207", to: "20261208", free: true},
		{title: "Moving house", from: "20270213", to: "20270215"},
		{title: "Tax office closed", from: "20270319", to: "20270320", free: true},
		{title: "Past midnight", from: "20261204T233000", to: "20261205T003000"},
		{title: "From midnight to midnight, but not all day", from: "20261215T000000", to: "20261216T000000"},
		{title: "A moment", from: "20261201T120000", to: "20261201T120000"},
		{title: "", text: "An event without a title.", from: "20261127T080000", to: "20261127T083000"},
		{title: `Moodboard for <b>Kim</b> & "Co" <script>alert('kitchen')</script>`, from: "20261123T090000", to: "20261123T093000"},
		{title: "Notes with markup", text: `<p>See <a href="https://example.com/plan">the plan</a>:</p><ul><li>north wall &amp; window</li></ul><img src="x" onerror="alert(1)">`, from: "20261124T183000", to: "20261124T190000"},
		{title: "Diseño 🛋️ für 東京 – עיצוב", text: "Line one\nLine two; with, commas\\ and a backslash\n\nÜber alles: äöüß", from: "20261125T103000", to: "20261125T113000", place: "Calle de Ejemplo 1,\n28000 Madrid"},
		{title: strings.TrimSpace(strings.Repeat("A very long title that somebody pasted ", 12)), from: "20261130T110000", to: "20261130T120000"},
		{title: "Long notes", text: strings.TrimSpace(strings.Repeat("Every wall, every door, every lamp is described here at length. ", 60)), from: "20261130T170000", to: "20261130T180000"},
		{title: "Accountant's seminar", organizer: "pat@example.org", from: "20261202T150000", to: "20261202T170000",
			guests: []string{"pat@example.org|Pat Person|ACCEPTED", ana + "|Ana Example|DECLINED"}},
		{title: "Neighbourhood evening", organizer: "eva@example.org", from: "20261211T190000", to: "20261211T220000", place: "Courtyard",
			guests: []string{"eva@example.org|Eva Anyone|ACCEPTED", ana + "|Ana Example|NEEDS-ACTION", "tom@example.org|Tom Tester|TENTATIVE|OPT"}},
		{title: "Photographer", organizer: ana, from: "20261217T100000", to: "20261217T130000",
			guests: []string{ana + "|Ana Example|ACCEPTED", "noa@example.org|Noa Nobody|ACCEPTED", "uli@example.org|Uli Unknown|DECLINED|OPT", "ida@example.org|Ida Instance|NEEDS-ACTION"}},
		{title: "Dentist", class: "PRIVATE", from: "20261209T083000", to: "20261209T091500", alarm: "-PT1H"},
		{title: "Showroom in Tokyo", zone: "Asia/Tokyo", from: "20270309T100000", to: "20270309T120000"},
		{title: "Workshop in New York", zone: "America/New_York", from: "20261101T003000", to: "20261101T033000", text: "Across the hour that comes twice there."},
		{title: "Focus time, free for others", free: true, from: "20261203T093000", to: "20261203T130000"},
		{title: "Called off by the client", status: "CANCELLED", from: "20261218T160000", to: "20261218T170000"},
	} {
		f.add(e)
	}
}

// newYork is the colleague's calendar.
func (f *file) newYork() {
	f.add(event{title: "Call with Madrid", zone: "America/New_York", from: "20260910T100000", to: "20260910T104500", organizer: ben,
		rules: []string{"RRULE:FREQ=WEEKLY;BYDAY=TH", "EXDATE;TZID=America/New_York:20261126T100000"}})
	f.add(event{title: "Thanksgiving", zone: "America/New_York", from: "20261126", to: "20261128", free: true})
	for n := range 18 {
		day := "20261102"
		f.add(event{title: fmt.Sprintf("Client meeting %d", n+1), zone: "America/New_York",
			from: at(day, n*3+n/5*2, 9+n%6, 0), to: at(day, n*3+n/5*2, 10+n%6, 0), place: fmt.Sprintf("%d Example Avenue", 100+n)})
	}
}

// holidays are all-day events, year by year: nobody's rule, a list.
func (f *file) holidays() {
	for _, h := range []string{
		"20261012 National Day", "20261102 All Saints (moved)", "20261207 Constitution Day (moved)", "20261208 Immaculate Conception",
		"20261225 Christmas Day", "20270101 New Year's Day", "20270106 Epiphany", "20270325 Maundy Thursday", "20270326 Good Friday",
		"20270501 Labour Day", "20270503 Regional holiday (moved)", "20270515 Patron saint", "20270816 Assumption (moved)",
		"20271012 National Day", "20271101 All Saints", "20271109 City holiday", "20271206 Constitution Day", "20271208 Immaculate Conception", "20271225 Christmas Day",
	} {
		date, title, _ := strings.Cut(h, " ")
		next, err := time.Parse("20060102", date)
		if err != nil {
			panic(err)
		}
		f.add(event{title: title, from: date, to: next.AddDate(0, 0, 1).Format("20060102"), free: true, class: "PUBLIC"})
	}
}
