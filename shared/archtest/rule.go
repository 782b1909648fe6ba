package archtest

import "fmt"

// Rule is one thing that must hold for the whole tree.
type Rule struct {
	Name  string
	Check func(*Tree) []Finding
}

// Finding is one place where a rule doesn't hold.
type Finding struct {
	At   string // file and line, or a folder
	What string // what is wrong there
	Why  string // why the rule exists
}

func (f Finding) String() string {
	return fmt.Sprintf("%s: %s\n\tbecause %s", f.At, f.What, f.Why)
}

// Rules lists them all.
func Rules() []Rule {
	return []Rule{
		{"every package has a layer", placed},
		{"imports follow the arrows", arrows},
		{"outside modules stay where they belong", technology},
		{"only what calls Google's calendar links its client", lightweight},
		{"Google's wire format stays in two packages", wireFormat},
		{"only a transition sets a status", statuses},
		{"the domain and the use cases don't ask the clock", clock},
		{"tests don't sleep", sleep},
		{"a function's main wires and does nothing else", mains},
		{"no folder is named after nothing", folders},
		{"every package says what it is", comments},
	}
}
