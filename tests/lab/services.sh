# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Members of services and who asks them. Source it behind lib.sh.
# shellcheck disable=SC2154 # variables of lib.sh
flows_py=$root/tests/lab/service_flows.py

# client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- eth0 10.9.0.11 to .15 members
service_network() {
	local last
	add_ns client sluice members
	add_client
	add_link sluice up0 members eth0
	address sluice up0 10.9.0.1/24
	for last in 11 12 13 14 15; do address members eth0 10.9.0.$last/24; done
	ip -n "$(ns members)" route add default via 10.9.0.1
}

# member NS NAME [ADDRESS:]PORT...: one that says its name.
member() {
	spawn "member-$2" "$1" /usr/bin/python3 "$flows_py" serve "${@:2}"
	# shellcheck disable=SC2317 # by wait_for
	member_listens() { at "$1" ss -Hltn | grep -qF "${2%:*}" && at "$1" ss -Hltn | grep -q ":${2##*:} "; }
	wait_for 10 "the member $2" member_listens "$1" "${@: -1}"
}

# ask NS ADDRESS PORT COUNT [tcp|udp] [SIZE]: the names of who has answered, each with how often: "m1 12 m2 9".
ask() {
	at "$1" timeout 60 /usr/bin/python3 "$flows_py" ask "${@:2}" >"$lab/ask.out" 2>"$lab/ask.err" ||
		fail "$1 asks $2 port $3 ${5:-tcp}: $(tail -n 1 "$lab/ask.err")"
	sort "$lab/ask.out" | uniq -c | awk '{ printf "%s%s %s", (NR > 1 ? " " : ""), $2, $1 }'
}

# asked_only NAMES NS ADDRESS PORT COUNT [...]: all of these have answered, and nobody else.
asked_only() {
	local said names
	said=$(ask "${@:2}")
	names=$(tr ' ' '\n' <<<"$said" | awk 'NR % 2' | sort | tr '\n' ' ')
	equal "${names% }" "$1" "who answers at $3 port $4 ($said)"
}

# flows NAME NS ADDRESS PORT COUNT: so many connections, going; then `flows_are NAME`.
flows() {
	spawn "$1" "$2" /usr/bin/python3 "$flows_py" flows "$lab/$1.status" "${@:3}"
	wait_for 20 "the flows $1 to go: $(cat "$lab/$1.log")" flows_beyond "$1" 3
}
flows_field() { cut -d' ' -f"$2" "$lab/$1.status"; }
flows_beyond() { [ -s "$lab/$1.status" ] && [ "$(flows_field "$1" 5)" -gt "$2" ]; }
# flows_go_on NAME ALIVE WHAT: so many of them are alive, the others were lost, and each has had more back.
flows_go_on() {
	local least
	equal "$(flows_field "$1" 2)" "$2" "flows alive $3: $(cat "$lab/$1.status")"
	equal "$(flows_field "$1" 4)" 0 "flows with wrong bytes $3"
	least=$(flows_field "$1" 5)
	wait_for 20 "the flows $1 to go on $3: $(cat "$lab/$1.status")" flows_beyond "$1" $((least + 5))
	equal "$(flows_field "$1" 2)" "$2" "flows alive $3: $(cat "$lab/$1.status")"
}
# flows_of NAME MEMBER: how many of them are its.
flows_of() { tr ' ' '\n' <"$lab/$1.status" | sed -n "s/^$2=//p"; }

checksum_errors() { at "$1" nstat -asz TcpInCsumErrors UdpInCsumErrors Udp6InCsumErrors IcmpInCsumErrors | awk '/Csum/ { n += $2 } END { print n + 0 }'; }
