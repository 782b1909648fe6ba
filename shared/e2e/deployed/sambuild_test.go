package deployed_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"aura.example/integrations/shared/samtemplate"
)

// D1: `sam build` builds the template, and what comes of it is, byte by byte,
// what every other test here runs. It builds for this machine's processor, so
// that it finds the packages compiled already; `make sam-build` builds for
// Lambda's, and differs in nothing else.
func TestD1WhatSAMBuildsIsWhatIsTested(t *testing.T) {
	t.Parallel()
	dir, out := bootstraps(t), t.TempDir()
	architecture := "x86_64"
	if runtime.GOARCH == "arm64" {
		architecture = "arm64"
	}
	tool, err := filepath.Abs(filepath.Join(root, ".tools", "bin", "sam"))
	if err != nil {
		t.Fatal(err)
	}
	// The environment local has no settings of its own: one function at a time, or
	// ten linkers would share this machine with the other tests.
	cmd := exec.CommandContext(t.Context(), tool, "build", "--config-env", "local", "--build-dir", out,
		"--parameter-overrides", "Architecture="+architecture+" TokenIssuer=https://id.example.com/ TokenAudience=aura GoogleClientId=none")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false -tags=lambda.norpc '-ldflags=-s -w'", "SAM_CLI_TELEMETRY=0", // as the Makefile has it
		"AWS_ACCESS_KEY_ID=none", "AWS_SECRET_ACCESS_KEY=none", "AWS_DEFAULT_REGION=eu-central-1")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("sam build (its tool comes from make tools): %v\n%s", err, said)
	}
	doc, err := samtemplate.Load(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for folder, f := range doc.Functions() {
		if a, b := sum(t, filepath.Join(dir, folder, "bootstrap")), sum(t, filepath.Join(out, f.Name, "bootstrap")); a != b {
			t.Errorf("%s is %s as it is tested and %s as SAM builds it", folder, a, b)
		}
	}
}
