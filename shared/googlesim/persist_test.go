package googlesim_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/googlesim/accounts"
	"aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/googlesim/discovery"
)

const ana = "ana@example.com"

// opened is a simulator on a state file.
func opened(t *testing.T, path string) (*googlesim.Sim, *googlesim.StateFile) {
	t.Helper()
	sim := googlesim.New(googlesim.Options{Around: discovery.Around(t, true)})
	t.Cleanup(sim.Close)
	f, err := sim.OpenState(path)
	if err != nil {
		t.Fatal(err)
	}
	return sim, f
}

func person(t *testing.T, sim *googlesim.Sim) {
	t.Helper()
	if _, err := sim.Accounts.AddAccount(accounts.Account{Email: ana, Name: "Ana Example"}); err != nil {
		t.Fatal(err)
	}
	if err := sim.Calendar.AddAccount(ana, "Europe/Madrid"); err != nil {
		t.Fatal(err)
	}
}

func insert(t *testing.T, sim *googlesim.Sim, summary string) calendarv3.Event {
	t.Helper()
	e, err := sim.Calendar.Insert(ana, ana, calendarv3.Event{
		"summary": summary,
		"start":   map[string]any{"date": "2026-12-01"},
		"end":     map[string]any{"date": "2026-12-02"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEverythingSurvivesARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "made", "on", "the", "way", "sim.json")
	sim, f := opened(t, path)
	if f.Existed() {
		t.Error("there was no state yet")
	}
	person(t, sim)
	if err := sim.Accounts.AddClient(accounts.Client{ID: "c", Secret: "s"}); err != nil {
		t.Fatal(err)
	}
	e := insert(t, sim, "kept")
	sim.Clock.Advance(48 * time.Hour)
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}

	again, g := opened(t, path)
	if !g.Existed() {
		t.Error("the state was not found")
	}
	got, err := again.Calendar.Event(ana, ana, e["id"].(string))
	if err != nil || !reflect.DeepEqual(got, e) {
		t.Errorf("%v became %v (%v)", e, got, err)
	}
	if !reflect.DeepEqual(again.Accounts.Accounts(), sim.Accounts.Accounts()) || !reflect.DeepEqual(again.Accounts.Clients(), sim.Accounts.Clients()) {
		t.Error("accounts or clients are not the same")
	}
	if again.Clock.Offset() != 48*time.Hour {
		t.Errorf("the clock is %v ahead", again.Clock.Offset())
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v): the file holds secrets", info.Mode(), err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("left beside the file: %v (%v)", left, err)
	}
}

func TestSaveWritesOnlyWhatChangedAndALostFileAnew(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sim.json")
	sim, f := opened(t, path)
	person(t, sim)
	writes := func(name string, want bool, change func()) {
		t.Helper()
		before, _ := os.Stat(path)
		change()
		if err := f.Save(); err != nil {
			t.Fatal(err)
		}
		after, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		// A new file took the old one's place, or none did.
		if wrote := before == nil || !os.SameFile(before, after); wrote != want {
			t.Errorf("%s: written %v, want %v", name, wrote, want)
		}
	}
	writes("first", true, func() {})
	writes("nothing", false, func() {})
	writes("an event", true, func() { insert(t, sim, "x") })
	writes("a client", true, func() {
		if err := sim.Accounts.AddClient(accounts.Client{ID: "c", Secret: "s"}); err != nil {
			t.Fatal(err)
		}
	})
	writes("the clock", true, func() { sim.Clock.Advance(time.Hour) })
	if err := errors.Join(os.Remove(path), f.Save()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("a lost file was not written anew: %v", err)
	}
}

func TestBrokenFileIsOnePlainSentenceAndIsNeverOverwritten(t *testing.T) {
	t.Parallel()
	whole := filepath.Join(t.TempDir(), "sim.json")
	sim, f := opened(t, whole)
	person(t, sim)
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
	valid, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"next version":  strings.Replace(string(valid), `"googlesim":1`, `"googlesim":2`, 1),
		"cut off":       `{"googlesim":1,"acc`,
		"empty":         ``,
		"other program": `{"name":"something else"}`,
		"newer":         `{"googlesim":2}`,
		"no accounts":   `{"googlesim":1,"accounts":7,"calendar":{}}`,
		"no calendar":   `{"googlesim":1,"accounts":{},"calendar":{"version":99}}`,
	} {
		path := filepath.Join(t.TempDir(), "sim.json")
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		sim := googlesim.New(googlesim.Options{Around: discovery.Around(t, true)})
		t.Cleanup(sim.Close)
		f, err := sim.OpenState(path)
		if err == nil || f != nil {
			t.Errorf("%s: it was taken", name)
			continue
		}
		if msg := err.Error(); strings.Contains(msg, "\n") || !strings.Contains(msg, path) || !strings.Contains(msg, "move the file away") {
			t.Errorf("%s: %q", name, msg)
		}
		if now, err := os.ReadFile(path); err != nil || string(now) != data {
			t.Errorf("%s: the file was touched", name)
		}
	}
}

func TestFailedSaveKeepsTheOldFileAndTriesAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "sim.json")
	sim, f := opened(t, path)
	person(t, sim)
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
	// A folder in the file's place fails the rename for everyone, root too.
	old := filepath.Join(dir, "old.json")
	if err := errors.Join(os.Rename(path, old), os.MkdirAll(filepath.Join(path, "x"), 0o700)); err != nil {
		t.Fatal(err)
	}
	insert(t, sim, "kept")
	if err := f.Save(); err == nil {
		t.Fatal("saved over a folder")
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*.tmp")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := errors.Join(os.RemoveAll(path), os.Rename(old, path), f.Save()); err != nil {
		t.Fatal(err)
	}
	again, _ := opened(t, path)
	if stored, err := again.Calendar.Stored(ana); err != nil || len(stored) != 1 {
		t.Errorf("%d events (%v)", len(stored), err)
	}
}

func TestKeepSavesOnTicksAndAtTheEnd(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sim.json")
	sim, f := opened(t, path)
	person(t, sim)
	ctx, end := context.WithCancel(context.Background())
	tick, done := make(chan time.Time), make(chan error)
	go func() { done <- f.Keep(ctx, tick, func(err error) { t.Error(err) }) }()
	tick <- time.Time{}
	tick <- time.Time{} // taken only after the first was dealt with
	first, err := os.Stat(path)
	if err != nil {
		t.Fatal("nothing was saved on a tick")
	}
	insert(t, sim, "last")
	end()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if last, err := os.Stat(path); err != nil || os.SameFile(first, last) {
		t.Errorf("nothing was saved at the end (%v)", err)
	}
}
