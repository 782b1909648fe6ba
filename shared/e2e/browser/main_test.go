package browser_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// root is the checkout, seen from this folder.
const root = "../../.."

// chromium is the one browser that all tests share; each has a context of its
// own in it, which is as apart as a profile and starts in milliseconds.
var chromium context.Context

func TestMain(m *testing.M) {
	flag.Parse()
	// Much of a test's time goes by in waiting for what the page waits for.
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if n := strconv.Itoa(runtime.GOMAXPROCS(0) + 1); !given && flag.Set("test.parallel", n) != nil {
		os.Exit(1)
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	path, err := filepath.Abs(filepath.Join(root, ".tools", "bin", "chromium"))
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "these tests need Chromium: run `.ci/tools.sh chromium axe-core`")
		return 1
	}
	profile, err := os.MkdirTemp("", "aura-browser-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(profile)
	alloc, stop := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.NoFirstRun, chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("force-color-profile", "srgb"),
		// A tab behind another one is a person's other window, not an idle one.
		chromedp.Flag("disable-background-timer-throttling", true), chromedp.Flag("disable-renderer-backgrounding", true),
		chromedp.Flag("disable-backgrounding-occluded-windows", true),
		chromedp.Flag("lang", "en-GB"),
	)
	defer stop()
	ctx, quit := chromedp.NewContext(alloc)
	defer quit()
	start, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	_ = start
	if err := chromedp.Do(ctx); err != nil { // starts it
		fmt.Fprintln(os.Stderr, "starting Chromium:", err)
		return 1
	}
	chromium = ctx
	return m.Run()
}
