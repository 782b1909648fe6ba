package local

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"aura.example/integrations/shared/filekey"
	"aura.example/integrations/shared/seal"
)

// keptWithData is the folder for what belongs to stored data: none where the
// data are in memory, since a key that outlives them opens nothing.
func keptWithData(p *Program) string {
	if p.o.Memory {
		return ""
	}
	return p.o.Dir
}

// dirFile names a file in the data folder; "" where nothing is kept.
func dirFile(dir, name string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, name)
}

// keyWrapper seals tokens with a key from the data folder.
func keyWrapper(dir string) (seal.KeyWrapper, error) {
	if dir == "" {
		return filekey.Ephemeral()
	}
	return filekey.Open(filepath.Join(dir, "tokens.key"))
}

// localKeys are the keys that are SSM parameters when deployed. They are made
// once and kept with the data.
type localKeys struct {
	Flow    []byte `json:"flow"`
	Subject []byte `json:"subject"`
	Channel []byte `json:"channel"`
}

func loadKeys(dir string) (localKeys, error) {
	var k localKeys
	file := filepath.Join(dir, "keys.json")
	if dir != "" {
		raw, err := os.ReadFile(file)
		if err == nil {
			if err := json.Unmarshal(raw, &k); err != nil || len(k.Flow) != 32 || len(k.Subject) != 32 {
				return k, errors.New("keys.json in the data folder is broken: `make reset` starts over")
			}
			if len(k.Channel) == 32 {
				return k, nil
			}
			k.Channel = make([]byte, 32) // data from before there were channels
			if _, err := rand.Read(k.Channel); err != nil {
				return k, fmt.Errorf("making the local keys: %w", err)
			}
			return k, k.store(file)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return k, fmt.Errorf("reading the local keys: %w", err)
		}
	}
	k = localKeys{Flow: make([]byte, 32), Subject: make([]byte, 32), Channel: make([]byte, 32)}
	_, err1 := rand.Read(k.Flow)
	_, err2 := rand.Read(k.Subject)
	_, err3 := rand.Read(k.Channel)
	if err := errors.Join(err1, err2, err3); err != nil {
		return k, fmt.Errorf("making the local keys: %w", err)
	}
	if dir == "" {
		return k, nil
	}
	return k, k.store(file)
}

func (k localKeys) store(file string) error {
	raw, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("encoding the local keys: %w", err)
	}
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		return fmt.Errorf("storing the local keys: %w", err)
	}
	return nil
}
