package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/calendar"
)

// Attributes of an outbox item.
const (
	oxOp, oxBase, oxSent, oxNotify = "op", "b", "se", "ng"
	oxVersion, oxSince, oxRefused  = "v", "si", "rf"
	oxRest, oxHeirs, oxLater       = "rs", "hr", "lt"
	oxFormer, oxParted, oxFresh    = "fm", "pt", "fr"
	oxDropped, oxBeside, oxUnder   = "dr", "bs", "un"
	oxGeneration, oxFence          = eGeneration, eFence // the same guard as a row's
)

// Attributes of an attempt.
const atStamp, atFields, atContent, atVersion = "t", "f", "c", "v"

// outboxItem stores an item without its attempts, which have writes of their own.
func outboxItem(i *calendar.Item) item {
	it := outboxKey(i.Account, i.EventID).item()
	it.str(oxOp, string(i.Op))
	if i.Base != nil {
		it.sub(oxBase, contentItem(*i.Base))
	}
	it.decision(i.NotifyGuests)
	if f := i.Former; f != nil {
		it.sub(oxFormer, formerItem(f))
	}
	it.num(oxVersion, i.Version)
	it.at(oxSince, i.Since)
	it.num(oxUnder, i.Under)
	if r := i.Refused; r != nil {
		m := item{}
		m.str("c", r.Code)
		m.num("v", r.Version)
		m.str("e", r.ETag)
		it.sub(oxRefused, m)
	}
	if r := i.Rest; r != nil {
		it.sub(oxRest, restItem(r))
	}
	it.strs(oxHeirs, i.Heirs)
	it.dropped(i.Dropped)
	if p := i.Parted; p != nil {
		m := item{}
		m.strs("f", texts(p.Fields))
		m.at("u", p.Until)
		it.sub(oxParted, m)
	}
	if b := i.Beside; b != nil {
		m := item{}
		m.str("s", b.Series)
		m.sub("w", contentItem(b.Was))
		m.strs("h", b.Here)
		m.strs("t", b.There)
		m.strs("i", b.Heirs)
		it.sub(oxBeside, m)
	}
	if l := i.Later; l != nil {
		m := item{}
		m.num("v", l.Than)
		m.decision(l.Notify)
		it.sub(oxLater, m)
	}
	return it
}

// attempts stores the list of what may have reached the provider.
func attempts(list []calendar.Attempt) types.AttributeValue {
	out := make([]types.AttributeValue, len(list))
	for i, a := range list {
		m := item{}
		m.str(atStamp, a.Stamp)
		m.strs(atFields, texts(a.Fields))
		m.sub(atContent, contentItem(a.Content))
		m.num(atVersion, a.Version)
		out[i] = &types.AttributeValueMemberM{Value: m}
	}
	return &types.AttributeValueMemberL{Value: out}
}

func texts(fields []calendar.Field) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = string(f)
	}
	return out
}

func fieldsOf(texts []string) (out []calendar.Field) {
	for _, t := range texts {
		out = append(out, calendar.Field(t))
	}
	return out
}

func contentItem(c calendar.Content) item {
	it := item{}
	it.content(c)
	return it
}

func outboxOf(account string, it item) (*calendar.Item, error) {
	r := read(it)
	out := &calendar.Item{
		Account: account, EventID: r.str(attrSK)[min(len(outboxPrefix), len(r.str(attrSK))):],
		Op: calendar.Operation(r.str(oxOp)), Version: r.num(oxVersion), Since: r.at(oxSince), Under: r.num(oxUnder),
		Generation: r.str(oxGeneration), Fence: r.num(oxFence),
	}
	if b := r.sub(oxBase); b != nil {
		base := b.content()
		out.Base = &base
		r.join(b)
	}
	if f := r.sub(oxRefused); f != nil {
		out.Refused = &calendar.Refusal{Code: f.str("c"), Version: f.num("v"), ETag: f.str("e")}
		r.join(f)
	}
	out.NotifyGuests = r.decision()
	if f := r.sub(oxRest); f != nil {
		out.Rest = f.rest()
		r.join(f)
	}
	out.Heirs, out.Fresh = r.strs(oxHeirs), r.strs(oxFresh)
	out.Dropped = r.dropped(account)
	if f := r.sub(oxParted); f != nil {
		out.Parted = &calendar.Parted{Fields: fieldsOf(f.strs("f")), Until: f.at("u")}
		r.join(f)
	}
	if f := r.sub(oxBeside); f != nil {
		out.Beside = &calendar.Beside{Series: f.str("s"), Here: f.strs("h"), There: f.strs("t"), Heirs: f.strs("i")}
		if c := f.sub("w"); c != nil {
			out.Beside.Was = c.content()
			f.join(c)
		}
		r.join(f)
	}
	if f := r.sub(oxLater); f != nil {
		out.Later = &calendar.Later{Than: f.num("v"), Notify: f.decision()}
		r.join(f)
	}
	if f := r.sub(oxFormer); f != nil {
		out.Former = f.former()
		r.join(f)
	}
	for _, v := range r.list(oxSent) {
		out.Sent = append(out.Sent, r.attempt(v))
	}
	return out, r.err
}

func (r *reader) attempt(v types.AttributeValue) calendar.Attempt {
	m, ok := v.(*types.AttributeValueMemberM)
	if !ok {
		r.broken(oxSent, v)
		return calendar.Attempt{}
	}
	s := read(m.Value)
	a := calendar.Attempt{Stamp: s.str(atStamp), Version: s.num(atVersion)}
	a.Fields = fieldsOf(s.strs(atFields))
	if c := s.sub(atContent); c != nil {
		a.Content = c.content()
		s.join(c)
	}
	r.join(s)
	return a
}

// decision stores what was said of the guests: no is something else than that
// nobody decided.
func (it item) decision(notify *bool) {
	if notify != nil {
		it[oxNotify] = &types.AttributeValueMemberBOOL{Value: *notify}
	}
}

func (r *reader) decision() *bool {
	if !r.has(oxNotify) {
		return nil
	}
	n := r.flag(oxNotify)
	return &n
}

func restItem(r *calendar.Rest) item {
	m := item{}
	m.str("h", r.Heir)
	m.sub("f", timeItem(r.From))
	m.sub("w", timeItem(r.Was))
	m.sub("i", timeItem(r.Is))
	m.at("s", r.Since)
	m.flag("a", r.Anew)
	m.decision(r.Notify)
	return m
}

func (r *reader) rest() *calendar.Rest {
	return &calendar.Rest{Heir: r.str("h"), From: r.time("f"), Was: r.time("w"), Is: r.time("i"), Since: r.at("s"), Anew: r.flag("a"), Notify: r.decision()}
}
