#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sluice-orch with driver libvirt: one real life on qemu:///system. Up, traffic through the guest's XDP and a chain of two
# stages on the host; the guest's sluiced killed, QEMU killed, an upgrade, down; nothing is left.
#
#   client 10.1.0.2 --- br-cl --- NIC 2: port1 10.1.0.1  VM  port2 10.9.0.1: NIC 3 --- br-up --- server 10.9.0.2
#   the orchestrator, in `host`: br-mgmt 10.98.0.1 --- NIC 1 10.98.0.2 (gRPC); NICs 4 to 7: the stages fw and plain
#
# The script runs in a mount namespace of its own, where libvirtd and the namespaces that are made are nobody else's.
[ -n "${SLUICE_OWN_MOUNTS:-}" ] || SLUICE_OWN_MOUNTS=1 exec unshare --mount --propagation private "$0" "$@"
. "$(dirname "$0")/../lab/lib.sh"
. "$(dirname "$0")/libvirtd.sh"
. "$(dirname "$0")/certificates.sh"
if [ -n "${SLUICE_IMAGE:-}" ]; then
	image=$SLUICE_IMAGE
else
	. "$(dirname "$0")/image.sh"
	need_image
fi

vnf=m$$
spec=$lab/vnf.yaml
orch() { nsenter --net="/run/netns/$(ns host)" "$build/orchestration/sluice-orch" "$@"; }
address_now() { orch status "$vnf" -o json 2>/dev/null | jq -r '.[0].server'; }
tls=(--tls-ca "$lab/tls/authority.crt" --tls-cert "$lab/tls/controller.crt" --tls-key "$lab/tls/controller.key")
vm_ctl() { nsenter --net="/run/netns/$(ns host)" "$sluicectl" --server "$(address_now)" "${tls[@]}" "$@"; }
agent() { virsh -c qemu:///system qemu-agent-command "$1" "$2"; }
undo+=("orch down $vnf")

answers() { [ "$(get client http://10.9.0.2/)" = "hello 10.1.0.2" ]; }
ready() { orch status "$vnf" >"$lab/status" 2>"$lab/status.err"; }
kept() {
	[ "$(vm_ctl show routes -o json | jq -r '.states[] | select(.key == "x/10.50.0.0/16") | .owner')" = controller ] &&
		[ "$(vm_ctl show vrfs -o json | jq -r '.states[0].owner')" = day0 ]
}
left() {
	virsh -c qemu:///system list --all --name | grep "^$vnf-"
	ip netns list | grep -o "^sluice-$vnf-[^ ]*"
	ip -n "$(ns host)" -o link show type tun | cut -d ' ' -f 2
	find "$lab/disks" /run/sluice-orch -name "$vnf-*" 2>/dev/null
}

# Taps, bridges and the stages' ends are in `host`.
add_ns host client server
for bridge in mgmt cl up; do
	ip -n "$(ns host)" link add "br-$bridge" type bridge
	ip -n "$(ns host)" link set "br-$bridge" up
done
address host br-mgmt 10.98.0.1/24
add_link host to-client client eth0
add_link host to-server server eth0
ip -n "$(ns host)" link set to-client master br-cl
ip -n "$(ns host)" link set to-server master br-up
address client eth0 10.1.0.2/24
address server eth0 10.9.0.2/24
ip -n "$(ns client)" route add default via 10.1.0.1
ip -n "$(ns server)" route add default via 10.9.0.1
serve server hello
make_certificates 10.98.0.2 10.98.0.3
mkdir "$lab/disks"
cat >"$spec" <<YAML
name: $vnf
driver: libvirt
image: $image
vcpus: 2
memory: 1024MiB
accelerator: tcg
storage: $lab/disks
day0: day0.yaml
management: {bridge: br-mgmt, addresses: [10.98.0.2/24, 10.98.0.3/24]}
tls:
  ca: tls/authority.crt
  certificate: tls/controller.crt
  key: tls/controller.key
  server: {certificate: tls/server.crt, key: tls/server.key}
dataplane:
  - {name: cl, bridge: br-cl, addresses: [10.1.0.1/24]}
  - {name: up, bridge: br-up, addresses: [10.9.0.1/24]}
chain:
  - {name: fw, setup: [nft, -f, fw.nft]}
  - {name: plain}
YAML
cat >"$lab/fw.nft" <<'NFT'
table bridge filter {
	chain forward {
		type filter hook forward priority 0; policy accept;
		tcp dport 8081 drop
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
next_hop:
  - {name: client, gateway: {interface: cl, address: 10.1.0.2}}
  - {name: server, gateway: {interface: up, address: 10.9.0.2}}
next_hop_group:
  - {name: client, members: [{next_hop: client}]}
  - {name: server, members: [{next_hop: server}]}
route:
  - {vrf: x, prefix: 10.1.0.0/24, next_hop_group: client}
  - {vrf: x, prefix: 10.9.0.0/24, next_hop_group: server}
port_pair: [{name: fw, ingress: fw-in, egress: fw-out}, {name: plain, ingress: plain-in, egress: plain-out}]
port_pair_group: [{name: fw, port_pairs: [fw]}, {name: plain, port_pairs: [plain]}]
flow_classifier: [{name: web, vrf: x, destination_prefix: 10.9.0.0/24}]
port_chain: [{name: web, flow_classifiers: [web], port_pair_groups: [fw, plain], symmetric: true}]
YAML
start_libvirtd host

orch up -f "$spec" >"$lab/up" 2>&1 || fail "up: $(cat "$lab/up")"
cat "$lab/up"
ready || fail "not ready after up: $(cat "$lab/status")"
wait_for 30 "traffic" answers
for stage in fw plain; do
	through=$(nsenter --net="/run/netns/sluice-$vnf-0a.$stage" ip -j -s link show in | jq '.[0].stats64.rx.packets')
	[ "$through" -gt 5 ] || fail "stage $stage saw $through packets"
done
orch up -f "$spec" >"$lab/up" 2>&1 || fail "second up: $(cat "$lab/up")"
grep -q "$vnf-0a .*is up already" "$lab/up" || fail "a second up did something: $(cat "$lab/up")"
printf 'route: [{vrf: x, prefix: 10.50.0.0/16, next_hop_group: server}]\n' >"$lab/more.yaml"
vm_ctl --owner controller apply -y -f "$lab/more.yaml" >"$lab/apply" 2>&1 || fail "$(cat "$lab/apply")"

(exec nsenter --net="/run/netns/$(ns host)" "$build/orchestration/sluice-orch" heal -f "$spec") >"$lab/heal.log" 2>&1 &
echo $! >"$lab/heal.pid"
undo+=("stop heal")
wait_for 20 "heal to have read the configuration" grep -q 'read revision 2' "$lab/heal.log"

# The guest's own service manager starts sluiced again, empty; heal gives it back what it had.
agent "$vnf-0a" '{"execute": "guest-exec", "arguments": {"path": "pkill", "arg": ["-KILL", "-x", "sluiced"]}}' \
	>"$lab/agent" || fail "the guest's agent does not answer"
wait_for 60 "the configuration in the new sluiced" grep -q 'applied again' "$lab/heal.log"
kept || fail "the configuration did not come back"
wait_for 30 "traffic after sluiced was killed" answers
echo "sluiced killed in the guest: $(grep -o '[0-9]* resources applied again' "$lab/heal.log")"

kill -KILL "$(cat "/run/libvirt/qemu/$vnf-0a.pid")"
wait_for 20 "heal to see QEMU's end" grep -q 'it ended' "$lab/heal.log"
wait_for 240 "the VM to serve again" grep -q 'serves again' "$lab/heal.log"
grep -o 'serves again after .*' "$lab/heal.log"
wait_for 30 "the VM to be ready" ready
kept || fail "the configuration did not come back after QEMU was killed"
wait_for 30 "traffic after QEMU was killed" answers
stop heal || fail "heal ended with status $?: $(cat "$lab/heal.log")"

cp --reflink=auto "$image" "$lab/second.qcow2"
orch upgrade -f "$spec" --image "$lab/second.qcow2" >"$lab/upgrade" 2>&1 || fail "upgrade: $(cat "$lab/upgrade")"
cat "$lab/upgrade"
ready || fail "not ready after the upgrade: $(cat "$lab/status")"
equal "$(orch status "$vnf" -o json | jq -r '.[] | .instance + " " + .image')" "$vnf-0b $lab/second.qcow2" "what runs"
kept || fail "the upgrade lost configuration"
wait_for 30 "traffic after the upgrade" answers

orch down "$vnf" >"$lab/down" 2>&1 || fail "down: $(cat "$lab/down")"
cat "$lab/down"
[ -z "$(left)" ] || fail "left behind: $(left)"
