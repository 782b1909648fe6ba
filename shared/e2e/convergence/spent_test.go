package convergence_test

import (
	"context"
	"testing"

	"aura.example/integrations/shared/fault"
)

// A key makes one event, for good: once that is deleted, on whichever side and
// however far it had come, a late repeat of the request makes nothing.
func TestAKeyStaysSpentOnceItsEventIsDeleted(t *testing.T) {
	t.Parallel()
	for what, do := range map[string]func(w *world, id, pid string){
		"here": func(w *world, id, _ string) {
			w.must(w.me.delete(context.Background(), id))
			w.settle()
		},
		"at Google": func(w *world, _, pid string) { w.deleteThere(pid) },
		"on both sides": func(w *world, id, pid string) {
			w.must(w.me.delete(context.Background(), id))
			w.deleteThere(pid)
			w.settle()
		},
		"here, gone at Google when its turn came": func(w *world, id, pid string) {
			w.must(w.me.delete(context.Background(), id))
			w.queue.msgs = nil
			run := w.begins()
			run.to(remove)
			w.deleteThere(pid)
			w.must(run.ends())
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			ctx := context.Background()
			w.must(w.me.create(ctx, content("mine", 30), "k1"))
			w.settle()
			row := w.row("mine")
			do(w, row.ID, row.Link.ProviderID)
			w.rest(2)
			_, made, err := w.me.editor.Create(ctx, w.by, content("mine", 30), "k1")
			if err == nil || fault.CodeOf(err) != "idempotency_key_spent" {
				t.Errorf("a late repeat of the creation: made %v, %v; want idempotency_key_spent", made, err)
			}
			w.settle()
			w.rest(1)
			w.wantTitles("after a late repeat of the creation")
			w.wantConverged("in the end")

			// And where somebody brings it back at Google, it is the key's event again.
			back := timed("mine", 30)
			back["id"] = row.Link.ProviderID
			_, err = w.sim.Calendar.PutEvent(w.email, back)
			w.must(err)
			w.rest(1)
			again, made, err := w.me.editor.Create(ctx, w.by, content("mine", 30), "k1")
			if err != nil || made || again.ID != row.ID {
				t.Errorf("brought back at Google: %+v, made %v, %v", again, made, err)
			}
			w.wantTitles("brought back", "mine")
		})
	}
}
