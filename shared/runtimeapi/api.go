package runtimeapi

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// api is the Runtime API, version 2018-06-01.
func (s *Sandbox) api() http.Handler {
	const base = "/2018-06-01/runtime"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+base+"/invocation/next", s.next)
	mux.HandleFunc("POST "+base+"/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) { s.settle(w, r, false) })
	mux.HandleFunc("POST "+base+"/invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) { s.settle(w, r, true) })
	mux.HandleFunc("POST "+base+"/init/error", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusAccepted)
	})
	return mux
}

func (s *Sandbox) next(w http.ResponseWriter, r *http.Request) {
	s.readied.Do(func() {
		s.initTook = time.Since(s.began)
		close(s.ready)
	})
	select {
	case inv := <-s.work:
		h := w.Header()
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.until.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:123456789012:function:"+s.o.Name)
		if s.o.Trace != "" {
			h.Set("Lambda-Runtime-Trace-Id", s.o.Trace)
		}
		_, _ = w.Write(inv.payload)
	case <-r.Context().Done():
	}
}

// settle takes an invocation's answer, once.
func (s *Sandbox) settle(w http.ResponseWriter, r *http.Request, failed bool) {
	body, err := io.ReadAll(r.Body)
	id := r.PathValue("id")
	s.mu.Lock()
	inv := s.open[id]
	delete(s.open, id)
	s.mu.Unlock()
	if inv == nil || err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	a := answer{body: body}
	if failed {
		var doc struct{ ErrorMessage, ErrorType string }
		_ = json.Unmarshal(body, &doc)
		a = answer{err: fmt.Errorf("%w: %s: %s", ErrFunction, doc.ErrorType, doc.ErrorMessage)}
	}
	inv.done <- a
	w.WriteHeader(http.StatusAccepted)
}

// peak reads the high-water mark of a process that has ended. Linux counts it in
// kilobytes.
func peak(usage any) int64 {
	u, ok := usage.(*syscall.Rusage)
	if !ok {
		return 0
	}
	return u.Maxrss * 1024
}
