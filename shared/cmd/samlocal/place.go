package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"aura.example/integrations/shared/deployment"
	"aura.example/integrations/shared/devstack"
	"aura.example/integrations/shared/local"
)

// place is everything that runs: the stand-ins, and sam.
type place struct {
	program *local.Program // Google, and the issuer of tokens
	stack   *deployment.Stack
	url     string // of the API
	port    string
	dir     string // data of this run
	envFile string
	api     *exec.Cmd
	log     *os.File
	ends    []func()
}

func (p *place) close() {
	for i := len(p.ends) - 1; i >= 0; i-- {
		p.ends[i]()
	}
}

// open starts the stand-ins and makes the deployment among them.
func open(ctx context.Context) (_ *place, err error) {
	p := &place{}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	if p.dir, err = os.MkdirTemp("", "aura-sam-"); err != nil {
		return nil, fmt.Errorf("making a folder: %w", err)
	}
	p.ends = append(p.ends, func() { _ = os.RemoveAll(p.dir) })
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", or(os.Getenv("PORT"), "0")))
	if err != nil {
		return nil, fmt.Errorf("port %s is in use: choose another with PORT", os.Getenv("PORT"))
	}
	_, p.port, _ = net.SplitHostPort(l.Addr().String())
	_ = l.Close()
	p.url = "http://127.0.0.1:" + p.port
	db, err := devstack.StartDynamoDB(ctx, devstack.Options{})
	if err != nil {
		return nil, err
	}
	p.ends = append(p.ends, db.Close)
	moto, err := devstack.StartMoto(ctx, devstack.Options{})
	if err != nil {
		return nil, err
	}
	p.ends = append(p.ends, moto.Close)
	// The local run lends its Google and its issuer; its own API stands idle.
	if p.program, err = local.Start(ctx, local.Options{Dir: filepath.Join(p.dir, "local"), Memory: true, NoTicks: true}); err != nil {
		return nil, err
	}
	p.ends = append(p.ends, func() { _ = p.program.Close() })
	for _, address := range []string{moto.URL(), p.program.URL, p.program.GoogleURL} {
		if err := p.lend(address); err != nil {
			return nil, err
		}
	}
	p.stack, err = deployment.Make(ctx, deployment.Options{
		Root: ".", DynamoDB: db.URL(), Moto: moto.URL(), Data: filepath.Join(p.dir, "local"), PublicURL: p.url,
	})
	if err != nil {
		return nil, err
	}
	// sam local skips JWT authorizers, so the functions verify tokens themselves.
	p.stack.Values["TokenIssuer"], p.stack.Values["TokenAudience"] = "aura-local", "aura"
	p.stack.Values["TokenKeysUrl"] = p.program.URL + "/local/jwks.json"
	p.stack.Values["GoogleIssuers"] = p.program.GoogleURL + "," + strings.Replace(p.program.GoogleURL, "127.0.0.1", "localhost", 1)
	return p, p.environment()
}

// lend lets containers reach what listens on this machine's loopback only: the
// same port, on the address at which containers see this machine. In a
// container "localhost" is that address (--add-host), so that the functions are
// configured with addresses of "this very machine", as they insist on.
func (p *place) lend(address string) error {
	port := address[strings.LastIndex(address, ":")+1:]
	l, err := net.Listen("tcp", net.JoinHostPort(gateway(), port))
	if err != nil {
		return fmt.Errorf("containers can't be let in: %w", err)
	}
	p.ends = append(p.ends, func() { _ = l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			go pass(in, net.JoinHostPort("127.0.0.1", port))
		}
	}()
	return nil
}

// pass joins a connection to an address until either side ends.
func pass(in net.Conn, to string) {
	defer in.Close()
	out, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer out.Close()
	go func() {
		_, _ = io.Copy(out, in)
		_ = out.Close()
	}()
	_, _ = io.Copy(in, out)
}

// gateway is where containers see this machine; .ci/engine.sh says it.
func gateway() string { return or(os.Getenv("ENGINE_GATEWAY"), "172.17.0.1") }

// environment writes what sam gives to the functions, as the template says it:
// by itself sam would hand out logical names for tables and queues.
func (p *place) environment() error {
	all := map[string]map[string]string{}
	for folder, f := range p.stack.Template.Functions() {
		env, err := p.stack.Environment(folder, "")
		if err != nil {
			return err
		}
		all[f.Name] = map[string]string{}
		for _, kv := range env {
			name, value, _ := strings.Cut(kv, "=")
			all[f.Name][name] = inContainer(name, value)
		}
	}
	raw, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("encoding the functions' environment: %w", err)
	}
	p.envFile = filepath.Join(p.dir, "environment.json")
	return os.WriteFile(p.envFile, raw, 0o600)
}

// inContainer is a variable's value as a container has to see it. Issuers are
// names, not places.
func inContainer(name, value string) string {
	if name == "GOOGLE_ISSUERS" {
		return value
	}
	return strings.ReplaceAll(value, "127.0.0.1", "localhost")
}

// sam makes a command of the SAM CLI. It never asks the network for anything.
func (p *place) sam(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, ".tools/bin/sam", args...)
	cmd.Env = append(os.Environ(), "SAM_CLI_TELEMETRY=0", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_DEFAULT_REGION=eu-central-1",
		"CGO_ENABLED=0", "GOFLAGS=-buildvcs=false -tags=lambda.norpc '-ldflags=-s -w'")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = 20 * time.Second
	return cmd
}

// built is where sam puts what it builds here, apart from a real deployment's.
const built = ".aws-sam/local"

func (p *place) parameters() []string {
	arch := "x86_64"
	if runtime.GOARCH == "arm64" {
		arch = "arm64"
	}
	return []string{"--parameter-overrides", "Architecture=" + arch + " TokenIssuer=https://id.example.com/ TokenAudience=aura GoogleClientId=local"}
}

// build builds the functions for this machine.
func (p *place) build(ctx context.Context) error {
	began := time.Now()
	out, err := p.sam(ctx, append([]string{"build", "--parallel", "--build-dir", built}, p.parameters()...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("sam build: %w\n%s", err, out)
	}
	fmt.Printf("built in %d s\n", int(time.Since(began).Seconds()))
	return nil
}

func (p *place) flags() []string {
	return append([]string{"--template", built + "/template.yaml", "--skip-pull-image", "--add-host", "localhost:" + gateway(), "--env-vars", p.envFile}, p.parameters()...)
}

// start starts the API and waits until it listens.
func (p *place) start(ctx context.Context) (err error) {
	if p.log, err = os.Create(filepath.Join(p.dir, "sam.log")); err != nil {
		return fmt.Errorf("making a log: %w", err)
	}
	p.api = p.sam(ctx, append([]string{"local", "start-api", "--host", "127.0.0.1", "--port", p.port, "--warm-containers", "LAZY"}, p.flags()...)...)
	p.api.Stdout, p.api.Stderr = p.log, p.log
	if err := p.api.Start(); err != nil {
		return fmt.Errorf("sam local start-api: %w", err)
	}
	gone := make(chan error, 1)
	go func() { gone <- p.api.Wait() }()
	p.ends = append(p.ends, func() {
		_ = syscall.Kill(-p.api.Process.Pid, syscall.SIGINT) // it removes its containers
		select {
		case <-gone:
		case <-time.After(20 * time.Second):
			_ = syscall.Kill(-p.api.Process.Pid, syscall.SIGKILL)
		}
	})
	for {
		if c, err := net.Dial("tcp", "127.0.0.1:"+p.port); err == nil {
			return c.Close()
		}
		select {
		case err := <-gone:
			gone <- err
			return fmt.Errorf("sam local start-api ended: %w\n%s", err, p.said())
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// said is what sam and the functions wrote.
func (p *place) said() string {
	raw, _ := os.ReadFile(p.log.Name())
	return string(raw)
}

func (p *place) command(function, event string) string {
	return strings.Join(append([]string{".tools/bin/sam local invoke", function, "--event", event}, quote(p.flags())...), " ")
}

// invoke runs a function once, in a container of its own, and gives its answer.
func (p *place) invoke(ctx context.Context, function string, event any) ([]byte, error) {
	raw, err := json.Marshal(event)
	if err != nil {
		return nil, fmt.Errorf("encoding an event: %w", err)
	}
	cmd := p.sam(ctx, append([]string{"local", "invoke", function, "--event", "-"}, p.flags()...)...)
	cmd.Stdin = strings.NewReader(string(raw))
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil, fmt.Errorf("sam local invoke %s: %w\n%s", function, err, exit.Stderr)
	}
	return out, err
}

func quote(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = a
		if strings.Contains(a, " ") {
			out[i] = "'" + a + "'"
		}
	}
	return out
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
