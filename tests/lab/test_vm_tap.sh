#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A virtual machine on a tap, its virtio NIC as QEMU has it by default: segments of 64 KB and unfinished checksums in both
# directions. TCP both ways, plain and into a tunnel. The guest is Debian's 6.1 kernel with busybox, without KVM.
#
#   guest 10.5.0.2 --- tap0 10.5.0.1 sluice up0 10.9.0.1 --- server 10.9.0.2
#                                    under0 172.16.0.1 --- vx100 10.0.0.10 tenant
. "$(dirname "$0")/lib.sh"
bytes=5000000
modules=(virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci failover net_failover virtio_net)

for tool in qemu-system-x86_64 busybox cpio dpkg-deb apt-get; do
	command -v "$tool" >/dev/null || skip "$tool is missing (tests/setup.sh installs it)"
done
# The kernel is taken out of its package, not installed; another run finds it there.
kernel=$build/guest_kernel
mkdir -p "$kernel"
if ! compgen -G "$kernel/boot/vmlinuz-6.1*" >/dev/null; then
	package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image-6.1/ {print $2; exit}')
	[ -n "$package" ] || skip "no package of a 6.1 cloud kernel is known here"
	(cd "$lab" && apt-get -qq download "$package" 2>/dev/null) || skip "the kernel package $package cannot be downloaded"
	dpkg-deb -x "$lab/$package"_*.deb "$kernel"
fi

mkdir -p "$lab/root"/{bin,proc,sys,modules}
cp "$(command -v busybox)" "$lab/root/bin/busybox"
ldd "$(command -v busybox)" 2>/dev/null | grep -o '/[^ ]*' >"$lab/libraries" || : # none, where it is static
while read -r library; do
	mkdir -p "$lab/root$(dirname "$library")"
	cp -L "$library" "$lab/root$library"
done <"$lab/libraries"
for module in "${modules[@]}"; do
	find "$kernel" -name "$module.ko" -exec cp {} "$lab/root/modules/" \;
done
cat >"$lab/root/init" <<INIT
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
for module in ${modules[*]}; do insmod /modules/\$module.ko; done
ip link set lo up
ip link set eth0 up
ip address add 10.5.0.2/24 dev eth0
ip route add default via 10.5.0.1
echo guest: up
mkfifo /open
exec 3<>/open # an input that says nothing and does not end
for peer in 10.9.0.2 10.0.0.10; do # numbers alone: a static busybox has no way to look names up
	until nc \$peer 5001 <&3 >/large && [ -s /large ]; do read -t 1 never <&3; done
	echo "guest: \$(wc -c </large) bytes from \$peer"
	nc \$peer 5002 </large
done
echo guest: done
read never <&3
INIT
chmod +x "$lab/root/init"
(cd "$lab/root" && find . | cpio --quiet -o -H newc | gzip -1) >"$lab/initramfs.gz"

add_ns sluice server tenant
add_link sluice up0 server eth0
add_link tenant eth0 sluice under0 1600
ip -n "$(ns sluice)" tuntap add dev tap0 mode tap vnet_hdr
ip -n "$(ns sluice)" link set tap0 up
address sluice tap0 10.5.0.1/24
address sluice up0 10.9.0.1/24
address server eth0 10.9.0.2/24
address sluice under0 172.16.0.1/24
address tenant eth0 172.16.0.10/24
add_vtep tenant 1500
ip -n "$(ns tenant)" route add default via 10.0.0.1
ip -n "$(ns server)" route add default via 10.9.0.1
# Port 5001 gives what 5002 takes and counts.
cat >"$lab/peer.py" <<'PY'
import socket, sys, threading
size = int(sys.argv[1])
give, take = (socket.create_server(("", port)) for port in (5001, 5002))
def giver():
    while True:
        connection = give.accept()[0]
        with connection:
            connection.sendall(bytes(size))
threading.Thread(target=giver, daemon=True).start()
while True:
    connection, taken = take.accept()[0], 0
    with connection:
        while data := connection.recv(65536):
            taken += len(data)
    print("took", taken, flush=True)
PY
for peer in server tenant; do spawn "peer-$peer" "$peer" /usr/bin/python3 "$lab/peer.py" "$bytes"; done
start_sluiced sluice
apply <<'YAML'
vrf: [{name: x, gateway_addresses: [{address: 10.0.0.1/24}]}, {name: underlay}]
interface: [{name: tap0, vrf: x}, {name: up0, vrf: x}, {name: under0, vrf: underlay}]
tunnel_endpoint:
  - {name: tenant, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.10, underlay_vrf: underlay,
     vni_bindings: [{vni: 100, vrf: x}]}
next_hop: [{name: tenant, tunnel: {tunnel_endpoint: tenant, vni: 100, mac: "02:00:00:00:00:0a"}}]
next_hop_group: [{name: tenant, members: [{next_hop: tenant}]}]
route: [{vrf: x, prefix: 10.0.0.0/24, next_hop_group: tenant}]
YAML
spawn guest sluice qemu-system-x86_64 -nodefaults -no-reboot -display none -accel tcg,thread=multi -cpu max -m 256 \
	-kernel "$(compgen -G "$kernel/boot/vmlinuz-6.1*")" -initrd "$lab/initramfs.gz" \
	-append 'console=ttyS0 quiet panic=-1 no_timer_check' -serial stdio \
	-netdev tap,id=net,ifname=tap0,script=no,downscript=no -device virtio-net-pci,netdev=net

wait_for 90 "the guest" grep -q 'guest: up' "$lab/guest.log"
wait_for 60 "the guest to be done" grep -q 'guest: done' "$lab/guest.log"
for peer in 10.9.0.2 10.0.0.10; do
	grep -q "guest: $bytes bytes from $peer" "$lab/guest.log" || fail "the guest: $(grep guest: "$lab/guest.log")"
done
for peer in server tenant; do
	wait_for 20 "the end of what the guest gives $peer" grep -q took "$lab/peer-$peer.log"
	equal "$(head -n 1 "$lab/peer-$peer.log")" "took $bytes" "bytes from the guest to $peer"
done
equal "$(show_json ports '.ports[] | select(.device == "tap0") | .xdp_mode')" tc "mode of the tap"
stop_sluiced
