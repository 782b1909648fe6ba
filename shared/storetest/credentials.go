package storetest

import (
	"reflect"
	"testing"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/seal"
)

// credential stores one for generation 01A of this test's place.
func (w *world) credential(subject string) integration.Credential {
	w.t.Helper()
	rec := w.record(func(r *integration.Integration) { r.ID = "01A" })
	after := rec.Clone()
	after.Version++
	c := integration.Credential{
		Key: w.key, Generation: "01A", Subject: subject, Scopes: []string{"a", "b"},
		Sealed: seal.Envelope{Version: 1, KeyID: "oauth-2026-11-22", Data: []byte{0, 1, 2}},
	}
	w.must(w.Store.Apply(w.ctx, integration.Change{Before: rec, After: after, Credential: &c}))
	c.Version = 1
	return c
}

func testCredentials(t *testing.T, open Open) {
	others := func(w *world, subject string) int {
		w.t.Helper()
		n, err := w.Credentials.OthersOf(w.ctx, subject, w.key, "01A")
		w.must(err)
		return n
	}
	each(t, open, map[string]func(*world){
		"none": func(w *world) {
			_, err := w.Credentials.Credential(w.ctx, w.key, "01A")
			w.refuses(err, fault.NotFound, "")
			_, err = w.Credentials.Refresh(w.ctx, integration.Credential{Key: w.key, Generation: "01A"})
			w.refuses(err, fault.NotFound, "")
			w.must(w.Credentials.DropCredential(w.ctx, integration.Credential{Key: w.key, Generation: "01A", Subject: "s", Version: 1}))
		},
		"stored and renewed on the version read": func(w *world) {
			c := w.credential("s-" + w.key.Account)
			got, err := w.Credentials.Credential(w.ctx, w.key, "01A")
			w.must(err)
			if !reflect.DeepEqual(*got, c) {
				w.t.Errorf("got  %+v\nwant %+v", *got, c)
			}
			renewed := c
			renewed.Sealed = seal.Envelope{Version: 1, KeyID: "oauth-2026-11-23", Data: []byte{9}}
			renewed.Scopes = []string{"a"}
			stored, err := w.Credentials.Refresh(w.ctx, renewed)
			w.must(err)
			renewed.Version = 2
			if !reflect.DeepEqual(stored, renewed) {
				w.t.Errorf("got  %+v\nwant %+v", stored, renewed)
			}
			loser := c
			loser.Sealed.Data = []byte{8}
			_, err = w.Credentials.Refresh(w.ctx, loser)
			w.refuses(err, fault.Stale, "")
			if got, err = w.Credentials.Credential(w.ctx, w.key, "01A"); err != nil || !reflect.DeepEqual(*got, renewed) {
				w.t.Errorf("stored %+v, %v\nwant   %+v", got, err, renewed)
			}
		},
		"of one generation only": func(w *world) {
			w.credential("s-" + w.key.Account)
			_, err := w.Credentials.Credential(w.ctx, w.key, "01B")
			w.refuses(err, fault.NotFound, "")
		},
		"registered with its subject": func(w *world) {
			subject := "s-" + w.key.Account
			w.credential(subject)
			if n := others(w, subject); n != 0 {
				w.t.Errorf("it counts itself: %d", n)
			}
			other := newWorldOf(w, w.key.Account+"#2")
			other.credential(subject)
			third := newWorldOf(w, w.key.Account+"-3")
			third.credential("another subject")
			if n := others(w, subject); n != 1 {
				w.t.Errorf("%d others, want 1", n)
			}
			stored, err := w.Credentials.Credential(w.ctx, other.key, "01A")
			w.must(err)
			stale := *stored
			stale.Version--
			w.refuses(w.Credentials.DropCredential(w.ctx, stale), fault.Stale, "") // somebody reconnected meanwhile
			w.must(w.Credentials.DropCredential(w.ctx, *stored))
			if n := others(w, subject); n != 0 {
				w.t.Errorf("%d others after the other was dropped", n)
			}
			_, err = w.Credentials.Credential(w.ctx, other.key, "01A")
			w.refuses(err, fault.NotFound, "")
			if _, err = w.Credentials.Credential(w.ctx, w.key, "01A"); err != nil {
				w.t.Errorf("its own went with the other's: %v", err)
			}
		},
		"retired: stored still, and no longer counted": func(w *world) {
			subject := "s-" + w.key.Account
			w.credential(subject)
			other := newWorldOf(w, w.key.Account+"-2")
			theirs := other.credential(subject)
			stale := theirs
			stale.Version++
			w.refuses(w.Credentials.Retire(w.ctx, stale), fault.Stale, "") // somebody reconnected meanwhile
			if n := others(w, subject); n != 1 {
				w.t.Errorf("%d others after a refused retirement, want 1", n)
			}
			for range 2 { // the second time is no error
				w.must(w.Credentials.Retire(w.ctx, theirs))
			}
			if n := others(w, subject); n != 0 {
				w.t.Errorf("%d others, want none", n)
			}
			if _, err := w.Credentials.Credential(w.ctx, other.key, "01A"); err != nil {
				w.t.Errorf("the credential went as well: %v", err)
			}
			none := theirs
			none.Generation = "01NONE"
			w.refuses(w.Credentials.Retire(w.ctx, none), fault.Stale, "")
			rec := other.get()
			after := rec.Clone()
			after.Version++
			w.must(w.Store.Apply(w.ctx, integration.Change{Before: rec, After: after, Credential: &theirs}))
			if n := others(w, subject); n != 1 {
				w.t.Errorf("%d others after it was stored anew, want 1", n)
			}
		},
	})
}

// newWorldOf is another account of the same bundle.
func newWorldOf(w *world, account string) *world {
	o := *w
	o.key.Account = account
	return &o
}

func testKeys(t *testing.T, open Open) {
	each(t, open, map[string]func(*world){
		"the first one stays": func(w *world) {
			id := "oauth-" + w.id()
			_, err := w.Keys.DataKey(w.ctx, id)
			w.refuses(err, fault.NotFound, "")
			k := seal.DataKey{ID: id, Purpose: "oauth", Wrapped: []byte("wrapped"), Created: at(1)}
			stored, err := w.Keys.AddDataKey(w.ctx, k)
			if err != nil || !reflect.DeepEqual(stored, k) {
				w.t.Errorf("added %+v, %v", stored, err)
			}
			later := k
			later.Wrapped = []byte("another")
			stored, err = w.Keys.AddDataKey(w.ctx, later)
			if err != nil || !reflect.DeepEqual(stored, k) {
				w.t.Errorf("the loser got %+v, %v; want the winner's", stored, err)
			}
			if got, err := w.Keys.DataKey(w.ctx, id); err != nil || !reflect.DeepEqual(got, k) {
				w.t.Errorf("stored %+v, %v", got, err)
			}
		},
	})
}
