package memory_test

import (
	"testing"

	"aura.example/integrations/shared/memory"
	"aura.example/integrations/shared/storetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) *storetest.Bundle {
		clock := storetest.NewClock()
		db := memory.New(clock.Now)
		return storetest.Of(db.Integrations, db.Credentials, db.Events, clock)
	})
}
