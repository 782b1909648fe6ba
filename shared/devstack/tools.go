package devstack

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrMissingTool is wrapped by the errors that say which program isn't there
// and what to do about it.
var ErrMissingTool = errors.New("a tool is missing")

// missing is one such sentence. It reads whole by itself, since it's shown to a
// person as it is; errors.Is still finds ErrMissingTool.
type missing struct{ sentence string }

func (m missing) Error() string { return m.sentence }
func (m missing) Unwrap() error { return ErrMissingTool }

// findTools gives the folder of tools: dir where one is named, else .tools
// beside the go.mod that governs the working directory. A test's working
// directory is its package's folder, somewhere below.
func findTools(dir string) (string, error) {
	if dir != "" {
		return filepath.Abs(dir)
	}
	here, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the tools: %w", err)
	}
	for at := here; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return filepath.Join(at, ".tools"), nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("finding the tools: %w", err)
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("finding the tools: no go.mod in %s or above it", here)
		}
	}
}

// tool gives the path of a file in the folder of tools, or the sentence where
// there is none.
func tool(dir, path, sentence string) (string, error) {
	full := filepath.Join(dir, filepath.FromSlash(path))
	if _, err := os.Stat(full); err != nil {
		return "", missing{sentence}
	}
	return full, nil
}
