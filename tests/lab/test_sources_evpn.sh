#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# EVPN by FRR on both sides: Sluice follows what its own FRR writes into the kernel's model, and reaches hosts behind the
# other side's VTEP, a kernel's, by the tunnel that it was taught. Types 5 and 2 come and go. The model's devices see no
# packet.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice under0 172.16.0.1 --- eth0 172.16.0.2 remote 10.0.2.1 --- host 10.0.2.10
#          fd00:1::2        fd00:1::1  br5000 = vx5000 (VNI 5000)   br5000 = vx5000       fd00:2::1        fd00:2::10
#                                      br100  = vx100  (VNI 100)    br100  = vx100 and the host's port
. "$(dirname "$0")/lib.sh"
. "$root/tests/lab/routing.sh"

# segment NS VNI LOCAL MAC: the recipe's devices in that namespace, for another VNI, address and router.
segment() {
	local line
	recipe "sh evpn" | sed "s/5000/$2/g; s/172\.16\.0\.1/$3/; s/02:53:4c:00:00:01/$4/" >"$lab/segment.sh"
	while IFS= read -r line; do
		# shellcheck disable=SC2086 # the words of a command
		at "$1" $line
	done <"$lab/segment.sh"
}

# leads_to PREFIX WORDS: Sluice's route has a group whose name has these words.
leads_to() { learned "$1" .resource.source_route.next_hop_group | grep -qF -- "$2"; }
gone() { no_route sluice "$1" && ! is_learned "$1"; }

add_ns client sluice remote host
add_client
address client eth0 fd00:1::2/64
address sluice cl0 fd00:1::1/64
ip -n "$(ns client)" -6 route add default via fd00:1::1
add_link sluice under0 remote eth0 1600
address sluice under0 172.16.0.1/24
address remote eth0 172.16.0.2/24
at remote sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
for vni in 100 5000; do
	segment sluice "$vni" 172.16.0.1 02:53:4c:00:00:01 # the MAC of Sluice's VRFs: FRR announces it
	segment remote "$vni" 172.16.0.2 "02:00:00:00:${vni:0:2}:02"
done
add_link remote port host eth0
ip -n "$(ns remote)" link set port master br100
address remote br100 10.0.2.1/24
address remote br100 fd00:2::1/64
address host eth0 10.0.2.10/24
address host eth0 fd00:2::10/64
ip -n "$(ns host)" route add default via 10.0.2.1
ip -n "$(ns host)" -6 route add default via fd00:2::1
serve host hello
start_sluiced sluice

# The other side has the recipe, mirrored.
recipe "yaml evpn" | apply
recipe "frr evpn" >"$lab/sluice.conf"
sed 's/65001/AS1/; s/65002/65001/; s/AS1/65002/; s/172\.16\.0\.1/US/; s/172\.16\.0\.2/172.16.0.1/; s/US/172.16.0.2/
	s/10\.1\.0/10.0.2/; s/fd00:1:/fd00:2:/' "$lab/sluice.conf" >"$lab/remote.conf"
start_frr remote "$lab/remote.conf" zebra bgpd
start_frr sluice "$lab/sluice.conf" zebra bgpd
wait_for 30 "the type 5 route in the kernel" has_route sluice 10.0.2.0/24 'via 172.16.0.2 dev br5000 .*onlink'
wait_for 10 "the other side's" has_route remote 10.1.0.0/24 'via 172.16.0.1 dev br5000 .*onlink'
for network in 10.0.2.0/24 fd00:2::/64; do
	wait_for 10 "the route to $network" forwards "$network" evpn
done

# Both families through the tunnel, large answers too; and not by the kernel's devices.
sent=$(counter sluice vx5000 tx_packets)
equal "$(get client http://10.0.2.10/)" "hello 10.1.0.2" "the answer over IPv4"
equal "$(get client 'http://[fd00:2::10]/')" "hello fd00:1::2" "the answer over IPv6"
equal "$(at client curl -sS --max-time 30 http://10.0.2.10/1000000 | wc -c)" 1000015 "bytes of a large answer"
reply=$(at client ping -c 1 -W 3 10.0.2.10) || fail "ping: $reply"
[[ $reply == *"ttl=62"* ]] || fail "TTL of the reply: $reply" # two routers
# A bridge reports its multicast groups now and then.
[ "$(counter sluice vx5000 tx_packets)" -lt $((sent + 20)) ] || fail "the kernel's device has sent packets"

# Type 2: the other side has met its host, and announces it as one.
wait_for 10 "the host's route in the kernel" has_route sluice 10.0.2.10 'via 172.16.0.2 dev br5000'
wait_for 10 "Sluice's route to the host" forwards 10.0.2.10/32 evpn

# A second tenant between the same VTEPs. FRR has but one L3VNI where there are no VRF devices: what it would write for
# another is written by hand; on the other side an end of VNI 6000 answers.
segment sluice 6000 172.16.0.1 02:53:4c:00:00:01
ip -n "$(ns sluice)" neighbour add 172.16.0.2 lladdr 02:00:00:00:60:02 dev br6000 nud noarp extern_learn
at sluice bridge fdb add 02:00:00:00:60:02 dev vx6000 dst 172.16.0.2 self extern_learn
ip -n "$(ns sluice)" route add 10.7.0.0/24 via 172.16.0.2 dev br6000 onlink proto bgp table 1001
ip -n "$(ns remote)" link add vx6000 address 02:00:00:00:60:02 type vxlan id 6000 local 172.16.0.2 remote 172.16.0.1 \
	dstport 4789
ip -n "$(ns remote)" link set vx6000 up
address remote vx6000 10.7.0.1/24
apply <<'YAML'
vrf: {name: other, gateway_addresses: [{address: 10.7.0.254/24}]}
route_source: {name: other, vrf: other, table: 1001, underlay_vrf: underlay}
YAML
wait_for 10 "the second tenant's route" forwards 10.7.0.0/24 other
equal "$(show_json tunnel_endpoints '[.states[] | select(.programmed == "programmed")] | length')" 2 "endpoints"
at remote ping -c 1 -W 3 10.7.0.254 >"$lab/ping" || fail "the second tenant's gateway: $(cat "$lab/ping")"
equal "$(get client http://10.0.2.10/)" "hello 10.1.0.2" "the first tenant's answer beside it"
ctl delete route_source other -y >/dev/null
equal "$(get client http://10.0.2.10/)" "hello 10.1.0.2" "the first tenant's answer without it"

# The type 5 route goes, the host's stays.
configure remote "router bgp 65002" "address-family l2vpn evpn" "no advertise ipv4 unicast"
wait_for 10 "the withdrawal" gone 10.0.2.0/24
equal "$(get client http://10.0.2.10/)" "hello 10.1.0.2" "the answer by the host's route"

# Without an L3VNI the kernel has no route to the host, only a neighbour in its segment: Sluice is a gateway there.
apply <<<'vrf: {name: tenant, gateway_addresses: [{address: 10.0.2.254/24}]}'
configure sluice "no vni 5000"
wait_for 10 "the L3VNI's end" no_route sluice 10.0.2.10
wait_for 10 "the route into the segment" leads_to 10.0.2.10/32 "vni 100 mac $(mac host eth0)"
ip -n "$(ns host)" route add 10.1.0.0/24 via 10.0.2.254
equal "$(get client http://10.0.2.10/)" "hello 10.1.0.2" "the answer from the segment"
reply=$(at client ping -c 1 -W 3 10.0.2.10) || fail "ping: $reply"
[[ $reply == *"ttl=63"* ]] || fail "TTL of the reply: $reply" # one router: Sluice

# The host goes.
at host ip link set eth0 down
at remote ip neigh flush dev br100
wait_for 10 "the host's withdrawal" gone 10.0.2.10/32
before=$(reason no_route)
at client ping -c 3 -i 0.2 -W 1 10.0.2.10 >"$lab/ping" && fail "a host that is gone answers"
equal "$(reason no_route)" $((before + 3)) "packets dropped as no_route"
stop_sluiced
