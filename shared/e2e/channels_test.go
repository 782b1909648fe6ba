package e2e_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/local"
)

// told is a person whose calendar is connected, by the minute, and whom Google
// tells of changes. Nothing here ticks but where a test says so.
func told(t *testing.T) *person {
	t.Helper()
	p := newWorld(t, func(o *local.Options) { o.Channels = true }).person("acme", "mia").draft()
	p.want(200, p.do("PATCH", google, map[string]any{"interval_minutes": 1}, "If-Match", p.version()))
	p.connect(ana)
	p.synced()
	p.live(true)
	p.slot("60#")
	return p
}

// live waits until the status says whether changes come in at once.
func (p *person) live(want bool) {
	p.Helper()
	p.await("live_updates", func() (answer, bool) {
		a := p.want(200, p.do("GET", google, nil))
		return a, a.at("live_updates") == want
	})
}

// record is the integration as it lies in the table.
func (p *person) record() map[string]any {
	p.Helper()
	client := dynamodb.New(dynamodb.Options{
		Region: "local", BaseEndpoint: aws.String(p.program.DynamoURL), Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	out, err := client.Scan(p.Context(), &dynamodb.ScanInput{TableName: aws.String(p.prefix + "integrations"), ConsistentRead: aws.Bool(true)})
	if err != nil {
		p.Fatal(err)
	}
	for _, it := range out.Items {
		var d map[string]any
		if err := attributevalue.UnmarshalMap(it, &d); err != nil {
			p.Fatal(err)
		}
		if d["sk"] == "I#google-calendar" {
			return d
		}
	}
	return map[string]any{}
}

// slot waits until the record is polled as often as the prefix of its slot says.
func (p *person) slot(prefix string) {
	p.Helper()
	p.await("the slot "+prefix, func() (answer, bool) {
		s, _ := p.record()["slot"].(string)
		return answer{raw: s}, strings.HasPrefix(s, prefix)
	})
}

// there makes an event at Google.
func (p *person) there(calendarID, title string) {
	p.Helper()
	if _, err := p.program.Sim.Calendar.Insert(ana, calendarID, calendarv3.Event{
		"summary": title, "start": map[string]any{"date": "2026-11-27"}, "end": map[string]any{"date": "2026-11-28"},
	}); err != nil {
		p.Fatal(err)
	}
}

// comesIn waits for an event of Google's in Aura.
func (p *person) comesIn(title string) {
	p.Helper()
	p.await(title, func() (answer, bool) {
		a := p.want(200, p.do("GET", "/v1/events?from=2026-11-27T00:00:00Z&to=2026-11-28T00:00:00Z", nil))
		return a, strings.Contains(a.raw, `"`+title+`"`)
	})
}

// open waits until as many channels are open at Google.
func (p *person) open(n int) []calendarv3.ChannelInfo {
	p.Helper()
	var open []calendarv3.ChannelInfo
	p.await("the channels at Google", func() (answer, bool) {
		open = p.program.Sim.Calendar.Channels()
		return answer{}, len(open) == n
	})
	return open
}

func TestAnEditAtGoogleComesInWithoutATick(t *testing.T) {
	t.Parallel()
	p := told(t)
	p.there(ana, "Told")
	p.comesIn("Told")
	p.agree("after a notification", ana)
	a := p.await("the run's end", func() (answer, bool) {
		a := p.want(200, p.do("GET", google, nil))
		return a, a.str("last_run", "trigger") == "notification"
	})
	if a.at("live_updates") != true {
		t.Errorf("%s", a.raw)
	}
	p.open(1)
}

// A notification that comes while a run goes on, after that run has listed the
// calendar: the run goes another round.
func TestANotificationDuringARunIsNotLost(t *testing.T) {
	t.Parallel()
	p := told(t)
	reached, gate := make(chan struct{}), make(chan struct{})
	var once sync.Once
	p.google.fail(func(r *http.Request) googlesim.Decision {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/events") { // pushes come after pulls
			once.Do(func() { close(reached) })
			<-gate
		}
		return googlesim.Decision{}
	})
	var handled sync.Once
	came := make(chan struct{})
	p.program.Sent(func(j job.Job) {
		if j.Trigger == integration.TriggerNotification {
			handled.Do(func() { close(came) })
		}
	})
	p.want(201, p.do("POST", "/v1/events", map[string]any{
		"title": "Ours", "start": map[string]any{"date": "2026-11-27"}, "end": map[string]any{"date": "2026-11-28"},
	}))
	p.want(202, p.do("POST", google+"/sync", map[string]any{}))
	<-reached
	p.there(ana, "Meanwhile")
	<-came
	p.await("the notification to be noted", func() (answer, bool) { return answer{}, p.record()["d"] == true })
	close(gate)
	p.comesIn("Meanwhile")
	p.await("quiet", func() (answer, bool) { return answer{}, p.idle() })
	p.agree("after a notification during a run", ana)
}

func TestWhatStopsAChannel(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do   func(p *person)
		left int
	}{
		"pause": {func(p *person) {
			p.want(200, p.do("POST", google+"/pause", nil))
			p.live(false)
			p.open(0)
			p.want(200, p.do("POST", google+"/resume", nil))
			p.live(true)
		}, 1},
		"disconnect": {func(p *person) { p.want(200, p.do("POST", google+"/disconnect", nil)); p.live(false) }, 0},
		"delete":     {func(p *person) { p.want(204, p.do("DELETE", google, nil)) }, 0},
		"another calendar": {func(p *person) {
			before := p.open(1)[0]
			id, err := p.program.Sim.Calendar.AddCalendar(ana, calendarv3.Calendar{Summary: "Other"}, calendarv3.RoleOwner)
			if err != nil {
				p.Fatal(err)
			}
			p.chooses(id)
			p.await("a channel on the other calendar alone", func() (answer, bool) {
				open := p.program.Sim.Calendar.Channels()
				return answer{}, len(open) == 1 && open[0].Calendar == id && open[0].ID != before.ID
			})
			p.live(true)
			p.there(id, "Other's")
			p.comesIn("Other's")
		}, 1},
		"the calendar's end": {func(p *person) {
			id, err := p.program.Sim.Calendar.AddCalendar(ana, calendarv3.Calendar{Summary: "Short-lived"}, calendarv3.RoleOwner)
			if err != nil {
				p.Fatal(err)
			}
			p.chooses(id)
			p.live(true)
			if err := p.program.Sim.Calendar.DeleteCalendar(id); err != nil { // tells the channel so, as its last word
				p.Fatal(err)
			}
			p.await("the loss to be noticed, without a tick", func() (answer, bool) {
				a := p.want(200, p.do("GET", google, nil))
				return a, a.str("status") == "error" && a.str("reason", "code") == "calendar_not_found" && a.at("live_updates") == false
			})
			p.open(0)
			p.chooses("primary")
			p.live(true)
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := told(t)
			c.do(p)
			p.open(c.left)
		})
	}
}

// chooses makes another calendar the one that is synced.
func (p *person) chooses(calendarID string) {
	p.Helper()
	p.await("the calendar's choice", func() (answer, bool) {
		p.try("POST", google+"/calendars/refresh", nil)
		a := p.try("PATCH", google, map[string]any{"calendar_id": calendarID}, "If-Match", p.version())
		return a, a.status == 200
	})
	p.await("active on it", func() (answer, bool) {
		a := p.want(200, p.do("GET", google, nil))
		return a, a.str("status") == "active" && a.str("settings", "calendar_id") == calendarID
	})
}

// While a channel lives the calendar is polled once an hour. One that ends while
// Google opens no other gives the interval back, and another one takes it again.
func TestPollingFallsBackAndReturns(t *testing.T) {
	t.Parallel()
	p := told(t)
	first := p.open(1)[0]
	p.google.fail(func(r *http.Request) googlesim.Decision {
		if strings.HasSuffix(r.URL.Path, "/watch") {
			return googlesim.Decision{Answer: googlesim.Refusal(503, "global", "backendError", "Backend Error")}
		}
		return googlesim.Decision{}
	})
	p.clock.Advance(8 * 24 * time.Hour)
	p.live(false)
	p.sync(false)
	p.slot("1#")
	p.google.fail(nil)
	p.clock.Advance(time.Hour)
	p.sync(false)
	p.slot("60#")
	p.live(true)
	if now := p.open(1)[0]; now.ID == first.ID {
		t.Error("the channel that ended is open again")
	}
}
