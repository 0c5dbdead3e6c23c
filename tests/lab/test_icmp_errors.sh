#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The errors that a router owes, as hosts with the kernel's defaults use them: path MTU discovery in both directions of a
# tunnel, unreachables, and a fail-closed chain; nothing of it by the kernel where Sluice runs, which may forward.
#
#   host 10.0.0.10, 2001:db8:a::10 = vx100 = eth0 172.16.0.10 --- under0 sluice up0 10.9.0.1 --- server 10.9.0.2
#   MTU 1450                                            1500                   2001:db8:9::1          2001:db8:9::2
. "$(dirname "$0")/lib.sh"

add_ns host sluice server out
add_link host eth0 sluice under0 1500
add_server
add_link sluice mg out eth0
address sluice mg 192.0.2.1/24
address out eth0 192.0.2.254/24
address host eth0 172.16.0.10/24
address sluice under0 172.16.0.1/24
address sluice up0 2001:db8:9::1/64 nodad
address server eth0 2001:db8:9::2/64 nodad
ip -n "$(ns server)" -6 route add default via 2001:db8:9::1
add_vtep host 1450
at host ethtool -K vx100 tx off >/dev/null
address host vx100 2001:db8:a::10/64 nodad
ip -n "$(ns host)" route add default via 10.0.0.1
ip -n "$(ns host)" -6 route add default via 2001:db8:a::1
# The kernel would forward all of it, to the wrong place.
ip -n "$(ns sluice)" route add default via 192.0.2.254
at sluice sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
spawn out out tcpdump -nn -l -i eth0 -Q in 'ip or (ip6 and not icmp6)'
wait_for 10 tcpdump grep -q listening "$lab/out.log"
start_sluiced sluice
apply <<'YAML'
vrf:
  - {name: underlay}
  - {name: tenant, gateway_addresses: [{address: 10.0.0.1/24}, {address: "2001:db8:a::1/64"}]}
interface: [{name: under0, vrf: underlay}, {name: up0, vrf: tenant}]
tunnel_endpoint:
  - {name: host, kind: vxlan, local_address: 172.16.0.1, remote_address: 172.16.0.10, underlay_vrf: underlay,
     vni_bindings: [{vni: 100, vrf: tenant}]}
next_hop:
  - {name: vtep, gateway: {interface: under0, address: 172.16.0.10}}
  - {name: host, tunnel: {tunnel_endpoint: host, vni: 100, mac: "02:00:00:00:00:0a"}}
  - {name: server, gateway: {interface: up0, address: 10.9.0.2}}
  - {name: server6, gateway: {interface: up0, address: "2001:db8:9::2"}}
  - {name: dead, gateway: {interface: up0, address: 10.9.0.99}}
next_hop_group:
  - {name: vtep, members: [{next_hop: vtep}]}
  - {name: host, members: [{next_hop: host}]}
  - {name: server, members: [{next_hop: server}]}
  - {name: server6, members: [{next_hop: server6}]}
  - {name: dead, members: [{next_hop: dead}]}
route:
  - {vrf: underlay, prefix: 172.16.0.10/32, next_hop_group: vtep}
  - {vrf: tenant, prefix: 10.0.0.0/24, next_hop_group: host}
  - {vrf: tenant, prefix: "2001:db8:a::/64", next_hop_group: host}
  - {vrf: tenant, prefix: 10.9.0.0/24, next_hop_group: server}
  - {vrf: tenant, prefix: "2001:db8:9::/64", next_hop_group: server6}
  - {vrf: tenant, prefix: 10.66.0.0/16, next_hop_group: dead}
YAML
servers_programmed() { [ "$(state next_hop server programmed)$(state next_hop server6 programmed)" = programmedprogrammed ]; }
wait_for 10 "the servers" servers_programmed

# hears FROM TO TEXT [PING OPTION...]: the answer to one ping.
hears() {
	at "$1" ping -c 1 -W 2 "${@:4}" "$2" >"$lab/ping" 2>&1 || :
	grep -qiE "$3" "$lab/ping" || fail "$1 to $2: $(cat "$lab/ping")"
}
hears server 10.0.0.10 'From 10.9.0.1 .*mtu = 1450' -M 'do' -s 1472
hears server 2001:db8:a::10 'From 2001:db8:9::1 .*mtu=1450' -M 'do' -s 1452
hears server 10.0.0.10 'ttl=63' -M 'do' -s 1422
hears host 10.9.0.2 'From 10.0.0.1 .*exceeded' -t 1
hears host 2001:db8:9::2 'From 2001:db8:a::1 .*exceeded' -t 1
hears host 10.77.0.1 'From 10.0.0.1 .*Net Unreachable'
hears host 2001:db8:77::1 'From 2001:db8:a::1 .*No route'
hears host 10.66.0.1 'From 10.0.0.1 .*Host Unreachable'

# So a large transfer finds the size that fits, in both families.
serve host hello
serve server hello
at server ip route flush cache
equal "$(at server curl -sS --max-time 20 http://10.0.0.10/1000000 | wc -c)" 1000015 "bytes from the tenant"
equal "$(at host curl -sS --max-time 20 http://10.9.0.2/1000000 | wc -c)" 1000016 "bytes to the tenant"
equal "$(at host curl -sS --max-time 20 'http://[2001:db8:9::2]/1000000' | wc -c)" 1000021 "bytes to the tenant over IPv6"

# Not more than the VRF allows, after a burst.
apply <<'YAML'
vrf:
  - name: tenant
    icmp_error_rate: 1
    gateway_addresses: [{address: 10.0.0.1/24}, {address: "2001:db8:a::1/64"}]
YAML
at host ping -q -c 200 -i 0.005 -W 1 -t 1 10.9.0.2 >"$lab/ping" || :
errors=$(sed -n 's/.* +\([0-9]*\) errors.*/\1/p' "$lab/ping")
((errors >= 40 && errors <= 60)) || fail "200 packets met $errors errors: $(cat "$lab/ping")"

! grep -qE '10\.(0|9|66|77)\.' "$lab/out.log" || fail "the kernel forwarded: $(grep -m 3 -E '10\.' "$lab/out.log")"
stop_sluiced
