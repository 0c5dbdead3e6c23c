#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Services: what a packet of a known flow costs beside Katran's balancer program, new connections a second beside
# HAProxy in TCP mode and nftables' dnat, and packets a second beside what is only routed. JSON rows on stdout.
#
#   gen-X: g0 --- in0 10.0.0.1 : X : out0 10.255.0.1 --- s0 : sink-X, ten members 10.255.0.11 to .20
#
# with X sluice, nft (numgen), jhash and haproxy, and the same VIP 203.0.113.1, port 80, in each. KATRAN_OBJECT is
# Katran's balancer.bpf.o, built from its own source; IPVS takes no part: this kernel has none.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
tools=$build/tests/bench
vip=203.0.113.1
members=$(seq -s ' ' 11 20)
for tool in service_packet service_connections policy_traffic; do
	[ -x "$tools/bench_$tool" ] || fail "there is no $tools/bench_$tool: build it, or set SLUICE_BUILD"
done
subjects=(sluice nft jhash)
if command -v haproxy >/dev/null; then
	subjects+=(haproxy)
else
	say "haproxy takes no part: it is not installed"
fi

# balancer NAME: the namespace with clients on one side and members on the other; only their devices take part.
balancer() {
	local name=$1 member
	add_ns "$name" "gen-$name" "sink-$name"
	add_link "gen-$name" g0 "$name" in0
	add_link "$name" out0 "sink-$name" s0
	# A veth takes redirected frames only where its peer has XDP or GRO.
	at "$name" ethtool -K in0 gro on >/dev/null
	at "$name" ethtool -K out0 gro on >/dev/null
	at "gen-$name" ethtool -K g0 gro on >/dev/null
	at "sink-$name" ethtool -K s0 gro on >/dev/null
	address "$name" in0 10.0.0.1/24
	address "$name" out0 10.255.0.1/24
	ip -n "$(ns "$name")" neighbour add 10.0.0.2 lladdr "$(mac "gen-$name" g0)" dev in0
	for member in $members 2; do
		ip -n "$(ns "$name")" neighbour add "10.255.0.$member" lladdr "$(mac "sink-$name" s0)" dev out0
	done
}

# kernel NAME: one that routes as the kernel does; clients are in 10.0.0.0/16.
kernel() {
	balancer "$1"
	at "$1" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.in0.rp_filter=0 net.ipv4.conf.out0.rp_filter=0
	ip -n "$(ns "$1")" route add 10.0.0.0/16 via 10.0.0.2
}

# dnat NAME EXPRESSION: nftables' map of ten members, by a number of 0 to 9.
dnat() {
	kernel "$1"
	at "$1" sysctl -qw net.netfilter.nf_conntrack_checksum=0
	at "$1" nft -f - <<-RULES
		table ip balancer {
			chain arrive {
				type nat hook prerouting priority dstnat;
				ip daddr $vip tcp dport 80 dnat to $2 map {
					$(number=0 && for member in $members; do printf '%s : 10.255.0.%s, ' $((number++)) "$member"; done)
				}
			}
		}
	RULES
}

start_haproxy() {
	local member
	kernel haproxy
	address haproxy lo $vip/32
	at haproxy sysctl -qw net.core.somaxconn=65535 net.ipv4.tcp_max_syn_backlog=65535 net.ipv4.tcp_max_tw_buckets=16 \
		net.ipv4.ip_local_port_range='1024 65535'
	{
		printf '%s\n' global 'nbthread 1' 'maxconn 8000' defaults 'mode tcp' 'timeout connect 5s' 'timeout client 5s' \
			'timeout server 5s' 'option nolinger' "listen service" "bind $vip:80 backlog 65535" 'balance roundrobin'
		for member in $members; do echo "server m$member 10.255.0.$member:80"; done
	} >"$lab/haproxy.cfg"
	spawn haproxy haproxy taskset -c $(($(nproc) - 1)) haproxy -db -f "$lab/haproxy.cfg"
	haproxy_listens() { at haproxy ss -Hltn | grep -q "$vip:80"; }
	wait_for 10 haproxy haproxy_listens
}

# VIPs: .1 translates, .2 goes to members' MACs, .3 in VXLAN.
start_sluice() {
	local member
	balancer sluice
	add_link sluice under0 sink-sluice s1 1600
	at sink-sluice ethtool -K s1 gro on >/dev/null
	address sluice under0 172.16.0.1/24
	ip -n "$(ns sluice)" neighbour add 172.16.0.2 lladdr "$(mac sink-sluice s1)" dev under0
	printf 'limits: {profile: internet}\ndataplane: {xdp: always}\n' >"$lab/sluice.yaml"
	start_sluiced sluice --config "$lab/sluice.yaml"
	{
		cat <<-YAML
			vrf: [{name: x}, {name: underlay}]
			interface: [{name: in0, vrf: x}, {name: out0, vrf: x}, {name: under0, vrf: underlay}]
			next_hop:
			  - {name: client, gateway: {interface: in0, address: 10.0.0.2}}
			  - {name: server, gateway: {interface: out0, address: 10.255.0.2}}
			  - {name: tunnelled, tunnel: {tunnel_endpoint: vtep, vni: 7, mac: "02:00:00:00:00:0a"}}
			next_hop_group:
			  - {name: client, members: [{next_hop: client}]}
			  - {name: server, members: [{next_hop: server}]}
			  - {name: tunnelled, members: [{next_hop: tunnelled}]}
			tunnel_endpoint:
			  - {name: vtep, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.2, underlay_vrf: underlay,
			     vni_bindings: [{vni: 7, vrf: x}]}
			route:
			  - {vrf: x, prefix: 10.0.0.0/16, next_hop_group: client}
			  - {vrf: x, prefix: 198.51.100.0/24, next_hop_group: server}
			load_balancer:
			  - {name: dnat, vrf: x, vip_address: 203.0.113.1}
			  - {name: direct, vrf: x, vip_address: 203.0.113.2}
			  - {name: vxlan, vrf: x, vip_address: 203.0.113.3}
			pool:
			  - {name: dnat, vrf: x}
			  - {name: direct, vrf: x, forwarding: direct}
			  - {name: vxlan, vrf: x, forwarding: direct}
			listener:
			  - {name: dnat, load_balancer: dnat, protocol: tcp, ports: {first: 80}, pools: [{pool: dnat}]}
			  - {name: direct, load_balancer: direct, protocol: tcp, ports: {first: 80}, pools: [{pool: direct}]}
			  - {name: vxlan, load_balancer: vxlan, protocol: tcp, ports: {first: 80}, pools: [{pool: vxlan}]}
			member:
		YAML
		for member in $members; do
			echo "  - {name: dnat-$member, pool: dnat, address: 10.255.0.$member, port: 80}"
			echo "  - {name: direct-$member, pool: direct, address: 10.255.0.$member}"
			echo "  - {name: vxlan-$member, pool: vxlan, address: 10.255.0.$member, next_hop_group: tunnelled}"
		done
	} | apply
	wait_for 20 "the next hops" programmed next_hops
}

# The one that is measured last is not the one that is always measured last.
connections() {
	local subject round gateway milliseconds=500 ratio
	[ -z "$quick" ] || milliseconds=200
	for ((round = 0; round < rounds; round++)); do
		for subject in "${subjects[@]}"; do
			gateway=$(mac "$subject" in0)
			"$tools/bench_service_connections" "$(ns "gen-$subject")" "$(ns "sink-$subject")" "$gateway" $vip 80 256 \
				$milliseconds >"$lab/rate" || fail "bench_service_connections: $subject"
			say "connections, $subject: $(cat "$lab/rate")"
			jq -e '.completed > 0 and .lost < 64' "$lab/rate" >/dev/null || fail "$subject: $(cat "$lab/rate")"
			jq .rate "$lab/rate" >>"$lab/rates-$subject"
			case $subject in
			sluice) ctl delete connections --all >/dev/null ;;
			nft | jhash) at "$subject" conntrack -F 2>/dev/null ;;
			esac
		done
	done
	for subject in "${subjects[@]}"; do
		row service "new connections" "$subject" "$(median <"$lab/rates-$subject")" connections/s
		[ "$subject" != sluice ] || continue
		ratio=$(paste "$lab/rates-sluice" "$lab/rates-$subject" | awk '{ print $1 / $2 }' | median)
		row service "new connections, sluice over" "$subject" "$ratio" x
	done
}

packets() {
	local repeat=1000000
	[ -z "$quick" ] || repeat=40000
	"$tools/bench_service_packet" "$(ns sluice)" in0 "$(mac sluice in0)" $repeat "$rounds" 80 \
		"$(for member in $members; do printf '10.255.0.%s,' "$member"; done)" \
		routed=198.51.100.1 dnat=203.0.113.1 direct=203.0.113.2 vxlan=203.0.113.3 katran=203.0.113.1 ||
		fail bench_service_packet
}

start_sluice
dnat nft 'numgen inc mod 10'
dnat jhash 'jhash ip saddr . tcp sport mod 10'
[[ " ${subjects[*]} " != *" haproxy "* ]] || start_haproxy
packets
connections
"$here/service.py" "$prefix" "$sluicectl" "unix:$lab/sluice.sock" "$tools" "$rounds" "$lab" || fail service.py
