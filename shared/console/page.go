package console

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

//go:embed page.html
var frameSource string

var frame = template.Must(template.New("page").Parse(frameSource))

// page is one of the pages.
type page struct {
	Name, Title string
}

// told is the configuration as the scripts read it, from an attribute of body:
// the policy allows no inline script.
type told struct {
	TokenURL   string `json:"token_url,omitempty"`
	Issuer     string `json:"issuer,omitempty"`
	ClientID   string `json:"client_id,omitempty"`
	Scope      string `json:"scope,omitempty"`
	ReturnTo   string `json:"return_to"`
	BillingURL string `json:"billing_url,omitempty"`
}

// show serves a page: the frame, the same for everybody. Whose data it shows is
// decided by the token that its script gets.
func (c Config) show(p page, a *assets) http.Handler {
	issuer := c.Issuer
	if c.ClientID == "" {
		issuer = "" // half of it leads to the issuer's page of errors
	}
	config, err := json.Marshal(told{
		TokenURL: c.TokenURL, Issuer: issuer, ClientID: c.ClientID, Scope: c.scope(),
		ReturnTo: cmp.Or(c.ReturnTo, "integrations"), BillingURL: webAddress(c.BillingURL),
	})
	if err != nil {
		panic(err) // strings and bools always marshal
	}
	var body bytes.Buffer
	err = frame.Execute(&body, map[string]any{
		"Page": p, "Pages": pages, "Base": a.base, "Modules": a.imports(p.Name + ".js"),
		"Config": string(config), "GoogleURL": c.GoogleURL,
	})
	if err != nil {
		panic(err) // the template is ours and was executed by a test
	}
	f := newFile("text/html; charset=utf-8", body.Bytes())
	policy := c.policy()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "geolocation=(), camera=(), microphone=()")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cache-Control", "no-cache") // a deployment shows at once
		f.serve(w, r)
	})
}

// policy is what a browser may do with the pages. Nothing is allowed that isn't
// named; no inline script or style, no form, no frame, and no string becomes
// markup or code.
func (c Config) policy() string {
	connect := []string{"'self'"}
	for _, at := range append([]string{c.Issuer}, c.IssuerOrigins...) {
		if o := origin(at); o != "" {
			connect = append(connect, o)
		}
	}
	return strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src " + strings.Join(connect, " "),
		"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
	}, "; ")
}

// origin gives an address's origin, "" for what is no web address: a policy that
// can be written into by a setting is none.
func origin(address string) string {
	u, err := url.Parse(webAddress(address))
	if err != nil || u.Host == "" || strings.ContainsAny(u.Host, "; ,'") {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// webAddress gives the address if a browser may be led there, else "".
func webAddress(address string) string {
	if strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://") {
		return address
	}
	return ""
}
