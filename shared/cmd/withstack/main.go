// Command withstack runs a command with the stand-ins for AWS around it:
//
//	withstack -- go test ./...
//
// It starts DynamoDB Local (in memory) and moto on free ports, hands their
// addresses down in DYNAMODB_URL and MOTO_URL, ends both afterwards and exits as
// the command did. What is already in those variables is left alone, and then
// only what is missing is started.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	argv := os.Args[1:]
	if len(argv) > 0 && argv[0] == "--" {
		argv = argv[1:]
	}
	if len(argv) == 0 {
		fmt.Fprintln(os.Stderr, "usage: withstack -- command [argument…]")
		os.Exit(2)
	}
	// While the command runs, signals are its business: a terminal's Ctrl-C
	// reaches it by itself, SIGTERM is passed on, and we end when it has.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := run(ctx, argv)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "withstack:", err)
	}
	os.Exit(code)
}
