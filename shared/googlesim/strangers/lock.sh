#!/usr/bin/env bash
# Pins every package that the clients bring along, with its hash. Run by hand
# after changing a version in requirements.in or package.json; nothing else
# calls it. The lock files name no registry: whichever one a machine is set up
# for, the hashes decide.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/uv"
"$work/uv/bin/pip" install --quiet uv
"$work/uv/bin/uv" pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-annotate --no-header --output-file requirements.txt requirements.in

npm install --silent --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved
