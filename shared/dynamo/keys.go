package dynamo

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/integration"
)

// This file spells every key; nobody else does (tables.go has the tables).
//
// An account's name is always the last part of its partition key, so whatever
// it holds is unambiguous. Providers come from the catalogue and generations,
// runs and entries are ULIDs: none holds the separator.

const (
	attrPK   = "pk"
	attrSK   = "sk"
	attrSlot = "slot" // integrations: partition key of the index slot
	attrTime = "t"    // events: sort key of the index by_time
	attrTTL  = "ttl"  // integrations: seconds since 1970
)

// key is where an item lives.
type key struct{ pk, sk string }

func (k key) item() item {
	return item{attrPK: &types.AttributeValueMemberS{Value: k.pk}, attrSK: &types.AttributeValueMemberS{Value: k.sk}}
}

const (
	accountPrefix    = "A#"
	recordPrefix     = "I#"
	orderPrefix      = "W#"
	eventPrefix      = "E#"
	credentialPrefix = "C#"
	outboxPrefix     = "O#"
	quarPrefix       = "Q#"
	systemPK         = "SYS"
)

func accountPK(account string) string { return accountPrefix + account }

func accountKey(account string) key { return key{accountPK(account), "ACCOUNT"} }

func recordKey(k integration.Key) key { return key{accountPK(k.Account), recordPrefix + k.Provider} }

func checkpointKey(k integration.Key) key { return key{accountPK(k.Account), "P#" + k.Provider} }

func calendarsKey(k integration.Key) key { return key{accountPK(k.Account), "L#" + k.Provider} }

func heldKey(k integration.Key) key { return key{accountPK(k.Account), "X#" + k.Provider} }

func orderKey(k integration.Key, generation string) key {
	return key{accountPK(k.Account), orderPrefix + k.Provider + "#" + generation}
}

// entriesPrefix begins a record's history, entryKey ends it with a ULID, so
// that it sorts by time; likewise runs, and decisions by chunk.
func entriesPrefix(k integration.Key) string { return "H#" + k.Provider + "#" }

func entryKey(k integration.Key, id string) key {
	return key{accountPK(k.Account), entriesPrefix(k) + id}
}

func runsPrefix(k integration.Key) string { return "R#" + k.Provider + "#" }

func runKey(k integration.Key, id string) key { return key{accountPK(k.Account), runsPrefix(k) + id} }

func decisionsPrefix(k integration.Key, run string) string {
	return "N#" + k.Provider + "#" + run + "#"
}

func decisionsKey(k integration.Key, run string, chunk int) key {
	return key{accountPK(k.Account), fmt.Sprintf("%s%06d", decisionsPrefix(k, run), chunk)}
}

func flowKey(stateHash string) key { return key{"S#" + stateHash, "STATE"} }

func watermarkKey(shard int) key { return key{systemPK, fmt.Sprintf("WATERMARK#%d", shard)} }

// failuresKey sorts by window: the number is padded, so that a range of windows
// is a range of keys.
func failuresKey(window int64, shard int) key {
	return key{systemPK, fmt.Sprintf("FAIL#%010d#%d", window, shard)}
}

func failureKey(message string) key { return key{systemPK, "DEAD#" + message} }

func credentialKey(k integration.Key, generation string) key {
	return key{accountPK(k.Account), credentialPrefix + k.Provider + "#" + generation}
}

// credentialAt reads a credential's key back; false for anything else in its table.
func credentialAt(it item) (k integration.Key, generation string, ok bool) {
	r := read(it)
	account, isAccount := strings.CutPrefix(r.str(attrPK), accountPrefix)
	rest, isCredential := strings.CutPrefix(r.str(attrSK), credentialPrefix)
	provider, generation, whole := strings.Cut(rest, "#")
	return integration.Key{Account: account, Provider: provider}, generation, isAccount && isCredential && whole
}

func subjectPK(subject string) string { return "G#" + subject }

func subjectKey(subject string, k integration.Key, generation string) key {
	return key{subjectPK(subject), k.Account + "#" + k.Provider + "#" + generation}
}

func dataKeyKey(id string) key { return key{"K#" + id, "KEY"} }

func eventKey(account, id string) key { return key{accountPK(account), eventPrefix + id} }

func outboxKey(account, id string) key { return key{accountPK(account), outboxPrefix + id} }

func quarantineKey(account, id string) key { return key{accountPK(account), quarPrefix + id} }

// dueOf reads an item of the slot index back: its keys say whose it is. An item
// that nobody here wrote is given by its keys, as unreadable.
func dueOf(it item) integration.DueItem {
	r := read(it)
	pk, sk, id := r.str(attrPK), r.str(attrSK), r.str(rID)
	unreadable := integration.DueItem{Unreadable: fmt.Sprintf("%.100q %.100q", pk, sk)}
	account, ok := strings.CutPrefix(pk, accountPrefix)
	if !ok || account == "" || id == "" {
		return unreadable
	}
	due := integration.DueItem{Key: integration.Key{Account: account}, Generation: id}
	if provider, isRecord := strings.CutPrefix(sk, recordPrefix); isRecord {
		due.Key.Provider, due.Status, due.EditsWait = provider, integration.Status(r.str(rStatus)), r.has(rEditsWait)
		due.RetryAt = r.at(rRetryAt)
	} else if provider, isOrder := strings.CutPrefix(sk, orderPrefix); isOrder {
		due.Key.Provider, _, _ = strings.Cut(provider, "#")
		due.WindDown = true
	}
	if due.Key.Provider == "" || r.err != nil {
		return unreadable
	}
	return due
}
