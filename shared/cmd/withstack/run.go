package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"

	"aura.example/integrations/shared/devstack"
)

// Exit codes of our own, as shells have them: the command never ran, or died of
// a signal (128 plus its number).
const (
	exitNotStarted = 127
	exitSignal     = 128
)

// run starts the stand-ins, runs argv among them and gives its exit code. An
// error says why the command couldn't be run, never that it failed.
func run(ctx context.Context, argv []string) (int, error) {
	env, end, err := standIns(ctx)
	defer end()
	if err != nil {
		return exitNotStarted, err
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), env...)
	if err := cmd.Start(); err != nil {
		return exitNotStarted, fmt.Errorf("starting %s: %w", argv[0], err)
	}
	pass := context.AfterFunc(ctx, func() { _ = cmd.Process.Signal(syscall.SIGTERM) })
	defer pass()
	err = cmd.Wait()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0, nil
	case !errors.As(err, &exit):
		return exitNotStarted, fmt.Errorf("running %s: %w", argv[0], err)
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return exitSignal + int(status.Signal()), nil
	}
	return exit.ExitCode(), nil
}

// standIns starts, side by side, what the environment doesn't name yet. Its
// second result ends them and is never nil.
//
// They don't get ctx's end: the command may still be using them while it obeys
// its own signal.
func standIns(ctx context.Context) (env []string, end func(), err error) {
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel) // until both answer, a signal ends them
	var (
		mu       sync.Mutex
		closers  []func()
		problems []error
		starting sync.WaitGroup
	)
	launch := func(name string, start func() (url string, end func(), err error)) {
		if os.Getenv(name) != "" {
			return
		}
		starting.Go(func() {
			url, end, err := start()
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				problems = append(problems, err)
				return
			}
			env = append(env, name+"="+url)
			closers = append(closers, end)
		})
	}
	launch(devstack.EnvDynamoDB, func() (string, func(), error) {
		d, err := devstack.StartDynamoDB(life, devstack.Options{})
		if err != nil {
			return "", nil, err
		}
		return d.URL(), d.Close, nil
	})
	launch(devstack.EnvMoto, func() (string, func(), error) {
		m, err := devstack.StartMoto(life, devstack.Options{})
		if err != nil {
			return "", nil, err
		}
		return m.URL(), m.Close, nil
	})
	starting.Wait()
	stop()
	end = func() {
		for _, c := range closers {
			c()
		}
		cancel()
	}
	return env, end, errors.Join(problems...)
}
