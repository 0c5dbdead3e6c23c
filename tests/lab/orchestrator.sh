# shellcheck shell=bash
# shellcheck disable=SC2154 # variables of lib.sh, and vnf, which the test sets
# SPDX-License-Identifier: Apache-2.0
# The lab of sluice-orch's tests: a VNF between a client and a server, with a chain for packets to the server.
#
#   client 10.1.0.2 --- port1 10.1.0.1  VNF  10.9.0.1 port2 --- br-up (in `host`) --- server 10.9.0.2
#                                        |
#                       stages, the first one fw (nftables), on the ports that follow
#
# The test says how the client gets to port1, and defines vnf_ctl: sluicectl with the VNF's server.

# shellcheck disable=SC2034 # the test's
spec=$lab/vnf.yaml

# All of a VNF but its namespaces is in the namespace `host`. ip netns exec would hide the ones made in it.
in_host() { nsenter --net="/run/netns/$(ns host)" "$@"; }
orch() { in_host "$build/orchestration/sluice-orch" "$@"; }
# orch_spawn NAME ARGUMENT...: until stop NAME.
orch_spawn() {
	local name=$1
	shift
	(exec nsenter --net="/run/netns/$(ns host)" "$build/orchestration/sluice-orch" "$@") >"$lab/$name.log" 2>&1 &
	echo $! >"$lab/$name.pid"
	undo+=("stop $name")
}

add_bridge() {
	ip -n "$(ns host)" link add "$1" type bridge
	ip -n "$(ns host)" link set "$1" up
}

# join BRIDGE NS ADDRESS GATEWAY: a namespace on a bridge.
join() {
	add_link host "to-$2" "$2" eth0
	ip -n "$(ns host)" link set "to-$2" master "$1"
	address "$2" eth0 "$3"
	ip -n "$(ns "$2")" route add default via "$4"
}

# write_day0 STAGE...: beside the spec, with the firewall's rules.
write_day0() {
	local stage port=3 pairs='' groups='' names='' ports=''
	for stage in "$@"; do
		ports+="  - {name: $stage-in, device: port$port, vrf: x}"$'\n'
		ports+="  - {name: $stage-out, device: port$((port + 1)), vrf: x}"$'\n'
		pairs+="  - {name: $stage, ingress: $stage-in, egress: $stage-out}"$'\n'
		groups+="  - {name: $stage, port_pairs: [$stage]}"$'\n'
		names+="${names:+, }$stage"
		port=$((port + 2))
	done
	cat >"$lab/day0.yaml" <<-YAML
		vrf: [{name: x}]
		interface:
		  - {name: cl, device: port1, vrf: x}
		  - {name: up, device: port2, vrf: x}
		${ports%$'\n'}
		$(ends_yaml cl up)
		port_pair:
		${pairs%$'\n'}
		port_pair_group:
		${groups%$'\n'}
		flow_classifier: [{name: web, vrf: x, destination_prefix: 10.9.0.0/24}]
		port_chain: [{name: web, flow_classifiers: [web], port_pair_groups: [$names], symmetric: true}]
	YAML
	cat >"$lab/fw.nft" <<-'NFT'
		table bridge filter {
			chain forward {
				type filter hook forward priority 0; policy accept;
				icmp type echo-request counter
			}
		}
	NFT
}

answers() { [ "$(get client http://10.9.0.2/)" = "hello 10.1.0.2" ]; }
ready() { orch status "$vnf" >"$lab/status" 2>"$lab/status.err"; }
# instances FILTER: of the status in JSON, a list.
instances() { orch status "$vnf" -o json 2>/dev/null | jq -r "$1"; }

# Pings go through every stage, and the firewall of the instance $1 counts them.
goes_through_stages() {
	local instance=$1 stage through
	shift
	at client ping -c 3 -i 0.2 -W 5 10.9.0.2 >"$lab/ping" || fail "no ping through the chain: $(cat "$lab/ping")"
	for stage in "$@"; do
		through=$(nsenter --net="/run/netns/sluice-$instance.$stage" ip -j -s link show in | jq '.[0].stats64.rx.packets')
		[ "$through" -gt 5 ] || fail "stage $stage saw $through packets"
	done
	equal "$(nsenter --net="/run/netns/sluice-$instance.fw" nft -j list table bridge filter |
		jq '[.nftables[].rule? | .expr[]?.counter?.packets // empty] | add')" 3 "pings that the firewall saw"
}

# Adds a route to the prefix $1, of another owner, which heals and upgrades have to keep.
add_route() {
	printf 'route: [{vrf: x, prefix: %s, next_hop_group: server}]\n' "$1" >"$lab/more.yaml"
	vnf_ctl --owner controller apply -y -f "$lab/more.yaml" >"$lab/apply" 2>&1 || fail "$(cat "$lab/apply")"
}
kept() {
	[ "$(vnf_ctl show routes -o json | jq -r ".states[] | select(.key == \"x/$1\") | .owner")" = controller ] &&
		[ "$(vnf_ctl show vrfs -o json | jq -r '.states[0].owner')" = day0 ]
}
