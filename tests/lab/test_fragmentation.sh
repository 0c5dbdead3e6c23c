#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# IPv4 without DF over a link that is narrower than it came by: Sluice cuts it into the very fragments that the kernel
# cuts as a router in the same place, options and fragments of fragments included. Then hosts with the kernel's
# defaults, whose checksums a device is to finish, send datagrams and a TCP stream without DF onto such links, into a
# tunnel and out of one.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- server 10.9.0.2
#   MTU 1500                          |     1000
#                                   under0 --- host 172.16.0.10 = vx100 10.0.0.10, MTU 1450
. "$(dirname "$0")/lib.sh"

add_ns client sluice server host
add_client
add_link sluice up0 server eth0 1000
address sluice up0 10.9.0.1/24
address server eth0 10.9.0.2/24
ip -n "$(ns server)" route add default via 10.9.0.1
add_link host eth0 sluice under0
address host eth0 172.16.0.10/24
address sluice under0 172.16.0.1/24
add_vtep host 1450
ip -n "$(ns host)" route add default via 10.0.0.1

cat >"$lab/fragments.py" <<'PY'
"""send: datagrams as they are, each with an identification of its own. see FILE: what arrives of them, as hex."""
import socket
import struct
import sys


def datagram(number, size, fragment, options=b""):
    header = struct.pack("!BBHHHBBH", 0x45 + len(options) // 4, 0x28, 0, 0x4000 + number, fragment, 64, 17, 0)
    data = bytes((i * 7 + number) % 251 for i in range(size))
    if not fragment & 0x1FFF:
        data = struct.pack("!HHHH", 5000, 9, size if not fragment else 4000, 0) + data[8:]
    return header + socket.inet_aton("10.1.0.2") + socket.inet_aton("10.9.0.2") + options + data


copied, alone = b"\x88\x04\x12\x34", b"\x1e\x03\x55\x01"
packets = [datagram(1, 1200, 0), datagram(2, 1480, 0), datagram(3, 976 * 1, 0x2000), datagram(4, 1400, 0x2000),
           datagram(5, 1400, 0x2000 | 175), datagram(6, 1001, 350), datagram(7, 1200, 0, copied + alone),
           datagram(8, 1000, 0, alone), datagram(9, 1400, 0, alone + copied + b"\x01\x01\x01\x00"), datagram(10, 981, 0)]
if sys.argv[1] == "send":
    out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    for packet in packets:
        out.sendto(packet, ("10.9.0.2", 0))
else:
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    tap.settimeout(30)
    print("listening", flush=True)
    ended = 0
    with open(sys.argv[2], "w", encoding="ascii") as file:
        while ended < len(packets):
            packet = tap.recv(65535)
            number = struct.unpack("!H", packet[4:6])[0] - 0x4000
            if packet[9] != 17 or not 0 < number <= len(packets):
                continue
            print(packet[: struct.unpack("!H", packet[2:4])[0]].hex(), file=file)
            offset = struct.unpack("!H", packet[6:8])[0]
            sent = struct.unpack("!H", packets[number - 1][6:8])[0]
            ended += (offset & 0x2000) == (sent & 0x2000) and (not sent & 0x2000 or len(packet) < 996 or number == 3)
PY

# cut_by NAME: the fragments that the server sees of what the client sends are in $lab/NAME.
cut_by() {
	at client ping -c 1 -W 2 10.9.0.2
	spawn see server python3 "$lab/fragments.py" see "$lab/$1"
	wait_for 30 "who listens" grep -q listening "$lab/see.log"
	at client python3 "$lab/fragments.py" send
	gone() { ! alive see; }
	wait_for 30 "all that was sent" gone
	rm -f "$lab/see.log"
}
at sluice sysctl -qw net.ipv4.ip_forward=1
cut_by kernel
at sluice sysctl -qw net.ipv4.ip_forward=0

start_sluiced sluice
apply <<YAML
vrf:
  - {name: underlay}
  - {name: x, gateway_addresses: [{address: 10.0.0.1/24}], mss_clamp: MSS_CLAMP_OFF}
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}, {name: under0, vrf: underlay}]
tunnel_endpoint:
  - {name: host, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.10, underlay_vrf: underlay,
     vni_bindings: [{vni: 100, vrf: x}]}
next_hop:
  - {name: client, gateway: {interface: cl0, address: 10.1.0.2}}
  - {name: server, gateway: {interface: up0, address: 10.9.0.2}}
  - {name: vtep, gateway: {interface: under0, address: 172.16.0.10}}
  - {name: host, tunnel: {tunnel_endpoint: host, vni: 100, mac: "02:00:00:00:00:0a"}}
next_hop_group:
  - {name: client, members: [{next_hop: client}]}
  - {name: server, members: [{next_hop: server}]}
  - {name: vtep, members: [{next_hop: vtep}]}
  - {name: host, members: [{next_hop: host}]}
route:
  - {vrf: underlay, prefix: 172.16.0.10/32, next_hop_group: vtep}
  - {vrf: x, prefix: 10.0.0.0/24, next_hop_group: host}
  - {vrf: x, prefix: 10.1.0.0/24, next_hop_group: client}
  - {vrf: x, prefix: 10.9.0.0/24, next_hop_group: server}
YAML
wait_for 10 "the next hops" programmed next_hops
cut_by sluice
cmp "$lab/kernel" "$lab/sluice" || fail "other fragments than the kernel's: $(diff "$lab/kernel" "$lab/sluice" | cut -c 1-100)"
[ "$(wc -l <"$lab/kernel")" -ge 18 ] || fail "the kernel made $(wc -l <"$lab/kernel") fragments only"
(($(reason fragmented) == 9)) || fail "$(reason fragmented) datagrams were cut instead of 9"

cat >"$lab/echo.py" <<'PY'
"""serve: sends back what comes. ask ADDRESS SIZE...: each comes back as it was."""
import os
import socket
import sys

ends = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
ends.setsockopt(socket.IPPROTO_IP, 10, 0)  # IP_MTU_DISCOVER: never
if sys.argv[1] == "serve":
    ends.bind(("", 7))
    print("listening", flush=True)
    while True:
        data, whence = ends.recvfrom(65535)
        ends.sendto(data, whence)
ends.settimeout(10)
for size in map(int, sys.argv[3:]):
    data = os.urandom(size)
    ends.sendto(data, (sys.argv[2], 7))
    assert ends.recv(65535) == data, size
PY
for end in client server host; do
	spawn "echo-$end" $end python3 "$lab/echo.py" serve
	wait_for 30 "the echo of $end" grep -q listening "$lab/echo-$end.log"
done
ask() { at "$1" timeout 60 python3 "$lab/echo.py" ask "$2" 100 949 973 1200 1421 1422 1423 1450 1471 1472 || fail "$1 to $2"; }
ask client 10.9.0.2
ask server 10.1.0.2
ask client 10.0.0.10
ask host 10.9.0.2
ask server 10.0.0.10

# TCP without DF to hosts that take larger segments than the way to them: the segments are cut smaller, those of the
# sender's kernel too, which are cut only as they leave.
for end in client host server; do
	at $end sysctl -qw net.ipv4.ip_no_pmtu_disc=1
done
ip -n "$(ns server)" route replace default via 10.9.0.1 advmss 1460
ip -n "$(ns host)" route replace default via 10.0.0.1 advmss 1460
serve client hello
serve host hello
# fetch NS ADDRESS
fetch() {
	local before
	before=$(reason fragmented)
	equal "$(at "$1" curl -sS --max-time 20 "http://$2/2000000" | wc -c)" "$3" "bytes for $1"
	(($(reason fragmented) > before)) || fail "nothing was cut for $1 from $2"
}
fetch server 10.1.0.2 2000015
fetch server 10.0.0.10 2000015 # out of the tunnel
[ "$(reason too_big)" = 0 ] || fail "$(reason too_big) packets were too big"

# Datagrams that the sender's kernel leaves in one piece (UDP GSO), each too large: they are not cut into others, and the
# sender hears what fits.
cat >"$lab/piece.py" <<'PY'
"""piece ADDRESS: four datagrams of 1200 bytes in one piece, without DF."""
import socket
import sys

out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
out.setsockopt(socket.IPPROTO_IP, 10, 0)  # IP_MTU_DISCOVER: never
out.setsockopt(socket.IPPROTO_UDP, 103, 1200)  # UDP_SEGMENT
out.sendto(bytes(4800), (sys.argv[1], 9))
PY
spawn told client tcpdump -nn -l -Q in -i eth0 icmp
spawn came server tcpdump -nn -l -Q in -i eth0 udp port 9
for watcher in told came; do
	wait_for 10 "tcpdump" grep -q 'listening on' "$lab/$watcher.log"
done
at client python3 "$lab/piece.py" 10.9.0.2
wait_for 5 "word of the MTU" grep -q 'unreachable - need to frag (mtu 1000)' "$lab/told.log"
equal "$(reason too_big)" 1 "pieces that were too big"
at client ping -c 1 -W 2 10.9.0.2 >/dev/null || fail "client to server"
grep -q UDP "$lab/came.log" && fail "the server got $(grep -c UDP "$lab/came.log") datagrams: $(cat "$lab/came.log")"
stop_sluiced
