#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sluice-orch with driver netns: a chain of three stages up in seconds and passing traffic; up again changes nothing; it
# heals, scales, upgrades; what is interrupted, fails or dies half-way leaves nothing that stays.
#
#   client 10.1.0.2 --- (link) port1 10.1.0.1  VNF  10.9.0.1 port2 --- br-up (in `host`) --- server 10.9.0.2
#                                               |
#                            fw (nftables) - bridge - own (a command of its own)
. "$(dirname "$0")/lib.sh"

vnf=v$$
spec=$lab/vnf.yaml
run=/run/sluice-orch

# All of it but the VNF's namespaces is in the namespace `host`. ip netns exec would hide the ones made in it.
orch() { nsenter --net="/run/netns/$(ns host)" "$build/orchestration/sluice-orch" "$@"; }
# orch_spawn NAME ARGUMENT...: until stop NAME.
orch_spawn() {
	local name=$1
	shift
	(exec nsenter --net="/run/netns/$(ns host)" "$build/orchestration/sluice-orch" "$@") >"$lab/$name.log" 2>&1 &
	echo $! >"$lab/$name.pid"
	undo+=("stop $name")
}
vnf_ctl() { "$sluicectl" --server "unix:$run/$vnf-0.sock" "$@"; }
undo+=("orch down $vnf")

left() {
	ip netns list | grep -o "^sluice-$vnf-[^ ]*"
	ip -n "$(ns host)" -o link show | grep -o " $vnf-[^:@]*"
	find "$run" -maxdepth 1 -name "$vnf-*" 2>/dev/null
	grep -lzs "^SLUICE_ORCH=$vnf-" /proc/[0-9]*/environ
}
nothing_left() { [ -z "$(left)" ] || fail "$1 left behind: $(left)"; }
answers() { [ "$(get client http://10.9.0.2/)" = "hello 10.1.0.2" ]; }
ready() { orch status "$vnf" >"$lab/status" 2>"$lab/status.err"; }
# pid MARK: of the process with it. Processes that end meanwhile make grep fail.
pid_of() { { grep -lzs "^SLUICE_ORCH=$1$" /proc/[0-9]*/environ || :; } | tr -dc 0-9; }
daemon_pid() { pid_of "$vnf-0[ab]"; }

write_spec() {
	cat >"$spec" <<-YAML
		name: $vnf
		day0: day0.yaml
		dataplane:
		  - {name: cl, addresses: [10.1.0.1/24, 10.1.0.11/24]}
		  - {name: up, bridge: br-up, addresses: [10.9.0.1/24, 10.9.0.11/24]}
		chain:
		  - {name: fw, setup: [${1:-nft, -f, fw.nft}]}
		  - {name: plain}
		  - name: own
		    command:
		      - sh
		      - -c
		      - ip link add own type bridge forward_delay 0; ip link set in master own; ip link set out master own;
		        ip link set own up; exec sleep infinity
	YAML
}

# The client's end of the link, as an operator would take it.
connect_client() {
	ip -n "$(ns host)" link set "$vnf-0-cl" netns "$(ns client)" name eth0
	address client eth0 10.1.0.2/24
	ip -n "$(ns client)" link set eth0 up
	ip -n "$(ns client)" route add default via 10.1.0.1
	wait_for 30 "the next hops" resolved
	wait_for 10 "traffic" answers
}
resolved() { vnf_ctl show next_hops -o json | jq -e '[.states[].programmed] | all(. == "programmed")'; }

add_ns host client server
ip -n "$(ns host)" link add br-up type bridge
ip -n "$(ns host)" link set br-up up
add_link host to-server server eth0
ip -n "$(ns host)" link set to-server master br-up
address server eth0 10.9.0.2/24
ip -n "$(ns server)" route add default via 10.9.0.1
serve server hello
cat >"$lab/fw.nft" <<'NFT'
table bridge filter {
	chain forward {
		type filter hook forward priority 0; policy accept;
		icmp type echo-request counter comment "seen"
	}
}
NFT
cat >"$lab/day0.yaml" <<'YAML'
vrf: [{name: x}]
interface:
  - {name: cl, device: port1, vrf: x}
  - {name: up, device: port2, vrf: x}
  - {name: fw-in, device: port3, vrf: x}
  - {name: fw-out, device: port4, vrf: x}
  - {name: plain-in, device: port5, vrf: x}
  - {name: plain-out, device: port6, vrf: x}
  - {name: own-in, device: port7, vrf: x}
  - {name: own-out, device: port8, vrf: x}
next_hop:
  - {name: client, gateway: {interface: cl, address: 10.1.0.2}}
  - {name: server, gateway: {interface: up, address: 10.9.0.2}}
next_hop_group:
  - {name: client, members: [{next_hop: client}]}
  - {name: server, members: [{next_hop: server}]}
route:
  - {vrf: x, prefix: 10.1.0.0/24, next_hop_group: client}
  - {vrf: x, prefix: 10.9.0.0/24, next_hop_group: server}
port_pair:
  - {name: fw, ingress: fw-in, egress: fw-out}
  - {name: plain, ingress: plain-in, egress: plain-out}
  - {name: own, ingress: own-in, egress: own-out}
port_pair_group: [{name: fw, port_pairs: [fw]}, {name: plain, port_pairs: [plain]}, {name: own, port_pairs: [own]}]
flow_classifier: [{name: web, vrf: x, destination_prefix: 10.9.0.0/24}]
port_chain: [{name: web, flow_classifiers: [web], port_pair_groups: [fw, plain, own], symmetric: true}]
YAML

# What fails takes back what it made.
write_spec "false"
orch up -f "$spec" >"$lab/up" 2>&1 && fail "up succeeded although a stage's setup failed"
grep -q '^error: false: failed with status 1$' "$lab/up" || fail "the failure is not told: $(cat "$lab/up")"
nothing_left "an up that failed"

# So does what is interrupted; what cannot, since it was killed, is found by down.
write_spec "sleep, 25"
for signal in INT KILL; do
	orch_spawn up up -f "$spec"
	wait_for 10 "the first stage" test -e "/run/netns/sluice-$vnf-0a.fw"
	stop up "$signal" && fail "up succeeded although it was interrupted"
	[ $signal = KILL ] || nothing_left "an up that was interrupted"
done
[ -n "$(left)" ] || fail "an up that was killed left nothing: it was not half-way"
orch down "$vnf" >"$lab/down" 2>&1 || fail "down after a crash: $(cat "$lab/down")"
nothing_left "down after a crash"

# Up, fast, and then traffic.
write_spec
start=$(date +%s%N)
orch up -f "$spec" >"$lab/up" 2>&1 || fail "up: $(cat "$lab/up")"
took=$((($(date +%s%N) - start) / 1000000))
cat "$lab/up"
[ $took -lt 5000 ] || fail "up took $took ms"
ready || fail "not ready after up: $(cat "$lab/status")"
connect_client
at client ping -c 3 -i 0.2 -W 1 10.9.0.2 >"$lab/ping" || fail "no ping through the chain: $(cat "$lab/ping")"
for stage in fw plain own; do
	through=$(nsenter --net="/run/netns/sluice-$vnf-0a.$stage" ip -j -s link show in | jq '.[0].stats64.rx.packets')
	[ "$through" -gt 5 ] || fail "stage $stage saw $through packets"
done
seen=$(nsenter --net="/run/netns/sluice-$vnf-0a.fw" nft -j list table bridge filter |
	jq '[.nftables[].rule? | .expr[]?.counter?.packets // empty] | add')
equal "$seen" 3 "pings that the firewall saw"

# Again: nothing changes.
pid=$(daemon_pid)
orch up -f "$spec" >"$lab/up" 2>&1 || fail "second up: $(cat "$lab/up")"
equal "$(daemon_pid)" "$pid" "sluiced after a second up"
orch status "$vnf" -o json 2>/dev/null | jq -e '.[0].ready and (.[0].stages | length == 3 and all(.up))' >/dev/null ||
	fail "status: $(orch status "$vnf" -o json)"

# A controller's own configuration is part of what heals and upgrades keep.
printf 'route: [{vrf: x, prefix: 10.50.0.0/16, next_hop_group: server}]\n' >"$lab/more.yaml"
vnf_ctl --owner controller apply -y -f "$lab/more.yaml" >"$lab/apply" 2>&1 || fail "$(cat "$lab/apply")"
kept() {
	[ "$(vnf_ctl show routes -o json | jq -r '.states[] | select(.key == "x/10.50.0.0/16") | .owner')" = controller ] &&
		[ "$(vnf_ctl show vrfs -o json | jq -r '.states[0].owner')" = day0 ]
}
kept || fail "the controller's route is not there"

orch_spawn heal heal -f "$spec"
wait_for 10 "heal to watch" grep -q "watching $vnf" "$lab/heal.log"
has_copy() { orch status "$vnf" -o json 2>/dev/null | jq -e '.[0].revision == 2' >/dev/null; }
wait_for 10 "the second revision" has_copy
wait_for 10 "heal to have read it" grep -q 'read revision 2' "$lab/heal.log"
kill -KILL "$(daemon_pid)"
wait_for 30 "sluiced to be started again" grep -q 'serves again' "$lab/heal.log"
ready || fail "not ready after healing: $(cat "$lab/status" "$lab/heal.log")"
kept || fail "the configuration did not come back: $(cat "$lab/heal.log")"
wait_for 10 "traffic after healing" answers
kill -KILL "$(pid_of "$vnf-0a.own")"
wait_for 10 "the stage's end to be seen" grep -q 'stage own: its command has ended' "$lab/heal.log"
wait_for 30 "the stage's return" ready
wait_for 10 "traffic after the stage's return" answers
stop heal || fail "heal ended with status $?: $(cat "$lab/heal.log")"

# Two, and one again; the first is not touched.
pid=$(daemon_pid)
orch scale 2 -f "$spec" >"$lab/scale" 2>&1 || fail "scale 2: $(cat "$lab/scale")"
equal "$(orch status "$vnf" -o json 2>/dev/null | jq '[.[] | select(.ready)] | length')" 2 "replicas that are ready"
orch scale 3 -f "$spec" >"$lab/scale" 2>&1 && fail "scale 3 with addresses for two"
orch scale 1 -f "$spec" >"$lab/scale" 2>&1 || fail "scale 1: $(cat "$lab/scale")"
equal "$(orch status "$vnf" -o json 2>/dev/null | jq length)" 1 "replicas after scaling in"
equal "$(daemon_pid)" "$pid" "the first replica's sluiced after scaling"

# Another sluiced, with the configuration of the first; one that cannot run changes nothing.
printf '#!/bin/sh\necho not today >&2\nexit 1\n' >"$lab/broken"
chmod 755 "$lab/broken"
orch upgrade -f "$spec" --image "$lab/broken" >"$lab/upgrade" 2>&1 && fail "upgraded to what cannot run"
grep -q 'ended before it served: not today' "$lab/upgrade" || fail "the failure is not told: $(cat "$lab/upgrade")"
equal "$(daemon_pid)" "$pid" "sluiced after an upgrade that failed"
answers || fail "no traffic after an upgrade that failed"
ln "$sluiced" "$lab/sluiced-2" 2>/dev/null || cp "$sluiced" "$lab/sluiced-2"
orch upgrade -f "$spec" --image "$lab/sluiced-2" >"$lab/upgrade" 2>&1 || fail "upgrade: $(cat "$lab/upgrade")"
cat "$lab/upgrade"
[ "$(readlink "/proc/$(daemon_pid)/exe")" = "$lab/sluiced-2" ] || fail "the upgrade did not change what runs"
ready || fail "not ready after the upgrade: $(cat "$lab/status")"
kept || fail "the upgrade lost configuration"
wait_for 10 "traffic after the upgrade" answers
equal "$(orch status "$vnf" -o json 2>/dev/null | jq -r '.[].instance')" "$vnf-0b" "instances after the upgrade"

orch down "$vnf" >"$lab/down" 2>&1 || fail "down: $(cat "$lab/down")"
nothing_left "down"
orch down "$vnf" >"$lab/down" 2>&1 || fail "a second down: $(cat "$lab/down")"
