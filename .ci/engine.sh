#!/usr/bin/env bash
# Runs a command with a Docker engine at hand that has the base image of sam
# local's containers:
#
#   .ci/engine.sh COMMAND…
#
# As root it starts an engine of its own, with its own socket and data folder,
# and ends it by its process id; the machine's own, if any, is left alone. Anyone
# else needs one that answers. Where there is none, it says so and fails.
#
# The base image is made here of a static busybox and the machine's CA
# certificates, under the name that sam looks for; nothing is pulled.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf 'engine: %s\n' "$*"; }
die() {
	printf 'engine: %s\n' "$*" >&2
	exit 1
}

work=$(mktemp -d "${TMPDIR:-/tmp}/aura-engine.XXXXXX")
engine=
bridge=
finish() {
	if [ -n "$engine" ]; then
		kill "$engine" 2>/dev/null || true
		wait "$engine" 2>/dev/null || true
	fi
	[ -z "$bridge" ] || ip link delete "$bridge" 2>/dev/null || true
	# Layers are mounts until the engine lets go of them.
	rm -rf "$work" 2>/dev/null || true
}
trap finish EXIT

docker=$(PATH=/usr/bin:$PATH command -v docker) || die "there is no docker command: install docker.io and run this again."

if [ "$(id -u)" = 0 ] && command -v dockerd >/dev/null; then
	export DOCKER_HOST=unix://$work/engine.sock
	# A bridge of its own too, so that it meets no other engine's.
	bridge=aura$((RANDOM % 10000))
	ENGINE_GATEWAY=172.29.$((RANDOM % 250)).1
	{ ip link add name "$bridge" type bridge && ip addr add "$ENGINE_GATEWAY/24" dev "$bridge" && ip link set "$bridge" up; } ||
		die "no network for containers can be made on this machine: sam local needs one."
	dockerd --host "$DOCKER_HOST" --data-root "$work/data" --exec-root "$work/run" --pidfile "$work/pid" \
		--bridge "$bridge" >"$work/log" 2>&1 &
	engine=$!
	for _ in $(seq 100); do
		"$docker" version >/dev/null 2>&1 && break
		kill -0 "$engine" 2>/dev/null || break
		sleep 0.2
	done
	if ! "$docker" version >/dev/null 2>&1; then
		tail -n 5 "$work/log" >&2
		die "no Docker engine can be started on this machine; its last words are above. sam local needs one."
	fi
else
	"$docker" version >/dev/null 2>&1 || die "no Docker engine answers: start one, or run this as root on Debian. sam local needs one."
	ENGINE_GATEWAY=$("$docker" network inspect bridge --format '{{(index .IPAM.Config 0).Gateway}}')
fi
export ENGINE_GATEWAY

# sam adds the emulator to this image by a RUN, hence the shell and chmod.
base() { # architecture
	local at=$work/base
	rm -rf "$at"
	mkdir -p "$at/bin" "$at/etc/ssl/certs" "$at/tmp" "$at/var/task" "$at/var/rapid"
	chmod 1777 "$at/tmp"
	cp /bin/busybox "$at/bin/busybox"
	for name in sh chmod cat ls mkdir; do ln -s busybox "$at/bin/$name"; done
	[ ! -f /etc/ssl/certs/ca-certificates.crt ] || cp /etc/ssl/certs/ca-certificates.crt "$at/etc/ssl/certs/"
	tar -C "$at" -c . | "$docker" import - "public.ecr.aws/lambda/provided:al2023-$1" >/dev/null
}
case $(uname -m) in
x86_64) base x86_64 ;;
aarch64 | arm64) base arm64 ;;
*) die "sam local knows no containers for $(uname -m)." ;;
esac

"$@"
