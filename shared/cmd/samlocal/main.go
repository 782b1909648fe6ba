// Command samlocal runs the deployable set under `sam local`, in containers,
// among DynamoDB Local, moto, the Google simulator and the local token issuer:
// `make sam-local` for people, `make sam-test` as a proof (D3).
//
// It needs a Docker engine in DOCKER_HOST and the base image; .ci/engine.sh
// provides both and then runs it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	do := serve
	if len(os.Args) > 1 && os.Args[1] == "check" {
		do = check
	}
	if err := run(ctx, do); err != nil {
		fmt.Fprintln(os.Stderr, "samlocal:", err)
		os.Exit(1)
	}
}

// run starts everything, hands it to do, and ends everything.
func run(ctx context.Context, do func(context.Context, *place) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p, err := open(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	if err := p.build(ctx); err != nil {
		return err
	}
	if err := p.start(ctx); err != nil {
		return err
	}
	return do(ctx, p)
}

// serve leaves it running for whoever wants to look at it.
func serve(ctx context.Context, p *place) error {
	fmt.Printf(`
The functions answer at %[1]s. A token:

  curl -s %[2]s/local/token -d '{"account":"demo","user":"me"}'

The queue's and the scheduler's functions run when they are invoked:

  %[3]s
  %[4]s

Ctrl-C ends everything.
`, p.url, p.program.URL, p.command("ScheduledSyncFunction", "functions/scheduled-sync/event.json"), p.command("SyncWorkerFunction", "functions/sync-worker/event.json"))
	<-ctx.Done()
	return nil
}
