#!/usr/bin/env bash
# Runs the stages of `make test`, or those that are named, and says how long each
# took. The first that fails ends the run.
#
#   .ci/test.sh                    all
#   .ci/test.sh format vet         just these
#
# PACKAGES narrows the tests ("./shared/dynamo/..."), TESTFLAGS adds to go test.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

gofiles() { find . -name '.?*' -prune -o -name testdata -prune -o -name '*.go' -print; }

# Formatted as gofmt formats.
stage_format() {
	local odd
	odd=$(gofiles | xargs gofmt -l)
	[ -z "$odd" ] || {
		printf 'not as gofmt writes it (make fmt does):\n%s\n' "$odd"
		return 1
	}
}

stage_vet() { go vet ./...; }

# What is on and off, and why: staticcheck.conf.
stage_staticcheck() { .tools/bin/staticcheck ./...; }

# Every shell script parses, and shellcheck has nothing to say where there is one.
stage_scripts() {
	local script scripts=()
	while IFS= read -r script; do
		scripts+=("$script")
		bash -n "$script"
	done < <(find .ci shared -name '*.sh' -o -path .ci/run)
	if command -v shellcheck >/dev/null; then
		shellcheck -x -P .ci "${scripts[@]}"
	else
		echo "shellcheck isn't installed here: the scripts were only parsed"
	fi
}

# The template: every rule of cfn-lint, informational ones included, and SAM's own
# validation. What is suppressed has its reason beside it.
stage_template() {
	mkdir -p .artifacts
	.tools/bin/cfn-lint -c I W E -t template.yaml
	.tools/bin/sam validate --lint >.artifacts/validate.log 2>&1 || {
		cat .artifacts/validate.log
		return 1
	}
}

# Everything else, with the race detector, among stand-ins that are started once
# for all packages. Two packages at a time is what two cores carry; the JVM and
# the tests share them.
stage_go() {
	# The simulator's goals of time and memory mean nothing under the race detector.
	go test -run TestTenThousandEventsAreSmallAndListFast ./shared/googlesim/calendarv3
	go build -o .artifacts/withstack ./shared/cmd/withstack
	# shellcheck disable=SC2086  # both are lists of words
	.artifacts/withstack -- go test -race -p 2 -timeout 15m ${TESTFLAGS:-} ${PACKAGES:-./...}
}

[ $# -gt 0 ] || set -- format vet staticcheck scripts template go

report=
passed=
begun=$SECONDS
finish() {
	printf '\n%b' "$report"
	# Not the exit code: a run that is ended from outside has none of its own yet.
	if [ -n "$passed" ]; then
		printf '%-12s %4d s, all of it passed\n' total $((SECONDS - begun))
	else
		printf '%-12s %4d s, %s failed or was cut short\n' total $((SECONDS - begun)) "${stage:-it}"
	fi
}
trap finish EXIT

for stage in "$@"; do
	printf '== %s\n' "$stage"
	at=$SECONDS
	"stage_$stage"
	report+=$(printf '%-12s %4d s' "$stage" $((SECONDS - at)))'\n'
done
passed=yes
