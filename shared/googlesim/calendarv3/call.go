package calendarv3

import (
	"net/http"
	"strings"
)

// call is one request on its way through a method.
type call struct {
	s    *Server
	r    *http.Request
	m    *method
	vars map[string]string // from the path
	q    params
	id   Identity
	body map[string]any // conformed to the method's shape
}

// reply is what a method says, with 200.
type reply struct {
	body []byte // compact JSON; nil: none
	etag string // quoted
	of   *shape // what body is, for `fields`
}

// serve runs a method in Google's order: credentials, parameters, scope, quota,
// body, and only then the method itself.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, m *method, vars map[string]string) {
	c := &call{s: s, r: r, m: m, vars: vars}
	out, err := c.run()
	if err != nil {
		fail(w, r, err)
		return
	}
	c.write(w, out)
}

// run goes through everything that comes before the method itself. What the
// simulator lacks is said before anything is checked, so that nobody takes the
// 501 for a matter of credentials.
func (c *call) run() (*reply, *Error) {
	if c.m.handle == nil {
		return nil, errNotHere("the method %s", c.m.name)
	}
	query, perr := parseQuery(c.r.URL.RawQuery)
	if err := c.authenticate(query.Get("oauth_token")); err != nil {
		return nil, err
	}
	if perr != nil {
		return nil, perr
	}
	var err *Error
	if c.q, err = c.m.checkParams(query); err != nil {
		return nil, err
	}
	if !c.m.allows(c.id.Scopes) {
		return nil, errScope(c.m)
	}
	// Before the body: a call that turns out to be nonsense has been one.
	if err := c.checkQuota(); err != nil {
		return nil, err
	}
	if c.m.body != nil {
		if c.body, err = c.readJSON(); err != nil {
			return nil, err
		}
	}
	return c.m.handle(c)
}

// authenticate finds out who calls. A header wins over the old oauth_token
// parameter.
func (c *call) authenticate(fallback string) *Error {
	header := c.r.Header.Get("Authorization")
	kind, token, _ := strings.Cut(header, " ")
	if header == "" {
		kind, token = "Bearer", fallback
	}
	if token == "" && header == "" {
		return errLogin()
	}
	if !strings.EqualFold(kind, "Bearer") || token == "" {
		return errCredentials()
	}
	id, ok := c.s.o.Authenticate(token)
	if !ok {
		return errCredentials()
	}
	c.id = id
	return nil
}

// account is the caller's account in the state.
func (c *call) account(st *state) (*account, *Error) {
	if a := st.account(c.id.Email); a != nil {
		return a, nil
	}
	return nil, refuse(http.StatusForbidden, "notACalendarUser", "The user must be signed up for Google Calendar.")
}

// entry is the calendar of the path as the caller has it. Without a role it
// doesn't exist: no hint that it might.
func (c *call) entry(st *state) (*entry, *Error) {
	return c.entryOf(st, c.vars["calendarId"])
}

// entryOf is entry for an id that isn't in the path, such as the destination of
// a move.
func (c *call) entryOf(st *state, calendarID string) (*entry, *Error) {
	a, err := c.account(st)
	if err != nil {
		return nil, err
	}
	e := a.entry(calendarID)
	if e == nil {
		return nil, errNotFound()
	}
	return c.scoped(e)
}

// writable is the calendar of the path if the caller may change its events.
func (c *call) writable(st *state) (*entry, *Error) {
	e, err := c.entry(st)
	if err == nil && !e.role.writes() {
		return nil, errAccess(RoleWriter)
	}
	return e, err
}
