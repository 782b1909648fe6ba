package devstack

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// attempts is how often another free port is tried where a stranger took the
// first between our looking and the program's listening.
const attempts = 3

// launch picks a port, starts the command for it and waits for the answer that
// probe wants. Nothing is left running where it fails.
func launch(ctx context.Context, port int, name string, command func(port int) []string,
	probe func(ctx context.Context, url string) error) (*process, int, error) {
	for attempt := 1; ; attempt++ {
		r, err := reserve(port)
		if err != nil {
			return nil, 0, err
		}
		p, err := launchOn(ctx, r.port, name, command, probe)
		r.release()
		if err == nil {
			return p, r.port, nil
		}
		if port != 0 || attempt == attempts || !errors.Is(err, errEnded) || ctx.Err() != nil {
			return nil, 0, err
		}
	}
}

func launchOn(ctx context.Context, port int, name string, command func(port int) []string,
	probe func(ctx context.Context, url string) error) (*process, error) {
	p, err := start(ctx, name, cleanEnv(), command(port))
	if err != nil {
		return nil, err
	}
	if err := p.await(ctx, func(ctx context.Context) error { return probe(ctx, localURL(port)) }); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

func localURL(port int) string {
	return "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

// ask sends one request on a connection of its own, kept by nobody afterwards:
// a test that looks for goroutines left behind shall find none of ours.
func ask(req *http.Request) (status int, err error) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode, nil
}
