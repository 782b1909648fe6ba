package local

import (
	"encoding/json"
	"log/slog"
	"mime"
	"net/http"

	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/memory"
)

// The operator's routes stand for what SQS is in a deployment: the queue is in
// this process, so the operator's tool reaches it through them. Like all that is
// under /local/ they exist here only, on loopback. They take JSON and nothing
// else, which a page of another origin can't send unasked.
const (
	jobsPath = "/local/jobs"         // POST: sends jobs
	deadPath = "/local/dead-letters" // GET: lists; POST …/redrive and …/drop {"ids": […]}, none: all
)

func operatorRoutes(mux *http.ServeMux, q *memory.Queue, log *slog.Logger) {
	sent := announced{Queue: q, log: log, why: "an operator sent it"}
	mux.HandleFunc("POST "+jobsPath, func(w http.ResponseWriter, r *http.Request) {
		var msgs []job.Message
		if !body(w, r, &msgs) {
			return
		}
		if err := sent.Send(r.Context(), msgs...); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		respond(w, map[string]int{"sent": len(msgs)})
	})
	mux.HandleFunc("GET "+deadPath, func(w http.ResponseWriter, _ *http.Request) {
		letters := q.Dead()
		if letters == nil {
			letters = []memory.DeadLetter{}
		}
		respond(w, letters)
	})
	for name, act := range map[string]func(ids ...string) int{"redrive": q.Redrive, "drop": q.Drop} {
		mux.HandleFunc("POST "+deadPath+"/"+name, func(w http.ResponseWriter, r *http.Request) {
			var in struct {
				IDs []string `json:"ids"`
			}
			if !body(w, r, &in) {
				return
			}
			n := act(in.IDs...)
			log.InfoContext(r.Context(), "dead letters", "what", name, "count", n, "why", "an operator asked for it")
			respond(w, map[string]int{"count": n})
		})
	}
}

// body reads a JSON body; what isn't one is answered, and false.
func body(w http.ResponseWriter, r *http.Request, v any) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		http.Error(w, "send application/json", http.StatusUnsupportedMediaType)
		return false
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(v); err != nil {
		http.Error(w, "this is not the JSON that belongs here", http.StatusBadRequest)
		return false
	}
	return true
}

func respond(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
