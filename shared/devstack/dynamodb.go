package devstack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Options says how a stand-in is started; the zero value is one in memory, on a
// free port, with the tools beside go.mod.
type Options struct {
	// Dir keeps the data between runs; it's made where it isn't there. "" keeps
	// them in memory. Only DynamoDB Local has data to keep.
	Dir string
	// ToolsDir is where the tools are; "" means .tools beside the go.mod that
	// governs the working directory.
	ToolsDir string
	// Port to listen on; 0 picks a free one.
	Port int
	// Sustained leaves Java's optimising compiler on, for benchmarks that write
	// more than some 12,000 items: see javaFlags.
	Sustained bool
}

// DynamoDB is a running DynamoDB Local.
type DynamoDB struct {
	process *process
	url     string
	lock    *os.File
}

// URL is where it answers, without a trailing slash. Any region and credentials
// see the same tables.
func (d *DynamoDB) URL() string { return d.url }

// Close ends it and returns when it's gone; data under Options.Dir stay.
func (d *DynamoDB) Close() {
	d.process.Close()
	if d.lock != nil {
		_ = d.lock.Close()
	}
}

// javaFlags are what was fastest on two cores, DynamoDB Local 3.3.1 on Java 17,
// medians of three starts until ListTables answered, and puts a second with eight
// writers, the first 6,000 and what it settles at after 11,000:
//
//	                                             start    memory   first   later
//	none                                         2.19 s   125 MB     540   1,280
//	-XX:TieredStopAtLevel=1                      1.82 s   104 MB     780     870
//	-XX:TieredStopAtLevel=1 -XX:+UseSerialGC     1.76 s   158 MB     915   1,020
//	-XX:+UseSerialGC                             2.34 s   180 MB     545   1,320
//
// So the quick compiler alone, for everything that is short; with the serial
// collector the gain in starting is within the noise and costs 50 MB. Class data
// sharing would help more, but the jar's manifest names its own folder in the
// class path, which ArchiveClassesAtExit refuses ("Cannot have non-empty
// directory in paths"). -Xmx bounds it where tests run side by side.
func javaFlags(sustained bool) []string {
	if sustained {
		return []string{"-Xmx2g"}
	}
	return []string{"-Xmx1g", "-XX:TieredStopAtLevel=1"}
}

// StartDynamoDB starts DynamoDB Local and returns once it answers. It lives
// until Close, until ctx ends, or until this process does, whichever comes
// first. Errors are one sentence for a person; ErrMissingTool and ErrPortTaken
// can be told apart.
func StartDynamoDB(ctx context.Context, o Options) (_ *DynamoDB, err error) {
	argv, err := dynamodbCommand(o)
	if err != nil {
		return nil, err
	}
	var lock *os.File
	if o.Dir != "" {
		if lock, err = lockDir(o.Dir); err != nil {
			return nil, err
		}
		defer func() {
			if err != nil {
				_ = lock.Close()
			}
		}()
	}
	p, port, err := launch(ctx, o.Port, "DynamoDB Local", func(port int) []string {
		return append(argv, "-port", strconv.Itoa(port))
	}, func(ctx context.Context, url string) error { return askDynamoDB(ctx, url, o.Dir) })
	if err != nil {
		return nil, err
	}
	return &DynamoDB{process: p, url: localURL(port), lock: lock}, nil
}

// dynamodbCommand is the command without its port.
func dynamodbCommand(o Options) ([]string, error) {
	tools, err := findTools(o.ToolsDir)
	if err != nil {
		return nil, err
	}
	java, err := tool(tools, "bin/java",
		"Java 17 or newer is missing: run `make tools`, or do without it by `make run STORE=memory`")
	if err != nil {
		return nil, err
	}
	jar, err := tool(tools, "dynamodb-local/DynamoDBLocal.jar",
		"DynamoDB Local is missing: run `make tools`, or do without it by `make run STORE=memory`")
	if err != nil {
		return nil, err
	}
	argv := append([]string{java}, javaFlags(o.Sustained)...)
	argv = append(argv,
		"-Djava.library.path="+filepath.Join(filepath.Dir(jar), "DynamoDBLocal_lib"), "-jar", jar,
		"-sharedDb",
		"-disableTelemetry",         // it would report its use over the network
		"-cors", "http://127.0.0.1", // its default lets any page in a browser read the tables
	)
	if o.Dir == "" {
		return append(argv, "-inMemory"), nil
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("finding the data's folder: %w", err)
	}
	return append(argv, "-dbPath", dir), nil
}

// lockDir makes the folder and takes it for this process, since two DynamoDB
// Locals over one file would overwrite each other without a word. The kernel
// lets go of it when we die.
func lockDir(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the data's folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("locking the data's folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("the data in %s are in use by another run; stop that one first", dir)
		}
		return nil, fmt.Errorf("locking the data's folder: %w", err)
	}
	return f, nil
}

// databaseFile is what DynamoDB Local calls its file when started -sharedDb.
const databaseFile = "shared-local-instance.db"

// askDynamoDB makes the cheapest call that goes all the way to the database, so
// that a file that can't be read is met here and not by the first user. The
// signature is never checked, but has to be there.
func askDynamoDB(ctx context.Context, url, dir string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("{}"))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810.ListTables")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20260101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	status, err := ask(req)
	switch {
	case err != nil:
		return err
	case status == http.StatusOK:
		return nil
	case status == http.StatusInternalServerError && dir != "":
		return unreadable{filepath.Join(dir, databaseFile)}
	}
	return fmt.Errorf("DynamoDB Local answered %d", status)
}

// unreadable is the sentence about a broken database file.
type unreadable struct{ file string }

func (u unreadable) Error() string {
	return fmt.Sprintf("the database file %s can't be read; `make reset` starts afresh, or move it away to keep it", u.file)
}
func (u unreadable) Unwrap() error { return errRefuses }
