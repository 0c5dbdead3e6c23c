#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Policies of up to 10,000 rules, ClassBench's: what one commit of a rule costs beside them, what it takes to replace them
# all under traffic, and packets a second through Sluice and through nftables with the same rules, in turns in one run.
#
#   gen-X: g0 --- in0 10.0.0.1 : X : out0 10.255.0.1 --- s0 10.255.0.2 : sink-X
#
# with X sluice, linux (no connection tracking) and linuxct. The rules are ../shared/data/classbench-acl1-10k.rules.gz and
# the flows its trace's; where that is absent both are GENERATED, and the bench says so.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
traffic=$build/tests/bench/bench_policy_traffic
[ -x "$traffic" ] || fail "there is no $traffic: build it, or set SLUICE_BUILD"

for name in linux linuxct; do
	between $name
	at $name sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.in0.rp_filter=0 net.ipv4.conf.out0.rp_filter=0
	# Clients below 128.0.0.0, servers above: the bench makes the flows so.
	ip -n "$(ns $name)" route add 0.0.0.0/1 via 10.0.0.2
	ip -n "$(ns $name)" route add 128.0.0.0/1 via 10.255.0.2
done
at linuxct sysctl -qw net.netfilter.nf_conntrack_checksum=0
between sluice
cat >"$lab/sluice.yaml" <<'YAML'
limits: {profile: internet, max_policy_rules: 49151}
YAML
start_sluiced sluice --config "$lab/sluice.yaml"
export POLICY_QUICK=$quick
"$here/policy.py" "$prefix" "$sluicectl" "unix:$lab/sluice.sock" "$build/tests/bench" "$rounds" "$lab" || fail policy.py
