// Package devstack starts the programs that stand in for AWS on a laptop and in
// tests: Amazon's own DynamoDB Local for the tables, moto for SQS, KMS, SSM and
// Scheduler. It knows how to find, start, await and end them, and nothing of
// Aura, so that a test of it proves only that.
//
// # Who uses it
//
// The local run starts one DynamoDB with data that survive (Options.Dir).
// shared/cmd/withstack starts both once around a whole `go test ./...` and hands
// their addresses down in DYNAMODB_URL and MOTO_URL. A test asks ForTest, which
// takes those addresses, or starts its own where a single package is tested
// without make. Sharing one process among many tests is cheap and safe where
// each test makes tables and queues under names of its own.
//
// # How a stand-in ends
//
// Whatever starts one may be killed without warning: a laptop's Ctrl-C, a CI
// limit, SIGKILL, a panic. A Java process left behind keeps a port, a database
// file and some 150 MB, and the next run fails for no visible reason. So each is
// held in three ways:
//
//   - Close asks it to stop (SIGTERM), waits, then ends its whole process group.
//   - The context given to Start ends it in the same way.
//   - A leash: each stand-in runs in a process group with a watcher that reads a
//     pipe whose other end only we hold. The kernel closes that end when we die,
//     however we die; the watcher then kills the group. Linux has PDEATHSIG for
//     this, but it follows the thread that forked, not the process, and no other
//     system has it.
//
// # Ports
//
// Neither program reliably says which port it took when asked for any, so a free
// one is picked first and handed over. Between the two moments another launcher
// could pick the same; reservation keeps launchers of this package apart, and a
// stranger that takes it makes the program exit, upon which another is tried.
//
// # Losses
//
// DynamoDB Local has no option for the address it listens on: it listens on every
// interface, and any credentials open it. On an untrusted network its port should
// be behind the laptop's firewall. Browsers are kept out: only pages of its own
// origin may call it.
//
// Data on disk survive SIGKILL of everything at once (SQLite syncs each write to
// disk, which is why writing to Dir runs at a quarter of the speed of memory).
package devstack
