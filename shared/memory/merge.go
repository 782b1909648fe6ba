package memory

import (
	"reflect"
	"slices"

	"aura.example/integrations/shared/integration"
)

// merge gives the stored record with what differs between before and after
// written over it. What doesn't differ stays as it is stored, so that a run's
// commit between the read and this write isn't undone. It goes by the struct's
// fields, so that a new one can't be forgotten here.
func merge(stored, before, after *integration.Integration) *integration.Integration {
	out, from := stored.Clone(), after.Clone()
	o, b, f := reflect.ValueOf(out).Elem(), reflect.ValueOf(before).Elem(), reflect.ValueOf(from).Elem()
	for i := range o.NumField() {
		if !reflect.DeepEqual(b.Field(i).Interface(), f.Field(i).Interface()) {
			o.Field(i).Set(f.Field(i))
		}
	}
	return out
}

func cloneOrder(o *integration.Order) *integration.Order {
	c := *o
	c.Noted = slices.Clone(o.Noted)
	if o.Look != nil {
		l := *o.Look
		l.Kinds = slices.Clone(l.Kinds)
		c.Look = &l
	}
	if o.Channel != nil {
		ch := *o.Channel
		c.Channel = &ch
	}
	return &c
}

func cloneCredential(c *integration.Credential) *integration.Credential {
	d := *c
	d.Scopes = slices.Clone(c.Scopes)
	d.Sealed.Data = slices.Clone(c.Sealed.Data)
	return &d
}
