#!/usr/bin/env bash
# Writes .ci/locks/*.txt from the Python pins in pins.sh: every package that a
# tool needs, at one version, with the hash of every file of it, for all
# platforms at once (the wheels differ between Linux and a Mac, x86 and ARM).
# Run by hand after changing a pin; make never runs it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. ./pins.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/uv"
"$work/uv/bin/pip" install --quiet uv

lock() { # name requirement…
	local name=$1
	shift
	printf '%s\n' "$@" |
		"$work/uv/bin/uv" pip compile --quiet --universal --python-version "$PYTHON_OLDEST" \
			--generate-hashes --no-annotate --no-header --output-file "locks/$name.txt" -
	echo "locks/$name.txt: $(grep -c == "locks/$name.txt") packages"
}

# shellcheck disable=SC2086  # several requirements in one pin
lock moto $MOTO_PYPI
lock sam "$SAM_PYPI"
lock java "$JAVA_PYPI"
