// Command aura is the operator's tool: it says what an integration is doing and
// why an event changed, and does what only an operator may.
//
//	go run ./shared/cmd/aura status ACCOUNT
//	go run ./shared/cmd/aura explain ACCOUNT evt_…
//	go run ./shared/cmd/aura doctor
//
// It works on a deployment, named by the functions' own environment variables
// (INTEGRATIONS_TABLE, QUEUE_URL, AWS_REGION and so on), and on the local run,
// found through .local/run.json: the same commands, the same stores.
//
// Every command prints text for people, or one JSON document with --json.
// Progress and errors go to standard error. Exit codes: 0 done, 1 it failed or
// found something wrong, 2 the words of the call are off.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
	_ "time/tzdata" // zones are found on machines that have none

	"github.com/alecthomas/kong"
	completion "github.com/jotaen/kong-completion"
)

// cli is the contents page.
type cli struct {
	Where
	JSON bool `help:"Print one JSON document." name:"json"`

	Status      statusCommand      `cmd:"" help:"What an account's integrations are doing."`
	Runs        runsCommand        `cmd:"" help:"The last runs that were kept, newest first."`
	Run         runCommand         `cmd:"" help:"One run with its decisions."`
	Explain     explainCommand     `cmd:"" help:"Why did this event change? From the stored runs."`
	BreakLease  breakLeaseCommand  `cmd:"" help:"End a stuck run: its writes are refused from then on."`
	Dispatch    dispatchCommand    `cmd:"" help:"Send what is due now, or one integration's sync."`
	DeadLetters deadLettersCommand `cmd:"" name:"dead-letters" help:"Jobs that were given up: list, show, redrive, drop."`
	Reseal      resealCommand      `cmd:"" help:"Seal stored tokens anew under today's key."`
	Account     accountCommand     `cmd:"" help:"Export or delete everything of an account."`
	Doctor      doctorCommand      `cmd:"" help:"Check configuration, tables, queue, keys, scheduler and the Google client."`

	Completion completion.Completion `cmd:"" help:"How to turn on completion in this shell."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := execute(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// call is what a command runs with.
type call struct {
	context.Context
	*place
	out, errs io.Writer
	json      bool
	telling   sync.Mutex
}

// execute parses and runs one call and gives its exit code.
func execute(ctx context.Context, args []string, out, errs io.Writer) int {
	var c cli
	exited := -1
	parser, err := kong.New(&c, kong.Name("aura"), kong.Description("The operator's tool of Aura Integrations."),
		kong.Writers(out, errs), kong.Exit(func(code int) { exited = code }), kong.UsageOnError())
	if err != nil {
		fmt.Fprintln(errs, "aura:", err)
		return 2
	}
	completion.Register(parser)
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help was asked for
		return exited
	}
	if err != nil {
		fmt.Fprintln(errs, "aura:", err)
		return 2
	}
	if parsed.Command() == "completion" || parsed.Command() == "completion <shell>" {
		if err := parsed.Run(parsed); err != nil {
			fmt.Fprintln(errs, "aura:", err)
			return 1
		}
		return 0
	}
	p, err := open(c.Where, time.Now)
	if err != nil {
		fmt.Fprintln(errs, "aura:", err)
		return 1
	}
	if err := parsed.Run(&call{Context: ctx, place: p, out: out, errs: errs, json: c.JSON}); err != nil {
		fmt.Fprintln(errs, "aura:", plain(err))
		return 1
	}
	return 0
}
