package filekey_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/filekey"
	"aura.example/integrations/shared/seal"
	"aura.example/integrations/shared/seal/wraptest"
)

func TestWrapperConforms(t *testing.T) {
	t.Parallel()
	w, err := filekey.Open(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	wraptest.Run(t, w)
}

func TestTheKeySurvivesAndIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	first, err := filekey.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	plain, wrapped, err := first.NewKey(t.Context(), "tokens")
	if err != nil {
		t.Fatal(err)
	}
	second, err := filekey.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := second.Unwrap(t.Context(), "tokens", wrapped); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("after a restart: %v", err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestTwoAtOnceUseOneKey(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	ws := make([]*filekey.Wrapper, 8)
	var wg sync.WaitGroup
	for i := range ws {
		wg.Go(func() {
			var err error
			if ws[i], err = filekey.Open(file); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	_, wrapped, err := ws[0].NewKey(t.Context(), "p")
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range ws {
		if _, err := w.Unwrap(t.Context(), "p", wrapped); err != nil {
			t.Errorf("opener %d has another key", i)
		}
	}
}

func TestABrokenFileIsSaidInOneSentence(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("not a key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := filekey.Open(file)
	if err == nil || !strings.Contains(err.Error(), "make reset") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
	if raw, _ := os.ReadFile(file); string(raw) != "not a key\n" {
		t.Error("a broken file was overwritten")
	}
}

func TestAnotherKeyUnwrapsNothing(t *testing.T) {
	t.Parallel()
	one, err := filekey.Ephemeral()
	if err != nil {
		t.Fatal(err)
	}
	_, wrapped, err := one.NewKey(t.Context(), "tokens")
	if err != nil {
		t.Fatal(err)
	}
	other, err := filekey.Ephemeral()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Unwrap(t.Context(), "tokens", wrapped); !errors.Is(err, seal.ErrBroken) || !fault.Is(err, fault.Operator) {
		t.Errorf("%v", err)
	}
}

func TestAFolderThatIsNotThereIsNamed(t *testing.T) {
	t.Parallel()
	_, err := filekey.Open(filepath.Join(t.TempDir(), "nowhere", "key"))
	if err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("%v", err)
	}
}
