package boot

import (
	"log/slog"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/jwtauth"
)

// Function is what every function has.
type Function struct {
	Name     string
	LogLevel slog.Level
	Metrics  string // the namespace of its metrics
}

func (e *env) common() Function {
	f := Function{Name: e.function, Metrics: e.name("METRICS_NAMESPACE")}
	if err := f.LogLevel.UnmarshalText([]byte(e.text("LOG_LEVEL"))); err != nil {
		e.refuse("LOG_LEVEL", "must be debug, info, warn or error")
	}
	return f
}

// AWS is where AWS is and who we are to it.
type AWS struct {
	Region    string
	AccessKey string
	SecretKey string
	Session   string
	DynamoDB  string // endpoints; "" is AWS's own
	SQS       string
	KMS       string
	SSM       string
}

func (e *env) aws() AWS {
	a := AWS{
		Region: e.name("AWS_REGION"), AccessKey: e.text("AWS_ACCESS_KEY_ID"),
		SecretKey: e.text("AWS_SECRET_ACCESS_KEY"), Session: e.text("AWS_SESSION_TOKEN"),
	}
	for _, v := range []struct {
		name string
		into *string
	}{
		{"AWS_ENDPOINT_URL_DYNAMODB", &a.DynamoDB}, {"AWS_ENDPOINT_URL_SQS", &a.SQS},
		{"AWS_ENDPOINT_URL_KMS", &a.KMS}, {"AWS_ENDPOINT_URL_SSM", &a.SSM},
	} {
		if _, reads := e.known[v.name]; reads {
			*v.into = e.address(v.name)
		}
	}
	return a
}

// Access is who may call the API.
type Access struct {
	Names jwtauth.Names
	// Tokens configures the function's own verifier; nil where there is none.
	Tokens  *jwtauth.Config
	Origins []string
}

func (e *env) access() Access {
	a := Access{
		Names: jwtauth.Names{
			Account: e.name("CLAIM_ACCOUNT"), User: e.name("CLAIM_USER"), Scope: e.name("CLAIM_SCOPE"), ScopePrefix: e.prefix("SCOPE_PREFIX"),
		},
		Origins: e.origins("ALLOWED_ORIGINS"),
	}
	issuer, audience, keys := e.text("TOKEN_ISSUER"), e.text("TOKEN_AUDIENCE"), e.address("TOKEN_KEYS_URL")
	if keys == "" {
		return a
	}
	for _, v := range []pair{{"TOKEN_ISSUER", issuer}, {"TOKEN_AUDIENCE", audience}} {
		if v.value == "" {
			e.refuse(v.name, "is missing, and TOKEN_KEYS_URL is set: half a check is none")
		}
	}
	a.Tokens = &jwtauth.Config{Issuer: issuer, Audience: audience, KeysURL: keys, Names: a.Names}
	return a
}

// Flow is what OAuth flows need.
type Flow struct {
	RedirectURI string
	Returns     map[string]string // return target → URL of the page
}

var targetForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`) })

func (e *env) flow() Flow {
	f := Flow{RedirectURI: e.address("REDIRECT_URI"), Returns: map[string]string{}}
	for _, p := range e.pairs("RETURN_TARGETS") {
		local := strings.HasPrefix(p.value, "/") && !strings.HasPrefix(p.value, "//") // a page of this deployment
		if !targetForm().MatchString(p.name) || strings.Contains(p.value, "#") || !local && safe(p.value) != nil {
			e.refuse("RETURN_TARGETS", "must be name=URL, each https and without a fragment")
			break
		}
		f.Returns[p.name] = p.value
	}
	return f
}

// google reads where Google is; the secret comes from elsewhere.
func (e *env) google() google.Config {
	c := google.Defaults()
	c.ClientID = e.name("GOOGLE_CLIENT_ID")
	for _, v := range []struct {
		name string
		into *string
	}{
		{"GOOGLE_AUTH_URL", &c.AuthURL}, {"GOOGLE_TOKEN_URL", &c.TokenURL},
		{"GOOGLE_REVOKE_URL", &c.RevokeURL}, {"GOOGLE_CALENDAR_URL", &c.CalendarURL},
	} {
		if s := e.address(v.name); s != "" {
			*v.into = s
		}
	}
	if list := e.list("GOOGLE_ISSUERS"); len(list) > 0 {
		c.Issuers = list
	}
	return c
}

// intervals reads the shortest interval of each plan that is bound in it.
func (e *env) intervals() map[string]time.Duration {
	out := map[string]time.Duration{}
	for _, p := range e.pairs("PLAN_INTERVALS") {
		n, err := strconv.Atoi(p.value)
		if err != nil || !slices.Contains(integration.Intervals(), time.Duration(n)*time.Minute) {
			e.refuse("PLAN_INTERVALS", "must be plan=minutes, separated by commas, of 1, 5, 15 or 60 minutes")
			return nil
		}
		out[p.name] = time.Duration(n) * time.Minute
	}
	return out
}

func (e *env) plans() map[string]int {
	out := map[string]int{}
	for _, p := range e.pairs("PLAN_LIMITS") {
		n, err := strconv.Atoi(p.value)
		if err != nil || n < 0 {
			e.refuse("PLAN_LIMITS", "must be plan=number, separated by commas")
			return nil
		}
		out[p.name] = n
	}
	if _, ok := out[integration.DefaultPlan]; !ok && len(out) > 0 {
		e.refuse("PLAN_LIMITS", "must name the plan "+integration.DefaultPlan+", which new accounts have")
	}
	return out
}
