// Package ssmsecrets reads secrets from SSM parameters (SecureStrings), whose
// names alone are configuration.
//
// A secret is read at the cold start and kept for five minutes. Then it is read
// again, and whatever was built from the old ones is built anew if one has
// changed: a rotated key reaches every sandbox within that time, without a
// deployment. While SSM doesn't answer, what was read last goes on being used.
package ssmsecrets

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	fresh = 5 * time.Minute
	again = 30 * time.Second // after a failed reading, while older secrets serve
)

// Getter gives the decrypted values of the parameters that exist, by name;
// *Client is the one.
type Getter interface {
	Parameters(ctx context.Context, names []string) (map[string]string, error)
}

// Secrets are values by parameter name. They print as nothing.
type Secrets struct{ values map[string]string }

// String keeps the values out of whatever prints a Secrets by accident.
func (Secrets) String() string { return "[secrets]" }

// GoString is String for %#v.
func (Secrets) GoString() string { return "[secrets]" }

// Text gives a secret as it is stored.
func (s Secrets) Text(name string) string { return s.values[name] }

// Key gives a secret that is a key of 32 bytes in base64. The error names the
// parameter and never its value.
func (s Secrets) Key(name string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(s.values[name])
	if err != nil || len(raw) != 32 {
		return nil, fmt.Errorf("SSM parameter %s must be 32 bytes in base64", name)
	}
	return raw, nil
}

// Built is something made from secrets. It is safe for concurrent use.
type Built[T any] struct {
	client Getter
	names  []string
	build  func(Secrets) (T, error)
	now    func() time.Time

	mu     sync.Mutex
	values map[string]string
	until  time.Time
	made   T
}

// New makes a Built; nothing is read yet. At most ten names, SSM's limit for
// one call.
func New[T any](client Getter, now func() time.Time, build func(Secrets) (T, error), names ...string) *Built[T] {
	return &Built[T]{client: client, names: names, build: build, now: now}
}

// Get gives what was built, building it anew where the secrets changed. A
// failure to read or build is an error only where there is nothing older.
func (b *Built[T]) Get(ctx context.Context) (T, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if now.Before(b.until) {
		return b.made, nil
	}
	values, err := b.read(ctx)
	if err == nil && maps.Equal(values, b.values) {
		b.until = now.Add(fresh)
		return b.made, nil
	}
	if err == nil {
		var made T
		if made, err = b.build(Secrets{values}); err == nil {
			b.made, b.values, b.until = made, values, now.Add(fresh)
			return made, nil
		}
	}
	if b.values != nil {
		b.until = now.Add(again)
		return b.made, nil
	}
	var none T
	return none, err
}

func (b *Built[T]) read(ctx context.Context) (map[string]string, error) {
	values, err := b.client.Parameters(ctx, b.names)
	if err != nil {
		return nil, fmt.Errorf("reading SSM parameters %v: %w", b.names, err)
	}
	for _, n := range b.names {
		if values[n] == "" {
			return nil, fmt.Errorf("SSM parameter %s doesn't exist or is empty", n)
		}
	}
	if len(values) != len(slices.Compact(slices.Sorted(slices.Values(b.names)))) {
		return nil, errors.New("SSM answered other parameters than were asked for")
	}
	return values, nil
}
