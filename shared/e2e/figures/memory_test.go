package figures_test

import (
	"bufio"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"aura.example/integrations/shared/boot/work"
)

// BenchmarkWorkerMemory prints what a whole worker process holds at its peak
// while it brings 1,000, 10,000 and 50,000 events in: a process of its own with
// all that the worker links, over the wire from a Google in
// this one. Flat, since three pages are all that is ever in memory (goal: at most
// 48 MiB).
func BenchmarkWorkerMemory(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 50_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			google := httptest.NewServer(newPages(n))
			defer google.Close()
			var peak float64
			for b.Loop() {
				peak = max(peak, child(b, n, google.URL))
			}
			b.ReportMetric(peak, "MiB")
			b.ReportMetric(0, "ns/op") // says nothing here
		})
	}
}

// child runs a first sync in a process of its own and gives its peak in MiB.
func child(b *testing.B, events int, google string) float64 {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), os.Args[0], "-test.run", "^TestFirstSyncOfAChild$", "-test.v")
	cmd.Env = append(os.Environ(), "FIGURES_CHILD="+strconv.Itoa(events), "FIGURES_GOOGLE="+google+"/")
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if _, after, found := strings.Cut(line, "peak KiB: "); found {
			kib, err := strconv.Atoi(strings.TrimSpace(after))
			if err != nil {
				b.Fatal(err)
			}
			return float64(kib) / 1024
		}
	}
	b.Fatalf("the child said nothing of its memory: %s", out)
	return 0
}

// TestFirstSyncOfAChild is that process's work; by itself it pulls one page.
func TestFirstSyncOfAChild(t *testing.T) {
	from := newPages(100)
	if n := os.Getenv("FIGURES_CHILD"); n != "" {
		total, err := strconv.Atoi(n)
		if err != nil {
			t.Fatal(err)
		}
		debug.SetGCPercent(work.GCPercent) // as the worker's main does
		from = &pages{total: total, url: os.Getenv("FIGURES_GOOGLE")}
	}
	firstSync(t, from, inNothing(t))
	fmt.Printf("peak KiB: %d\n", highWater(t))
}

// highWater is the most that this process has held of the machine's memory, as
// Linux counts it.
func highWater(t *testing.T) int {
	t.Helper()
	f, err := os.Open("/proc/self/status")
	if err != nil {
		t.Log("not on Linux: ", err)
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if after, found := strings.CutPrefix(lines.Text(), "VmHWM:"); found {
			n, err := strconv.Atoi(strings.Fields(after)[0])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("the kernel doesn't say")
	return 0
}
