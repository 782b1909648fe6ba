package oauth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/google"
)

// Revoke ends the user's whole grant for our client's project, not only this
// token: the caller makes sure that nobody else lives on it.
//
// 200 and 400 are both success: Google answers 400 for a token that it doesn't
// know any more, which is what was wanted. Everything else is Transient, since
// a wind-down tries again for a day and then lets the credential go anyway.
func (a *Authorizer) Revoke(ctx context.Context, t connect.Token) error {
	token := t.Refresh // lives longest; an access token that has expired would be unknown
	if token == "" {
		token = t.Access
	}
	if token == "" {
		return nil
	}
	// In the body, never in the query, which ends up in logs on the way.
	form := url.Values{"token": {token}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.revokeURL, strings.NewReader(form))
	if err != nil {
		return fmt.Errorf("revoking a grant: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := a.client.Do(req)
	if err != nil {
		var network *url.Error
		if errors.As(err, &network) {
			err = network.Err
		}
		return fmt.Errorf("revoking a grant: %w", fault.Wrap(fault.Transient, "provider_unreachable", unavailableMessage, err))
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body) // read to the end, so that the connection can be used again
	switch resp.StatusCode {
	case http.StatusOK, http.StatusBadRequest:
		return nil
	}
	return fmt.Errorf("revoking a grant: %w", fault.Wrap(fault.Transient, "provider_unavailable", unavailableMessage,
		fmt.Errorf("the revocation endpoint answered %d", resp.StatusCode)).After(google.RetryAfter(resp.Header, a.now())))
}
