package deployed_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// token makes a token of a person, and remembers it: it is a secret too.
func (w *world) token(user string) string {
	tok, err := w.program.Token("acme", user, "")
	if err != nil {
		w.Error(err)
	}
	w.learn("a person's token", tok)
	return tok
}

func (w *world) learn(what, secret string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(secret) > 8 && w.secrets[secret] == "" {
		w.secrets[secret] = what
	}
}

// heard remembers what came back from the consent page.
func (w *world) heard(v url.Values) {
	w.learn("a flow's code", v.Get("code"))
	w.learn("a flow's state", v.Get("state"))
}

// overhear learns the secrets that are sent to Google, and puts the request back
// together.
func (w *world) overhear(r *http.Request) {
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		w.learn("an access token", bearer)
	}
	w.learn("a channel's token", r.Header.Get("X-Goog-Channel-Token"))
	if r.Method != http.MethodPost || r.Body == nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return
	}
	for _, name := range []string{"code", "code_verifier", "refresh_token", "client_secret", "token"} {
		w.learn("a "+strings.ReplaceAll(name, "_", " "), form.Get(name))
	}
}

// secretsAreNowhere is S9: of every secret that there was, no trace is in what
// the functions wrote, sent to the queue, or answered. The one place where a
// state belongs is the address of the consent page, which its own user is given.
func (w *world) secretsAreNowhere() {
	w.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	places := map[string]string{"the queue": strings.Join(w.messages, "\n")}
	for folder, said := range w.said() {
		places["what "+folder+" wrote"] = said
	}
	var answers strings.Builder
	for _, a := range w.answers {
		if !strings.Contains(a, "authorization_url") && !strings.Contains(a, "#code=") && !strings.Contains(a, "state=") {
			answers.WriteString(a)
		}
	}
	places["the API's answers"] = answers.String()
	kinds := map[string]int{}
	for secret, what := range w.secrets {
		kinds[what]++
		for place, text := range places {
			if strings.Contains(text, secret) {
				w.Errorf("S9: %s is in %s", what, place)
			}
		}
	}
	for _, what := range []string{
		"a person's token", "a code", "a flow's state", "an access token", "a code verifier", "a refresh token", "the google-client-secret",
		"the flow-key", "the subject-key", "the channel-key", "a channel's token",
	} {
		if kinds[what] == 0 {
			w.Errorf("S9: %s never came by, so nothing was shown about it", what)
		}
	}
	for place, text := range places {
		if len(text) == 0 {
			w.Errorf("S9: %s is empty", place)
		}
	}
}
