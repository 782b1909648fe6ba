package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// started runs the program and returns its page's address and what ends it.
func started(t *testing.T, c config) (page string, printed []string, end func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, c, w)
		w.CloseWithError(err)
		done <- err
	}()
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		printed = append(printed, lines.Text())
		if page = lines.Text(); strings.HasPrefix(page, "http://") {
			return page, printed, func() error { cancel(); return <-done }
		}
	}
	cancel()
	t.Fatalf("it did not start: %v", lines.Err())
	return "", nil, nil
}

func local(change func(*config)) config {
	c := config{Addr: "127.0.0.1:0", ClientID: "id", ClientSecret: "secret"}
	if change != nil {
		change(&c)
	}
	return c
}

func status(t *testing.T, url string) int {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	return r.StatusCode
}

func TestItServesPageOAuthAndCalendarAndSaysWhere(t *testing.T) {
	t.Parallel()
	page, printed, end := started(t, local(nil))
	for path, want := range map[string]int{
		"": 200, ".well-known/openid-configuration": 200, "oauth2/v3/certs": 200, "calendar/v3/users/me/calendarList": 401, "nowhere": 404,
	} {
		if got := status(t, page+path); got != want {
			t.Errorf("/%s: %d, want %d", path, got, want)
		}
	}
	all := strings.Join(printed, "\n")
	for _, want := range []string{"ana@example.com, ben@example.org", "id", "secret", "not Google"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not said in\n%s", want, all)
		}
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(page, "http://"), "/")); err == nil {
		t.Error("the port is still open")
	}
}

func TestStateSurvivesAndSeedOverItIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	state, ics := filepath.Join(dir, "sim.json"), filepath.Join(dir, "my.ics")
	file := "BEGIN:VCALENDAR\nX-WR-CALNAME:me@example.net\nBEGIN:VEVENT\nUID:1\nDTSTART:20261101T090000Z\nEND:VEVENT\nEND:VCALENDAR\n"
	if err := os.WriteFile(ics, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	_, first, end := started(t, local(func(c *config) { c.State, c.Seed = state, []string{ics} }))
	if err := end(); err != nil {
		t.Fatal(err)
	}
	_, second, end := started(t, local(func(c *config) { c.State = state }))
	if err := end(); err != nil {
		t.Fatal(err)
	}
	for _, printed := range [][]string{first, second} {
		if !slices.ContainsFunc(printed, func(l string) bool { return strings.Contains(l, "me@example.net") }) {
			t.Errorf("the account is missing: %q", printed)
		}
	}
	err := run(t.Context(), local(func(c *config) { c.State, c.Seed = state, []string{ics} }), io.Discard)
	if err == nil || !strings.Contains(err.Error(), state) || !strings.Contains(err.Error(), "move the file away") {
		t.Errorf("%v", err)
	}
}

func TestWhatKeepsItFromStartingIsOneSentence(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir := t.TempDir()
	broken, state := filepath.Join(dir, "broken.ics"), filepath.Join(dir, "broken.json")
	for path, data := range map[string]string{broken: "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:soon\nEND:VEVENT\nEND:VCALENDAR\n", state: "{"} {
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		config config
		want   string
	}{
		"port":    {local(func(c *config) { c.Addr = taken.Addr().String() }), "is taken by another program"},
		"seed":    {local(func(c *config) { c.Seed, c.State = []string{broken}, filepath.Join(dir, "new.json") }), "broken.ics:3: DTSTART"},
		"no seed": {local(func(c *config) { c.Seed = []string{"none.ics"} }), "none.ics"},
		"state":   {local(func(c *config) { c.State = state }), "move the file away"},
	} {
		err := run(t.Context(), c.config, io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "new.json")); err == nil {
		t.Error("a broken seed left a state behind")
	}
}

func TestSingleDashesWork(t *testing.T) {
	t.Parallel()
	got := doubleDashes([]string{"-addr", ":1", "-state=x", "--seed", "-h", "-"})
	if want := []string{"--addr", ":1", "--state=x", "--seed", "-h", "-"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
