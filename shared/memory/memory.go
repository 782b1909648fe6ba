// Package memory keeps everything in one process's memory, behind the same
// ports as the database and under the same conditions.
//
// It serves simulations in virtual time and `make run STORE=memory`. It is not a
// mock: every method refuses what the DynamoDB adapter refuses, and one
// conformance suite (package storetest) holds the two equal. It never fails for
// any other reason, and nothing outlives the process.
//
// One lock guards all of it. A simulation has one processor's worth of work to
// do anyway, and a transaction over record, account and credential is then as
// plain as a write. Whatever goes in or comes out is a copy.
package memory

import (
	"sync"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/seal"
)

// DB is the three tables. Each implements the ports of what it keeps.
type DB struct {
	Integrations *Integrations
	Credentials  *Credentials
	Events       *Events
}

// Integrations implements integration.Store, Accounts, Flows, Leases,
// Checkpoints, Lists, Journal, Slots, Fleet and Orders, and job.Failures.
type Integrations struct{ *state }

// Credentials implements integration.Credentials and seal.KeyStore.
type Credentials struct{ *state }

// Events implements calendar.Store, Edits and Quarantines.
type Events struct{ *state }

// state is what all three share, since one transaction may touch all of it.
type state struct {
	now func() time.Time

	mu          sync.RWMutex
	accounts    map[string]*account
	flows       map[string]integration.Flow
	slots       map[string]map[dueKey]struct{}
	watermarks  map[int]integration.Mark
	failures    map[int64]int          // failed integrations by window
	jobFailures map[string]job.Failure // why tries at jobs failed, by message
	subjects    map[string]map[genKey]struct{}
	dataKeys    map[string]seal.DataKey
}

// account is one account's partition.
type account struct {
	plan        *integration.Account // nil: no record yet
	records     map[string]*integration.Integration
	orders      map[genKey]*integration.Order
	credentials map[genKey]*integration.Credential
	places      map[string]*place
	rows        map[string]*calendar.Row
	marks       map[string]mark
	outbox      map[string]*calendar.Item
	quarantine  map[string]calendar.Quarantine
}

// place is what is kept beside a record and outlives it: history, runs, lists.
type place struct {
	entries    []integration.Entry // by id
	runs       []run               // by id
	decisions  map[string][]chunk  // by run
	checkpoint *integration.Checkpoint
	calendars  *integration.CalendarList
	held       *integration.HeldDeletions
}

// genKey names one generation.
type genKey struct {
	key        integration.Key
	generation string
}

// dueKey is one line of the slot index.
type dueKey struct {
	genKey
	windDown bool
}

// New makes an empty store. The clock decides what has expired.
func New(now func() time.Time) *DB {
	s := &state{
		now: now, accounts: map[string]*account{}, flows: map[string]integration.Flow{},
		slots: map[string]map[dueKey]struct{}{}, watermarks: map[int]integration.Mark{}, failures: map[int64]int{}, jobFailures: map[string]job.Failure{},
		subjects: map[string]map[genKey]struct{}{}, dataKeys: map[string]seal.DataKey{},
	}
	return &DB{Integrations: &Integrations{s}, Credentials: &Credentials{s}, Events: &Events{s}}
}

// account gives a partition, making it where it is the first write; the caller
// holds the lock for writing.
func (s *state) account(id string) *account {
	a := s.accounts[id]
	if a == nil {
		a = &account{
			records: map[string]*integration.Integration{}, orders: map[genKey]*integration.Order{},
			credentials: map[genKey]*integration.Credential{}, places: map[string]*place{},
			rows: map[string]*calendar.Row{}, marks: map[string]mark{}, outbox: map[string]*calendar.Item{}, quarantine: map[string]calendar.Quarantine{},
		}
		s.accounts[id] = a
	}
	return a
}

// look gives a partition for reading: an empty one where there is none.
func (s *state) look(id string) *account {
	if a := s.accounts[id]; a != nil {
		return a
	}
	return &account{}
}

// place gives what is kept beside a record, making it for a first write.
func (s *state) place(key integration.Key) *place {
	a := s.account(key.Account)
	p := a.places[key.Provider]
	if p == nil {
		p = &place{decisions: map[string][]chunk{}}
		a.places[key.Provider] = p
	}
	return p
}

// seen gives the same for reading.
func (s *state) seen(key integration.Key) *place {
	if p := s.look(key.Account).places[key.Provider]; p != nil {
		return p
	}
	return &place{}
}

// reslot moves a line of the slot index.
func (s *state) reslot(from, to string, k dueKey) {
	if from != "" {
		delete(s.slots[from], k)
		if len(s.slots[from]) == 0 {
			delete(s.slots, from)
		}
	}
	if to != "" {
		if s.slots[to] == nil {
			s.slots[to] = map[dueKey]struct{}{}
		}
		s.slots[to][k] = struct{}{}
	}
}
