#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What seeing costs, and whether it sees all: traces and captures of a slow flow among a million packets a second, a
# rehearsal with 100,000 connections, forwarding with sFlow, a scrape of a router with the Internet's table beside
# node_exporter's, and what the page weighs. JSON rows on stdout.
#
#   gen-see: g0 --- in0 10.0.0.1 : see : out0 10.255.0.1 --- s0 10.255.0.2 : sink-see
#
# Explain against what is observed is `SLUICE_LONG=1 tests/run.sh bpf explain`; what it costs when nothing is switched on is
# `tests/bench/run.sh cost --against BUILD_DIR`.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
[ -x "$build/tests/bench/bench_policy_traffic" ] || fail "there is no bench_policy_traffic in $build: build it, or set SLUICE_BUILD"

between see
cat >"$lab/sluice.yaml" <<-YAML
	limits: {profile: medium}
	sampling: {every: 1000}
YAML
start_sluiced see --config "$lab/sluice.yaml"
export SEE_QUICK=$quick
"$here/see.py" "$prefix" "$sluicectl" "unix:$lab/sluice.sock" "$build/tests/bench" "$rounds" "$lab" || fail see.py
