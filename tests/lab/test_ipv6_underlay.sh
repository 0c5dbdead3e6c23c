#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# VXLAN over IPv6, carrying IPv4 and IPv6, against the kernel's device as it comes: it drops what has no UDP checksum, or
# a wrong one.
#
#   host 10.0.0.10, 2001:db8:a::10 = vx100 = eth0 fd00::10 --- under0 fd00::1 sluice up0 10.9.0.1 --- server 10.9.0.2
#                                                                            2001:db8:9::1          2001:db8:9::2
. "$(dirname "$0")/lib.sh"

add_ns host sluice server
add_link host eth0 sluice under0 1600
add_server
address host eth0 fd00::10/64 nodad
address sluice under0 fd00::1/64 nodad
address sluice up0 2001:db8:9::1/64 nodad
address server eth0 2001:db8:9::2/64 nodad
ip -n "$(ns server)" -6 route add default via 2001:db8:9::1
ip -n "$(ns host)" link add vx100 address 02:00:00:00:00:0a mtu 1500 type vxlan id 100 local fd00::10 remote fd00::1 \
	dstport 4789
ip -n "$(ns host)" link set vx100 up
address host vx100 10.0.0.10/24
address host vx100 2001:db8:a::10/64 nodad
ip -n "$(ns host)" route add default via 10.0.0.1
ip -n "$(ns host)" -6 route add default via 2001:db8:a::1
serve server hello
start_sluiced sluice

apply <<'YAML'
vrf:
  - {name: underlay}
  - {name: tenant, gateway_addresses: [{address: 10.0.0.1/24}, {address: "2001:db8:a::1/64"}]}
interface: [{name: under0, vrf: underlay}, {name: up0, vrf: tenant}]
tunnel_endpoint:
  - {name: host, kind: vxlan, local_address: "fd00::1", remote_address: "fd00::10", underlay_vrf: underlay,
     vni_bindings: [{vni: 100, vrf: tenant}]}
next_hop:
  - {name: vtep, gateway: {interface: under0, address: "fd00::10"}}
  - {name: host, tunnel: {tunnel_endpoint: host, vni: 100, mac: "02:00:00:00:00:0a"}}
  - {name: server, gateway: {interface: up0, address: 10.9.0.2}}
  - {name: server6, gateway: {interface: up0, address: "2001:db8:9::2"}}
next_hop_group:
  - {name: vtep, members: [{next_hop: vtep}]}
  - {name: host, members: [{next_hop: host}]}
  - {name: server, members: [{next_hop: server}]}
  - {name: server6, members: [{next_hop: server6}]}
route:
  - {vrf: underlay, prefix: "fd00::10/128", next_hop_group: vtep}
  - {vrf: tenant, prefix: 10.0.0.0/24, next_hop_group: host}
  - {vrf: tenant, prefix: "2001:db8:a::/64", next_hop_group: host}
  - {vrf: tenant, prefix: 10.9.0.0/24, next_hop_group: server}
  - {vrf: tenant, prefix: "2001:db8:9::/64", next_hop_group: server6}
YAML
wait_for 10 "the next hops" programmed next_hops

equal "$(get host http://10.9.0.2/)" "hello 10.0.0.10" "the answer over IPv4 in IPv6"
equal "$(get host 'http://[2001:db8:9::2]/')" "hello 2001:db8:a::10" "the answer over IPv6 in IPv6"
equal "$(at host curl -sS --max-time 30 'http://[2001:db8:9::2]/1000000' | wc -c)" 1000021 "bytes of a large answer"
reply=$(at host ping -6 -c 1 -W 3 2001:db8:9::2) || fail "ping: $reply"
[[ $reply == *"ttl=63"* ]] || fail "hop limit of the reply: $reply"

# Large and many: pieces that are cut into segments on the way, datagrams, and what is no multiple of a segment.
transfer=(/usr/bin/python3 "$root/tests/lab/transfer.py")
for end in host server; do
	spawn $end-end $end "${transfer[@]}" serve
	wait_for 10 "the receiver in $end" at $end "${transfer[@]}" send tcp ::1 1
done
wrong() { at host nstat -asz Udp6InCsumErrors Udp6InErrors | awk '$1 ~ /Udp6/ { sum += $2 } END { print sum }'; }
again() { at "$1" nstat -asz TcpRetransSegs | awk '$1 == "TcpRetransSegs" { print $2 }'; }
both_ways() {
	local to
	for to in 10.9.0.2 2001:db8:9::2; do
		at host "${transfer[@]}" send tcp $to 20000000 >"$lab/sent" 2>&1 || fail "TCP to $to, $1: $(cat "$lab/sent")"
		at host "${transfer[@]}" send udp $to 2000000 1200 >"$lab/sent" 2>&1 || fail "UDP to $to, $1: $(cat "$lab/sent")"
		at host ping -c 1 -W 3 $to >"$lab/sent" || fail "ping to $to, $1"
	done
	for to in 10.0.0.10 2001:db8:a::10; do
		at server "${transfer[@]}" send tcp $to 20000000 >"$lab/sent" 2>&1 || fail "TCP to $to, $1: $(cat "$lab/sent")"
		at server "${transfer[@]}" send udp $to 2000000 1200 >"$lab/sent" 2>&1 || fail "UDP to $to, $1: $(cat "$lab/sent")"
		at server ping -c 1 -W 3 $to >"$lab/sent" || fail "ping to $to, $1"
	done
}
both_ways "as it comes"
# As a NIC without offloads: every segment is cut, finished and verified.
at sluice ethtool -K under0 tx off tx-udp_tnl-segmentation off tx-udp_tnl-csum-segmentation off >/dev/null 2>&1 || :
sent_again=$(again server)
both_ways "without offloads"
for size in 100 1449 3000 5000 20001 65000 100003; do
	equal "$(at host curl -sS --max-time 30 "http://[2001:db8:9::2]/$size" | wc -c)" $((size + 21)) "bytes of an answer of $size"
done
echo "wrong checksums at the host: $(wrong), segments that the server sent again: $(($(again server) - sent_again))"
equal "$(wrong)" 0 "packets with a wrong checksum, or none"
equal "$(reason bad_udp_checksum)" 0 "packets of the host whose checksum did not fit"
stop_sluiced
