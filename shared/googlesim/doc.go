// Package googlesim puts the two halves of the simulated Google, accounts and
// calendarv3, behind one http.Handler with one clock and one fault hook.
//
// # Use
//
//	sim := googlesim.New(googlesim.Options{Clock: clock})
//	sim.Accounts.AddAccount(accounts.Account{Email: "ana@example.com"})
//	sim.Calendar.AddAccount("ana@example.com", "Europe/Madrid")
//	server := httptest.NewServer(sim)          // over TCP, or
//	client := &http.Client{Transport: sim.Transport()} // without it
//
// Every endpoint that a client needs is derived from the host of its request,
// so one simulator answers under any name.
//
// # Faults
//
// There is one hook, Options.Fault, a function over the request. It sees calls
// that come in and push messages that go out, and its Decision says what goes
// wrong. The local run drives the same hook with POST /sim/faults. Nothing
// else in the simulator is made to fail on purpose: what Google refuses by
// rule (quotas, expired tokens, stale etags) is refused by rule here too.
package googlesim
