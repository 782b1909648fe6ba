package dynamo

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/calendar"
)

// Attributes of an event's row.
const (
	eTitle, eDescription, eLocation        = "ti", "de", "lo"
	eStart, eEnd, eRecurrence              = "s", "e", "rr"
	eStatus, eBusy, eVisibility            = "st", "bu", "vi"
	eKind, eGuests, eResponse, eConference = "k", "gs", "mr", "co"
	eOrganizer, eOrigin, eEdited           = "or", "og", "ed"
	eMaster, eOriginal, eLink              = "m", "os", "ln"
	ePending, eOdd, eReadOnly              = "pe", "od", "ro"
	eVersion, eCreated, eUpdated, eHash    = "v", "ca", "ua", "ch"
	eGeneration, eFence                    = "g", "f" // of the run that wrote the row last
)

// rowAttrs are all that a row may have besides its keys, its version and its
// last run's mark.
var rowAttrs = []string{
	attrTime, eTitle, eDescription, eLocation, eStart, eEnd, eRecurrence, eStatus, eBusy, eVisibility, eKind, eGuests, eResponse,
	eConference, eOrganizer, eOrigin, eEdited, eMaster, eOriginal, eLink, ePending, eOdd, eReadOnly, eCreated, eUpdated, eHash,
}

// Attributes of a link.
const lnProvider, lnCalendar, lnID, lnETag, lnUpdated, lnUnder = "p", "c", "i", "e", "u", "r"

func rowItem(r *calendar.Row) item {
	it := eventKey(r.Account, r.ID).item()
	it.str(attrTime, timeKey(calendar.PlaceOf(r)))
	it.str(eMaster, r.MasterID)
	it.sub(eOriginal, timeItem(r.OriginalStart))
	it.content(r.Content)
	it.mirror(r.Mirror)
	it.str(eOrigin, string(r.Origin))
	if len(r.Edited) > 0 {
		m := item{}
		for field, at := range r.Edited {
			m.at(field, at)
		}
		it.sub(eEdited, m)
	}
	if l := r.Link; l != nil {
		m := item{}
		m.str(lnProvider, l.Provider)
		m.str(lnCalendar, l.Calendar)
		m.str(lnID, l.ProviderID)
		m.str(lnETag, l.ETag)
		m.at(lnUpdated, l.Updated)
		m.num(lnUnder, l.Under)
		it.sub(eLink, m)
	}
	it.str(ePending, string(r.Pending))
	it.str(eOdd, r.Odd)
	it.flag(eReadOnly, r.ReadOnly)
	it.num(eVersion, r.Version)
	it.at(eCreated, r.CreatedAt)
	it.at(eUpdated, r.UpdatedAt)
	it.str(eHash, r.CreateHash)
	return it
}

func rowOf(account string, it item) (*calendar.Row, error) {
	r := read(it)
	row := &calendar.Row{
		Account: account, ID: r.str(attrSK)[min(len(eventPrefix), len(r.str(attrSK))):],
		MasterID: r.str(eMaster), OriginalStart: r.time(eOriginal),
		Content: r.content(),
		Mirror:  r.mirror(),
		Origin:  calendar.Origin(r.str(eOrigin)), Pending: calendar.Pending(r.str(ePending)), Odd: r.str(eOdd),
		ReadOnly: r.flag(eReadOnly), Version: r.num(eVersion), CreatedAt: r.at(eCreated), UpdatedAt: r.at(eUpdated), CreateHash: r.str(eHash),
	}
	if m := r.sub(eEdited); m != nil {
		row.Edited = make(map[string]time.Time, len(m.it))
		for field := range m.it {
			row.Edited[field] = m.at(field)
		}
		r.join(m)
	}
	row.Link = r.link()
	return row, r.err
}

// content stores the synced fields: of a row, and of an outbox item's states.
func (it item) content(c calendar.Content) {
	it.str(eTitle, c.Title)
	it.str(eDescription, c.Description)
	it.str(eLocation, c.Location)
	it.sub(eStart, timeItem(c.Start))
	it.sub(eEnd, timeItem(c.End))
	it.strs(eRecurrence, c.Recurrence)
	it.str(eStatus, string(c.Status))
	it.flag(eBusy, c.Busy)
	it.str(eVisibility, string(c.Visibility))
}

func (r *reader) content() calendar.Content {
	return calendar.Content{
		Title: r.str(eTitle), Description: r.str(eDescription), Location: r.str(eLocation),
		Start: r.time(eStart), End: r.time(eEnd), Recurrence: r.strs(eRecurrence),
		Status: calendar.EventStatus(r.str(eStatus)), Busy: r.flag(eBusy), Visibility: calendar.Visibility(r.str(eVisibility)),
	}
}

// mirror stores what is shown of the provider's side: of a row, and of a copy that
// an outbox item remembers.
func (it item) mirror(m calendar.Mirror) {
	it.str(eKind, m.Kind)
	it.guests(m.Guests)
	it.str(eResponse, m.MyResponse)
	it.str(eConference, m.Conference)
	it.flag(eOrganizer, m.Organizer)
}

func (r *reader) mirror() calendar.Mirror {
	return calendar.Mirror{
		Kind: r.str(eKind), Guests: r.guests(), MyResponse: r.str(eResponse), Conference: r.str(eConference), Organizer: r.flag(eOrganizer),
	}
}

func (r *reader) link() *calendar.Link {
	s := r.sub(eLink)
	if s == nil {
		return nil
	}
	l := &calendar.Link{
		Provider: s.str(lnProvider), Calendar: s.str(lnCalendar), ProviderID: s.str(lnID), ETag: s.str(lnETag), Updated: s.at(lnUpdated), Under: s.num(lnUnder),
		Generation: r.str(eGeneration), Fence: r.num(eFence),
	}
	r.join(s)
	return l
}

func timeItem(t calendar.Time) item {
	if t.IsZero() && t.Zone == "" {
		return nil
	}
	it := item{}
	it.str("d", t.Date)
	it.at("a", t.At)
	it.str("z", t.Zone)
	return it
}

func (r *reader) time(name string) calendar.Time {
	s := r.sub(name)
	if s == nil {
		return calendar.Time{}
	}
	t := calendar.Time{Date: s.str("d"), At: s.at("a"), Zone: s.str("z")}
	r.join(s)
	return t
}

func (it item) guests(guests []calendar.Guest) {
	if len(guests) == 0 {
		return
	}
	list := make([]types.AttributeValue, len(guests))
	for i, g := range guests {
		m := item{}
		m.str("e", g.Email)
		m.str("n", g.Name)
		m.str("r", g.Response)
		m.flag("o", g.Optional)
		m.flag("g", g.Organizer)
		m.flag("s", g.Self)
		list[i] = &types.AttributeValueMemberM{Value: m}
	}
	it[eGuests] = &types.AttributeValueMemberL{Value: list}
}

func (r *reader) guests() []calendar.Guest {
	list := r.list(eGuests)
	if list == nil {
		return nil
	}
	out := make([]calendar.Guest, len(list))
	for i, v := range list {
		m, ok := v.(*types.AttributeValueMemberM)
		if !ok {
			r.broken(eGuests, v)
			return nil
		}
		g := read(m.Value)
		out[i] = calendar.Guest{
			Email: g.str("e"), Name: g.str("n"), Response: g.str("r"), Optional: g.flag("o"), Organizer: g.flag("g"), Self: g.flag("s"),
		}
		r.join(g)
	}
	return out
}
