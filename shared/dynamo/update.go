package dynamo

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// update writes one conditional write's expressions. Names and values go in
// only through name and value, so that nothing from outside is ever part of an
// expression's text, and no reserved word needs to be known.
type update struct {
	names  map[string]string
	values map[string]types.AttributeValue
	sets   []string
	drops  []string
	conds  []string
}

// name gives the placeholder of a path.
func (u *update) name(path ...string) string {
	if u.names == nil {
		u.names = map[string]string{}
	}
	out := make([]string, len(path))
	for i, p := range path {
		out[i] = "#" + p
		u.names[out[i]] = p
	}
	return strings.Join(out, ".")
}

// value gives the placeholder of a value.
func (u *update) value(v types.AttributeValue) string {
	if u.values == nil {
		u.values = map[string]types.AttributeValue{}
	}
	p := fmt.Sprintf(":%d", len(u.values))
	u.values[p] = v
	return p
}

func (u *update) text(s string) string { return u.value(text(s)) }

func (u *update) number(n int64) string { return u.value(number(n)) }

func (u *update) set(v types.AttributeValue, path ...string) {
	u.sets = append(u.sets, u.name(path...)+" = "+u.value(v))
}

// keep sets an attribute that isn't there yet, and leaves alone one that is.
func (u *update) keep(v types.AttributeValue, path ...string) {
	n := u.name(path...)
	u.sets = append(u.sets, fmt.Sprintf("%s = if_not_exists(%s, %s)", n, n, u.value(v)))
}

// add adds to a number, which counts from 0 where it isn't there yet.
func (u *update) add(n int64, path ...string) {
	p := u.name(path...)
	u.sets = append(u.sets, fmt.Sprintf("%s = if_not_exists(%s, %s) + %s", p, p, u.number(0), u.number(n)))
}

func (u *update) drop(path ...string) { u.drops = append(u.drops, u.name(path...)) }

// when adds a condition; all must hold.
func (u *update) when(format string, args ...any) {
	u.conds = append(u.conds, "("+fmt.Sprintf(format, args...)+")")
}

func (u *update) is(v types.AttributeValue, path ...string) {
	u.when("%s = %s", u.name(path...), u.value(v))
}

func (u *update) exists(path ...string) { u.when("attribute_exists(%s)", u.name(path...)) }

func (u *update) absent(path ...string) { u.when("attribute_not_exists(%s)", u.name(path...)) }

// equals requires an attribute to be as read, absent included.
func (u *update) equals(it item, name string) {
	if v, ok := it[name]; ok {
		u.is(v, name)
		return
	}
	u.absent(name)
}

// diff sets and removes what differs between two states of an item, keys aside.
func (u *update) diff(before, after item) {
	for _, name := range sorted(after) {
		if name != attrPK && name != attrSK && !reflect.DeepEqual(before[name], after[name]) {
			u.set(after[name], name)
		}
	}
	for _, name := range sorted(before) {
		if _, kept := after[name]; !kept {
			u.drop(name)
		}
	}
}

func sorted(it item) []string {
	names := make([]string, 0, len(it))
	for name := range it {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// expression renders the update expression, nil where nothing is written.
func (u *update) expression() *string {
	var parts []string
	if len(u.sets) > 0 {
		parts = append(parts, "SET "+strings.Join(u.sets, ", "))
	}
	if len(u.drops) > 0 {
		parts = append(parts, "REMOVE "+strings.Join(u.drops, ", "))
	}
	return joined(parts, " ")
}

// condition renders the condition, nil where there is none.
func (u *update) condition() *string { return joined(u.conds, " AND ") }

func joined(parts []string, sep string) *string {
	if len(parts) == 0 {
		return nil
	}
	s := strings.Join(parts, sep)
	return &s
}

// sameItem compares what is stored with what was to be.
func sameItem(a, b item) bool { return reflect.DeepEqual(a, b) }
