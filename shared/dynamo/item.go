package dynamo

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/oklog/ulid/v2"
)

// item is one stored item. Zero values are not stored at all: an attribute that
// is missing reads as its zero value, which keeps records under their 1 KB and
// lets a diff of two items say SET and REMOVE.
type item map[string]types.AttributeValue

func (it item) str(name, v string) {
	if v != "" {
		it[name] = &types.AttributeValueMemberS{Value: v}
	}
}

func (it item) num(name string, v int64) {
	if v != 0 {
		it[name] = number(v)
	}
}

func (it item) flag(name string, v bool) {
	if v {
		it[name] = &types.AttributeValueMemberBOOL{Value: true}
	}
}

// at stores a moment in milliseconds, rounded down: as precise as providers
// are, and 8 bytes.
func (it item) at(name string, t time.Time) {
	if !t.IsZero() {
		it[name] = moment(t)
	}
}

// second stores a moment in whole seconds, in half the bytes of its milliseconds.
func (it item) second(name string, t time.Time) {
	if !t.IsZero() {
		it[name] = second(t)
	}
}

func (it item) bytes(name string, v []byte) {
	if len(v) > 0 {
		it[name] = &types.AttributeValueMemberB{Value: v}
	}
}

func (it item) strs(name string, v []string) {
	if len(v) > 0 {
		list := make([]types.AttributeValue, len(v))
		for i, s := range v {
			list[i] = &types.AttributeValueMemberS{Value: s}
		}
		it[name] = &types.AttributeValueMemberL{Value: list}
	}
}

// sub stores a map, an empty one too: that it is there may mean something.
func (it item) sub(name string, m item) {
	if m != nil {
		it[name] = &types.AttributeValueMemberM{Value: m}
	}
}

// id stores an identifier: a ULID in its 16 bytes instead of 26 letters,
// anything else as it is.
func (it item) id(name, v string) {
	if v != "" {
		it[name] = ident(v)
	}
}

func ident(v string) types.AttributeValue {
	if u, err := ulid.ParseStrict(v); err == nil && u.String() == v {
		return &types.AttributeValueMemberB{Value: u[:]}
	}
	return text(v)
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func moment(t time.Time) types.AttributeValue { return number(t.UnixMilli()) }

func second(t time.Time) types.AttributeValue {
	return &types.AttributeValueMemberB{Value: binary.BigEndian.AppendUint32(nil, uint32(max(0, min(t.Unix(), math.MaxUint32))))}
}

// reader takes an item apart. The first attribute that isn't what it should be
// is kept as the error: what is stored may have been written by anybody.
type reader struct {
	it  item
	err error
}

func read(it item) *reader { return &reader{it: it} }

func (r *reader) broken(name string, v any) {
	if r.err == nil {
		r.err = fmt.Errorf("attribute %s is stored as %T, which can't be read", name, v)
	}
}

func (r *reader) has(name string) bool { return r.it[name] != nil }

func (r *reader) str(name string) string {
	switch v := r.it[name].(type) {
	case nil:
	case *types.AttributeValueMemberS:
		return v.Value
	default:
		r.broken(name, v)
	}
	return ""
}

func (r *reader) num(name string) int64 {
	switch v := r.it[name].(type) {
	case nil:
	case *types.AttributeValueMemberN:
		n, err := strconv.ParseInt(v.Value, 10, 64)
		if err == nil {
			return n
		}
		r.broken(name, v)
	default:
		r.broken(name, v)
	}
	return 0
}

func (r *reader) count(name string) int { return int(r.num(name)) }

func (r *reader) flag(name string) bool {
	switch v := r.it[name].(type) {
	case nil:
	case *types.AttributeValueMemberBOOL:
		return v.Value
	default:
		r.broken(name, v)
	}
	return false
}

func (r *reader) at(name string) time.Time {
	if !r.has(name) {
		return time.Time{}
	}
	return time.UnixMilli(r.num(name)).UTC()
}

func (r *reader) second(name string) time.Time {
	switch v := r.bytes(name); len(v) {
	case 0:
		return time.Time{}
	case 4:
		return time.Unix(int64(binary.BigEndian.Uint32(v)), 0).UTC()
	}
	r.broken(name, r.it[name])
	return time.Time{}
}

func (r *reader) bytes(name string) []byte {
	switch v := r.it[name].(type) {
	case nil:
	case *types.AttributeValueMemberB:
		return v.Value
	default:
		r.broken(name, v)
	}
	return nil
}

func (r *reader) id(name string) string {
	b, ok := r.it[name].(*types.AttributeValueMemberB)
	if !ok {
		return r.str(name)
	}
	var u ulid.ULID
	if len(b.Value) != len(u) {
		r.broken(name, b)
		return ""
	}
	copy(u[:], b.Value)
	return u.String()
}

func (r *reader) list(name string) []types.AttributeValue {
	switch v := r.it[name].(type) {
	case nil:
	case *types.AttributeValueMemberL:
		return v.Value
	default:
		r.broken(name, v)
	}
	return nil
}

func (r *reader) strs(name string) []string {
	list := r.list(name)
	if list == nil {
		return nil
	}
	out := make([]string, len(list))
	for i, e := range list {
		s, ok := e.(*types.AttributeValueMemberS)
		if !ok {
			r.broken(name, e)
			return nil
		}
		out[i] = s.Value
	}
	return out
}

// sub gives a map to take apart, or nil; join takes its error over.
func (r *reader) sub(name string) *reader {
	switch v := r.it[name].(type) {
	case nil:
	case *types.AttributeValueMemberM:
		return read(v.Value)
	default:
		r.broken(name, v)
	}
	return nil
}

func (r *reader) join(s *reader) {
	if r.err == nil {
		r.err = s.err
	}
}
