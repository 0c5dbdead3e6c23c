#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A datagram that has to be cut, to a host whose MAC is not known yet: only its last fragment waits for the kernel's
# answer, so this datagram is lost, once. The next one arrives whole.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- server 10.9.0.2, MTU 1000
. "$(dirname "$0")/lib.sh"

add_ns client sluice server
add_client
add_link sluice up0 server eth0 1000
address sluice up0 10.9.0.1/24
address server eth0 10.9.0.2/24
ip -n "$(ns server)" route add default via 10.9.0.1
start_sluiced sluice
apply <<<'{vrf: [{name: x}], interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}]}'
wait_for 10 "the interfaces" programmed interfaces
reassembled() { at server nstat -asz "$1" | awk -v n="$1" '$1 == n { print $2 }'; }
datagram() {
	at client /usr/bin/python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, 10, 0)  # IP_MTU_DISCOVER: never DF
s.sendto(bytes(1200), ("10.9.0.2", 5000))'
}
came() { (($(reassembled IpReasmReqds) >= $1)); }
at sluice ip neighbour show 10.9.0.2 | grep -q lladdr && fail "the server is known already"
datagram
wait_for 10 "the last fragment" came 1
equal "$(reassembled IpReasmReqds) $(reassembled IpReasmOKs)" "1 0" "fragments and datagrams of the first"
datagram
wait_for 10 "both fragments of the next one" came 3
equal "$(reassembled IpReasmOKs)" 1 "datagrams that arrived"
equal "$(reason fragmented)" 2 "datagrams that were cut"
stop_sluiced
