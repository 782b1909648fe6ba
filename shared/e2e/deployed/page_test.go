package deployed_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"aura.example/integrations/shared/samtemplate"
)

// What an issuer needs of the page that isn't the rule is said by parameters of
// the template: endpoints at another host than the issuer's, scopes by longer
// names, and where the host product changes plans. This goes all the way, from
// the parameter to what a browser is sent: the policy names the origins, the
// page's configuration has the rest.
func TestThePageIsToldOfItsIssuer(t *testing.T) {
	t.Parallel()
	w := newDeployment(t)
	maps.Copy(w.Values, samtemplate.Values{
		"TokenIssuer": "https://idp.example.com/pool", "ConsoleClientId": "pages",
		"ConsoleIssuerOrigins": []any{"https://login.example.com", "https://keys.example.com:8443"}, "ScopePrefix": "aura/", "BillingUrl": "https://app.example.com/billing?plan",
	})
	p := person{T: t, api: w.gateway.URL}
	w.start(bootstraps(t), "console")
	for _, page := range []string{"integrations", "calendar"} {
		a := p.want(http.StatusOK, p.do("GET", "/agent/"+page, nil))
		got := directive(a.header.Get("Content-Security-Policy"), "connect-src")
		if want := []string{"'self'", "https://idp.example.com", "https://login.example.com", "https://keys.example.com:8443"}; !slices.Equal(got, want) {
			t.Errorf("%s may call %q, want %q", page, got, want)
		}
		told := configuration(t, a.raw)
		want := map[string]any{
			"issuer": "https://idp.example.com/pool", "client_id": "pages", "return_to": "integrations", "billing_url": "https://app.example.com/billing?plan",
			"scope": "openid aura/integrations:read aura/integrations:write aura/events:read aura/events:write",
		}
		if !maps.Equal(told, want) {
			t.Errorf("%s is told %v, want %v", page, told, want)
		}
	}
	// whoever needs other scopes altogether says so
	w.Values["ConsoleScope"] = "openid offline_access aura/events:read"
	w.again("console")
	if told := configuration(t, p.want(http.StatusOK, p.do("GET", "/agent/integrations", nil)).raw); told["scope"] != "openid offline_access aura/events:read" {
		t.Errorf("the page asks for %v", told["scope"])
	}
	// without a client the page leads nobody to an issuer that wouldn't know it
	w.Values["ConsoleClientId"] = ""
	w.again("console")
	if told := configuration(t, p.want(http.StatusOK, p.do("GET", "/agent/integrations", nil)).raw); told["issuer"] != nil {
		t.Errorf("without a client the page is told of %v", told["issuer"])
	}
}

// Whoever types the folder's address gets to the first page, with a slash at the
// end or without.
func TestTheFolderLeadsToThePage(t *testing.T) {
	t.Parallel()
	w := newDeployment(t)
	w.start(bootstraps(t), "console")
	p := person{T: t, api: w.gateway.URL}
	at := "/agent"
	for range 2 {
		a := p.do("GET", at, nil)
		if a.status == http.StatusOK {
			break
		}
		if a.status != http.StatusMovedPermanently && a.status != http.StatusFound && a.status != http.StatusTemporaryRedirect {
			t.Fatalf("%s answers %d: %s", at, a.status, a.raw)
		}
		at = a.header.Get("Location")
	}
	if at != "/agent/integrations" {
		t.Errorf("/agent leads to %s", at)
	}
	p.want(http.StatusOK, p.do("GET", at, nil))
}

// A person whose issuer writes the scopes with a prefix gets in by those, and by
// no others: a scope of the same name without it belongs to somebody else.
func TestScopesByTheIssuersNames(t *testing.T) {
	t.Parallel()
	w := newDeployment(t)
	w.Values["ScopePrefix"] = "aura/"
	w.start(bootstraps(t), "status")
	for scope, status := range map[string]int{"openid aura/integrations:read": http.StatusOK, "integrations:read": http.StatusForbidden, "other/integrations:read": http.StatusForbidden} {
		token, err := w.program.Token("acme", "mia", scope)
		w.must(err)
		p := person{T: t, api: w.gateway.URL, token: func() string { return token }}
		p.want(status, p.do("GET", "/v1/integrations", nil))
	}
}

// The template refuses, before anything is deployed, what the function would
// refuse to start with, and lets through what it starts with.
func TestTheTemplateRefusesWhatTheConsoleWould(t *testing.T) {
	t.Parallel()
	w := newDeployment(t)
	for _, c := range []struct {
		parameter, value string
		ok               bool
	}{
		{"ConsoleIssuerOrigins", "https://login.example.com", true},
		{"ConsoleIssuerOrigins", "https://login.example.com:8443", true},
		{"ConsoleIssuerOrigins", "https://login.example.com/", false},
		{"ConsoleIssuerOrigins", "https://login.example.com/oauth2", false},
		{"ConsoleIssuerOrigins", "http://login.example.com", false},
		{"ConsoleIssuerOrigins", "https://*.example.com", false},
		{"ConsoleIssuerOrigins", "https://login.example.com;script-src", false},
		{"ConsoleScope", "openid aura/events:read", true},
		{"ConsoleScope", `openid "events:read"`, false},
		{"ScopePrefix", "https://api.example.com/", true},
		{"ScopePrefix", `aura\`, false},
		{"ScopePrefix", "aura x/", false},
		{"ScopePrefix", "a,b/", false},
		{"BillingUrl", "https://app.example.com/billing", true},
		{"BillingUrl", "javascript:alert(1)", false},
		{"BillingUrl", "http://app.example.com/billing", false},
	} {
		pattern := w.Template.Pattern(c.parameter)
		if pattern == "" {
			t.Errorf("%s takes anything", c.parameter)
			continue
		}
		if got := regexp.MustCompile(pattern).MatchString(c.value); got != c.ok {
			t.Errorf("%s: the template's answer to %q is %v", c.parameter, c.value, got)
		}
		w.Values[c.parameter] = c.value
		if c.ok {
			w.again("console")
		} else {
			fails(t, "console", w.environment("console", ""), "console can't start: ")
		}
		delete(w.Values, c.parameter)
	}
}

// again starts a function anew with what the values are now.
func (w *world) again(folder string) {
	w.Helper()
	if s := w.sandboxes[folder]; s != nil {
		s.Close()
	}
	w.start(bootstraps(w.T), folder)
	w.must(w.sandboxes[folder].Ready(w.Context()))
}

// directive gives the words of one directive of a Content-Security-Policy.
func directive(policy, name string) []string {
	for d := range strings.SplitSeq(policy, ";") {
		if words := strings.Fields(d); len(words) > 0 && words[0] == name {
			return words[1:]
		}
	}
	return nil
}

// configuration reads what a page is told, as its scripts do.
func configuration(t *testing.T, page string) map[string]any {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			if n.Data == "body" && a.Key == "data-config" {
				var told map[string]any
				if err := json.Unmarshal([]byte(a.Val), &told); err != nil {
					t.Fatal(err)
				}
				return told
			}
		}
	}
	t.Fatal("the page has no configuration")
	return nil
}
