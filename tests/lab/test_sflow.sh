#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sFlow as collectors read it: sfcapd (nfdump), sfacctd (pmacct), and a decoder of the records of tunnels.
#
#   host 10.0.0.10 = vx100 = eth0 172.16.0.10 --- under0 172.16.0.1 sluice up0 10.9.0.1 --- server 10.9.0.2
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice; the collectors are on its loopback
. "$(dirname "$0")/lib.sh"

for tool in sfcapd nfdump sfacctd pmacct; do
	command -v "$tool" >/dev/null || skip "there is no $tool: install nfdump and pmacct"
done
every=20

add_ns host client sluice server
add_link host eth0 sluice under0 1600
add_client
add_server
address host eth0 172.16.0.10/24
address sluice under0 172.16.0.1/24
add_vtep host 1500
ip -n "$(ns host)" route add 10.77.0.0/16 via 10.0.0.1
ip -n "$(ns server)" address add 10.77.0.2/32 dev lo

mkdir "$lab/flows"
spawn sfcapd sluice sfcapd -w "$lab/flows" -b 127.0.0.1 -p 6343 -B 4000000 -t 3600
cat >"$lab/sfacctd.conf" <<CONF
sfacctd_ip: 127.0.0.1
sfacctd_port: 6344
sfacctd_renormalize: true
plugins: memory[all]
imt_path[all]: $lab/sfacctd.pipe
aggregate[all]: src_host, dst_host, dst_port, proto, in_iface, out_iface, dst_mask
sfacctd_counter_file: $lab/counters.json
sfacctd_counter_output: json
CONF
spawn sfacctd sluice sfacctd -f "$lab/sfacctd.conf"
spawn collector sluice /usr/bin/python3 "$root/tests/lab/sflow_collector.py" 6345
wait_for 10 "sfcapd" grep -q Startup "$lab/sfcapd.log"
wait_for 10 "sfacctd" test -S "$lab/sfacctd.pipe"
wait_for 10 "the decoder" grep -q ready "$lab/collector.log"

cat >"$lab/sluice.yaml" <<YAML
sampling: $every
sflow: {collectors: ["127.0.0.1", "127.0.0.1:6344", "127.0.0.1:6345"], polling_seconds: 2}
YAML
start_sluiced sluice --config "$lab/sluice.yaml"
apply <<'YAML'
vrf: [{name: underlay}, {name: x, gateway_addresses: [{address: 10.0.0.1/24}]}]
interface: [{name: under0, vrf: underlay}, {name: cl0, vrf: x}, {name: up0, vrf: x}]
tunnel_endpoint:
  - {name: host, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.10, underlay_vrf: underlay,
     vni_bindings: [{vni: 100, vrf: x}]}
next_hop:
  - {name: vtep, gateway: {interface: under0, address: 172.16.0.10}}
  - {name: host, tunnel: {tunnel_endpoint: host, vni: 100, mac: "02:00:00:00:00:0a"}}
  - {name: server, gateway: {interface: up0, address: 10.9.0.2}}
next_hop_group:
  - {name: vtep, members: [{next_hop: vtep}]}
  - {name: host, members: [{next_hop: host}]}
  - {name: server, members: [{next_hop: server}]}
route:
  - {vrf: underlay, prefix: 172.16.0.10/32, next_hop_group: vtep}
  - {vrf: x, prefix: 10.0.0.0/24, next_hop_group: host}
  - {vrf: x, prefix: 10.77.0.0/16, next_hop_group: server}
YAML
wait_for 10 "the next hops" programmed next_hops
# The agent takes in a revision within a second.
says_gateway() {
	at client ping -c 100 -i 0.002 -q 10.77.0.2 >/dev/null
	grep -q '"next_hop": "10.9.0.2", "mask": 16' "$lab/collector.log"
}
wait_for 10 "a sample with its gateway and its prefix" says_gateway

# send NS ADDRESS PORT COUNT DEVICE: UDP datagrams of 100 bytes, no faster than collectors with the buffers of a socket
# can read the samples. Some may be lost on the way to the router's device: `count` is what that has counted.
send() {
	count=$(counter sluice "$5" rx_packets)
	at "$1" /usr/bin/python3 -c '
import socket, sys, time
to = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
to.connect((sys.argv[1], int(sys.argv[2])))
for i in range(int(sys.argv[3])):
    if i % 100 == 0:
        time.sleep(0.002)
    try:
        to.send(bytes(100))
    except ConnectionRefusedError:
        pass' "$2" "$3" "$4"
	count=$(($(counter sluice "$5" rx_packets) - count))
	[ "$count" -gt $(($4 / 2)) ] || fail "$5 has counted only $count packets of $4"
}

# The estimate of packets, of which each sample stands for $every, must be near `count`: within 5 sigma, which an
# estimator that is right misses once in two million runs; of 84,000 packets they are as many percent as 3 of 30,000.
within() {
	awk -v estimate="$1" -v count="$count" -v every="$every" 'BEGIN {
		sigma = sqrt(count * (every - 1))
		exit !(estimate > count - 5 * sigma && estimate < count + 5 * sigma) }' || fail "$2: $1 of $count packets"
}

# flow PORT FIELD: of sfacctd, summed over what it has for that port.
flow() { pmacct -s -p "$lab/sfacctd.pipe" -O json | jq -s "[.[] | select(.port_dst == $1)] | $2"; }

ifindex() { at sluice cat "/sys/class/net/$1/ifindex"; }

settled() { # no more samples of that port come
	local before
	before=$(flow "$1" '[.[].packets] | add')
	sleep 1.1 # longer than the agent keeps a datagram that isn't full
	[ "$(flow "$1" '[.[].packets] | add')" = "$before" ]
}
send client 10.77.0.2 4711 84000 cl0
wait_for 10 "the last samples" settled 4711

within "$(flow 4711 '[.[].packets] | add')" "sfacctd"
equal "$(flow 4711 '[.[].iface_in] | unique | .[0]')" "$(ifindex cl0)" "input interface"
equal "$(flow 4711 '[.[].iface_out] | unique | .[0]')" "$(ifindex up0)" "output interface"
equal "$(flow 4711 '[.[].mask_dst] | unique | .[0]')" 16 "mask of the route"

stop sfcapd
nfdump -R "$lab/flows" -o csv 'dst port 4711' 2>/dev/null | grep ,10.77.0.2, >"$lab/sfcapd.csv"
within "$(awk -F, '{ sum += $12 } END { print sum }' "$lab/sfcapd.csv")" "sfcapd"
equal "$(cut -d, -f 16,17 "$lab/sfcapd.csv" | sort -u)" "$(ifindex cl0),$(ifindex up0)" "sfcapd's interfaces"
all=$count
send client 203.0.113.1 4712 84000 cl0 # no route
wait_for 10 "the last samples" settled 4712
within "$(flow 4712 '[.[].packets] | add')" "sfacctd, dropped"
equal "$(flow 4712 '[.[].iface_out] | unique | .[0]')" $((1 << 30 | 6)) "discarded, as network unknown"
counts=$(ctl status -o json | jq -c '.sflow | [.flow_samples > 50, .counter_samples > 0, .datagrams > 10, .datagrams_lost]')
equal "$counts" '[true,true,true,0]' "what the router says that it has sent"
grep -q 'Sequence Errors: 0, Bad Packets: 0' "$lab/sfcapd.log" || fail "sfcapd: $(tail -n 3 "$lab/sfcapd.log")"

# Counters of both ports, in each interval anew.
counted() {
	jq -se --argjson port "$(ifindex cl0)" --argjson least "$((all + count))" \
		'[.[] | select(.ifIndex == $port)] | length >= 2 and .[-1].ifInUcastPkts >= $least' "$lab/counters.json"
}
wait_for 10 "counters" counted

# Through the tunnel and back: sampled as they came, with where the inner frame begins, and with the VNIs.
send host 10.77.0.2 4713 2000 under0
send client 10.0.0.10 4714 2000 cl0
tunnels() {
	jq -Rse --argjson under "$(ifindex under0)" --argjson up "$(ifindex up0)" --argjson cl "$(ifindex cl0)" '
		[split("\n")[] | fromjson?] |
		any(.input == $under and .output == $up and .inner == 50 and .vni_ingress == 100) and
		any(.input == $cl and .output == $under and .remote == "172.16.0.10" and .port == 4789 and .vni_egress == 100)' \
		"$lab/collector.log"
}
wait_for 10 "samples of tunnels" tunnels
! grep -q Traceback "$lab/collector.log" || fail "$(tail -n 5 "$lab/collector.log")"
stop_sluiced
