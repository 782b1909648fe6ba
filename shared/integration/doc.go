// Package integration is the domain of one connection between an account and a
// provider: its record, its statuses and the transitions between them, the
// lease of its single in-flight sync, and the ports of what keeps all that.
//
// # State
//
// An integration is identified by (account, provider). Its status moves along
// the table in transitions.go and nowhere else; Move is the one function that
// assigns a status. The diagram shows the table, and a test holds the two equal:
//
//	none         --create--> draft
//	draft        --begin_authorization--> configuring
//	draft        --delete--> gone
//	configuring  --authorized--> testing
//	configuring  --consent_incomplete--> configuring
//	configuring  --disconnect--> disconnected
//	configuring  --delete--> gone
//	testing      --authorized--> testing
//	testing      --verified--> active
//	testing      --verification_failed--> error
//	testing      --credentials_rejected--> error
//	testing      --access_revoked--> disconnected
//	testing      --scope_lost--> error
//	testing      --calendar_service_lost--> error
//	testing      --disconnect--> disconnected
//	testing      --delete--> gone
//	active       --authorized--> testing
//	active       --calendar_chosen--> testing
//	active       --pause--> paused
//	active       --credentials_rejected--> error
//	active       --access_revoked--> disconnected
//	active       --scope_lost--> error
//	active       --deactivated--> error
//	active       --calendar_service_lost--> error
//	active       --calendar_lost--> error
//	active       --held--> error
//	active       --disconnect--> disconnected
//	active       --delete--> gone
//	paused       --authorized--> testing
//	paused       --calendar_chosen--> testing
//	paused       --resume--> active
//	paused       --disconnect--> disconnected
//	paused       --delete--> gone
//	error        --authorized--> testing
//	error        --calendar_chosen--> testing
//	error        --credentials_rejected--> error
//	error        --access_revoked--> disconnected
//	error        --recovered--> active            (repeated_failures)
//	error        --verify_again--> testing        (verification_failed)
//	error        --deletions_confirmed--> active  (mass_deletion_held)
//	error        --deletions_rejected--> active   (mass_deletion_held)
//	error        --disconnect--> disconnected
//	error        --delete--> gone
//	disconnected --replace--> draft
//	disconnected --authorized--> testing
//	disconnected --delete--> gone
//
// Out of testing, verified leads back to paused where the integration was
// paused when its calendar was changed. begin_authorization and
// consent_incomplete are quiet in every status that isn't drawn: they change no
// status, version or fence.
//
// # The single in-flight sync
//
// The lease lives in the record. Judge is the one decision about who may take
// it; every taking raises the fence, and every write of a run is refused once
// the fence has moved on. See lease.go and package calsync.
//
// # Guarantees and losses
//
// One record per (account, provider), by the key itself. The account's count
// equals its records, by transactions. A run that lost its lease can't move the
// record; what it may still write elsewhere is found by the verifying resync
// that VerifyAfter orders. Nothing here is lost when a process dies: whatever
// is due stands in a slot.
package integration
