#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What nobody should learn: a /25 under a protected /24 from BGP, prefixes that a source may not bring, bogons, too many
# routes, origins that RPKI calls invalid. Errors name the field and the remedy. And the acknowledgement: a neighbour
# hears of a prefix once Sluice forwards it.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up1 10.8.1.1 --- eth1 10.8.1.2 server: AS 65002, 10.20.0.200 on lo
#          AS 65003                         up2 10.8.2.1 --- eth2 10.8.2.2
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
. "$root/tests/lab/routing.sh"

routed_network
count_udp
address server lo 10.20.0.200/32
peer_config "network 10.9.1.0/24" "network 10.20.0.128/25" "network 10.50.0.0/16" "network 192.0.2.0/24" \
	"network 10.9.66.0/24" "neighbor 10.8.1.1 route-map BY-UP1 out" >"$lab/server.conf"
cat >>"$lab/server.conf" <<-FRR
	ip prefix-list HIJACK permit 10.20.0.128/25
	route-map BY-UP1 deny 10
	 match ip address prefix-list HIJACK
	route-map BY-UP1 permit 20
FRR
{
	recipe "frr bgp" | sed 's/timers connect 5/timers connect 1/; s/^no zebra nexthop.*//'
	recipe "frr rpki"
	recipe "frr acknowledge"
	printf '%s\n' "router bgp 65001" " neighbor 10.1.0.2 remote-as 65003" " neighbor 10.1.0.2 timers connect 1" \
		" address-family ipv4 unicast" "  neighbor 10.1.0.2 activate" "  neighbor 10.1.0.2 route-map FROM-PEER in" \
		"  neighbor 10.1.0.2 route-map FROM-PEER out"
} >"$lab/router.conf"
cat >"$lab/client.conf" <<-FRR
	router bgp 65003
	 bgp router-id 10.255.0.3
	 no bgp ebgp-requires-policy
	 neighbor 10.1.0.1 remote-as 65001
	 neighbor 10.1.0.1 timers connect 1
FRR
echo '{"roas": [{"prefix": "10.9.66.0/24", "maxLength": 24, "asn": "AS65099", "ta": "lab"}]}' >"$lab/roas.json"

at sluice sysctl -qw net.ipv4.nexthop_compat_mode=0
start_sluiced sluice
spawn stayrtr sluice stayrtr -cache "$lab/roas.json" -bind 127.0.0.1:8282 -checktime=false -metrics.addr ""
{
	recipe "yaml ports"
	recipe "yaml guard"
	cat <<-YAML
		next_hop: {name: up1, gateway: {interface: up1, address: 10.8.1.2}}
		next_hop_group: {name: up1, members: [{next_hop: up1}]}
		route: {vrf: internet, prefix: 10.20.0.0/24, next_hop_group: up1}
	YAML
} | apply
start_frr server "$lab/server.conf" zebra bgpd
start_frr sluice "$lab/router.conf" "zebra -K 120 --asic-offload=notify_on_offload" "bgpd -M rpki"
start_frr client "$lab/client.conf" zebra bgpd

# --- the guard ---
wait_for 20 "10.9.0.0/24" forwards 10.9.0.0/24 bgp
wait_for 10 "the hijack" is_learned 10.20.0.128/25
suppressed() { # PREFIX WORDS
	equal "$(learned "$1" .candidate_status.state)" suppressed "the candidate $1"
	learned "$1" .candidate_status.reason | grep -q "$2" || fail "the reason of $1: $(learned "$1" .candidate_status.reason)"
}
suppressed 10.20.0.128/25 "10.20.0.0/24"
suppressed 10.50.0.0/16 "allowed"
suppressed 192.0.2.0/24 "bogon"
no_route sluice 10.9.66.0/24 || fail "RPKI's invalid prefix is in the kernel"
wait_for 10 "the hijack in the kernel" has_route sluice 10.20.0.128/25
source_is bgp following '.suppressed == 3' >/dev/null || fail "status: $(show_json route_sources)"
before=$(udp_by eth2)
equal "$(spread_by eth1 200 10.20.0.200)" 200 "datagrams to the protected prefix"
equal "$(udp_by eth2)" "$before" "datagrams by the hijacker's link"

# --- acknowledged ---
wait_for 10 "the client to hear of 10.9.0.0/24" has_route client 10.9.0.0/24
no_route client 10.50.0.0/16 || fail "a prefix that is suppressed is advertised"
no_route client 10.20.0.128/25 || fail "the hijack is advertised"
source_is bgp following '.acknowledged >= 2' >/dev/null || fail "status: $(show_json route_sources)"

# --- the hijack is all right once its source is an owner ---
apply <<-YAML
	protected_prefix: {vrf: internet, prefix: 10.20.0.0/24, owners: [{client: operator}, {route_source: bgp}]}
YAML
wait_for 10 "10.20.0.128/25" forwards 10.20.0.128/25 bgp
wait_for 10 "the client to hear of it, which nobody has written anew" has_route client 10.20.0.128/25
[ "$(spread_by eth2 50 10.20.0.200)" -eq 50 ] || fail "not all datagrams take the more specific route"

# --- too many ---
table() { ip -n "$(ns sluice)" route "$1" 172.16."$2".0/24 via 10.8.1.2 table 100; }
for i in 1 2 3; do table add "$i"; done
echo "route_source: {name: little, vrf: internet, table: 100, max_routes: 3}" | apply
wait_for 10 "three routes" source_is little following '.routes == 3'
table add 4
table add 5
wait_for 10 "a source that is frozen" source_is little frozen '.routes == 3 and (.reason | test("max_routes"))'
for i in 1 2 3; do forwards 172.16.$i.0/24 little || fail "172.16.$i.0/24 is gone"; done
table del 4
table del 5
wait_for 10 "a source that goes on" source_is little following '.routes == 3'

# --- a guard that lets none of what is there in ---
echo "route_source: {name: little, vrf: internet, table: 100, allowed: [{prefix: 172.31.0.0/16, length_most: 24}]}" | apply
wait_for 10 "the guard to be told of" source_is little following '.suppressed == 3 and (.reason | test("allowed"))'

# --- errors ---
refused() { # WORDS, YAML from standard input
	cat >"$lab/refused.yaml"
	! ctl apply -y -f "$lab/refused.yaml" >"$lab/refused" 2>&1 || fail "taken: $(cat "$lab/refused.yaml")"
	grep -qE "$1" "$lab/refused" || fail "no $1 in: $(cat "$lab/refused")"
}
refused "table.*(254|bgp)" <<<"route_source: {name: second, vrf: internet, table: 254}"
refused "vrf" <<<"route_source: {name: second, vrf: elsewhere, table: 101}"
refused "VRF .internet. is in use" <<<"delete: {vrf: [{name: internet}]}"
refused "length_most" <<<"route_source: {name: second, vrf: internet, table: 101, allowed: [{prefix: 10.0.0.0/8, length_least: 24, length_most: 20}]}"
refused "allowed: lets nothing in.*allow_bogons" <<'YAML'
route_source: {name: second, vrf: internet, table: 101, allowed: [{prefix: 192.0.2.0/24}, {prefix: "fe80::/10"}]}
YAML
refused "owners" <<<"protected_prefix: {vrf: internet, prefix: 10.21.0.0/24}"
stop_sluiced
