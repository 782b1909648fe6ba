package local

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/googlesim/accounts"
	"aura.example/integrations/shared/googlesim/seed"
)

// stateName is the simulator's file under the data folder.
const stateName = "google.json"

// saveEvery is how often the simulator's state is written where it changed.
const saveEvery = 2 * time.Second

// clientID is the local run's OAuth client at the simulator.
const clientID = "aura-local.apps.example.com"

// simulator is a Google of our own, with its calendars kept between runs.
type simulator struct {
	sim    *googlesim.Sim
	state  *googlesim.StateFile // nil: nothing is kept
	server *http.Server
	url    string
	secret string
	emails []string
	done   chan struct{}
}

// errSeedOverData refuses to seed what has data already.
var errSeedOverData = errors.New("SEED is for a fresh start, and there are data already: `make reset` forgets them")

// startSimulator starts the simulator on a port of its own. dir "" keeps
// nothing; files are .ics exports, none means the default calendars.
func startSimulator(o googlesim.Options, dir string, files []string) (_ *simulator, err error) {
	if o.AllowPush == nil { // https, as at Google, and this machine
		o.AllowPush = func(u *url.URL) bool { return u.Scheme == "https" || u.Hostname() == "127.0.0.1" }
	}
	s := &simulator{sim: googlesim.New(o), done: make(chan struct{})}
	if dir != "" {
		if s.state, err = s.sim.OpenState(filepath.Join(dir, stateName)); err != nil {
			return nil, err
		}
	}
	if err := s.fill(files); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("finding a port for the Google simulator: %w", err)
	}
	s.url = "http://" + l.Addr().String()
	s.server = &http.Server{Handler: s.sim, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(l) }()
	go s.keep()
	return s, nil
}

// fill seeds a simulator that has no state yet, and finds its client again in
// one that has.
func (s *simulator) fill(files []string) error {
	if s.state != nil && s.state.Existed() {
		if len(files) > 0 {
			return errSeedOverData
		}
	} else if err := s.seed(files); err != nil {
		return err
	}
	for _, a := range s.sim.Accounts.Accounts() {
		s.emails = append(s.emails, a.Email)
	}
	for _, c := range s.sim.Accounts.Clients() {
		if c.ID == clientID {
			s.secret = c.Secret
		}
	}
	if s.secret == "" {
		return errors.New("the simulator's state lacks Aura's client: `make reset` starts over")
	}
	return nil
}

func (s *simulator) seed(files []string) error {
	calendars, err := seed.Default()
	if len(files) > 0 {
		calendars, err = seed.Read(files...)
	}
	if err != nil {
		return err
	}
	if err := seed.Into(s.sim, calendars); err != nil {
		return err
	}
	var raw [24]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return fmt.Errorf("making a client secret: %w", err)
	}
	if err := s.sim.Accounts.AddClient(accounts.Client{
		ID: clientID, Secret: "sim-" + hex.EncodeToString(raw[:]), Name: "Aura (local)", AnyLoopback: true,
	}); err != nil {
		return fmt.Errorf("registering Aura at the simulator: %w", err)
	}
	if s.state != nil {
		return s.state.Save()
	}
	return nil
}

// keep writes the state while the simulator runs.
func (s *simulator) keep() {
	if s.state == nil {
		return
	}
	t := time.NewTicker(saveEvery)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			_ = s.state.Save() // the next one tries again; Close reports
		case <-s.done:
			return
		}
	}
}

func (s *simulator) close(ctx context.Context) error {
	close(s.done)
	err := s.server.Shutdown(ctx)
	s.sim.Close()
	if s.state != nil {
		err = errors.Join(err, s.state.Save())
	}
	return err
}

// config points the adapter at the simulator.
func (s *simulator) config() google.Config {
	return google.Config{
		ClientID: clientID, ClientSecret: s.secret,
		AuthURL: s.url + "/o/oauth2/v2/auth", TokenURL: s.url + "/token", RevokeURL: s.url + "/revoke",
		Issuers: []string{s.url}, CalendarURL: s.url + "/calendar/v3/",
	}
}
