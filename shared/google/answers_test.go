package google_test

import (
	"maps"
	"net/http"
	"testing"

	"aura.example/integrations/shared/google"
)

func TestClientCountsAnswers(t *testing.T) {
	t.Parallel()
	ctx, answers := google.CountAnswers(t.Context())
	for _, status := range []int{200, 204, 304, 400, 401, 403, 404, 409, 410, 412, 418, 429, 429, 500, 503} {
		if _, _, err := get(t, ctx, google.Config{}, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }); err != nil {
			t.Fatal(err)
		}
	}
	cut := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	if _, _, err := get(t, ctx, google.Config{}, cut); err == nil {
		t.Fatal("a cut connection is an answer")
	}
	want := map[string]int{
		"2xx": 2, "3xx": 1, "400": 1, "401": 1, "403": 1, "404": 1, "409": 1, "410": 1, "412": 1, "4xx": 1, "429": 2, "5xx": 2, "none": 1,
	}
	if got := answers(); !maps.Equal(got, want) {
		t.Errorf("counted %v, want %v", got, want)
	}
	if _, _, err := get(t, t.Context(), google.Config{}, func(http.ResponseWriter, *http.Request) {}); err != nil { // counts nowhere
		t.Fatal(err)
	}
}
