// Command googlesim runs the Google simulator alone: Google's OAuth and
// Calendar v3 on one port, with a page to play the person in front of them.
//
//	go run ./shared/cmd/googlesim
//	go run ./shared/cmd/googlesim --state=my.json --seed=my.ics
//
// Point a calendar program's authorization, token and API addresses at it and
// develop without Google.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // zones are found on machines that have none

	"github.com/alecthomas/kong"
)

func main() {
	var c config
	parser := kong.Must(&c, kong.Name("googlesim"), kong.Description("A Google Calendar to develop against. It is not Google."))
	_, err := parser.Parse(doubleDashes(os.Args[1:]))
	parser.FatalIfErrorf(err)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, c, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "googlesim: "+err.Error())
		os.Exit(1)
	}
}

// doubleDashes lets Go programmers write -addr as they are used to: kong knows
// single dashes for letters only.
func doubleDashes(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		if len(a) > 2 && a[0] == '-' && a[1] != '-' && !strings.ContainsAny(a[1:2], "0123456789.") {
			a = "-" + a
		}
		out[i] = a
	}
	return out
}
