# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the VM tests share: one virtual machine of the image, between namespaces that are its networks.
#
#   controller: mgmt 10.99.0.1 --- NIC 1 10.99.0.2 (gRPC)
#   west: vx100 10.0.0.10 = under 172.16.0.10 --- NIC 2: port1 172.16.0.1 sluice NIC 3: port2 10.9.0.1 --- east 10.9.0.2
#
# QEMU without KVM, each NIC with the queues that XDP's fast transmit mode wants: 2 for each of 2 vCPUs.
. "$(dirname "${BASH_SOURCE[0]}")/../lab/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/image.sh"

here=$root/tests/vm
macs=([1]=52:54:00:53:4c:01 [2]=52:54:00:53:4c:02 [3]=52:54:00:53:4c:03)

add_networks() {
	local number=0 name
	add_ns hypervisor controller west east
	for name in mgmt under east; do
		number=$((number + 1))
		ip -n "$(ns hypervisor)" tuntap add dev "$name" mode tap multi_queue vnet_hdr
		ip -n "$(ns hypervisor)" link set "$name" up
	done
}

# Once QEMU holds the taps, each goes to who is at the other end of the cable.
plug_networks() {
	ip -n "$(ns hypervisor)" link set mgmt netns "$(ns controller)"
	ip -n "$(ns hypervisor)" link set under netns "$(ns west)"
	ip -n "$(ns hypervisor)" link set east netns "$(ns east)"
	ip -n "$(ns controller)" link set mgmt up
	ip -n "$(ns west)" link set under up
	ip -n "$(ns east)" link set east up
	address controller mgmt 10.99.0.1/24
	address west under 172.16.0.10/24
	address east east 10.9.0.2/24
	ip -n "$(ns east)" route add default via 10.9.0.1
	ip -n "$(ns west)" link add vx100 address 02:00:00:00:00:0a mtu 1450 type vxlan id 100 local 172.16.0.10 \
		remote 172.16.0.1 dstport 4789
	ip -n "$(ns west)" link set vx100 up
	ip -n "$(ns west)" neighbour add 10.0.0.1 lladdr "$router_mac" dev vx100 nud permanent
	address west vx100 10.0.0.10/24
	ip -n "$(ns west)" route add 10.9.0.0/24 via 10.0.0.1
}

# start_vm FIRMWARE SEED...: SEED are QEMU's options for the day-0 disk.
start_vm() {
	local firmware=$1 number name options=()
	shift
	case $firmware in
	bios) options+=(-machine "pc,accel=tcg") ;;
	uefi)
		cp /usr/share/OVMF/OVMF_VARS_4M.fd "$lab/vars.fd"
		options+=(-machine "q35,accel=tcg"
			-drive "if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd"
			-drive "if=pflash,format=raw,file=$lab/vars.fd")
		;;
	esac
	number=0
	for name in mgmt under east; do
		number=$((number + 1))
		options+=(-netdev "tap,id=$name,ifname=$name,script=no,downscript=no,queues=4"
			-device "virtio-net-pci,netdev=$name,mac=${macs[number]},mq=on,vectors=10")
	done
	# shellcheck disable=SC2086 # no word where the image's own size will do
	qemu-img create -q -f qcow2 -b "$image" -F qcow2 "$lab/disk.qcow2" ${disk_size:-}
	# shellcheck disable=SC2034 # the journey's
	begin=$SECONDS
	spawn vm hypervisor qemu-system-x86_64 -name "$prefix" -nodefaults -no-user-config -display none -smp 2 -m 1024 \
		"${options[@]}" -serial "file:$lab/console" -device virtio-rng-pci \
		-drive "if=virtio,format=qcow2,cache=unsafe,file=$lab/disk.qcow2" "$@" \
		-device virtio-serial-pci -chardev "socket,id=agent,server=on,wait=off,path=$lab/agent" \
		-device virtserialport,chardev=agent,name=org.qemu.guest_agent.0
	undo+=("show_console")
	wait_for 20 "QEMU" test -S "$lab/agent"
	wait_for 20 "QEMU to open its taps" taps_open
	plug_networks
}

taps_open() {
	alive vm || fail "QEMU ended: $(cat "$lab/vm.log")"
	# shellcheck disable=SC2016 # the inner shell's
	at hypervisor sh -c 'for each in mgmt under east; do grep -q 1 "/sys/class/net/$each/carrier" || exit 1; done'
}

# The end of what the guest said, if the test failed.
show_console() {
	# shellcheck disable=SC2154 # cleanup's
	[ "$status" -eq 0 ] || {
		echo "the console's end:"
		tail -c 6000 "$lab/console" | tr -d '\r'
		guest journalctl -b -p warning --no-pager -n 40
	} >&3 2>&3
}
exec 3>&2

# guest COMMAND...: runs it there, through the agent.
guest() { "$here/agent.py" "$lab/agent" "$@"; }

# controller VERB...: a gRPC client that knows the router by reflection only, on the management network.
controller() {
	at controller /usr/bin/python3 "$here/controller.py" 10.99.0.2:50051 "$lab/tls" "$@"
}
