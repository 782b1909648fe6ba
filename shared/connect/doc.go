// Package connect moves integrations through their lives on behalf of people:
// creating, authorizing, configuring, pausing, disconnecting, deleting; it
// renews access for those who sync, and winds down what was left behind.
//
// # Who finishes a flow
//
// Whoever finishes an OAuth flow must be who began it. The callback that the
// provider sends the browser to exchanges nothing: it hands code and state to
// the page that the flow was opened from, and that page posts them with its
// own token. A consent link that is sent to somebody else, or finished by
// another user of the same browser, connects nothing.
//
// # State
//
// A flow's state is 256 random bits, the moment it was made, and a MAC over
// both under the flow key. It is stored as a hash and used once. The MAC tells
// a forged state from one that was used already or came too late, without
// keeping either. The PKCE verifier and the nonce are derived from the state
// under the same key, so nothing secret is stored at all.
//
// # Failure
//
// Every change is one transaction on condition of what was read; whoever
// loses a race reads again and decides again. A job that could not be sent
// after its transition is not lost: what is due stands in a slot, and a
// promised run is adopted by whichever job comes next.
package connect
