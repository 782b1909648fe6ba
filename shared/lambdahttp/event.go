package lambdahttp

// event is what is read of a payload 2.0 event. aws-lambda-go has a type for
// all of it, but one that doesn't decode where a claim isn't a string.
type event struct {
	Version        string            `json:"version"`
	RawPath        string            `json:"rawPath"`
	RawQueryString string            `json:"rawQueryString"`
	Cookies        []string          `json:"cookies"`
	Headers        map[string]string `json:"headers"`
	RequestContext struct {
		RequestID  string      `json:"requestId"`
		Stage      string      `json:"stage"`
		DomainName string      `json:"domainName"`
		Authorizer *authorizer `json:"authorizer"`
		HTTP       struct {
			Method   string `json:"method"`
			Protocol string `json:"protocol"`
			SourceIP string `json:"sourceIp"`
		} `json:"http"`
	} `json:"requestContext"`
	Body            string `json:"body"`
	IsBase64Encoded bool   `json:"isBase64Encoded"`
}

// authorizer is what an authorizer proved; other kinds than JWT aren't used here.
type authorizer struct {
	JWT *struct {
		Claims map[string]any `json:"claims"`
	} `json:"jwt"`
}

// reply is a payload 2.0 answer.
type reply struct {
	StatusCode      int               `json:"statusCode"`
	Headers         map[string]string `json:"headers,omitempty"`
	Cookies         []string          `json:"cookies,omitempty"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
}
