package seed

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/googlesim/accounts"
	"aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/googlesim/icsfile"
)

//go:embed default.ics
var defaultFile []byte

// The accounts that a simulator has whatever the files say: at least two, so
// that switching between Google accounts can be tried.
const (
	DefaultAccount = "ana@example.com"
	secondAccount  = "ben@example.org"
	defaultZone    = "Europe/Madrid"
)

// names are what the default accounts are called on the consent page.
var names = map[string]string{DefaultAccount: "Ana Example", secondAccount: "Ben Example"}

// Default returns the calendars of the built-in file.
func Default() ([]icsfile.Calendar, error) {
	return icsfile.Parse("default.ics", bytes.NewReader(defaultFile))
}

// Read returns the calendars of the files, in their order. The error names
// the file, the line and the reason; nothing has happened then.
func Read(paths ...string) ([]icsfile.Calendar, error) {
	var out []icsfile.Calendar
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("the seed file can't be read: %w", err)
		}
		cals, err := icsfile.Parse(filepath.Base(path), f)
		f.Close()
		if err != nil {
			return nil, err
		}
		out = append(out, cals...)
	}
	return out, nil
}

// Into adds the calendars' accounts, calendars and events to a simulator. An
// event that the simulator cannot hold is an *icsfile.Error with its line; the
// simulator is then filled in part and should be thrown away.
func Into(sim *googlesim.Sim, calendars []icsfile.Calendar) error {
	p := planter{sim: sim, primary: map[string]bool{}, account: DefaultAccount}
	if len(calendars) == 0 || calendars[0].Account == "" && !isAddress(calendars[0].Name) {
		if err := p.addAccount(DefaultAccount, defaultZone); err != nil {
			return err
		}
	}
	for _, c := range calendars {
		if err := p.plant(c); err != nil {
			return err
		}
	}
	for _, email := range []string{secondAccount, DefaultAccount} {
		if len(sim.Accounts.Accounts()) < 2 {
			if err := p.addAccount(email, defaultZone); err != nil {
				return err
			}
		}
	}
	return nil
}

// planter remembers which accounts have their primary calendar filled.
type planter struct {
	sim     *googlesim.Sim
	account string // of the calendar before
	primary map[string]bool
}

func (p *planter) addAccount(email, zone string) error {
	for _, a := range p.sim.Accounts.Accounts() {
		if strings.EqualFold(a.Email, email) {
			return nil
		}
	}
	if _, err := p.sim.Accounts.AddAccount(accounts.Account{Email: email, Name: names[email]}); err != nil {
		return err
	}
	if err := p.sim.Calendar.AddAccount(email, zone); err != nil {
		return fmt.Errorf("adding account %s: %w", email, err)
	}
	return nil
}

func (p *planter) plant(c icsfile.Calendar) error {
	switch {
	case c.Account != "":
		p.account = strings.ToLower(c.Account)
	case isAddress(c.Name):
		p.account = strings.ToLower(c.Name)
	}
	zone := cmp.Or(c.TimeZone, defaultZone)
	if err := p.addAccount(p.account, zone); err != nil {
		return err
	}
	id, err := p.place(c, zone)
	if err != nil {
		return fmt.Errorf("%s: calendar %q: %w", c.File, c.Name, err)
	}
	for i, e := range c.Events {
		if _, err := p.sim.Calendar.PutEvent(id, own(e, id)); err != nil {
			return &icsfile.Error{File: c.File, Line: c.Lines[i], Reason: err.Error()}
		}
	}
	return nil
}

// own marks who of an event's people is the calendar itself and which guest is
// the organizer. No file says that, and Google decides by it who may change
// what; whoever organizes an event is also taken to have created it.
func own(e icsfile.Event, calendarID string) calendarv3.Event {
	out := calendarv3.Event(maps.Clone(e))
	is := func(person map[string]any, address string) bool {
		email, _ := person["email"].(string)
		return address != "" && strings.EqualFold(email, address)
	}
	organizer := calendarID
	if person, ok := e["organizer"].(map[string]any); ok {
		organizer, _ = person["email"].(string)
		person = maps.Clone(person)
		if is(person, calendarID) {
			person["self"] = true
		}
		out["organizer"], out["creator"] = person, maps.Clone(person)
	}
	guests, _ := e["attendees"].([]any)
	marked := make([]any, 0, len(guests))
	for _, g := range guests {
		guest, ok := g.(map[string]any)
		if !ok {
			continue
		}
		guest = maps.Clone(guest)
		if is(guest, calendarID) {
			guest["self"] = true
		}
		if is(guest, organizer) {
			guest["organizer"] = true
		}
		marked = append(marked, guest)
	}
	if len(marked) > 0 {
		out["attendees"] = marked
	}
	return out
}

// place finds or makes the calendar and returns its id.
func (p *planter) place(c icsfile.Calendar, zone string) (string, error) {
	role := calendarv3.Role(cmp.Or(c.Role, string(calendarv3.RoleOwner)))
	if strings.EqualFold(c.ID, p.account) || (c.ID == "" && !p.primary[p.account] && role == calendarv3.RoleOwner) {
		p.primary[p.account] = true
		return p.account, nil
	}
	meta := calendarv3.Calendar{ID: c.ID, Summary: cmp.Or(c.Name, "Calendar"), Description: c.Description, TimeZone: zone}
	if meta.ID == "" { // the same file makes the same calendars
		h := sha256.Sum256([]byte(p.account + "\n" + c.Name + "\n" + c.File))
		meta.ID = "c_" + hex.EncodeToString(h[:16]) + "@group.calendar.google.com"
	}
	return p.sim.Calendar.AddCalendar(p.account, meta, role)
}

func isAddress(name string) bool {
	at := strings.IndexByte(name, '@')
	return at > 0 && strings.Contains(name[at:], ".") && !strings.ContainsAny(name, " <>,;:/")
}
