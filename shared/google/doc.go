// Package google is what Aura's two halves of the Google adapter share:
// where Google is, how it is called, and what it is asked for.
//
// # Three rooms
//
// The halves live in packages of their own, because of what they link:
//
//   - google (here) imports the standard library and the domain. The status
//     function needs the catalogue entry, every function's configuration needs
//     Config; neither calls Google.
//   - google/oauth signs people in and renews their tokens. It links
//     golang.org/x/oauth2 and nothing of Google's client libraries, so that the
//     functions behind the consent page start as fast as those that call nobody.
//   - google/calendarv3 reads calendars. It links google.golang.org/api, and
//     with it grpc and OpenTelemetry, which more than doubles a function's start
//     (shared/docs/benchmarks.md). Only the sync worker may import it.
//
// A test in this package holds the first two to that.
//
// # How Google is called
//
// Both halves get their http.Client from Config.Client: it has a timeout over
// the whole call, body included; it never follows a redirect, since Google's
// APIs send none and a followed one would carry a token or the client secret to
// whoever it names; it bounds what an answer may weigh; and it counts every
// request on the counter that the context carries (CountCalls), so that a run
// can say how many calls it made.
//
// Nothing here retries. Retrying takes a budget, a clock and a jitter, and the
// one who has them is the run.
package google
