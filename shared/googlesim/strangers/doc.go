// Package strangers proves the simulator by programs that were not written for
// it: Google's own Python client (google-api-python-client with
// google-auth-oauthlib) and Google's own Node client (@googleapis/calendar).
//
// Each goes through what an integration does with Google: sign in by the code
// flow with PKCE, list with paging and sync tokens, insert, patch with
// If-Match, delete, a thousand events, an access token that expires, a grant
// that is revoked. Both are configured as they would be for Google, save the
// host; if one of them notices a difference, client.py or client.cjs fails.
//
// install.sh fetches the clients, pinned by hash, under .tools/; the tests call
// it, so there is nothing to prepare. They are skipped only where there is no
// python3 or no node, and never in CI.
package strangers
