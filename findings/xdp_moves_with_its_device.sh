#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Linux (6.18; iproute2 6.1 of Debian 12 says it): a device that moves to another network namespace takes the XDP program
# along that was attached by netlink, and goes on running it there. The clsact qdisc with its programs is taken off, and so
# are addresses and neighbours.
#
# What runs in the namespace that the device left can neither see nor detach the program any more; in the other one the
# device's number may be that of another device of which the program's tables speak. A program that was attached by a BPF
# link would go with the link's descriptor, from wherever; but then it goes with the process, too.
#
# Who meets it: CNI's host-device and SR-IOV plugins, which give a NIC back to the node when a pod goes, also one whose router
# was killed; the node's traffic then meets a program of nobody's.
#   findings/xdp_moves_with_its_device.sh     exit 0: as described; 1: it is different now. As root: namespaces of its own.
set -euo pipefail
work=$(mktemp -d)
name=xdp-moves-$$
cleanup() {
	ip netns delete "$name-a" 2>/dev/null || :
	ip netns delete "$name-b" 2>/dev/null || :
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

cat >"$work/pass.c" <<'END'
__attribute__((section("xdp"), used)) int pass(void *packet) { return 2; }
__attribute__((section("classifier"), used)) int go_on(void *packet) { return -1; }
END
clang-14 -O2 -target bpf -c "$work/pass.c" -o "$work/pass.o"
ip netns add "$name-a"
ip netns add "$name-b"
ip -n "$name-a" link add v0 type veth peer name v1
ip -n "$name-a" link set dev v0 xdp obj "$work/pass.o" sec xdp
tc -n "$name-a" qdisc add dev v0 clsact
tc -n "$name-a" filter add dev v0 ingress bpf direct-action obj "$work/pass.o" sec classifier

# programs NAMESPACE: what v0 has there.
programs() {
	ip -n "$1" link show dev v0 | grep -q prog/xdp && echo "XDP program: yes" || echo "XDP program: no"
	tc -n "$1" qdisc show dev v0 | grep -q clsact && echo "clsact: yes" || echo "clsact: no"
}
echo "before"
programs "$name-a" | tee "$work/before"
ip -n "$name-a" link set dev v0 netns "$name-b"
echo "in the other namespace"
programs "$name-b" | tee "$work/after"
[ "$(xargs <"$work/before")" = "XDP program: yes clsact: yes" ] && [ "$(xargs <"$work/after")" = "XDP program: yes clsact: no" ]
