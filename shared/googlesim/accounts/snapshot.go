package accounts

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// snapshot is the saved form: the state and the signing key, so that an id
// token issued before a restart still verifies after it.
type snapshot struct {
	State state  `json:"state"`
	Key   []byte `json:"key,omitempty"` // PKCS #8
}

// Snapshot returns everything the server remembers, as JSON. It holds client
// secrets and the signing key: a file made of it is its owner's alone. Tokens
// are in it as sums only.
func (s *Server) Snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	shot := snapshot{State: s.state}
	if s.key != nil {
		der, err := x509.MarshalPKCS8PrivateKey(s.key)
		if err != nil {
			return nil, fmt.Errorf("saving the signing key: %w", err)
		}
		shot.Key = der
	}
	data, err := json.Marshal(shot)
	if err != nil {
		return nil, fmt.Errorf("saving the accounts: %w", err)
	}
	return data, nil
}

// Restore replaces everything with what Snapshot returned. After an error the
// server is as it was.
func (s *Server) Restore(data []byte) error {
	shot := snapshot{State: newState()}
	if err := json.Unmarshal(data, &shot); err != nil {
		return fmt.Errorf("reading the accounts: %w", err)
	}
	fresh := newState() // a JSON null would leave a nil map behind
	maps.Copy(fresh.Clients, shot.State.Clients)
	maps.Copy(fresh.Grants, shot.State.Grants)
	maps.Copy(fresh.Codes, shot.State.Codes)
	maps.Copy(fresh.Refresh, shot.State.Refresh)
	maps.Copy(fresh.Access, shot.State.Access)
	fresh.Accounts, fresh.Serial = shot.State.Accounts, shot.State.Serial
	fresh.derive()

	var key *rsa.PrivateKey
	if len(shot.Key) > 0 {
		parsed, err := parseKey(shot.Key)
		if err != nil {
			return err
		}
		key = parsed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = fresh
	if key != nil {
		s.key = key
	}
	s.version++
	return nil
}

// Accounts lists the people, in the order they were added.
func (s *Server) Accounts() []Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.state.Accounts)
}

// Clients lists the programs, by ID.
func (s *Server) Clients() []Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []Client{}
	for _, id := range slices.Sorted(maps.Keys(s.state.Clients)) {
		c := s.state.Clients[id]
		c.RedirectURIs = slices.Clone(c.RedirectURIs)
		out = append(out, c)
	}
	return out
}
