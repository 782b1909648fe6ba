package devstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// leash runs the program in $@ in place of the shell, after leaving a watcher
// behind it in the same process group. The watcher sleeps in a read of the pipe
// that was standard input; end of file means that whoever held the other end is
// gone, and the group goes too ($$ is the shell's id, hence the program's and
// the group's). The watcher's output goes nowhere, or it would keep the pipes of
// a program that has ended open.
const leash = `
exec 3<&0 </dev/null
{ cat <&3; kill -s KILL -- -$$; } >/dev/null 2>&1 &
exec 3<&-
exec "$@"`

// process is one running stand-in.
type process struct {
	name   string
	cmd    *exec.Cmd
	leash  io.Closer
	out    *tail
	done   chan struct{} // closed when it has ended and its group was swept
	ending sync.Once
	grace  time.Duration
}

// start runs argv with env and nothing else of ours. When ctx ends, the process
// is closed.
func start(ctx context.Context, name string, env, argv []string) (*process, error) {
	cmd := exec.Command("/bin/sh", append([]string{"-c", leash, name}, argv...)...)
	cmd.Env = env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a terminal's Ctrl-C is for us to pass on
	cmd.WaitDelay = time.Second
	p := &process{name: name, cmd: cmd, out: new(tail), done: make(chan struct{}), grace: grace}
	cmd.Stdout, cmd.Stderr = p.out, p.out
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	p.leash = stdin
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	unhook := context.AfterFunc(ctx, p.Close)
	go func() {
		// How it ended is told by its last words, not by its exit code: both
		// programs exit 0 on some failures.
		_ = cmd.Wait()
		unhook()
		p.sweep()
		close(p.done)
	}()
	return p, nil
}

// sweep ends what is left of the group: the watcher, and children if any. The
// group's id can't have been given to others, since the watcher is still in it.
func (p *process) sweep() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	_ = p.leash.Close()
}

// grace is how long a program may take over its own ending. DynamoDB Local
// takes some 50 ms.
const grace = 3 * time.Second

// Close ends the program and returns when it is gone. It may be called often and
// from several goroutines.
func (p *process) Close() {
	p.ending.Do(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		timer := time.NewTimer(p.grace)
		defer timer.Stop()
		select {
		case <-p.done:
		case <-timer.C:
			p.sweep()
		}
	})
	<-p.done
}

// errEnded says that the program ended before it ever answered.
var errEnded = errors.New("ended before it answered")

// patience bounds the wait for an answer. Starting takes two seconds alone on a
// machine, and ten times that beside a compiler on two cores.
const patience = 90 * time.Second

// await asks again and again until the program answers, ends, or ctx does. The
// pauses grow from 20 ms to 200 ms: a fresh program is met at once, and a slow
// one isn't slowed down further.
func (p *process) await(ctx context.Context, probe func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	pause := 20 * time.Millisecond
	for {
		err := probe(ctx)
		if err == nil || errors.Is(err, errRefuses) {
			return err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-p.done:
			timer.Stop()
			return fmt.Errorf("%s %w: %s", p.name, errEnded, p.out.lastLine())
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("waiting for %s to answer: %w (its last words: %s)", p.name, context.Cause(ctx), p.out.lastLine())
		}
		pause = min(pause*3/2, 200*time.Millisecond)
	}
}

// errRefuses is for an answer that won't get better by asking again.
var errRefuses = errors.New("answers with an error")

// cleanEnv is our environment without what would change how a stand-in runs:
// options for Java and Python, and AWS credentials, which are none of theirs.
func cleanEnv() []string {
	drop := map[string]bool{
		"JAVA_TOOL_OPTIONS": true, "_JAVA_OPTIONS": true, "JDK_JAVA_OPTIONS": true, "CLASSPATH": true,
		"PYTHONPATH": true, "PYTHONHOME": true, "PYTHONDONTWRITEBYTECODE": true,
		"AWS_ACCESS_KEY_ID": true, "AWS_SECRET_ACCESS_KEY": true, "AWS_SESSION_TOKEN": true, "AWS_PROFILE": true,
	}
	var env []string
	for _, kv := range os.Environ() {
		for i := range kv {
			if kv[i] == '=' && i > 0 {
				if !drop[kv[:i]] {
					env = append(env, kv)
				}
				break
			}
		}
	}
	return env
}
