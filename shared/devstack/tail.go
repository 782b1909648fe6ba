package devstack

import (
	"strings"
	"sync"
)

// tail keeps the end of what a program printed, which is where it says why it
// gave up. The rest is dropped: moto prints a line for every request.
type tail struct {
	mu   sync.Mutex
	data []byte
}

const tailSize = 8 << 10

// Write never fails, so the program is never stopped by its own output.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = append(t.data, p...)
	if extra := len(t.data) - tailSize; extra > 0 {
		t.data = append(t.data[:0], t.data[extra:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.data)
}

// lastLine is the one to show a person. Java's stack frames and the headings
// that both programs print on starting say nothing.
func (t *tail) lastLine() string {
	lines := strings.Split(t.String(), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		line := strings.TrimSpace(lines[i])
		if line != "" && !strings.HasPrefix(line, "at ") && !strings.HasPrefix(line, "...") {
			return line
		}
	}
	return "it printed nothing"
}
