#!/usr/bin/env bash
# Installs Google's own Python and Node clients, pinned, under .tools/ of the
# repository (or TOOLS_DIR), for the tests in this folder. What is there
# already is left alone, in a few milliseconds.
#
#   install.sh             both
#   install.sh python      one of them
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=${TOOLS_DIR:-$here/../../../.tools}/google-clients
mkdir -p "$target"

# The stamp holds what was installed, and is written last.
pin() { cat "$@" | sha256sum | cut -d' ' -f1; }
current() { [ -f "$target/$1.stamp" ] && [ "$(cat "$target/$1.stamp")" = "$2" ]; }

install_python() {
	local want
	want=$(pin "$here/requirements.txt")
	current python "$want" && return
	echo "tools: fetching Google's Python client into .tools/google-clients/python"
	rm -rf "$target/python"
	python3 -m venv "$target/python"
	"$target/python/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
		--require-hashes --requirement "$here/requirements.txt"
	echo "$want" >"$target/python.stamp"
}

install_node() {
	local want
	want=$(pin "$here/package-lock.json")
	current node "$want" && return
	echo "tools: fetching Google's Node client into .tools/google-clients/node"
	rm -rf "$target/node"
	mkdir -p "$target/node"
	cp "$here/package.json" "$here/package-lock.json" "$target/node"
	# No scripts: nothing here is built, and nothing fetched needs to run.
	(cd "$target/node" && npm ci --silent --ignore-scripts --no-audit --no-fund)
	echo "$want" >"$target/node.stamp"
}

# One at a time: the Makefile and two test processes may come at once.
if command -v flock >/dev/null; then
	exec 9>"$target/lock"
	flock 9
fi
[ $# -gt 0 ] || set -- python node
for name in "$@"; do "install_$name"; done
