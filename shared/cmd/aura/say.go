package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"aura.example/integrations/shared/fault"
)

// answer is what a command found out: a document for programs that can print
// itself for people.
type answer interface{ text(w io.Writer) }

// say prints an answer in the way that was asked for.
func (c *call) say(a answer) error {
	if c.json {
		enc := json.NewEncoder(c.out)
		enc.SetIndent("", "  ")
		return enc.Encode(a)
	}
	a.text(c.out)
	return nil
}

// progress tells people who wait, on standard error, so that output stays clean.
// It is safe for concurrent use.
func (c *call) progress(format string, args ...any) {
	c.telling.Lock()
	defer c.telling.Unlock()
	fmt.Fprintf(c.errs, format+"\n", args...)
}

// plain gives an error as a person should read it: the safe message where there
// is one, with its cause, since an operator may see what users may not.
func plain(err error) string {
	var f *fault.Error
	if errors.As(err, &f) && f.Message != "" && !strings.Contains(err.Error(), f.Message) {
		return f.Message + " (" + err.Error() + ")"
	}
	return err.Error()
}

// table prints rows in columns.
func table(w io.Writer, rows ...[]string) {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintln(t, strings.Join(r, "\t"))
	}
	_ = t.Flush()
}

func when(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

// ptr keeps a moment that isn't there out of JSON.
func ptr(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
