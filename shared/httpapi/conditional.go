package httpapi

import (
	"net/http"
	"strconv"
	"strings"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// etag renders a version as a strong entity tag. what tells the generations of a
// thing apart, since a version begins anew with each; the last six characters
// are random in every id of ours.
func etag(version int64, what string) string {
	return `"` + strconv.FormatInt(version, 10) + "." + what[max(0, len(what)-6):] + `"`
}

// exceptionTag is the tag of an exception together with its series, for a change of
// the exception may be one of the whole series.
func exceptionTag(row *calendar.Row, series int64) string {
	return `"` + strconv.FormatInt(row.Version, 10) + "-" + strconv.FormatInt(series, 10) + "." + row.ID[max(0, len(row.ID)-6):] + `"`
}

// bears reports whether a tag is of a row as it is, with or without its series.
func bears(tag string, row *calendar.Row) bool {
	version, rest, _ := strings.Cut(strings.Trim(tag, `"`), ".")
	version, _, with := strings.Cut(version, "-")
	return etag(row.Version, row.ID) == `"`+version+"."+rest+`"` && (!with || row.IsException())
}

// bearsSeries reports whether a tag of an exception says of its series what that is.
func bearsSeries(tag string, series *calendar.Row) bool {
	version, _, _ := strings.Cut(strings.Trim(tag, `"`), ".")
	_, version, _ = strings.Cut(version, "-")
	return version == strconv.FormatInt(series.Version, 10)
}

func integrationTag(rec *integration.Integration) string { return etag(rec.Version, rec.ID) }

// ifMatch gives the tag that a change is conditional on, "" where there is none.
//
// "*" is refused: it would mean "whatever is there now", which is the very thing
// that the condition is to prevent. So are several tags: who has read two
// versions has to say which one they changed. A weak tag, which something on the way
// may have made of ours, is given as it is: it is like none of ours (RFC 9110,
// 13.1.1), so that what it is the condition of is stale.
func ifMatch(r *http.Request) (string, error) {
	tag := strings.TrimSpace(strings.Join(r.Header.Values("If-Match"), ","))
	if tag == "" {
		return "", nil
	}
	opaque := strings.TrimPrefix(tag, "W/")
	if len(opaque) < 3 || opaque[0] != '"' || opaque[len(opaque)-1] != '"' || strings.Contains(opaque[1:len(opaque)-1], `"`) {
		return "", fault.Fields(fault.Field{Field: "If-Match", Message: "must be one strong entity tag"})
	}
	return tag, nil
}

// mustMatch is ifMatch for what can't be changed without.
func mustMatch(r *http.Request) (string, error) {
	tag, err := ifMatch(r)
	if err == nil && tag == "" {
		return "", fault.New(fault.PreconditionRequired, "precondition_required", "Send the etag that you read as If-Match.")
	}
	return tag, err
}

func errStale() error {
	return fault.New(fault.Stale, "stale", "It has changed since you looked. Load it again.").WithFix("Reload", "reload")
}
