package devstack

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
)

// Moto is a running moto server: SQS, KMS, SSM and Scheduler behind one address,
// all in memory.
type Moto struct {
	process *process
	url     string
}

// URL is where it answers, without a trailing slash. Each account id, taken
// from the credentials, sees resources of its own; ordinary credentials all see
// 123456789012's.
func (m *Moto) URL() string { return m.url }

// Close ends it and returns when it's gone.
func (m *Moto) Close() { m.process.Close() }

// StartMoto starts moto and returns once it answers, as StartDynamoDB does. It
// loads a service's code at that service's first call, which therefore takes up
// to a second.
func StartMoto(ctx context.Context, o Options) (*Moto, error) {
	tools, err := findTools(o.ToolsDir)
	if err != nil {
		return nil, err
	}
	moto, err := tool(tools, "bin/moto", "moto, the stand-in for SQS and KMS, is missing: run `make tools`")
	if err != nil {
		return nil, err
	}
	p, port, err := launch(ctx, o.Port, "moto", func(port int) []string {
		return []string{moto, "-H", "127.0.0.1", "-p", strconv.Itoa(port)}
	}, askMoto)
	if err != nil {
		return nil, err
	}
	return &Moto{process: p, url: localURL(port)}, nil
}

// askMoto calls moto's own status page, which loads no service.
func askMoto(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/moto-api/", nil)
	if err != nil {
		return err
	}
	status, err := ask(req)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("moto answered %d", status)
	}
	return nil
}
