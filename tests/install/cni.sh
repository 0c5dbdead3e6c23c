# shellcheck shell=bash
# shellcheck disable=SC2154 # variables are lib.sh's and container.sh's
# SPDX-License-Identifier: Apache-2.0
# A pod's interfaces by Debian's CNI plugins, called as a container runtime calls them. Source it after container.sh.
plugins=/usr/lib/cni

# cni_lab: a node, a client behind its NIC eth1, and a pod (sluice) with a server behind up0. Traffic between client and
# pod goes by net1, which is a plugin's.
#
#   client 10.1.0.2 eth0 --- eth1 node  ...  net1 10.1.0.1 sluice up0 10.9.0.1 --- eth0 10.9.0.2 server
cni_lab() {
	[ -x "$plugins/host-device" ] || fail "there is no $plugins/host-device: tests/setup.sh installs the CNI plugins"
	add_ns node client sluice server
	add_link client eth0 node eth1
	add_server
	serve server hello
	mkdir "$lab/ipam"
}

# cni ADD|DEL TYPE NS IFNAME: with the plugin's configuration from standard input, without what all have; the result is in
# $lab/cni.json.
cni() {
	jq --arg type "$2" '{cniVersion: "0.4.0", name: $type, type: $type} + .' >"$lab/cni.conf"
	at node env CNI_COMMAND="$1" CNI_CONTAINERID="$(ns "$3")" CNI_NETNS="/run/netns/$(ns "$3")" CNI_IFNAME="$4" \
		CNI_PATH="$plugins" "$plugins/$2" <"$lab/cni.conf" >"$lab/cni.json" 2>"$lab/cni.log" ||
		fail "$2 $1: $(cat "$lab/cni.json" "$lab/cni.log")"
}

# start_pod XDP: the container, with net1 and up0 as ports.
start_pod() {
	rm -rf "$lab/state/"* "$lab/sluiced.log"
	printf '%s\n' 'listen: unix:/run/sluice/sluice.sock' "dataplane: {xdp: $1}" >"$lab/etc/sluice.yaml"
	container sluiced sluice "${granted[@]}"
	wait_for 20 "the daemon to serve" ctl health
	apply <<-YAML
		vrf: [{name: main, kernel: true}]
		interface: [{name: net1, vrf: main}, {name: up0, vrf: main}]
	YAML
}

# Is net1 a port that packets go by?
port_is() { [ "$(state interface net1 programmed)" = "$1" ]; }
answers() { [ "$(get "$client" http://10.9.0.2/)" = "hello $address" ]; }

# traffic WHAT: from the namespace $client, whose address is $address, to the server, and Sluice forwards it.
traffic() {
	local before
	wait_for 20 "the port net1 $1" port_is programmed
	before=$(reason forwarded)
	wait_for 20 "an answer $1" answers
	[ "$(reason forwarded)" -gt "$before" ] || fail "$1: the answer did not come through Sluice"
}

# What a plugin or Sluice may leave: the node's devices with their programs, the pod's devices, addresses handed out.
leftovers() {
	ip -n "$(ns node)" -o link show | sed 's/^[0-9]*: //; s/@.*//; s/:.*//' | sort
	ip -n "$(ns node)" link show | grep -o 'prog/xdp.*' || :
	for device in $(ip -n "$(ns node)" -o link show | sed 's/^[0-9]*: //; s/[@:].*//'); do
		at node tc qdisc show dev "$device" | grep clsact || :
	done
	ip -n "$(ns sluice)" -o link show | sed 's/^[0-9]*: //; s/[@:].*//' | sort
	find "$lab/ipam" -type f ! -name lock ! -name 'last_reserved_ip*'
}

# The program of XDP, where it was attached: the kernel moves it with a device that goes to another network namespace, and
# from here nobody can take it off there. The qdisc and its programs stay behind.
taken_along() { if [ "$xdp" = always ]; then echo prog/xdp; else echo none; fi; }

# through TYPE XDP: with add, prepare and del, which are the caller's: ADD into a running container, traffic, DEL, and again,
# then the container's end and DEL.
through() {
	local before xdp=$2
	before=$(leftovers)
	start_pod "$2"
	wait_for 10 "Sluice to miss net1" port_is not_programmed
	add "$1"
	traffic "after ADD by $1"
	del "$1"
	wait_for 10 "Sluice to notice that net1 is gone" port_is not_programmed
	echo "$1: without net1 Sluice says: $(state interface net1 reason)"
	equal "$(leftovers | grep -v "^$(taken_along)")" "$before" "after DEL by $1, while Sluice runs"
	add "$1"
	traffic "after the second ADD by $1"
	stop sluiced || fail "it ended with status $?: $(tail -n 5 "$lab/sluiced.log")"
	del "$1"
	equal "$(leftovers)" "$before" "after the pod's end and DEL by $1"
}
