#!/bin/sh
# Installs python-dateutil, the second opinion that recurrence's property test
# asks, into a folder of its own: .tools/dateutil beside go.mod, or the folder
# given. Pinned by version and hash; does nothing where it is there already.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
target=${1:-$here/../../../.tools/dateutil}
stamp=$target/.installed
want='python-dateutil 2.9.0.post0, tzdata 2025.2'

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && "$target/bin/python" -c 'import dateutil' 2>/dev/null; then
	exit 0
fi
if ! command -v python3 >/dev/null; then
	echo "python3 is missing; on Debian: apt-get install python3 python3-venv" >&2
	exit 1
fi
rm -rf "$target"
python3 -m venv "$target" || {
	echo "python3 can't make virtual environments here; on Debian: apt-get install python3-venv" >&2
	exit 1
}
"$target/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
	--requirement "$here/requirements.txt"
echo "$want" >"$stamp"
