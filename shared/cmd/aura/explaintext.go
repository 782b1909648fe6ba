package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// briefly is a standing in a list.
var briefly = map[standing]string{
	deleted: "deleted", deletionWaits: "deleted, which waits to be sent", cancelled: "cancelled", setAside: "set aside", waiting: "waits to be sent",
	onlyHere: "only in Aura", inStep: "differs from its series",
}

func (x explanation) text(w io.Writer) {
	fmt.Fprint(w, x.Event)
	if n := x.Now; n != nil {
		fmt.Fprintf(w, " “%s”, born %s, version %d, row of %s", n.Title, born(n.Origin), n.Version, when(n.UpdatedAt))
	}
	fmt.Fprintln(w)
	if x.Series != "" {
		fmt.Fprintf(w, "  one occurrence of %s, at the API %s, stored as %s\n", x.Series, x.Address, x.Row)
	}
	for _, s := range x.Says {
		fmt.Fprintf(w, "  %s\n", s)
	}
	if n := x.Now; n != nil {
		if n.Link != nil {
			fmt.Fprintf(w, "  Linked to %s in %s. The state there that is known last is of %s by the provider's clock, whoever made it.\n", n.Link.ProviderID, n.Link.Calendar, when(n.Link.Updated))
		}
		for _, f := range slices.Sorted(maps.Keys(n.Edited)) {
			fmt.Fprintf(w, "  %s edited in Aura %s\n", capital(fieldWord(f)), n.Edited[f])
		}
	}
	if len(x.Occurrences) > 0 {
		fmt.Fprintln(w, "Occurrences that are stored by themselves:")
		for _, o := range x.Occurrences {
			fmt.Fprintf(w, "  %s “%s”: %s (stored as %s)\n", o.Address, o.Title, or(briefly[o.State], string(o.State)), o.Row)
		}
	}
	for _, d := range x.Found {
		of := ""
		if d.Of != "" {
			of = " of " + d.Of + ":"
		}
		fmt.Fprintf(w, "%s  run %s (%s) %s %s\n", when(d.At), d.Run, d.Trigger, of, sentence(d.Decision))
	}
	if len(x.Found) == 0 {
		fmt.Fprintf(w, "None of the %d kept runs that were searched decided anything about it. A first sync's plain creates aren't noted, nor what a deleted integration took along.\n", x.Searched)
	}
	for _, h := range x.History {
		fmt.Fprintf(w, "%s  %s\n", when(h.At), capital(h.Says)+".")
	}
	if x.Cut {
		fmt.Fprintln(w, "There are older runs: --runs searches more.")
	}
}

func born(origin string) string {
	if origin == "aura" {
		return "in Aura"
	}
	return "at the provider"
}
