package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/seal"
)

// Attributes of a credential.
const cSubject, cEnvelope, cKeyID, cData, cScopes, cVersion = "su", "ev", "k", "d", "sc", "v"

func credentialItem(c integration.Credential) item {
	it := credentialKey(c.Key, c.Generation).item()
	it.str(cSubject, c.Subject)
	it.num(cEnvelope, int64(c.Sealed.Version))
	it.str(cKeyID, c.Sealed.KeyID)
	it.bytes(cData, c.Sealed.Data)
	it.strs(cScopes, c.Scopes)
	it.num(cVersion, c.Version)
	return it
}

func credentialOf(k integration.Key, generation string, it item) (*integration.Credential, error) {
	r := read(it)
	c := &integration.Credential{
		Key: k, Generation: generation, Subject: r.str(cSubject), Scopes: r.strs(cScopes), Version: r.num(cVersion),
		Sealed: seal.Envelope{Version: r.count(cEnvelope), KeyID: r.str(cKeyID), Data: r.bytes(cData)},
	}
	return c, r.err
}

// giveCredential writes a credential whatever is stored, above its version, and
// registers it with its subject.
func (t *Integrations) giveCredential(x *transaction, c integration.Credential) {
	c.Version = 0
	var u update
	u.whole(credentialItem(c), []string{cScopes})
	u.add(1, cVersion)
	x.update(t.credentials, credentialKey(c.Key, c.Generation), &u, nil)
	x.put(t.credentials, subjectKey(c.Subject, c.Key, c.Generation).item(), nil, nil)
}

// Credential gives one, strongly consistent; NotFound.
func (t *Credentials) Credential(ctx context.Context, k integration.Key, generation string) (*integration.Credential, error) {
	it, err := t.get(ctx, credentialKey(k, generation), "reading a credential")
	if err != nil {
		return nil, err
	}
	if it == nil {
		return nil, integration.ErrNotFound()
	}
	return credentialOf(k, generation, it)
}

// Refresh stores a renewed token on condition of the version read. A repeated
// write finds its own ciphertext, whose nonce nobody else's has. NotFound where
// the credential has been destroyed.
func (t *Credentials) Refresh(ctx context.Context, c integration.Credential) (integration.Credential, error) {
	next := c
	next.Version++
	it := credentialItem(next)
	var u update
	u.exists(attrPK)
	u.equals(versionItem(c.Version), cVersion)
	for _, name := range []string{cEnvelope, cKeyID, cData, cScopes, cVersion} {
		if v, ok := it[name]; ok {
			u.set(v, name)
		} else {
			u.drop(name)
		}
	}
	got, err := t.change(ctx, credentialKey(c.Key, c.Generation), &u, types.ReturnValueAllNew)
	stood, no := refused(err)
	switch {
	case no && stood == nil:
		return integration.Credential{}, integration.ErrNotFound()
	case no && string(read(stood).bytes(cData)) != string(c.Sealed.Data):
		return integration.Credential{}, integration.ErrStale()
	case no:
		got = stood
	case err != nil:
		return integration.Credential{}, failed("storing a renewed token", err)
	}
	stored, err := credentialOf(c.Key, c.Generation, got)
	if err != nil {
		return integration.Credential{}, err
	}
	return *stored, nil
}

// DropCredential deletes one and its subject registration, on condition of the
// version read: a reconnect's new credential is never taken for the old one.
func (t *Credentials) DropCredential(ctx context.Context, c integration.Credential) error {
	var u update
	u.is(number(c.Version), cVersion)
	x := t.begin()
	x.delete(t.name, credentialKey(c.Key, c.Generation), &u, func(stood item) error {
		if stood == nil {
			return integration.ErrNotFound()
		}
		return integration.ErrStale()
	})
	x.delete(t.name, subjectKey(c.Subject, c.Key, c.Generation), nil, nil)
	err := x.commit(ctx, "deleting a credential")
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// Retire deletes the subject registration alone, on condition that the
// credential is as read.
func (t *Credentials) Retire(ctx context.Context, c integration.Credential) error {
	var u update
	u.is(number(c.Version), cVersion)
	x := t.begin()
	x.check(t.name, credentialKey(c.Key, c.Generation), &u, func(item) error { return integration.ErrStale() })
	x.delete(t.name, subjectKey(c.Subject, c.Key, c.Generation), nil, nil)
	return x.commit(ctx, "retiring a credential")
}

// OthersOf counts the live credentials of a subject besides this one, strongly
// consistent.
func (t *Credentials) OthersOf(ctx context.Context, subject string, k integration.Key, generation string) (int, error) {
	var u update
	u.is(text(subjectPK(subject)), attrPK)
	pages := dynamodb.NewQueryPaginator(t.client, &dynamodb.QueryInput{
		TableName: &t.name, KeyConditionExpression: bare(u.condition()), ConsistentRead: aws.Bool(true),
		ExpressionAttributeNames: u.names, ExpressionAttributeValues: u.values,
	})
	self, others := subjectKey(subject, k, generation).sk, 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, failed("counting a person's connections", err)
		}
		for _, it := range page.Items {
			if read(it).str(attrSK) != self {
				others++
			}
		}
	}
	return others, nil
}

// Attributes of a data key.
const kPurpose, kWrapped, kCreated = "p", "w", "at"

// DataKey gives a wrapped key; NotFound.
func (t *Credentials) DataKey(ctx context.Context, id string) (seal.DataKey, error) {
	it, err := t.get(ctx, dataKeyKey(id), "reading a data key")
	if err != nil {
		return seal.DataKey{}, err
	}
	if it == nil {
		return seal.DataKey{}, fault.New(fault.NotFound, "not_found", "There is no such data key.")
	}
	return dataKeyOf(id, it)
}

func dataKeyOf(id string, it item) (seal.DataKey, error) {
	r := read(it)
	k := seal.DataKey{ID: id, Purpose: r.str(kPurpose), Wrapped: r.bytes(kWrapped), Created: r.at(kCreated)}
	if r.err != nil {
		return seal.DataKey{}, fmt.Errorf("decoding a data key: %w", r.err)
	}
	return k, nil
}

// AddDataKey stores a key where the id is free, and gives the one stored now:
// the loser of a race finds the winner's in the refusal, without another read.
func (t *Credentials) AddDataKey(ctx context.Context, k seal.DataKey) (seal.DataKey, error) {
	it := dataKeyKey(k.ID).item()
	it.str(kPurpose, k.Purpose)
	it.bytes(kWrapped, k.Wrapped)
	it.at(kCreated, k.Created)
	var u update
	u.absent(attrPK)
	_, err := t.put(ctx, it, &u, types.ReturnValueNone)
	if stood, no := refused(err); no {
		return dataKeyOf(k.ID, stood)
	}
	if err != nil {
		return seal.DataKey{}, failed("storing a data key", err)
	}
	return k, nil
}
