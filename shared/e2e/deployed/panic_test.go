package deployed_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/httpapi"
	"aura.example/integrations/shared/lambdahttp"
	"aura.example/integrations/shared/telemetry"
)

// S9's last path: no function can be made to panic from outside, so a handler
// does it on purpose, behind the same edge and the same logger, with a token in
// hand. Neither the log nor the answer repeats it.
func TestS9APanicTellsNothing(t *testing.T) {
	t.Parallel()
	const canary = "ya29.canary-CANARY-canary-CANARY"
	const opaque = "an-opaque-secret-without-a-shape"
	for name, do := range map[string]httpapi.Handler{
		"a text":        func(http.ResponseWriter, *http.Request) error { panic("token " + canary + opaque) },
		"an error":      func(http.ResponseWriter, *http.Request) error { panic(fmt.Errorf("sent %s%s", canary, opaque)) },
		"a request":     func(_ http.ResponseWriter, r *http.Request) error { panic(r) },
		"an error only": func(http.ResponseWriter, *http.Request) error { return errors.New("google said " + canary) },
	} {
		var log bytes.Buffer
		logger := telemetry.NewLogger(&log, slog.LevelDebug, "status")
		edge := httpapi.Edge{Log: logger, Now: time.Now, NewID: func() string { return "id" }}
		h := lambdahttp.New(httpapi.New(edge, []httpapi.Route{{Method: "GET", Path: "/v1/x", Scope: httpapi.Public, Handler: do}}), logger)
		event := `{"version":"2.0","rawPath":"/v1/x","headers":{"authorization":"Bearer ` + canary + opaque + `"},"requestContext":{"stage":"$default","http":{"method":"GET"}}}`
		out, err := h.Invoke(t.Context(), []byte(event))
		if err != nil || !strings.Contains(string(out), `"statusCode":500`) || log.Len() == 0 {
			t.Errorf("%s: %s, %v", name, out, err)
		}
		for place, text := range map[string]string{"log": log.String(), "answer": string(out)} {
			if strings.Contains(text, canary) || strings.Contains(text, opaque) {
				t.Errorf("%s is in the %s: %s", name, place, text)
			}
		}
	}
}
