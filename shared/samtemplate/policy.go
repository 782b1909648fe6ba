package samtemplate

import (
	"fmt"

	"gopkg.in/yaml.v3"
)

// Statement is one statement of a role's policy.
type Statement struct {
	Sid       string
	Actions   []string
	Resources []string
	// LeadingKeys are patterns that every leading key of a call must match one of;
	// nil where the statement says nothing about keys.
	LeadingKeys []string
	// Context are pairs of a KMS encryption context that a call must have.
	Context map[string]string
}

// Policy gives what a function's role allows. A condition that isn't known here
// is an error: a proof that passed over it would allow too much.
func (t *Template) Policy(f Function, v Values) ([]Statement, error) {
	role, ok := t.resources[f.role]
	if !ok {
		return nil, fmt.Errorf("%s has the role %q, which isn't there", f.Folder, f.role)
	}
	policies := member(role.Properties, "Policies")
	managed, err := t.resolve(member(role.Properties, "ManagedPolicyArns"), v)
	if err != nil {
		return nil, fmt.Errorf("policies of %s: %w", f.Folder, err)
	}
	if policies == nil || managed != nil {
		return nil, fmt.Errorf("%s's role isn't written out", f.Folder)
	}
	var out []Statement
	for _, p := range policies.Content {
		list := member(p, "PolicyDocument", "Statement")
		for _, n := range list.Content {
			s, err := t.statement(n, v)
			if err != nil {
				return nil, fmt.Errorf("a statement of %s: %w", f.Folder, err)
			}
			out = append(out, s)
		}
	}
	return out, nil
}

func (t *Template) statement(n *yaml.Node, v Values) (Statement, error) {
	x, err := t.resolve(n, v)
	if err != nil {
		return Statement{}, err
	}
	m, _ := x.(map[string]any)
	if m["Effect"] != "Allow" {
		return Statement{}, fmt.Errorf("effect %v isn't known here", m["Effect"])
	}
	s := Statement{Sid: fmt.Sprint(m["Sid"]), Actions: Texts(m["Action"]), Resources: Texts(m["Resource"]), Context: map[string]string{}}
	conditions, _ := m["Condition"].(map[string]any)
	for operator, c := range conditions {
		pairs, _ := c.(map[string]any)
		for key, value := range pairs {
			const context = "kms:EncryptionContext:"
			switch {
			case operator == "ForAllValues:StringLike" && key == "dynamodb:LeadingKeys":
				s.LeadingKeys = Texts(value)
			case operator == "StringEquals" && len(key) > len(context) && key[:len(context)] == context:
				s.Context[key[len(context):]] = fmt.Sprint(value)
			default:
				return Statement{}, fmt.Errorf("condition %s on %s isn't known here", operator, key)
			}
		}
	}
	return s, nil
}
