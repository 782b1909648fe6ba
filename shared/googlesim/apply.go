package googlesim

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

// decide asks the hook, and the rules of POST /sim/faults where the hook has
// nothing against the request.
func (s *Sim) decide(r *http.Request) Decision {
	if s.o.Fault != nil {
		if d := s.o.Fault(r); !d.fine() {
			return d
		}
	}
	return s.rules.decide(r)
}

// fine says that nothing goes wrong, so that the request needn't be held back.
func (d Decision) fine() bool {
	return d.Delay == 0 && !d.Cut && d.Answer == nil && !d.BlindInsert && !d.RepeatPage && !d.Drop && d.Edit == nil &&
		d.Truncate == 0 && d.Drip == 0 && !d.Twice && !d.Hold
}

// cut ends the connection without an answer. net/http and Transport know this
// panic and don't log it.
func cut() { panic(http.ErrAbortHandler) }

// apply lets a request take effect, or not, and spoils the answer, as decided.
func (s *Sim) apply(d Decision, google http.Handler, w http.ResponseWriter, r *http.Request) {
	if d.fine() {
		google.ServeHTTP(w, r)
		return
	}
	if !s.pause(d.Delay, r) || d.Cut {
		cut()
	}
	if d.Answer != nil && !d.AnswerAfter {
		d.Answer.write(w)
		return
	}
	ctx := r.Context()
	if d.BlindInsert {
		ctx = calendarv3.WithBlindInsert(ctx)
	}
	if d.RepeatPage {
		ctx = calendarv3.WithRepeatedPage(ctx)
	}
	r = r.WithContext(ctx)
	if d.Edit != nil { // the answer is going to be read here
		r.Header = r.Header.Clone()
		r.Header.Del("Accept-Encoding")
	}
	kept := newKept()
	google.ServeHTTP(kept, r)
	switch {
	case d.Drop:
		cut()
	case d.Answer != nil:
		d.Answer.write(w)
	default:
		s.spoil(d, kept, w, r)
	}
}

// spoil sends a whole answer edited, in part, or slowly.
func (s *Sim) spoil(d Decision, kept *keptAnswer, w http.ResponseWriter, r *http.Request) {
	body := kept.body.Bytes()
	if d.Edit != nil {
		body = mergePatch(body, d.Edit)
	}
	for name, values := range kept.header {
		w.Header()[name] = values
	}
	if len(body) > 0 { // the length that a cut answer promises and doesn't keep
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(kept.status)
	send := body
	if d.Truncate > 0 && d.Truncate < len(body) {
		send = body[:d.Truncate]
	}
	const piece = 512
	for len(send) > 0 {
		n := len(send)
		if d.Drip > 0 {
			n = min(n, piece)
			if !s.pause(d.Drip, r) {
				cut()
			}
		}
		if _, err := w.Write(send[:n]); err != nil {
			return // the client has had enough
		}
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		send = send[n:]
	}
	if d.Truncate > 0 && d.Truncate < len(body) {
		cut()
	}
}

// pause waits, unless the client goes away first.
func (s *Sim) pause(d time.Duration, r *http.Request) bool {
	if d <= 0 {
		return true
	}
	select {
	case <-s.o.After(d):
		return true
	case <-r.Context().Done():
		return false
	}
}

// write sends the answer as it is; nothing is filled in.
func (a *Answer) write(w http.ResponseWriter) {
	for name, values := range a.Header {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	w.WriteHeader(a.Status)
	if _, err := w.Write([]byte(a.Body)); err != nil {
		return // the client has gone
	}
}

// keptAnswer holds an answer back.
type keptAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newKept() *keptAnswer { return &keptAnswer{header: http.Header{}} }

func (k *keptAnswer) Header() http.Header { return k.header }

func (k *keptAnswer) WriteHeader(status int) {
	if k.status == 0 {
		k.status = status
	}
}

func (k *keptAnswer) Write(p []byte) (int, error) {
	k.WriteHeader(http.StatusOK)
	return k.body.Write(p)
}

// mergePatch applies RFC 7386 to a JSON body; what isn't JSON stays as it is.
func mergePatch(body []byte, patch json.RawMessage) []byte {
	var doc, p any
	if json.Unmarshal(body, &doc) != nil || json.Unmarshal(patch, &p) != nil {
		return body
	}
	out, err := json.Marshal(merged(doc, p))
	if err != nil {
		return body
	}
	return out
}

// merged is the algorithm of RFC 7386 section 2.
func merged(doc, patch any) any {
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	d, ok := doc.(map[string]any)
	if !ok {
		d = map[string]any{}
	}
	for name, v := range p {
		if v == nil {
			delete(d, name)
			continue
		}
		d[name] = merged(d[name], v)
	}
	return d
}
