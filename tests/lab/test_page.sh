#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The page in a browser: it loads fast and from nowhere else, shows the topology, rates that move and drops, explains a
# packet as sluicectl does, works by keyboard, in the dark, on a phone and with 10,000 routes, and takes names for text.
# With SLUICE_SHOTS=FOLDER its screenshots stay there.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- server 10.9.0.2
#                          s1-in|out
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stages.sh"

playwright=$root/build/playwright/node_modules/playwright-core
[ -d "$playwright" ] || skip "there is no playwright-core: see what tests/setup.sh says of it"
[ -x /usr/bin/chromium ] || skip "there is no /usr/bin/chromium"
command -v node >/dev/null || skip "there is no node"

add_ns client sluice server stage
add_client
add_server
add_stage stage s1
bridge_stage stage s1
serve server server
start_sluiced sluice --web 9111

hostile="<img src=x onerror=document.title='taken'>"
apply <<YAML
vrf: [{name: x, kernel: true}, {name: "$hostile"}]
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}, {name: s1-in, vrf: x}, {name: s1-out, vrf: x},
  {name: not-there, vrf: "$hostile"}]
$(ends_yaml cl0 up0)
port_pair: [{name: s1, ingress: s1-in, egress: s1-out}]
port_pair_group: [{name: s1, port_pairs: [s1], failure_mode: fail_open}]
flow_classifier: [{name: web, vrf: x, protocol: tcp, destination_ports: {first: 80}}]
port_chain: [{name: chain, flow_classifiers: [web], port_pair_groups: [s1], symmetric: true}]
load_balancer: [{name: front, vrf: x, vip_address: 198.51.100.10}]
listener: [{name: front, load_balancer: front, protocol: tcp, ports: {first: 80}, pools: [{pool: back}]}]
pool: [{name: back, vrf: x}]
member: [{name: m1, pool: back, address: 10.9.0.2}]
YAML
wait_for 10 "the next hops" programmed next_hops

# Each path, and what is refused.
ask() { at sluice curl -sS --max-time 20 -o "$lab/body" -w '%{http_code}' "$@"; }
page=http://127.0.0.1:9111
for path in / page.css page.js text.js api/system api/limits api/ports api/verdicts api/connections api/revisions \
	'api/resources?kind=vrf' 'api/difference?from_revision=0&to_revision=1' 'api/now?kinds=vrf,interface'; do
	equal "$(ask "$page/${path#/}")" 200 "the status of $path ($(head -c 200 "$lab/body"))"
done
equal "$(ask "$page/api/resources?kind=vrf&pages=1")" 400 "the status of an unknown parameter"
grep -qx 'pages: there is no such parameter' "$lab/body" || fail "an unknown parameter: $(cat "$lab/body")"
equal "$(ask "$page/api/resources?kind=vfr")" 400 "the status of an unknown kind"
equal "$(ask "$page/api/now?kinds=vrf,vfr")" 400 "the status of an unknown kind among others"
equal "$(ask "$page/api/difference?from_revision=7&to_revision=8")" 404 "the status of a revision to come"
equal "$(ask -X POST "$page/api/system")" 405 "the status of a write"
equal "$(ask -H 'Sec-Fetch-Site: cross-site' "$page/api/explain?interface=cl0")" 403 "the status of another site"
equal "$(ask "$page/api/explain?interface=nowhere&source=10.1.0.2&destination=10.9.0.2")" 404 "the status of no interface"
tag=$(at sluice curl -sSI "$page/page.js" | sed -n 's/^ETag: \(.*\)\r$/\1/p')
equal "$(ask -H "If-None-Match: $tag" "$page/page.js")" 304 "the status of what the client has"
ask "$page/api/resources?kind=vrf" >/dev/null
equal "$(jq -cS .states "$lab/body")" "$(ctl show vrfs -o json | jq -cS .states)" "JSON of the page, and of sluicectl"

# What the page is to say of two packets.
explained() {
	local status=0
	ctl explain --interface cl0 --from 10.1.0.2 --to "$1" --protocol tcp --dport 22 -o json >"$lab/$2.json" || status=$?
	[ "$status" -le 1 ] || fail "sluicectl explain: status $status"
}
explained 10.9.0.2 forwarded
explained 203.0.113.1 dropped

cat >"$lab/table.awk" <<'AWK'
BEGIN { for (i = 0; i < 10000; i++) printf "100.%d.%d.0/24 server\n", 64 + i / 256, i % 256 }
AWK
awk -f "$lab/table.awk" >"$lab/table.txt"

spawn traffic client ping -q -i 0.01 10.9.0.2
spawn dropped client ping -q -i 0.05 203.0.113.1
shots=${SLUICE_SHOTS:-$lab/shots}
mkdir -p "$shots"
at sluice env HOME="$lab" node "$root/tests/lab/page.js" "$playwright" "$page/" "$lab" "$shots" "$hostile" \
	"$sluicectl --server unix:$lab/sluice.sock load $lab/table.txt --vrf x" >"$lab/page.log" 2>&1 ||
	fail "the page: $(cat "$lab/page.log")"
cat "$lab/page.log"
stop_sluiced
