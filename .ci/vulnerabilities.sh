#!/usr/bin/env bash
# Asks Go's vulnerability database about what is linked into the functions.
#
#   0   asked, and it knows of nothing
#   3   asked, and it knows of something; what, is printed
#   75  not asked: the scanner or its database can't be reached from here
#
# An answer that wasn't had is never taken for a good one: whoever calls this has
# to decide what 75 means, and make and .ci/run say it in so many words.
#
#   .ci/vulnerabilities.sh            with the scanner that is pinned
#   .ci/vulnerabilities.sh PROGRAM    with another one, for the test of this script
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
# shellcheck source=pins.sh
. .ci/pins.sh

not_asked() {
	printf 'vulnerabilities: NOT CHECKED: %s. Nothing is known of them, good or bad.\n' "$1" >&2
	exit 75
}

scanner=${1:-}
if [ -z "$scanner" ]; then
	scanner=$PWD/.artifacts/bin/govulncheck
	GOBIN=$PWD/.artifacts/bin go install "$GOVULNCHECK_GO" >&2 || not_asked "govulncheck can't be fetched from here"
fi
"$scanner" ./functions/...
case $? in
0) echo "vulnerabilities: none known in what is linked" ;;
3)
	echo "vulnerabilities: what stands above is linked and known to be vulnerable" >&2
	exit 3
	;;
*) not_asked "govulncheck ended without an answer (its words are above); its database is asked over the network" ;;
esac
