package memory_test

import (
	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/memory"
	"aura.example/integrations/shared/seal"
)

var (
	_ integration.Store       = (*memory.Integrations)(nil)
	_ integration.Accounts    = (*memory.Integrations)(nil)
	_ integration.Flows       = (*memory.Integrations)(nil)
	_ integration.Leases      = (*memory.Integrations)(nil)
	_ integration.Checkpoints = (*memory.Integrations)(nil)
	_ integration.Lists       = (*memory.Integrations)(nil)
	_ integration.Journal     = (*memory.Integrations)(nil)
	_ integration.Slots       = (*memory.Integrations)(nil)
	_ integration.Pacings     = (*memory.Integrations)(nil)
	_ integration.Orders      = (*memory.Integrations)(nil)
	_ integration.Credentials = (*memory.Credentials)(nil)
	_ seal.KeyStore           = (*memory.Credentials)(nil)
	_ calendar.Store          = (*memory.Events)(nil)
	_ calendar.Edits          = (*memory.Events)(nil)
	_ calendar.Quarantines    = (*memory.Events)(nil)
)
