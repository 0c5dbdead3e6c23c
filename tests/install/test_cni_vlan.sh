#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A pod's port is a VLAN of the node's NIC, by Debian's CNI plugin vlan, called by hand while the container of Sluice runs.
. "$(dirname "$0")/../lab/lib.sh"
. "$(dirname "$0")/container.sh"
. "$(dirname "$0")/cni.sh"

add_ns probe
ip -n "$(ns probe)" link add link lo name vlan20 type vlan id 20 2>/dev/null || skip "this kernel has no VLAN devices"
have_image
cni_lab
client=client address=10.1.0.2
ip -n "$(ns client)" link add link eth0 name vlan20 type vlan id 20
ip -n "$(ns client)" link set vlan20 up
address client vlan20 10.1.0.2/24
ip -n "$(ns client)" route add default via 10.1.0.1
vlan='{"master": "eth1", "vlanId": 20, "ipam": {"type": "static", "addresses": [{"address": "10.1.0.1/24"}]}}'
add() { cni ADD vlan sluice net1 <<<"$vlan"; }
del() { cni DEL vlan sluice net1 <<<"$vlan"; }
through vlan auto
