package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/integration"
)

type accountCommand struct {
	Export exportCommand `cmd:"" help:"Everything that is stored of an account, one JSON document a line, or all in one with --json; sealed tokens are left out."`
	Delete eraseCommand  `cmd:"" help:"Delete an account's integrations, and then everything that is stored of it."`
}

type exportCommand struct {
	Account string `arg:"" help:"Account id."`
	Output  string `short:"o" type:"path" help:"File to write, which must not exist yet; standard output without it." placeholder:"FILE"`
}

type exportedAnswer struct {
	Account string `json:"account"`
	Items   int    `json:"items"`
	File    string `json:"file"`
}

// Run writes as it reads, so that an account of any size fits. With --json what
// goes to standard output is one document as everywhere: of the items, or, where
// they go to a file, of how many they were.
func (s *exportCommand) Run(c *call) error {
	if s.Output == "" && c.json {
		return s.document(c)
	}
	if s.Output == "" {
		_, err := s.items(c, c.out, "", "\n")
		return err
	}
	f, err := os.OpenFile(s.Output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("opening the export: %w", err)
	}
	n, err := s.items(c, f, "", "\n")
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return c.say(exportedAnswer{s.Account, n, s.Output})
}

// document writes all items as one JSON document.
func (s *exportCommand) document(c *call) error {
	name, err := json.Marshal(s.Account)
	if err != nil {
		return fmt.Errorf("encoding the account: %w", err)
	}
	if _, err := fmt.Fprintf(c.out, `{"account":%s,"items":[`, name); err != nil {
		return fmt.Errorf("writing the export: %w", err)
	}
	if _, err := s.items(c, c.out, ",\n", ""); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(c.out, "]}"); err != nil {
		return fmt.Errorf("writing the export: %w", err)
	}
	return nil
}

// items writes every item, with one string between two of them and one after
// each, and gives how many there were.
func (s *exportCommand) items(c *call, out io.Writer, between, after string) (n int, err error) {
	err = c.operator.Export(c, s.Account, func(table string, doc map[string]any) error {
		raw, err := json.Marshal(map[string]any{"table": table, "item": doc})
		if err != nil {
			return fmt.Errorf("encoding an item: %w", err)
		}
		if n > 0 {
			raw = append([]byte(between), raw...)
		}
		if n++; n%1000 == 0 {
			c.progress("%d items …", n)
		}
		_, err = out.Write(append(raw, after...))
		return err
	})
	if err != nil {
		return n, fmt.Errorf("after %d items: %w", n, err)
	}
	c.progress("%d items exported", n)
	return n, nil
}

func (a exportedAnswer) text(w io.Writer) {
	fmt.Fprintf(w, "Exported %d items of account %s to %s.\n", a.Items, a.Account, a.File)
}

type eraseCommand struct {
	Account string        `arg:"" help:"Account id."`
	Yes     bool          `help:"Do it; without it, it is only said what would go."`
	Remove  bool          `name:"remove-from-provider" help:"Also remove at the provider what Aura created there."`
	Wait    time.Duration `default:"2m" help:"How long to wait for the wind-downs."`
}

type erasedAnswer struct {
	Account      string `json:"account"`
	Integrations int    `json:"integrations_deleted"`
	Items        int    `json:"items_deleted"`
	WindDowns    int    `json:"wind_downs_left"`
	Done         bool   `json:"done"`
	WouldDelete  bool   `json:"only_said,omitempty"`
}

// Run deletes the integrations as their user would, so that grants are revoked
// and channels stopped, waits for that, and erases what is left. Where it takes
// longer than it waits, it is called again.
func (s *eraseCommand) Run(c *call) error {
	recs, err := c.db.Integrations.List(c, s.Account)
	if err != nil {
		return fmt.Errorf("reading the integrations: %w", err)
	}
	a := erasedAnswer{Account: s.Account}
	if !s.Yes {
		a.Integrations, a.WouldDelete = len(recs), true
		err := c.operator.Export(c, s.Account, func(string, map[string]any) error { a.Items++; return nil })
		if err != nil {
			return fmt.Errorf("counting what is stored: %w", err)
		}
		return c.say(a)
	}
	if len(recs) > 0 {
		if err := c.needQueue(); err != nil {
			return err
		}
	}
	service := connect.Service{
		Catalogue: integration.Catalogue{google.Provider()}, Store: c.db.Integrations, Accounts: c.db.Integrations, Lists: c.db.Integrations,
		Queue: c.queue, Now: c.now, NewID: newID, Log: slog.New(slog.DiscardHandler),
	}
	by := connect.Caller{Account: s.Account, User: "operator", CorrelationID: newID()}
	for _, r := range recs {
		if err := service.Delete(c, by, r.Provider, s.Remove); err != nil && !fault.Is(err, fault.NotFound) {
			return fmt.Errorf("deleting the integration with %s: %w", r.Provider, err)
		}
		a.Integrations++
	}
	if a.WindDowns, err = s.await(c); err != nil {
		return err
	}
	if a.WindDowns == 0 {
		a.Items, err = c.operator.Erase(c, s.Account, func(n int) {
			if n%1000 == 0 {
				c.progress("%d items deleted …", n)
			}
		})
		if errors.Is(err, dynamo.ErrStillThere) {
			return fmt.Errorf("something was connected again meanwhile: end that first (%w)", err)
		}
		if err != nil {
			return fmt.Errorf("after %d items: %w", a.Items, err)
		}
		a.Done = true
	}
	if err := c.say(a); err != nil {
		return err
	}
	if !a.Done {
		return errors.New("wind-downs are still under way: call it again later")
	}
	return nil
}

// await waits for the account's wind-downs and gives how many are left.
func (s *eraseCommand) await(c *call) (int, error) {
	ctx, cancel := context.WithTimeout(c, s.Wait)
	defer cancel()
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for {
		left := 0
		for _, p := range providers() {
			orders, err := c.db.Integrations.OrdersOf(c, integration.Key{Account: s.Account, Provider: p})
			if err != nil {
				return 0, fmt.Errorf("reading the wind-downs: %w", err)
			}
			left += len(orders)
		}
		if left == 0 {
			return 0, nil
		}
		c.progress("%d wind-downs under way …", left)
		select {
		case <-ctx.Done():
			return left, c.Err()
		case <-look.C:
		}
	}
}

func (a erasedAnswer) text(w io.Writer) {
	switch {
	case a.WouldDelete:
		fmt.Fprintf(w, "Account %s has %d integrations and %d stored items. --yes deletes them for good.\n", a.Account, a.Integrations, a.Items)
	case a.Done:
		fmt.Fprintf(w, "Account %s: deleted %d integrations and %d items. Nothing of it is left.\n", a.Account, a.Integrations, a.Items)
	default:
		fmt.Fprintf(w, "Account %s: deleted %d integrations; %d wind-downs are still under way, so what is stored is still there.\n", a.Account, a.Integrations, a.WindDowns)
	}
}
