package browser_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"aura.example/integrations/shared/devstack"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/local"
)

// While more is due than Google's quota allows, the card says so wherever it is
// shown, with the interval that is true just now, beside the one that was chosen.
func TestLengthenedIntervalsAreShown(t *testing.T) {
	t.Parallel()
	url, prefix := devstack.ForTest(t).DynamoDB(), "page-"+rand.Text()[:12]+"-"
	p := newWorld(t, func(o *local.Options) { o.Memory, o.DynamoURL, o.Prefix = false, url, prefix }).tab()
	db := dynamo.New(dynamodb.New(dynamodb.Options{
		Region: "local", BaseEndpoint: aws.String(url), Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}), dynamo.Prefixed(prefix), p.clock.Now).Integrations
	rec := integration.New(integration.Key{Account: "demo", Provider: "google-calendar"}, "01M83WFNSRPNV155PBAMSKWNT1", p.clock.Now())
	rec.Status, rec.Version, rec.Fence, rec.Email, rec.Settings.CalendarID = integration.Active, 1, 1, ana, integration.PrimaryCalendar
	rec.Slot = integration.SlotOf(rec)
	if err := db.Apply(t.Context(), integration.Change{After: rec, Limit: 1}); err != nil {
		t.Fatal(err)
	}
	p.open("/agent/integrations")
	p.card("Active", "Sync now")
	p.until(`!look.says('quota')`)

	// The dispatcher has found too much due, which its own tests show.
	p.clock.Advance(2 * time.Minute) // an answer is believed for one
	minute := p.clock.Now().Truncate(time.Minute)
	for shard := range integration.Shards {
		mark, err := db.Watermark(t.Context(), shard)
		if err != nil {
			t.Fatal(err)
		}
		next := mark.Next(minute, 0, 0)
		next.Pacing = next.Enter(integration.WindowOf(minute), 3)
		if err := db.SetWatermark(t.Context(), shard, mark.Minute, next); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"/agent/integrations", "/agent/integrations#google-calendar"} {
		p.open(path)
		p.until(`look.says('it is looked at every 15 minutes instead of every 5 minutes.', '.card .box')`)
		p.until(`look.says('Every 5 minutes\nLess often just now', '.card dd')`)
		p.card("Active", "Sync now")
	}
	p.shot("22-polling-slowed")
}
