package boot_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"aura.example/integrations/shared/boot"
)

// clients says who may link which client: importing one costs its start,
// whether or not it is called (package boot, AWS).
var clients = map[string][]string{
	"github.com/aws/aws-sdk-go-v2/service/ssm":      nil, // package ssmsecrets makes its one call itself
	"github.com/aws/aws-sdk-go-v2/service/kms":      {"oauth-callback", "sync-worker"},
	"github.com/aws/aws-sdk-go-v2/service/sqs":      {"integrations", "oauth-callback", "sync-now", "events", "webhook", "scheduled-sync", "sync-worker"},
	"github.com/aws/aws-sdk-go-v2/service/dynamodb": {"integrations", "oauth-callback", "status", "sync-now", "events", "subscription", "webhook", "scheduled-sync", "sync-worker"},
	"google.golang.org/api/calendar/v3":             {"sync-worker"},
	"google.golang.org/grpc":                        {"sync-worker"},
	"github.com/aws/aws-sdk-go-v2/config":           nil,

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue": nil, // brings DynamoDB Streams' tables along
}

func TestFunctionsLinkOnlyTheClientsTheyCall(t *testing.T) {
	t.Parallel()
	for _, function := range boot.Functions() {
		cmd := exec.Command("go", "list", "-deps", "./functions/"+function)
		cmd.Dir = root
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", function, err)
		}
		deps := strings.Fields(string(out))
		for pkg, users := range clients {
			if got, want := slices.Contains(deps, pkg), slices.Contains(users, function); got != want {
				t.Errorf("%s links %s: %v, want %v", function, pkg, got, want)
			}
		}
	}
}
