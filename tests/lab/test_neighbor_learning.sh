#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Hosts that say unasked that they are there (ARP announcements, unsolicited neighbour advertisements) are found out
# about where the interface learns, and nowhere else. What they say is only a reason to ask: who does not answer is not
# known, and a flood of lies costs no more than a bound.
#
#   h1 10.1.0.2, 2001:db8:1::2 --- red0 10.1.0.1/24 (learns) sluice blue0 10.2.0.1/24 (does not) --- h2 10.2.0.2
#                                                            un0 172.16.0.1 = VXLAN = tenant, in VRF red
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"

add_ns sluice h1 h2 tenant
add_link sluice red0 h1 eth0
add_link sluice blue0 h2 eth0
add_link sluice un0 tenant eth0 1600
for end in "sluice red0 10.1.0.1/24" "sluice red0 2001:db8:1::1/64" "sluice blue0 10.2.0.1/24" \
	"sluice blue0 2001:db8:2::1/64" "sluice un0 172.16.0.1/24" "tenant eth0 172.16.0.10/24"; do
	read -r where device address <<<"$end"
	address "$where" "$device" "$address"
done
add_vtep tenant 1500
start_sluiced sluice
apply <<'YAML'
vrf: [{name: red, gateway_addresses: [{address: 10.0.0.1/24}]}, {name: blue}, {name: underlay}]
interface:
  - {name: red0, vrf: red, learn: "on"}
  - {name: blue0, vrf: blue}
  - {name: un0, vrf: underlay}
tunnel_endpoint:
  - {name: tenant, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.10, underlay_vrf: underlay, vni_bindings: [{vni: 100, vrf: red}]}
YAML
wait_for 10 "the interfaces" programmed interfaces

hosts() { state interface "$1" "interface_status.hosts // 0"; }
learned() { state interface "$1" "interface_status.hosts_learned // 0"; }
has_learned() { [ "$(learned "$1")" = "$2" ]; }
# What has come for the daemon has been read: no packet socket holds any.
# shellcheck disable=SC2016 # awk's own
all_read() { at sluice awk 'NR > 1 && $7 > 0 { exit 1 }' /proc/net/packet; }
knows() { at sluice ip neighbour show "$2" dev "$1" | grep -q lladdr; }

# announce NS DEVICE ADDRESS MAC [COUNT]: the announcement of that address, or of so many addresses from there on.
announce() {
	at "$1" /usr/bin/python3 - "${@:2}" <<-'PYTHON'
		import ipaddress, logging, sys
		logging.getLogger("scapy").setLevel(logging.ERROR)
		from scapy.all import ARP, Ether, ICMPv6ND_NA, ICMPv6NDOptDstLLAddr, IPv6, sendp
		device, first, mac = sys.argv[1], ipaddress.ip_address(sys.argv[2]), sys.argv[3]
		frames = []
		for i in range(int(sys.argv[4]) if len(sys.argv) > 4 else 1):
		    address = str(first + i)
		    if first.version == 4:
		        frame = Ether(src=mac, dst="ff:ff:ff:ff:ff:ff") / ARP(op=1, hwsrc=mac, psrc=address, pdst=address)
		    else:
		        frame = Ether(src=mac, dst="33:33:00:00:00:01") / IPv6(src=address, dst="ff02::1", hlim=255)
		        frame = frame / ICMPv6ND_NA(tgt=address, S=0, O=1) / ICMPv6NDOptDstLLAddr(lladdr=mac)
		    frames.append(frame)
		sendp(frames, iface=device, verbose=0)
	PYTHON
}

# The hosts' own kernels announce themselves when they come up: once, so that it is lost where the router's end of the
# link isn't up again by then.
address h1 eth0 10.1.0.2/24
address h2 eth0 10.2.0.2/24
for host in h1 h2; do at "$host" sysctl -qw net.ipv4.conf.eth0.arp_notify=1 net.ipv6.conf.eth0.ndisc_notify=1; done
learns_h1() {
	local host
	for host in h1 h2; do
		ip -n "$(ns "$host")" link set eth0 down
		ip -n "$(ns "$host")" link set eth0 up
	done
	for _ in {1..40}; do
		has_learned red0 1 && return
		sleep 0.05
	done
	return 1
}
wait_for 20 "h1 to be learned" learns_h1
address h1 eth0 2001:db8:1::2/64
address h2 eth0 2001:db8:2::2/64
announce h2 eth0 2001:db8:2::2 "$(mac h2 eth0)"
learns_h1_ipv6() {
	announce h1 eth0 2001:db8:1::2 "$(mac h1 eth0)"
	has_learned red0 2
}
wait_for 20 "h1's IPv6 address to be learned" learns_h1_ipv6
equal "$(hosts red0)" 2 "hosts of red0"
equal "$(hosts blue0)" 0 "hosts of the interface that doesn't learn"
knows blue0 10.2.0.2 && fail "the kernel has learned h2"
equal "$(reason resolving)" 0 "packets by way of the kernel"

# Whoever says what is not so is asked, and known to nobody: a MAC that is not the host's, and an address of nobody.
before=$(at sluice ip neighbour show 10.1.0.2 dev red0 | grep -o 'lladdr [0-9a-f:]*')
asks_for_nobody() {
	announce h1 eth0 10.1.0.77 02:00:00:00:00:77
	at sluice ip neighbour show 10.1.0.77 dev red0 | grep -q .
}
wait_for 20 "the question for 10.1.0.77" asks_for_nobody
knows red0 10.1.0.77 && fail "a host that nobody has is known"
equal "$(at sluice ip neighbour show 10.1.0.2 dev red0 | grep -o 'lladdr [0-9a-f:]*')" "$before" "h1's MAC"

# Nothing of another prefix, nor out of a tunnel.
announce h1 eth0 10.9.9.9 02:00:00:00:00:99
announce tenant vx100 10.1.0.88 02:00:00:00:00:88
announce tenant vx100 10.0.0.88 02:00:00:00:00:88

# A flood: at most 50 a second are looked at, the hosts stay known, and the next one that is there is learned.
flood_begin=$SECONDS
announce h1 eth0 10.1.0.100 02:00:00:00:00:66 150
announce h1 eth0 2001:db8:1::1000 02:00:00:00:00:66 3000
asked=$(at sluice ip neighbour show dev red0 | wc -l)
bound=$((50 * (SECONDS - flood_begin + 3)))
((asked <= bound)) || fail "the kernel was made to ask for $asked hosts of at most $bound"
((bound < 3150)) || fail "the flood took so long that the bound is more than it"
equal "$(learned red0)" 2 "hosts that were learned, behind a flood"
address h1 eth0 10.1.0.3/24
learns_h3() {
	announce h1 eth0 10.1.0.3 "$(mac h1 eth0)"
	has_learned red0 3
}
wait_for 20 "10.1.0.3 to be learned" learns_h3
wait_for 10 "the announcements to be read" all_read
for address in 10.9.9.9 10.1.0.88 10.0.0.88; do
	at sluice ip neighbour show "$address" | grep -q . && fail "$address was asked for"
done
at h1 ping -c 1 -W 2 10.1.0.1 >"$lab/ping" || fail "behind a flood: $(cat "$lab/ping")"

# Turned off: nothing new is learned, and what is known stays.
apply <<<'interface: [{name: red0, vrf: red}]'
address h1 eth0 10.1.0.4/24
announce h1 eth0 10.1.0.4 "$(mac h1 eth0)"
wait_for 10 "the announcement to be read" all_read
equal "$(learned red0)" 3 "hosts that were learned before"
knows red0 10.1.0.4 && fail "learned, though it is turned off"
ctl apply -y -f - >"$lab/apply.out" 2>&1 <<<'interface: [{name: red0, vrf: red, learn: "on", connected: "off"}]' &&
	fail "learning without connected routes was taken"
grep -q "interface.learn: needs connected routes" "$lab/apply.out" || fail "the error: $(cat "$lab/apply.out")"
stop_sluiced
