// Command local runs the whole product on one machine: `make run`. It takes no
// arguments; --help says which variables of the environment it reads.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/local"
	"aura.example/integrations/shared/telemetry"
)

// gcPercent trades a little time for memory: with the simulator's calendars and
// everything else in one process, a laptop keeps its megabytes.
const gcPercent = 50

const help = `local runs the whole product on this machine: make run

It takes no arguments, and reads these variables:
  PORT                  of the page and the API; 8080 (0: any that is free)
  STORE                 dynamodb (Amazon's DynamoDB Local) or memory, which needs nothing but Go
  SEED                  .ics files for the simulated calendar, apart by spaces
  GOOGLE_CLIENT_ID      with GOOGLE_CLIENT_SECRET: the real Google instead of the simulated one

Data lie in .local, and the last line that is printed is the page's address.
`

// asked answers a call with arguments, which starts nothing: help is done, and
// anything else is a mistake.
func asked(args []string, out, errs io.Writer) (code int) {
	switch args[0] {
	case "-h", "-help", "--help", "help":
		fmt.Fprint(out, help)
		return 0
	}
	fmt.Fprintf(errs, "aura: %q is no argument of this command\n\n%s", args[0], help)
	return 2
}

func main() {
	if args := os.Args[1:]; len(args) > 0 {
		os.Exit(asked(args, os.Stdout, os.Stderr))
	}
	debug.SetGCPercent(gcPercent)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "aura:", err)
		os.Exit(1)
	}
}

// run starts the program from the environment, prints the page's address as
// its last line, and waits.
func run(ctx context.Context) error {
	port, err := strconv.Atoi(or(os.Getenv("PORT"), "8080"))
	if err != nil || port < 0 || port > 65535 {
		return fmt.Errorf("PORT must be a number from 0 to 65535, not %q", os.Getenv("PORT"))
	}
	o := local.Options{
		Port: port, Dir: ".local", Memory: os.Getenv("STORE") == "memory", Seed: strings.Fields(os.Getenv("SEED")),
		Log: telemetry.NewLogger(os.Stderr, slog.LevelInfo, "local"), Channels: true,
	}
	if s := os.Getenv("STORE"); s != "" && s != "memory" && s != "dynamodb" {
		return fmt.Errorf("STORE must be dynamodb or memory, not %q", s)
	}
	if o.Google, err = boot.LocalGoogle(os.Getenv); err != nil {
		return err
	}
	p, err := local.Start(ctx, o)
	if err != nil {
		return err
	}
	fmt.Println(p.ConsoleURL())
	<-ctx.Done()
	return p.Close()
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
