package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/googlesim/accounts"
	"aura.example/integrations/shared/googlesim/icsfile"
	"aura.example/integrations/shared/googlesim/seed"
)

// config is the command line.
type config struct {
	Addr         string   `default:"127.0.0.1:8089" help:"Address to listen on; port 0 picks a free one."`
	State        string   `placeholder:"FILE" help:"Keep everything in this file between runs. Without it everything is forgotten at the end."`
	Seed         []string `placeholder:"FILE.ics" help:"Fill the calendars from iCalendar files instead of the built-in ones."`
	ClientID     string   `default:"local.apps.googlesim.example" help:"OAuth client id; the client may use any loopback redirect URI."`
	ClientSecret string   `default:"local-secret" help:"Its secret."`
	Redirect     []string `placeholder:"URI" help:"Further redirect URIs of the client, compared exactly."`
	Testing      bool     `help:"The client's consent screen is External and in Testing: refresh tokens live seven days."`
}

// saveEvery is how much of one's work a killed simulator may forget.
const saveEvery = time.Second

// run serves until ctx ends, then saves. Its errors are whole sentences for
// the person at the terminal.
func run(ctx context.Context, c config, out io.Writer) error {
	// Before anything is opened or listened to: a broken file starts nothing.
	calendars, err := readSeed(c.Seed)
	if err != nil {
		return err
	}
	sim := googlesim.New(googlesim.Options{AllowPush: allowPush})
	defer sim.Close()
	state, fresh, err := openState(sim, c)
	if err != nil {
		return err
	}
	if fresh {
		if err := seed.Into(sim, calendars); err != nil {
			return err
		}
	}
	client := accounts.Client{ID: c.ClientID, Secret: c.ClientSecret, Name: "Local app", AnyLoopback: true, RedirectURIs: c.Redirect, Testing: c.Testing}
	if err := sim.Accounts.AddClient(client); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is taken by another program: stop that, or choose another address with --addr", c.Addr)
	}
	if err != nil {
		return fmt.Errorf("%s can't be listened on: %w", c.Addr, err)
	}
	banner(out, sim, c, "http://"+listener.Addr().String())
	return serve(ctx, sim, state, listener)
}

func readSeed(paths []string) ([]icsfile.Calendar, error) {
	if len(paths) == 0 {
		return seed.Default()
	}
	return seed.Read(paths...)
}

// openState reports whether the simulator is empty and wants seeding.
func openState(sim *googlesim.Sim, c config) (state *googlesim.StateFile, fresh bool, err error) {
	if c.State == "" {
		return nil, true, nil
	}
	state, err = sim.OpenState(c.State)
	if err != nil {
		return nil, false, err
	}
	if state.Existed() && len(c.Seed) > 0 {
		return nil, false, fmt.Errorf("%s holds calendars already, and a seed would mix with them: move the file away or leave --seed out", c.State)
	}
	return state, !state.Existed(), nil
}

// allowPush lets push messages go to programs on this machine, which have no
// certificates, beside Google's own rule of https.
func allowPush(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || (u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()))
}

func banner(out io.Writer, sim *googlesim.Sim, c config, base string) {
	fmt.Fprintln(out, "Google Calendar simulator. It is not Google.")
	fmt.Fprintln(out, "  accounts       "+strings.Join(sim.Calendar.Accounts(), ", "))
	fmt.Fprintln(out, "  client id      "+c.ClientID)
	fmt.Fprintln(out, "  client secret  "+c.ClientSecret)
	fmt.Fprintln(out, "  discovery      "+base+"/.well-known/openid-configuration")
	fmt.Fprintln(out, "  Calendar API   "+base+"/calendar/v3/")
	fmt.Fprintln(out, "Ctrl-C ends it. Its page:")
	fmt.Fprintln(out, base+"/")
}

// serve answers until ctx ends, and saves meanwhile and at the end.
func serve(ctx context.Context, sim *googlesim.Sim, state *googlesim.StateFile, l net.Listener) error {
	server := &http.Server{Handler: sim, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()

	saving, stopSaving := context.WithCancel(context.Background())
	defer stopSaving()
	saved := make(chan error, 1)
	if state == nil {
		saved <- nil
	} else {
		tick := time.NewTicker(saveEvery)
		defer tick.Stop()
		go func() {
			saved <- state.Keep(saving, tick.C, func(err error) { fmt.Fprintln(os.Stderr, "googlesim: "+err.Error()) })
		}()
	}
	var err error
	select {
	case <-ctx.Done():
		// A fault may hold a request for minutes; nobody waits for that.
		limit, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if server.Shutdown(limit) != nil {
			server.Close()
		}
	case err = <-ended:
		err = fmt.Errorf("the server stopped: %w", err)
	}
	stopSaving() // the last save comes after the last request
	return errors.Join(err, <-saved)
}
