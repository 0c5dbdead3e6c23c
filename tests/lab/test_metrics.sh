#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A real Prometheus scrapes the daemon, in OpenMetrics, and answers every expression of the dashboard; promtool finds
# nothing to say of the other format; what is counted is what was sent. Over TLS only who may read does.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- eth0 10.9.0.2 server
. "$(dirname "$0")/lib.sh"

metrics=http://127.0.0.1:9111/metrics
telnets=()
scrape() { at sluice curl -sf "$metrics" >"$lab/metrics.txt"; }
# sample NAME [LABELS]: of the last scrape; LABELS as in the text, in its order.
sample() { name="$1${2:+{$2\}} " awk 'index($0, ENVIRON["name"]) == 1 { print $NF }' "$lab/metrics.txt"; }

add_ns client sluice server fw
add_client
add_server
add_link sluice fw-in fw eth0
add_link sluice fw-out fw eth1
ip -n "$(ns sluice)" route add 10.77.0.0/24 via 10.9.0.2 dev up0 proto 186 table 100
serve server hello

start_sluiced sluice --web 9111 --state "$lab/state"
apply <<YAML
# the last VRF has a quote and a backslash in its name
vrf: [{name: x}, {name: inner}, {name: 'a"b\\c'}]
interface:
  - {name: cl0, vrf: x}
  - {name: up0, vrf: x}
  - {name: fw-in, vrf: x}
  - {name: fw-out, vrf: x}
tunnel_endpoint:
  - {name: tenant, kind: vxlan, local_address: 10.9.0.1, remote_address: 10.9.0.2, underlay_vrf: x,
     vni_bindings: [{vni: 100, vrf: inner}]}
port_pair: [{name: fw, ingress: fw-in, egress: fw-out}]
port_pair_group: [{name: fw, port_pairs: [fw], failure_mode: fail_open}]
flow_classifier: [{name: discard, vrf: x, priority: 10, protocol: tcp, destination_prefix: 10.9.9.0/24}]
port_chain: [{name: fw, flow_classifiers: [discard], port_pair_groups: [fw]}]
rate_limiter: [{name: subscriber, rate: 10000000, burst: 250000, scope: source}]
qos_policy: [{name: subscriber, rate_limiter: subscriber}]
policy_rule:
  - {name: no-telnet, vrf: x, priority: 10, access: ACCESS_DENY, match: {protocol: 6, destination_ports: {first: 23}}}
  - {name: limited, vrf: x, match: {source_prefix: 10.1.0.2/32, protocol: 17}, qos_policy: subscriber}
load_balancer: [{name: web, vrf: x, vip_address: 203.0.113.1}]
pool: [{name: web, vrf: x}]
listener: [{name: web, load_balancer: web, protocol: tcp, ports: {first: 80}, pools: [{pool: web}]}]
member: [{name: m1, pool: web, address: 10.9.0.2, port: 80}]
route_source: {name: kernel, vrf: x, table: 100, allow_bogons: true}
$(ends_yaml cl0 up0)
YAML
wait_for 10 "the next hops" programmed next_hops

# --- Prometheus, before there is something to count ---
document=$root/docs/operations.md
{
	echo "global: {scrape_interval: 500ms, scrape_timeout: 500ms}"
	awk '$0 == "```yaml prometheus" { on = 1; next } /^```/ { on = 0 } on' "$document"
} >"$lab/prometheus.yml"
spawn prometheus sluice prometheus --config.file="$lab/prometheus.yml" --storage.tsdb.path="$lab/tsdb" \
	--web.listen-address=127.0.0.1:9090
# query EXPRESSION: the values.
query() {
	at sluice curl -sf --data-urlencode "query=$1" http://127.0.0.1:9090/api/v1/query >"$lab/answer" &&
		jq -e '.status == "success"' "$lab/answer" >/dev/null &&
		jq -r '.data.result[].value[1]' "$lab/answer"
}
is_up() { [ "$(query up)" = 1 ]; }
wait_for 15 "Prometheus to scrape" is_up

# --- traffic ---
wait_for 10 "the service" at client curl -sf --max-time 1 http://203.0.113.1/
at client ping -qc 5 -i 0.02 10.9.0.2 >"$lab/ping.out"
telnet() { ! at client curl -s --max-time 1 telnet://10.9.0.2:23 </dev/null; }
for i in 1 2 3; do telnet & telnets[i]=$!; done
for i in 1 2 3; do wait "${telnets[i]}" || fail "telnet passes"; done
for _ in 1 2 3; do equal "$(get client http://203.0.113.1/)" "hello 10.1.0.2" "the service's answer"; done
apply <<'YAML'
route:
  - {vrf: x, prefix: 10.5.1.0/24, next_hop_group: server}
  - {vrf: x, prefix: 10.5.2.0/24, next_hop_group: server}
YAML
echo "route: {vrf: x, prefix: 10.6.0.0/24, next_hop_group: none}" >"$lab/nowhere.yaml"
! ctl stream -f "$lab/nowhere.yaml" >"$lab/refused" 2>&1 || fail "a route to nowhere is taken"

# --- the text format ---
scrape
promtool check metrics <"$lab/metrics.txt" || fail "promtool does not like the metrics"
equal "$(sample sluice_packets_total 'reason="denied",verdict="dropped"')" "$(reason denied)" "packets denied"
[ "$(reason denied)" -ge 3 ] || fail "$(reason denied) packets denied"
[ "$(sample sluice_policy_rule_packets_total 'rule="no-telnet",vrf="x"')" -ge 3 ] || fail "telnet is not counted"
equal "$(sample sluice_vrf_routes 'vrf="x"')" 4 "routes of x"
equal "$(sample sluice_vrf_learned_routes 'vrf="x"')" 1 "learned routes of x"
equal "$(sample sluice_vrf_routes 'vrf="a\"b\\c"')" 0 "routes of the VRF with odd characters"
equal "$(sample sluice_vrf_policy_rules 'vrf="x"')" 2 "rules of x"
equal "$(sample sluice_revision)" "$(revision)" "the revision"
equal "$(sample sluice_commit_duration_seconds_count 'outcome="refused"')" 1 "commits refused"
[ "$(sample sluice_commit_duration_seconds_count 'outcome="programmed"')" -ge 2 ] || fail "commits are not counted"
equal "$(sample sluice_journal_writable)" 1 "the journal"
equal "$(sample sluice_member_active 'member="m1",pool="web"')" 1 "the member"
equal "$(sample sluice_route_source_routes 'source="kernel",vrf="x"')" 1 "routes of the source"
ctl delete route x/10.5.1.0/24 -y >"$lab/delete.out" 2>&1 || fail "$(cat "$lab/delete.out")"
scrape
equal "$(sample sluice_vrf_routes 'vrf="x"')" 3 "routes of x when one is gone"
! grep -q '^sluice_.*10\.5\.' "$lab/metrics.txt" || fail "a route has a series"

# --- by revision: telnet died by the rule since the first, and what died is counted once more with its reason ---
ctl show verdicts -o json >"$lab/verdicts" 2>&1 || fail "$(cat "$lab/verdicts")"
equal "$(jq -r '.verdicts[] | select(.rule == "no-telnet") | "\(.revision) \(.reason) \(.counters.packets)"' "$lab/verdicts")" \
	"1 denied $(reason denied)" "the rule's verdicts"
equal "$(jq '[.verdicts[] | select(.rule == "" and .reason == "denied") | .counters.packets] | add' "$lab/verdicts")" \
	"$(reason denied)" "packets denied by revision"

# --- the commands of docs/operations.md ---
# shellcheck disable=SC2016 # backquotes of Markdown
awk '$0 == "```console metrics" { on = 1; next } /^```/ { on = 0 } on && sub(/^\$ /, "")' "$document" >"$lab/commands"
equal "$(wc -l <"$lab/commands")" 3 "commands of the document"
while read -r line; do
	at sluice bash -o pipefail -c "$line" >"$lab/command.out" 2>&1 || fail "$line: $(tail "$lab/command.out")"
done <"$lab/commands"

# --- OpenMetrics, as Prometheus asks for it: only there are units ---
equal "$(at sluice curl -sf http://127.0.0.1:9090/api/v1/metadata | jq -r '.data.sluice_commit_duration_seconds[0] | .type + " " + .unit')" \
	"histogram seconds" "what Prometheus knows of the commits"
equal "$(at sluice curl -sf -H 'Accept: application/openmetrics-text' "$metrics" | tail -n 1)" "# EOF" "the end"
# counted NAME VALUE: Prometheus has the value by now
counted() { [ "$(query "sum($1)")" = "$2" ]; }
wait_for 5 "the commits in Prometheus" counted 'sluice_commit_duration_seconds_count{outcome="refused"}' 1

# --- the dashboard: an error, or an answer without data, is a finding ---
# shellcheck disable=SC2016 # $ of Grafana
at sluice /usr/bin/python3 -c '
import json, sys, urllib.parse, urllib.request
board = json.load(open(sys.argv[1]))
expressions = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
if len(expressions) < 40:
    sys.exit(f"only {len(expressions)} expressions")
for expression in expressions + [each["expr"] for each in board["annotations"]["list"]]:
    query = expression.replace("$__rate_interval", "1m").replace("$instance", ".*")
    url = "http://127.0.0.1:9090/api/v1/query?" + urllib.parse.urlencode({"query": query})
    try:
        answer = json.load(urllib.request.urlopen(url))
    except urllib.error.HTTPError as error:
        sys.exit(f"{expression}: {error.read().decode()}")
    # nothing has started again, which is all that the annotation would show
    if not answer["data"]["result"] and "changes(" not in expression:
        sys.exit(f"{expression}: no data")' "$root/docs/grafana/sluice.json" || fail "the dashboard"
equal "$(query 'sum(rate(sluice_packets_total{verdict="dropped"}[1m])) > bool 0')" 1 "drops in Prometheus"

# --- beyond loopback: TLS, and the role read ---
stop_sluiced
key() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$lab/$1.key" "${@:2}" 2>>"$lab/openssl.log"; }
key ca -x509 -subj /CN=ca -days 2 -out "$lab/ca.pem"
for name in server reader stranger; do
	key "$name" -subj "/CN=$name" -out "$lab/$name.csr"
	openssl x509 -req -in "$lab/$name.csr" -CA "$lab/ca.pem" -CAkey "$lab/ca.key" -CAcreateserial -days 2 -out "$lab/$name.pem" \
		-extfile <(echo "subjectAltName=DNS:$name,IP:10.1.0.1") 2>>"$lab/openssl.log"
done
echo 'rules: [{identities: ["dns:reader"], role: read}, {identities: ["uid:0"], role: admin}]' >"$lab/access.yaml"
cat >"$lab/sluice.yaml" <<-YAML
	listen: unix:$lab/sluice.sock
	tls: {certificate: $lab/server.pem, key: $lab/server.key, client_ca: $lab/ca.pem}
	access_policy: $lab/access.yaml
	web: {listen: ["9111", "10.1.0.1:9112"]}
YAML
! "$sluiced" -n --config /dev/stdin <<<'web: {listen: 10.1.0.1:9112}' 2>"$lab/open.log" || fail "it would be open to all"
grep -q 'web.listen\[0\].*plain text' "$lab/open.log" || fail "the refusal says: $(cat "$lab/open.log")"
# without its state, so that cl0 is the kernel's
spawn sluiced sluice "$sluiced" --config "$lab/sluice.yaml"
wait_for 30 "sluiced to answer" sluiced_answers
as() { at client curl -s --cacert "$lab/ca.pem" --cert "$lab/$1.pem" --key "$lab/$1.key" -o "$lab/out" -w '%{http_code}' https://10.1.0.1:9112/metrics; }
wait_for 10 "the reader" as reader
equal "$(as reader)" 200 "the reader's status"
grep -q '^sluice_packets_total' "$lab/out" || fail "the reader has no metrics: $(head "$lab/out")"
equal "$(as stranger)" 403 "the stranger's status"
! at client curl -s --cacert "$lab/ca.pem" https://10.1.0.1:9112/metrics >"$lab/out" 2>&1 || fail "without a certificate: $(head "$lab/out")"
! at client curl -s --max-time 2 http://10.1.0.1:9112/metrics >"$lab/out" 2>&1 || fail "in plain text: $(head "$lab/out")"
stop_sluiced
