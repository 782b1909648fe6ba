package accounts

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

// revoke ends the grant that a token belongs to, access and refresh tokens
// alike. It is not one token that ends: the person's whole grant for the
// client's project does, with every token of every client in it. That is why a
// program with two connections to one Google account must think before it
// revokes one.
func (s *Server) revoke(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	// Google's documentation shows the token in the query of an empty POST and
	// its libraries send it in the body: both count.
	if err := r.ParseForm(); err != nil {
		writeJSON(w, http.StatusBadRequest, refuse(0, "invalid_request", "Bad Request"))
		return
	}
	value := r.Form.Get("token")
	if value == "" {
		writeJSON(w, http.StatusBadRequest, refuse(0, "invalid_request", "Missing required parameter: token"))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	client, subject, ok := s.holder(sum(value))
	if !ok {
		writeJSON(w, http.StatusBadRequest, refuse(0, "invalid_token", "Token expired or revoked"))
		return
	}
	s.endGrant(s.state.Clients[client].Project, subject)
	writeJSON(w, http.StatusOK, struct{}{})
}

// holder finds whose a living token is. The caller holds the lock.
func (s *Server) holder(key string) (client, subject string, ok bool) {
	now := s.now()
	if t, found := s.state.Refresh[key]; found && !t.dead(now) {
		return t.ClientID, t.Subject, true
	}
	if a, found := s.state.Access[key]; found && now.Before(a.Expires) {
		return a.ClientID, a.Subject, true
	}
	return "", "", false
}

// endGrant removes a grant and everything issued under it; codes on their way
// included, or one would bring the grant's scopes back to life. The caller
// holds the lock.
func (s *Server) endGrant(project, subject string) {
	ends := func(client, sub string) bool { return sub == subject && s.state.Clients[client].Project == project }
	delete(s.state.Grants, grantKey(project, subject))
	s.version++
	for k, t := range s.state.Refresh {
		if ends(t.ClientID, t.Subject) {
			delete(s.state.Refresh, k)
		}
	}
	for k, a := range s.state.Access {
		if ends(a.ClientID, a.Subject) {
			delete(s.state.Access, k)
		}
	}
	for k, c := range s.state.Codes {
		if ends(c.ClientID, c.Subject) {
			delete(s.state.Codes, k)
		}
	}
}

// Grant is what a person has allowed a project, for showing.
type Grant struct {
	Project string
	// Names of the project's clients that the person has consented to.
	Clients []string
	Email   string
	Subject string
	Scopes  []string
	Since   time.Time
	// RefreshTokens counts those that would still work now.
	RefreshTokens int
}

// Grants lists every grant, ordered by address and project: the page
// "third-party apps with access to your account".
func (s *Server) Grants() []Grant {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	out := []Grant{}
	for _, g := range s.state.Grants {
		person, _ := s.state.accountBySubject(g.Subject)
		shown := Grant{Project: g.Project, Email: person.Email, Subject: g.Subject, Scopes: slices.Clone(g.Scopes), Since: g.Since}
		for _, id := range g.Clients {
			shown.Clients = append(shown.Clients, cmp.Or(s.state.Clients[id].Name, id))
			for _, key := range s.state.held[holderKey(id, g.Subject)] {
				if s.state.alive(key, now) {
					shown.RefreshTokens++
				}
			}
		}
		out = append(out, shown)
	}
	slices.SortFunc(out, func(a, b Grant) int {
		return cmp.Or(cmp.Compare(a.Email, b.Email), cmp.Compare(a.Project, b.Project))
	})
	return out
}

// RevokeGrant is the person's own "remove access", which no program is told
// of. It reports false where there was no such grant.
func (s *Server) RevokeGrant(email, project string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	person, ok := s.state.account(email)
	if !ok {
		return false
	}
	_, ok = s.state.Grants[grantKey(project, person.Subject)]
	s.endGrant(project, person.Subject)
	return ok
}
