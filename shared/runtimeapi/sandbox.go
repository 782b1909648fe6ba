package runtimeapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options says what to run.
type Options struct {
	Name    string   // the function's name, as Lambda tells it
	Command []string // the bootstrap and its arguments, if any
	Dir     string   // where it runs; "" is here
	Env     []string // NAME=value; nothing else of ours but PATH is passed on
	Timeout time.Duration
	// Trace is the X-Ray header that each invocation carries; "" carries none.
	Trace string
}

// Sandbox is one running bootstrap. Invocations wait for each other, as they do
// in Lambda's.
type Sandbox struct {
	o      Options
	cmd    *exec.Cmd
	server *http.Server
	out    buffer
	began  time.Time

	ready    chan struct{} // closed at the first request for work
	readied  sync.Once
	initTook time.Duration
	gone     chan struct{} // closed when the process has ended
	exit     error

	turn sync.Mutex // of invocations
	work chan *invocation
	mu   sync.Mutex
	open map[string]*invocation
	seq  int
}

type invocation struct {
	id      string
	payload []byte
	until   time.Time
	done    chan answer
}

type answer struct {
	body []byte
	err  error
}

// ErrFunction is wrapped by the errors that a function reported itself.
var ErrFunction = errors.New("the function failed")

// Start starts a bootstrap. It returns at once; Ready waits for it.
func Start(o Options) (*Sandbox, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("finding a port for the Runtime API: %w", err)
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	s := &Sandbox{o: o, ready: make(chan struct{}), gone: make(chan struct{}), work: make(chan *invocation), open: map[string]*invocation{}}
	s.server = &http.Server{Handler: s.api(), ReadHeaderTimeout: 10 * time.Second}
	s.cmd = exec.Command(o.Command[0], o.Command[1:]...)
	s.cmd.Dir = o.Dir
	s.cmd.Env = append([]string{
		"PATH=/usr/local/bin:/usr/bin:/bin", "AWS_LAMBDA_RUNTIME_API=" + l.Addr().String(), "AWS_LAMBDA_FUNCTION_NAME=" + o.Name,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256",
	}, o.Env...)
	s.cmd.Stdout, s.cmd.Stderr = &s.out, &s.out
	s.began = time.Now()
	if err := s.cmd.Start(); err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("starting %s: %w", o.Name, err)
	}
	go func() { _ = s.server.Serve(l) }() // whoever asks before waits at the door
	go func() {
		s.exit = s.cmd.Wait()
		close(s.gone)
	}()
	return s, nil
}

// Ready returns when the function asks for work for the first time, or with an
// error when it ends before.
func (s *Sandbox) Ready(ctx context.Context) error {
	select {
	case <-s.ready:
		return nil
	case <-s.gone:
		return fmt.Errorf("%s ended before it asked for work: %w: %s", s.o.Name, s.ended(), s.Output())
	case <-ctx.Done():
		return fmt.Errorf("waiting for %s to ask for work: %w", s.o.Name, context.Cause(ctx))
	}
}

func (s *Sandbox) ended() error {
	if s.exit != nil {
		return s.exit
	}
	return errors.New("exit status 0")
}

// Init is how long it took from exec to the first request for work.
func (s *Sandbox) Init() time.Duration { return s.initTook }

// Wait returns when the process has ended, with its exit code.
func (s *Sandbox) Wait() int {
	<-s.gone
	return s.cmd.ProcessState.ExitCode()
}

// PeakMemory is the most resident memory that the process ever had, in bytes.
// It may be asked once the process has ended.
func (s *Sandbox) PeakMemory() int64 {
	<-s.gone
	return peak(s.cmd.ProcessState.SysUsage())
}

// Output is what the function wrote so far, to both streams.
func (s *Sandbox) Output() string { return s.out.String() }

// Invoke hands an event to the function and waits for its answer. An error that
// the function reports wraps ErrFunction.
func (s *Sandbox) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	s.mu.Lock()
	s.seq++
	inv := &invocation{id: "invocation-" + strconv.Itoa(s.seq), payload: payload, until: time.Now().Add(s.o.Timeout), done: make(chan answer, 1)}
	s.open[inv.id] = inv
	s.mu.Unlock()
	ctx, cancel := context.WithDeadline(ctx, inv.until)
	defer cancel()
	select {
	case s.work <- inv:
	case <-s.gone:
		return nil, fmt.Errorf("%s has ended: %w", s.o.Name, s.ended())
	case <-ctx.Done():
		return nil, fmt.Errorf("%s doesn't ask for work: %w", s.o.Name, context.Cause(ctx))
	}
	select {
	case a := <-inv.done:
		return a.body, a.err
	case <-s.gone:
		return nil, fmt.Errorf("%s ended in the middle of an invocation: %w", s.o.Name, s.ended())
	case <-ctx.Done():
		return nil, fmt.Errorf("%s gave no answer in time: %w", s.o.Name, context.Cause(ctx))
	}
}

// Close ends the process.
func (s *Sandbox) Close() {
	_ = s.cmd.Process.Kill()
	<-s.gone
	_ = s.server.Close()
}

// buffer is a bytes.Buffer that may be read while it is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.TrimRight(b.b.String(), "\n")
}
