#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A pod's port comes and goes by Debian's CNI plugins host-device, ptp and bridge, called by hand, while the container of
# Sluice runs in the pod: ADD, traffic, DEL, again, and nothing is left.
. "$(dirname "$0")/../lab/lib.sh"
. "$(dirname "$0")/container.sh"
. "$(dirname "$0")/cni.sh"

have_image
cni_lab

# --- host-device: a NIC of the node, with XDP in its driver ---

client=client address=10.1.0.2
address client eth0 10.1.0.2/24
ip -n "$(ns client)" route add default via 10.1.0.1
at client ethtool -K eth0 tx off gro on >/dev/null # as a NIC of its own would
at server ethtool -K eth0 tx off gro on >/dev/null
host_device='{"device": "eth1", "ipam": {"type": "static", "addresses": [{"address": "10.1.0.1/24"}]}}'
add() {
	cni ADD host-device sluice net1 <<<"$host_device"
	equal "$(jq -r '.ips[0].address' "$lab/cni.json")" 10.1.0.1/24 "what host-device answers"
}
del() {
	cni DEL host-device sluice net1 <<<"$host_device"
	ip -n "$(ns node)" link set eth1 up
}
through host-device always

# --- ptp: the node is the client ---

client=node address=10.1.0.1
ptp='{"ipam": {"type": "host-local", "dataDir": "'$lab/ipam'", "subnet": "10.1.0.0/24", "rangeStart": "10.1.0.9", "gateway": "10.1.0.1"}}'
add() {
	cni ADD ptp sluice net1 <<<"$ptp"
	ip -n "$(ns node)" route replace 10.9.0.0/24 via "$(jq -r '.ips[0].address' "$lab/cni.json" | cut -d / -f 1)" \
		dev "$(jq -r '.interfaces[0].name' "$lab/cni.json")" onlink
}
del() { cni DEL ptp sluice net1 <<<"$ptp"; }
through ptp auto

# --- bridge: the client is another pod of it ---

client=client address=10.1.0.2
ip -n "$(ns client)" address flush dev eth0
bridge() {
	printf '{"bridge": "tenant0", "ipam": {"type": "static", "addresses": [{"address": "%s"}], "routes": %s}}' "$1" "$2"
}
routes='[{"dst": "10.9.0.0/24", "gw": "10.1.0.1"}]'
cni ADD bridge client net1 < <(bridge 10.1.0.2/24 "$routes")
add() {
	cni ADD bridge sluice net1 < <(bridge 10.1.0.1/24 '[]')
	ip -n "$(ns client)" neigh flush dev net1 # it has another MAC each time
}
del() { cni DEL bridge sluice net1 < <(bridge 10.1.0.1/24 '[]'); }
through bridge auto
cni DEL bridge client net1 < <(bridge 10.1.0.2/24 "$routes")
