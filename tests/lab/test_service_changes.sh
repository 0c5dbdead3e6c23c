#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A pool under load: requests of a connection each, requests on connections that stay, and streams, while members drain,
# end, come, and a canary takes its tenth. No request fails, no stream loses a byte, and the shares are what they say.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- eth0 10.9.0.11 to .15 members
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stages.sh"
. "$(dirname "$0")/services.sh"
# New connections of each step, of the canary's, and by how many in 1,000 its tenth may be off: four standard deviations
# of 5,000 are 17, of 400,000 are 1.9.
if [ -n "${SLUICE_LONG:-}" ]; then share=150000 tenth=400000 off=5; else share=1000 tenth=5000 off=17; fi

service_network
at client sysctl -qw net.ipv4.ip_local_port_range='1024 65535' net.ipv4.tcp_tw_reuse=1
# Connections of each member, and whatever comes to it.
at members nft -f - <<-RULES
	table ip count {
		$(for last in 11 12 13 14 15; do printf "counter new%s {}\ncounter all%s {}\n" $last $last; done)
		chain arrive {
			type filter hook prerouting priority raw;
			$(for last in 11 12 13 14 15; do
				echo "ip daddr 10.9.0.$last tcp flags & (syn | ack) == syn counter name new$last"
				echo "ip daddr 10.9.0.$last counter name all$last"
			done)
		}
	}
RULES
# count_of new|all LAST...: in sum.
count_of() {
	local what=$1
	shift
	at members nft -j list counters table ip count | jq --arg names " ${*/#/$what} " \
		'[.nftables[] | .counter? // empty | select(" \(.name) " as $n | $names | contains($n)) | .packets] | add'
}
# Streams have a process for each member, which can be ended.
for last in 11 12 13 14 15; do
	member members stream-m$last 10.9.0.$last:9000
done
api_gateway members 10.9.0.{11=m11,12=m12,13=m13,14=m14,15=m15}
start_sluiced sluice
apply <<'YAML'
vrf: [{name: x}]
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}]
load_balancer: [{name: web, vrf: x, vip_address: 203.0.113.1}]
pool: [{name: stable, vrf: x}, {name: canary, vrf: x}]
listener: [{name: web, load_balancer: web, pools: [{pool: stable}]}]
member:
  - {name: m11, pool: stable, address: 10.9.0.11}
  - {name: m12, pool: stable, address: 10.9.0.12}
  - {name: m13, pool: stable, address: 10.9.0.13}
YAML
wait_for 10 "an answer of the service" at client curl -sf -o "$lab/ready" http://203.0.113.1/

# The loads: wrk has a connection each, and connections that stay; the streams are numbers to and fro.
spawn close client wrk -t 1 -c 8 -d 3600s --timeout 5s -s "$root/tests/lab/wrk.lua" -H 'Connection: close' http://203.0.113.1/
load stay client 8 http://203.0.113.1/
flows streams client 203.0.113.1 9000 30
new_ones() { count_of new "$@"; }
begun() { [ "$(new_ones 11 12 13 14 15)" -ge "$1" ]; }
# more N: so many connections begin.
more() { wait_for 600 "$1 more connections" begun $(($(new_ones 11 12 13 14 15) + $1)); }
more $share
apply <<<'member: [{name: m11, pool: stable, address: 10.9.0.11, admin_state: draining}]'
drained=$(new_ones 11)
more $share
equal "$(new_ones 11)" "$drained" "new connections of a member that drains"
flows_go_on streams 30 "while m11 drains"
apply <<<'member: [{name: m14, pool: stable, address: 10.9.0.14}]'
more $share
(($(new_ones 14) > share / 5)) || fail "the new member got $(new_ones 14) connections of $share"
flows_go_on streams 30 "behind a new member"

# The canary: a tenth of new connections, and nothing that was there before moves to it.
apply <<'YAML'
member: [{name: m15, pool: canary, address: 10.9.0.15}]
listener: [{name: web, load_balancer: web, pools: [{pool: stable, per_mille: 900}, {pool: canary, per_mille: 100}]}]
YAML
before=$(new_ones 11 12 13 14 15) canary=$(new_ones 15)
more $tenth
all=$(($(new_ones 11 12 13 14 15) - before)) canary=$(($(new_ones 15) - canary))
echo "canary: $canary of $all connections"
((canary * 1000 < all * (100 + off) && canary * 1000 > all * (100 - off))) || fail "a canary of 10% got $canary of $all"
flows_go_on streams 30 "beside a canary"
equal "$(flows_of streams stream-m15)" "" "streams of the canary"
apply <<<'listener: [{name: web, load_balancer: web, pools: [{pool: stable}]}]'
canary=$(new_ones 15)
more $share
equal "$(new_ones 15)" "$canary" "new connections of a canary that was rolled back"

# The drained one ends once its streams have: what is gone for the service may be killed.
on_11=$(flows_of streams stream-m11)
stop streams || :
equal "$(cut -d' ' -f1-4 "$lab/streams.status")" "closed 30 0 0" "the streams at their end"
load_result close
echo "a connection each: $result"
equal "$(errors "$result")" 0 "failed requests of a connection each"
result=
load_result stay
echo "connections that stay: $result"
equal "$(errors "$result")" 0 "failed requests on connections that stay"

# --- a member that is gone for the service gets not one packet more, from the answer of the commit on ---
stop member-stream-m11 KILL || :
spawn close client wrk -t 1 -c 8 -d 3600s --timeout 5s -s "$root/tests/lab/wrk.lua" -H 'Connection: close' http://203.0.113.1/
more 500
apply <<<'delete: {member: [{name: m11}]}'
apply <<<'member: [{name: m12, pool: stable, address: 10.9.0.12, admin_state: quarantined}]'
gone=$(count_of all 11) quarantined=$(count_of all 12)
more 2000
equal "$(count_of all 11)" "$gone" "packets to a member that is gone"
equal "$(count_of all 12)" "$quarantined" "packets to a member in quarantine"
stop close INT || :
echo "${on_11:-0} streams had stayed with the member that drained"
stop_sluiced
