# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# The real programs that labs put around Sluice: an nftables firewall and a Suricata IDS as transparent stages, Open
# vSwitch as a VTEP, gateways. After lib.sh.
# shellcheck disable=SC2028

# add_stage NS NAME...: links NAME-in and NAME-out between the namespaces `sluice` and NS, whose ends Sluice sees as the
# two sides of one instance of a stage. Its namespace speaks only when spoken to: frames in it are frames through it.
add_stage() {
	local namespace=$1 name side
	shift
	at "$namespace" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	for name in "$@"; do
		for side in in out; do
			add_link sluice "$name-$side" "$namespace" "$name-$side"
		done
	done
}

# bridge_stage NS NAME...: a bridge a tenant between NAME-in and NAME-out.
bridge_stage() {
	local namespace=$1 name side
	shift
	for name in "$@"; do
		ip -n "$(ns "$namespace")" link add "br-$name" type bridge stp_state 0 forward_delay 0
		for side in in out; do
			ip -n "$(ns "$namespace")" link set "$name-$side" master "br-$name"
		done
		ip -n "$(ns "$namespace")" link set "br-$name" up
	done
}

# firewall NS RULES: the bridges' filter; RULES are nftables rules of a forward chain that accepts the rest.
firewall() {
	at "$1" nft -f - <<-RULES
		table bridge filter {
			chain forward {
				type filter hook forward priority 0; policy accept;
				$2
			}
		}
	RULES
}

# firewall_count NS COMMENT: packets of the rule with that comment.
firewall_count() {
	at "$1" nft -j list table bridge filter | jq --arg c "$2" \
		'[.nftables[].rule? | select(.comment == $c) | .expr[].counter?.packets // empty] | add // 0'
}

# ids NS NAME...: Suricata inline between NAME-in and NAME-out of each. Without Suricata on the machine, bridges that
# forward and count.
ids() {
	local namespace=$1 name config=$lab/suricata.yaml
	shift
	if ! have_suricata; then
		bridge_stage "$namespace" "$@"
		return
	fi
	mkdir -p "$lab/ids"
	for name in "$@"; do
		# Suricata sends frames on as it received them: they must be no larger than the MTU, and finished.
		at sluice ethtool -K "$name-in" tx off >/dev/null
		at sluice ethtool -K "$name-out" tx off >/dev/null
	done
	{
		cat "$root/tests/lab/suricata.yaml"
		echo "af-packet:"
		for name in "$@"; do
			ids_interface "$name-in" "$name-out" $((cluster += 1))
			ids_interface "$name-out" "$name-in" $((cluster += 1))
		done
	} >"$config"
	spawn suricata "$namespace" suricata -c "$config" -S "$root/tests/lab/ids.rules" -l "$lab/ids" --af-packet -k none
	wait_for 60 "Suricata to pass packets" grep -q 'engine started\|Engine started' "$lab/suricata.log"
}
cluster=0

ids_interface() {
	printf '  - interface: %s\n    copy-iface: %s\n    cluster-id: %s\n' "$1" "$2" "$3"
	printf '    copy-mode: ips\n    threads: 1\n    cluster-type: cluster_flow\n    defrag: no\n    tpacket-v3: no\n'
	printf '    use-mmap: yes\n    ring-size: 4096\n'
}

have_suricata() { command -v suricata >/dev/null; }

# alerts: signatures that Suricata has raised, one a line with the addresses.
alerts() {
	jq -r 'select(.event_type == "alert") | "\(.alert.signature): \(.src_ip) -> \(.dest_ip) \(.http.url // "")"' \
		"$lab/ids/eve.json" 2>/dev/null
}

# ovs NS: Open vSwitch with the user-space datapath, for this namespace alone; then `vs NS COMMAND...` and so on.
ovs() {
	local dir=$lab/ovs-$1
	mkdir -p "$dir"
	ovsdb-tool create "$dir/conf.db" /usr/share/openvswitch/vswitch.ovsschema
	spawn "ovsdb-$1" "$1" ovsdb-server "$dir/conf.db" --remote="punix:$dir/db.sock" --unixctl="$dir/ovsdb.ctl" \
		--log-file="$dir/ovsdb.log"
	wait_for 20 "ovsdb-server" test -S "$dir/db.sock"
	vs "$1" --no-wait init
	OVS_RUNDIR=$dir spawn "ovs-$1" "$1" ovs-vswitchd "unix:$dir/db.sock" --unixctl="$dir/vswitchd.ctl" \
		--log-file="$dir/vswitchd.log"
	undo+=("ovs_exit $1")
	wait_for 20 "ovs-vswitchd" test -S "$dir/vswitchd.ctl"
}

vs() {
	local dir=$lab/ovs-$1
	shift
	ovs-vsctl --timeout=20 --db="unix:$dir/db.sock" "$@"
}

ovs_appctl() {
	local dir=$lab/ovs-$1
	shift
	ovs-appctl --target="$dir/vswitchd.ctl" "$@"
}

# Takes its tap devices with it, which a signal would leave behind.
ovs_exit() {
	ovs_appctl "$1" exit --cleanup
	wait "$(cat "$lab/ovs-$1.pid")" 2>/dev/null
	rm -f "$lab/ovs-$1.pid"
}

# api_gateway NS ADDRESS=TENANT...: nginx, port 80; the answer names gateway, tenant and client. Port 8081 answers too:
# it is what firewalls are asked to forbid.
api_gateway() {
	local namespace=$1 config=$lab/nginx-$1.conf binding
	shift
	mkdir -p "$lab/nginx"
	{
		echo "daemon off; master_process off; worker_processes 1; pid $lab/nginx/pid; error_log stderr;"
		echo "events { worker_connections 4096; }"
		echo "http { access_log off; keepalive_requests 1000000000; keepalive_timeout 600; default_type text/plain;"
		for binding in client_body proxy fastcgi uwsgi scgi; do
			echo "${binding}_temp_path $lab/nginx/$binding;"
		done
		echo "map \$server_addr \$tenant { default unknown;"
		for binding in "$@"; do
			echo "${binding%%=*} ${binding#*=};"
		done
		echo "}"
		echo "server { listen 80; listen [::]:80; listen 8081;"
		echo "location / { return 200 \"gateway=api tenant=\$tenant client=\$remote_addr\\n\"; } } }"
	} >"$config"
	spawn "nginx-$namespace" "$namespace" /usr/sbin/nginx -e stderr -c "$config"
	wait_for 10 "nginx" at "$namespace" curl -sf -o "$lab/nginx/ready" http://127.0.0.1/
}

# ai_gateway NS ADDRESS=TENANT...: tests/lab/ai_gateway.py
ai_gateway() {
	local namespace=$1
	shift
	spawn "ai-$namespace" "$namespace" /usr/bin/python3 "$root/tests/lab/ai_gateway.py" "$@"
	wait_for 10 "the AI gateway" at "$namespace" curl -sf -o "$lab/ai.ready" "http://127.0.0.1/?tokens=0"
}

# load NAME NS CONNECTIONS URL: wrk in the background, until load_result.
load() { spawn "$1" "$2" wrk -t 1 -c "$3" -d 300s --timeout 5s -s "$root/tests/lab/wrk.lua" "$4"; }

# load_result NAME: ends the load and puts its JSON into $result.
load_result() {
	alive "$1" || fail "wrk ended early: $(cat "$lab/$1.log")"
	stop "$1" INT || fail "wrk: $(cat "$lab/$1.log")"
	# shellcheck disable=SC2034 # used by the scripts that source this file
	result=$(tail -n 1 "$lab/$1.log")
}

# errors JSON: everything that a load met with that is not a good answer.
errors() { jq '.connect + .read + .write + .timeout + .status' <<<"$1"; }

# capture NAME NS DEVICE FILTER: headers into $lab/NAME.pcap until captured NAME, which fails where any were missed.
capture() {
	spawn "$1" "$2" tcpdump -nn -Z root -i "$3" -s 96 -B 32768 -U -w "$lab/$1.pcap" "$4"
	wait_for 10 "tcpdump" grep -q 'listening on' "$lab/$1.log"
}

captured() {
	wait_for 10 "tcpdump to have read what it received" all_read "$1"
	stop "$1" || :
	grep -q '^0 packets dropped by kernel' "$lab/$1.log" || fail "the capture $1 is not whole: $(cat "$lab/$1.log")"
}

# all_read CAPTURE: packets wait in blocks of the kernel's ring until tcpdump gets them; a signal shows how many.
all_read() {
	kill -USR1 "$(cat "$lab/$1.pid")"
	tail -n 1 "$lab/$1.log" | awk '/packets captured, .* received by filter/ { found = 1; exit $2 != $5 } END { if (!found) exit 1 }'
}
