#!/usr/bin/env bash
# Runs every fuzz target for a while, one after the other, and says how many
# inputs each has tried. `go test` alone replays the seeds and what was found
# before, which is part of `make test`.
#
#   .ci/fuzz.sh [time for each, 20s]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

each=${1:-20s}
while IFS=: read -r file name; do
	package=./$(dirname "$file")
	said=$(go test -run '^$' -fuzz "^$name\$" -fuzztime "$each" -fuzzminimizetime 10x "$package" 2>&1) || {
		printf '%s\n' "$said" >&2
		exit 1
	}
	executions=$(sed -n 's/.*execs: \([0-9]*\).*/\1/p' <<<"$said" | tail -n 1)
	printf '%-36s %-14s %10s inputs, no crash\n' "$package" "$name" "${executions:-0}"
done < <(grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9]*' shared | sed 's/:func /:/')
