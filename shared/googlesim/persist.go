package googlesim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

// stateFormat is the version of the file's form. A file with another one was
// written by another version of the program and is not touched.
const stateFormat = 1

// stateDoc is the file: one JSON document with both halves and the clock.
type stateDoc struct {
	Format      int              `json:"googlesim"`
	ClockOffset time.Duration    `json:"clock_offset_ns"`
	Accounts    json.RawMessage  `json:"accounts"`
	Calendar    calendarv3.State `json:"calendar"`
}

// StateFile keeps a simulator's whole state in one file over restarts. It is
// safe for concurrent use; two processes must not share a file.
type StateFile struct {
	sim     *Sim
	path    string
	existed bool

	mu    sync.Mutex
	saved mark // what the file holds
}

// mark tells states apart without comparing them.
type mark struct {
	accounts, calendar uint64
	clock              time.Duration
}

func (s *Sim) mark() mark {
	return mark{s.Accounts.Version(), s.Calendar.Version(), s.Clock.Offset()}
}

// OpenState loads the file into the simulator, or remembers where to put it if
// there is none yet. A file that can't be understood is an error whose text is
// one plain sentence, and stays as it is: only a StateFile writes, and there
// is none then. After an error the simulator may be loaded in part; throw it
// away.
func (s *Sim) OpenState(path string) (*StateFile, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, fmt.Errorf("the folder for the simulator's state can't be made: %w", err)
		}
		return &StateFile{sim: s, path: path}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the simulator's state can't be read: %w", err)
	}
	if err := s.load(data); err != nil {
		return nil, fmt.Errorf("the simulator's state in %s can't be used (%w): move the file away to start afresh", path, err)
	}
	return &StateFile{sim: s, path: path, existed: true, saved: s.mark()}, nil
}

func (s *Sim) load(data []byte) error {
	var doc stateDoc
	if err := json.Unmarshal(data, &doc); err != nil {
		return err
	}
	if doc.Format != stateFormat {
		return fmt.Errorf("its format is %d, not %d", doc.Format, stateFormat)
	}
	if err := s.Accounts.Restore(doc.Accounts); err != nil {
		return err
	}
	if err := s.Calendar.Restore(doc.Calendar); err != nil {
		return err
	}
	s.Clock.Advance(doc.ClockOffset - s.Clock.Offset())
	return nil
}

// Existed reports whether there was a state to load: a simulator without one
// wants seeding.
func (f *StateFile) Existed() bool { return f.existed }

// Save writes the state if it changed since the last time. The file is
// replaced whole, so at any moment, also through a crash of the machine, it is
// the old state or the new one. It is readable for its owner alone, since it
// holds client secrets.
func (f *StateFile) Save() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	// The mark comes before the copies: what changes in between is saved
	// next time, at the worst twice.
	now := f.sim.mark()
	if _, err := os.Stat(f.path); err == nil && now == f.saved {
		return nil
	}
	accounts, err := f.sim.Accounts.Snapshot()
	if err != nil {
		return err
	}
	data, err := json.Marshal(stateDoc{stateFormat, f.sim.Clock.Offset(), accounts, f.sim.Calendar.Snapshot()})
	if err != nil {
		return fmt.Errorf("saving the simulator's state: %w", err)
	}
	if err := replaceFile(f.path, data); err != nil {
		return fmt.Errorf("saving the simulator's state: %w", err)
	}
	f.saved = now
	return nil
}

// Keep saves on every tick until ctx ends, and once more then; the last error
// is returned, others go to report. One second between ticks is a good
// debounce: a change costs a whole file, and ten thousand events are some ten
// megabytes.
func (f *StateFile) Keep(ctx context.Context, tick <-chan time.Time, report func(error)) error {
	for {
		select {
		case <-ctx.Done():
			return f.Save()
		case <-tick:
			if err := f.Save(); err != nil {
				report(err)
			}
		}
	}
}

// replaceFile writes beside the file, syncs, and renames over it.
func replaceFile(path string, data []byte) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if _, err = tmp.Write(data); err != nil {
		return err
	}
	if err = tmp.Sync(); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	if err = os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	// The new name lasts only once its directory is on the disk. Not every
	// file system can sync one; those that can't are no worse than before.
	if dir, openErr := os.Open(filepath.Dir(path)); openErr == nil {
		dir.Sync()
		dir.Close()
	}
	return nil
}
