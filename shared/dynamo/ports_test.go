package dynamo_test

import (
	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/seal"
)

var (
	_ integration.Store       = (*dynamo.Integrations)(nil)
	_ integration.Accounts    = (*dynamo.Integrations)(nil)
	_ integration.Flows       = (*dynamo.Integrations)(nil)
	_ integration.Leases      = (*dynamo.Integrations)(nil)
	_ integration.Checkpoints = (*dynamo.Integrations)(nil)
	_ integration.Lists       = (*dynamo.Integrations)(nil)
	_ integration.Journal     = (*dynamo.Integrations)(nil)
	_ integration.Slots       = (*dynamo.Integrations)(nil)
	_ integration.Pacings     = (*dynamo.Integrations)(nil)
	_ integration.Orders      = (*dynamo.Integrations)(nil)
	_ integration.Credentials = (*dynamo.Credentials)(nil)
	_ seal.KeyStore           = (*dynamo.Credentials)(nil)
	_ calendar.Store          = (*dynamo.Events)(nil)
	_ calendar.Edits          = (*dynamo.Events)(nil)
	_ calendar.Quarantines    = (*dynamo.Events)(nil)
)
