// Command benchinit measures how long functions take from exec to their first
// request for work, side by side in one run behind the same Runtime API
// (make bench-init). Times on a busy machine mean little;
// the ratios are what is published.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"aura.example/integrations/shared/runtimeapi"
)

func main() {
	rounds := flag.Int("rounds", 21, "starts of each")
	flag.Parse()
	if err := run(*rounds); err != nil {
		fmt.Fprintln(os.Stderr, "benchinit:", err)
		os.Exit(1)
	}
}

// contender is one thing that is started.
type contender struct {
	name    string
	command []string
	env     []string // besides what all have
	starts  []time.Duration
	memory  []int64
}

func run(rounds int) error {
	secrets := httptest.NewServer(http.HandlerFunc(parameters))
	defer secrets.Close()
	const built = ".artifacts/functions"
	all := []*contender{
		{name: "hello", command: []string{built + "/hello/bootstrap"}},
		{name: "clients alone", command: []string{built + "/clients/bootstrap"}},
		{name: "status", command: []string{built + "/status/bootstrap"}},
		{name: "sync-worker", command: []string{built + "/sync-worker/bootstrap"}},
	}
	nodes, err := nodes()
	if err != nil {
		return err
	}
	all = append(all, nodes...)
	all = append(all, &contender{name: "webhook", command: []string{built + "/webhook/bootstrap"}}) // after those whose ratios have goals
	env := environment(secrets.URL)
	for range rounds { // in turn, so that what the machine does meanwhile hits all alike
		for _, c := range all {
			if err := c.start(append(env, c.env...)); err != nil {
				return err
			}
		}
	}
	hello := all[0].median()
	fmt.Printf("%-28s %10s %9s %9s %9s\n", "init, median of "+fmt.Sprint(rounds), "ms", "÷ hello", "MiB RSS", "MiB file")
	for _, c := range all {
		size := int64(0)
		if info, err := os.Stat(c.command[0]); err == nil && len(c.command) == 1 {
			size = info.Size()
		}
		slices.Sort(c.memory)
		fmt.Printf("%-28s %10.2f %9.2f %9.1f %9.1f\n", c.name, float64(c.median().Microseconds())/1000, float64(c.median())/float64(hello),
			float64(c.memory[len(c.memory)/2])/(1<<20), float64(size)/(1<<20))
	}
	fmt.Printf("\nstatus ÷ clients alone: %.2f (goal 1.15)   sync-worker ÷ hello: %.2f (goal 2.6)\n",
		float64(all[2].median())/float64(all[1].median()), float64(all[3].median())/float64(hello))
	for _, n := range nodes {
		fmt.Printf("%s ÷ sync-worker: %.0f   ÷ status: %.0f\n", n.name, float64(n.median())/float64(all[3].median()), float64(n.median())/float64(all[2].median()))
	}
	return nil
}

// nodes are the same start in Node, with Google's Calendar client and, where
// GOOGLEAPIS names a folder that it was installed into, with all of googleapis:
// 231 MB, so it is not fetched unasked.
func nodes() ([]*contender, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		fmt.Println("There is no Node here, so its rows are missing.")
		return nil, nil
	}
	var out []*contender
	for _, c := range []struct{ name, folder, module string }{
		{"Node, @googleapis/calendar", ".tools/google-clients/node", "@googleapis/calendar"},
		{"Node, googleapis", os.Getenv("GOOGLEAPIS"), "googleapis"},
	} {
		if c.folder == "" {
			continue
		}
		module, err := filepath.Abs(filepath.Join(c.folder, "node_modules", c.module))
		if err != nil {
			return nil, fmt.Errorf("finding %s: %w", c.module, err)
		}
		if _, err := os.Stat(module); err != nil {
			return nil, fmt.Errorf("finding %s: %w", c.module, err)
		}
		out = append(out, &contender{name: c.name, command: []string{node, "shared/cmd/benchinit/node.js"}, env: []string{"GOOGLEAPIS=" + module}})
	}
	return out, nil
}

func (c *contender) start(env []string) error {
	s, err := runtimeapi.Start(runtimeapi.Options{Name: c.name, Command: c.command, Env: env})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.Ready(ctx); err != nil {
		return err
	}
	s.Close()
	c.starts, c.memory = append(c.starts, s.Init()), append(c.memory, s.PeakMemory())
	return nil
}

func (c *contender) median() time.Duration {
	sorted := slices.Sorted(slices.Values(c.starts))
	return sorted[len(sorted)/2]
}

// parameters is SSM as far as a start needs it.
func parameters(w http.ResponseWriter, r *http.Request) {
	var in struct{ Names []string }
	_ = json.NewDecoder(r.Body).Decode(&in)
	type parameter struct{ Name, Value string }
	var out struct{ Parameters []parameter }
	for _, n := range in.Names {
		out.Parameters = append(out.Parameters, parameter{n, base64.StdEncoding.EncodeToString(make([]byte, 32))})
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(out)
}

// environment is one that each of the functions starts with.
func environment(aws string) []string {
	return []string{
		"AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b", "AWS_ENDPOINT_URL_SSM=" + aws,
		"INTEGRATIONS_TABLE=i", "CREDENTIALS_TABLE=c", "EVENTS_TABLE=e", "QUEUE_URL=https://sqs.example.com/q", "KMS_KEY_ID=k",
		"FLOW_KEY_PARAMETER=/f", "SUBJECT_KEY_PARAMETER=/s", "CHANNEL_KEY_PARAMETER=/k", "CHANNEL_KEY_PREVIOUS_PARAMETER=/p", "GOOGLE_CLIENT_SECRET_PARAMETER=/c", "GOOGLE_CLIENT_ID=client",
		"REDIRECT_URI=https://api.example.com/v1/oauth/callback", "RETURN_TARGETS=console=/agent/integrations", "PLAN_LIMITS=free=1",
		"PROVIDER_CALLS_PER_MINUTE=600", "WORKER_CONCURRENCY=2",
	}
}
