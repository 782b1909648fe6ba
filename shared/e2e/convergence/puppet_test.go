package convergence_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// step is a call of a run as the model names it: where a puppet halts.
type step struct {
	what, table, path string
	after             bool // it took effect, and its answer hasn't been read
}

// The steps that the traces halt at.
var (
	list   = step{what: "google GET", path: "/events"}
	record = step{what: "dynamodb UpdateItem", table: "events"}         // of an attempt
	merge  = step{what: "dynamodb TransactWriteItems", table: "events"} // of event and outbox, as settling is
	settle = merge
	store  = step{what: "dynamodb PutItem", table: "events"} // a pulled event, as a row
	insert = step{what: "google POST", path: "/events"}
	patch  = step{what: "google PATCH", path: "/events/"}
	remove = step{what: "google DELETE", path: "/events/"}
)

// done is the moment after a step, its answer unread.
func done(s step) step {
	s.after = true
	return s
}

func (s step) is(c crossing, after bool, events string) bool {
	switch {
	case s.what != c.what || s.after != after:
		return false
	case s.table != "":
		return strings.Contains(c.to, events)
	case s.path == "/events":
		return strings.HasSuffix(c.to, s.path)
	}
	return strings.Contains(c.to, s.path)
}

// puppet is a run in a process of its own that takes a trace's steps one by one,
// and stands still between them, however long: nothing of it is asked meanwhile.
type puppet struct {
	*process
	until  atomic.Pointer[step]
	stands chan struct{}
	on     chan bool // false: it vanishes where it stands
	ended  chan error
	over   bool
	stop   context.CancelFunc
}

// begins starts a run that halts before it lists.
func (w *world) begins() *puppet {
	w.Helper()
	w.pass(job.Settle + integration.Skew + time.Second)
	p := &puppet{process: w.process(1), stands: make(chan struct{}), on: make(chan bool), ended: make(chan error, 1)}
	stand := func(c crossing, after bool) (dies bool) {
		at := p.until.Load()
		if at == nil || !at.is(c, after, w.site.names.Events) {
			return false
		}
		p.stands <- struct{}{}
		return !<-p.on
	}
	p.before = func(_ int, c crossing) bool { return stand(c, false) }
	p.after = func(_ int, c crossing) bool { return stand(c, true) }
	w.Cleanup(p.vanishes)
	first := list
	p.until.Store(&first)
	j := w.job(integration.TriggerSchedule)
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	go func() { p.ended <- p.worker.Handle(ctx, j) }()
	select {
	case <-p.stands:
	case err := <-p.ended:
		p.over = true
		w.Fatalf("the run ended before it listed: %v", err)
	}
	return p
}

// takesOver starts a run once the lease of whoever holds it has passed.
func (w *world) takesOver() *puppet {
	w.Helper()
	w.pass(integration.LeaseFor + 2*integration.Skew)
	return w.begins()
}

// to lets the run go on to a step.
func (p *puppet) to(at step) {
	p.world.Helper()
	if !p.reaches(at) {
		p.world.Fatalf("the run ended before the step %q; it went %v", at.what+" "+at.table+at.path, p.crossings())
	}
}

// reaches lets the run go on to a step that a rule may keep it from, and says
// whether it got there; else it is over.
func (p *puppet) reaches(at step) bool {
	p.until.Store(&at)
	p.on <- true
	select {
	case <-p.stands:
		return true
	case <-p.ended:
		p.over = true
		return false
	}
}

// ends lets the run go on to its end, whatever that is, and gives it.
func (p *puppet) ends() error {
	p.until.Store(nil)
	p.on <- true
	p.over = true
	return <-p.ended
}

// fails makes the call that the run stands before fail, and everything but what
// a failed run writes in the end.
func (p *puppet) fails() {
	p.stop()
	_ = p.ends()
}

// vanishes ends the process where it stands: it crashes, or its time is up.
func (p *puppet) vanishes() {
	defer p.stop()
	if p.over {
		return
	}
	p.over = true
	p.until.Store(nil)
	p.on <- false
	<-p.ended
}

// inserted counts a run's INSERTs; it is over.
func (p *puppet) inserted() int {
	n := 0
	for _, c := range p.crossings() {
		if insert.is(c, false, "") {
			n++
		}
	}
	return n
}

// blind makes Google overlook that an id is taken, as it may.
func blind(r *http.Request) googlesim.Decision {
	return googlesim.Decision{BlindInsert: r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/events")}
}
