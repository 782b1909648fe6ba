package deployed_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

const (
	ana    = "ana@example.com"
	google = "/v1/integrations/google-calendar"
)

func read(t *testing.T, file string) []byte {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// person uses the API at an address, as the page does.
type person struct {
	*testing.T
	api   string
	token func() string
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   map[string]any
	raw    string
}

func (a answer) str(name string) string {
	s, _ := a.body[name].(string)
	return s
}

var client = &http.Client{
	Timeout:       2 * time.Minute,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func (p person) do(method, path string, body any, headers ...string) answer {
	p.Helper()
	var r io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			p.Fatal(err)
		}
		r = bytes.NewReader(raw)
	}
	req, err := http.NewRequest(method, p.api+path, r)
	if err != nil {
		p.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if p.token != nil {
		req.Header.Set("Authorization", "Bearer "+p.token())
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return p.send(req)
}

func (p person) send(req *http.Request) answer {
	p.Helper()
	resp, err := client.Do(req)
	if err != nil {
		p.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		p.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &a.body)
	return a
}

func (p person) want(status int, a answer) answer {
	p.Helper()
	if a.status != status {
		p.Fatalf("answered %d, want %d: %s", a.status, status, a.raw)
	}
	return a
}

// connect goes through the consent page and completes the flow; it gives the
// state and the code that came back.
func (p person) connect(email string) url.Values {
	p.Helper()
	v := p.consents(email)
	p.want(200, p.complete(v))
	return v
}

func (p person) complete(v url.Values) answer {
	p.Helper()
	return p.do("POST", "/v1/oauth/complete", map[string]any{"code": v.Get("code"), "state": v.Get("state")})
}

// consents goes through the consent page as a browser does, to where it comes back.
func (p person) consents(email string) url.Values {
	p.Helper()
	consent := p.want(201, p.do("POST", google+"/authorization", map[string]any{"return_to": "integrations"})).str("authorization_url")
	get := func(method, address string, form url.Values) answer {
		req, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
		if err != nil {
			p.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return p.send(req)
	}
	form := readForm(p.T, get("GET", consent, nil).raw)
	form.Set("account", email)
	form.Set("decision", "allow")
	u, err := url.Parse(consent)
	if err != nil {
		p.Fatal(err)
	}
	back := get("POST", u.Scheme+"://"+u.Host+"/o/oauth2/v2/auth", form).header.Get("Location")
	if back == "" {
		p.Fatal("the consent page led nowhere")
	}
	home, err := url.Parse(p.want(http.StatusSeeOther, get("GET", back, nil)).header.Get("Location"))
	if err != nil {
		p.Fatal(err)
	}
	v, err := url.ParseQuery(home.Fragment)
	if err != nil || v.Get("code") == "" {
		p.Fatalf("came back to %s", home)
	}
	return v
}

// readForm reads the first form of a page as a browser would submit it.
func readForm(t *testing.T, page string) url.Values {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "input" {
			continue
		}
		attr := map[string]string{}
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
		}
		if _, checked := attr["checked"]; attr["type"] == "hidden" || checked {
			form.Add(attr["name"], attr["value"])
		}
	}
	return form
}
