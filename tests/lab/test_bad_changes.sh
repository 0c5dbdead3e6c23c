#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Bad changes are refused as a whole, with an error that names the field; the router's state and revision stay.
#
#   sluice, alone
. "$(dirname "$0")/lib.sh"

add_ns sluice
start_sluiced sluice
apply <<'YAML'
vrf: [{name: x}, {name: underlay}]
interface: [{name: not-there, vrf: x}]
next_hop: [{name: drop, discard: {}}]
next_hop_group: [{name: drop, members: [{next_hop: drop}]}]
route: [{vrf: x, prefix: 0.0.0.0/0, next_hop_group: drop}]
YAML
equal "$(state interface not-there programmed)" not_programmed "an interface without a device"
before=$(revision)
ctl show routes -o yaml >"$lab/before"

# refused WORDS: the YAML from standard input, after a change that is good, fails with an error that has these words.
refused() {
	{
		echo "next_hop: [{name: good, discard: {}}]"
		echo "---"
		cat
	} >"$lab/bad.yaml"
	if ctl apply -y -f "$lab/bad.yaml" >"$lab/bad.out" 2>&1; then fail "accepted: $(cat "$lab/bad.yaml")"; fi
	grep -qF -- "$1" "$lab/bad.out" || fail "the error does not say \"$1\": $(cat "$lab/bad.out")"
	echo "refused: $(tail -n 1 "$lab/bad.out")"
	equal "$(revision)" "$before" "the revision after a refusal"
}

refused 'prefix' <<<'route: [{vrf: x, prefix: 10.0.0.1/24, next_hop_group: drop}]'
refused 'prefix' <<<'route: [{vrf: x, prefix: 10.0.0.0/33, next_hop_group: drop}]'
refused 'nowhere' <<<'route: [{vrf: nowhere, prefix: 10.0.0.0/24, next_hop_group: drop}]'
refused 'no-group' <<<'route: [{vrf: x, prefix: 10.0.0.0/24, next_hop_group: no-group}]'
refused 'vni' <<<'tunnel_endpoint: [{name: t, kind: vxlan, local_address: 192.0.2.1, remote_address: 192.0.2.2,
  underlay_vrf: underlay, vni_bindings: [{vni: 16777216, vrf: x}]}]'
refused 'remote_address' <<<'tunnel_endpoint: [{name: t, kind: vxlan, local_address: 192.0.2.1, remote_address: "fd00::2",
  underlay_vrf: underlay, vni_bindings: [{vni: 1, vrf: x}]}]'
refused 'mac' <<<'vrf: [{name: y, router_mac: "02:00:00:00:00"}]'
refused 'members' <<<'next_hop_group: [{name: empty, members: []}]'
refused 'weight' <<<'next_hop_group: [{name: heavy, members: [{next_hop: drop, weight: 101}]}]'
refused 'vlan_id' <<<'interface: [{name: if1, vrf: x, vlan_id: 4095}]'
refused 'drop' <<<'delete: {next_hop: [{name: drop}]}'
refused 'colour' <<<'vrf: [{name: y, colour: red}]'

ctl show routes -o yaml >"$lab/after"
cmp -s "$lab/before" "$lab/after" || fail "the routes have changed: $(diff "$lab/before" "$lab/after")"
stop_sluiced
