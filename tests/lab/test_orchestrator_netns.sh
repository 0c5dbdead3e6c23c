#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sluice-orch with driver netns: a chain of three stages up in seconds and passing traffic; up again changes nothing; it
# heals, scales, upgrades; what is interrupted, fails or dies half-way leaves nothing that stays.
#
# The network of orchestrator.sh; port1 is a link whose other end is the client's. Stages: fw, plain, and own, which has a
# command of its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/orchestrator.sh"

vnf=v$$
run=/run/sluice-orch
vnf_ctl() { "$sluicectl" --server "unix:$run/$vnf-0.sock" "$@"; }
undo+=("orch down $vnf")

left() {
	ip netns list 2>/dev/null | grep -o "^sluice-$vnf-[^ ]*"
	ip -n "$(ns host)" -o link show | grep -o " $vnf-[^:@]*"
	find "$run" -maxdepth 1 -name "$vnf-*" 2>/dev/null
	grep -lzs "^SLUICE_ORCH=$vnf-" /proc/[0-9]*/environ
}
nothing_left() { [ -z "$(left)" ] || fail "$1 left behind: $(left)"; }
# pid MARK: of the process with it. Processes that end meanwhile make grep fail.
pid_of() { { grep -lzs "^SLUICE_ORCH=$1$" /proc/[0-9]*/environ || :; } | tr -dc 0-9; }
daemon_pid() { pid_of "$vnf-0[ab]"; }

write_spec() {
	cat >"$spec" <<-YAML
		name: $vnf
		day0: day0.yaml
		dataplane:
		  - {name: cl, addresses: [10.1.0.1/24, 10.1.0.11/24]}
		  - {name: up, bridge: br-up, addresses: [10.9.0.1/24, 10.9.0.11/24]}
		chain:
		  - {name: fw, setup: [${1:-nft, -f, fw.nft}]}
		  - {name: plain}
		  - name: own
		    command:
		      - sh
		      - -c
		      - ip link add own type bridge forward_delay 0; ip link set in master own; ip link set out master own;
		        ip link set own up; exec sleep infinity
	YAML
}

# The client's end of the link, as an operator would take it.
connect_client() {
	ip -n "$(ns host)" link set "$vnf-0-cl" netns "$(ns client)" name eth0
	address client eth0 10.1.0.2/24
	ip -n "$(ns client)" link set eth0 up
	ip -n "$(ns client)" route add default via 10.1.0.1
	wait_for 30 "the next hops" resolved
	wait_for 10 "traffic" answers
}
resolved() { vnf_ctl show next_hops -o json | jq -e '[.states[].programmed] | all(. == "programmed")'; }

add_ns host client server
add_bridge br-up
join br-up server 10.9.0.2/24 10.9.0.1
serve server hello
write_day0 fw plain own

# A command that fails removes all that it made.
write_spec "false"
orch up -f "$spec" >"$lab/up" 2>&1 && fail "up succeeded although a stage's setup failed"
grep -q '^error: false: failed with status 1$' "$lab/up" || fail "the failure is not told: $(cat "$lab/up")"
nothing_left "an up that failed"

# So does one that is interrupted; the remains of one that was killed are found by down.
write_spec "sleep, 25"
for signal in INT KILL; do
	orch_spawn up up -f "$spec"
	wait_for 10 "the first stage" test -e "/run/netns/sluice-$vnf-0a.fw"
	stop up "$signal" && fail "up succeeded although it was interrupted"
	[ $signal = KILL ] || nothing_left "an up that was interrupted"
done
[ -n "$(left)" ] || fail "an up that was killed left nothing: it was not half-way"
orch down "$vnf" >"$lab/down" 2>&1 || fail "down after a crash: $(cat "$lab/down")"
nothing_left "down after a crash"

# Up, fast, and then traffic.
write_spec
start=$(date +%s%N)
orch up -f "$spec" >"$lab/up" 2>&1 || fail "up: $(cat "$lab/up")"
took=$((($(date +%s%N) - start) / 1000000))
cat "$lab/up"
[ $took -lt 5000 ] || fail "up took $took ms"
ready || fail "not ready after up: $(cat "$lab/status")"
connect_client
goes_through_stages "$vnf-0a" fw plain own

# Again: nothing changes.
pid=$(daemon_pid)
orch up -f "$spec" >"$lab/up" 2>&1 || fail "second up: $(cat "$lab/up")"
equal "$(daemon_pid)" "$pid" "sluiced after a second up"
equal "$(instances '.[0].ready and (.[0].stages | length == 3 and all(.up))')" true "ready, with three stages"

add_route 10.50.0.0/16
kept 10.50.0.0/16 || fail "the controller's route is not there"

orch_spawn heal heal -f "$spec"
wait_for 10 "heal to watch" grep -q "watching $vnf" "$lab/heal.log"
wait_for 10 "heal to have read it" grep -q 'read revision 2' "$lab/heal.log"
kill -KILL "$(daemon_pid)"
wait_for 30 "sluiced to be started again" grep -q 'serves again' "$lab/heal.log"
ready || fail "not ready after healing: $(cat "$lab/status" "$lab/heal.log")"
kept 10.50.0.0/16 || fail "the configuration did not come back: $(cat "$lab/heal.log")"
wait_for 10 "traffic after healing" answers
kill -KILL "$(pid_of "$vnf-0a.own")"
wait_for 10 "the stage's end to be seen" grep -q 'stage own: its command has ended' "$lab/heal.log"
wait_for 30 "the stage's return" ready
wait_for 10 "traffic after the stage's return" answers
stop heal || fail "heal ended with status $?: $(cat "$lab/heal.log")"

# Two, and one again; the first is not touched.
pid=$(daemon_pid)
orch scale 2 -f "$spec" >"$lab/scale" 2>&1 || fail "scale 2: $(cat "$lab/scale")"
equal "$(instances '[.[] | select(.ready)] | length')" 2 "replicas that are ready"
orch scale 3 -f "$spec" >"$lab/scale" 2>&1 && fail "scale 3 with addresses for two"
orch scale 1 -f "$spec" >"$lab/scale" 2>&1 || fail "scale 1: $(cat "$lab/scale")"
equal "$(instances length)" 1 "replicas after scaling in"
equal "$(daemon_pid)" "$pid" "the first replica's sluiced after scaling"

# Another sluiced, with the configuration of the first; one that cannot run changes nothing.
printf '#!/bin/sh\necho not today >&2\nexit 1\n' >"$lab/broken"
chmod 755 "$lab/broken"
orch upgrade -f "$spec" --image "$lab/broken" >"$lab/upgrade" 2>&1 && fail "upgraded to what cannot run"
grep -q 'ended before it served: not today' "$lab/upgrade" || fail "the failure is not told: $(cat "$lab/upgrade")"
equal "$(daemon_pid)" "$pid" "sluiced after an upgrade that failed"
answers || fail "no traffic after an upgrade that failed"
ln "$sluiced" "$lab/sluiced-2" 2>/dev/null || cp "$sluiced" "$lab/sluiced-2"
orch upgrade -f "$spec" --image "$lab/sluiced-2" >"$lab/upgrade" 2>&1 || fail "upgrade: $(cat "$lab/upgrade")"
cat "$lab/upgrade"
[ "$(readlink "/proc/$(daemon_pid)/exe")" = "$lab/sluiced-2" ] || fail "the upgrade did not change what runs"
ready || fail "not ready after the upgrade: $(cat "$lab/status")"
kept 10.50.0.0/16 || fail "the upgrade lost configuration"
wait_for 10 "traffic after the upgrade" answers
equal "$(instances '.[].instance')" "$vnf-0b" "instances after the upgrade"

# An upgrade that is killed is gone on with: what the controller wrote into the old one meanwhile comes along, and there is
# no second new one.
mkdir "$lab/bin"
cat >"$lab/bin/ip" <<SH
#!/bin/sh
input=\$(cat)
case "\$* \$input" in *"\$DIES_AT"*) kill -KILL \$PPID && exit 1 ;; esac
printf '%s\n' "\$input" | exec $(command -v ip) "\$@"
SH
chmod 755 "$lab/bin/ip"
# upgrade_dies_at WORDS ROLES: sluice-orch dies when it calls ip(8) with them, and leaves instances in those roles.
upgrade_dies_at() {
	local image=$lab/sluiced-2 added
	[ "$(instances '.[0].image')" != "$image" ] || image=$sluiced
	added=10.$((number += 1)).0.0/16
	DIES_AT=$1 PATH=$lab/bin:$PATH orch upgrade -f "$spec" --image "$image" >"$lab/upgrade" 2>&1 &&
		fail "it lived through $1"
	equal "$(instances '[.[].role] | sort | join(" ")')" "$2" "what an upgrade leaves that dies at $1"
	ready && fail "ready in the midst of an upgrade that died at $1"
	add_route "$added"
	orch upgrade -f "$spec" --image "$image" >"$lab/upgrade" 2>&1 || fail "the upgrade after $1: $(cat "$lab/upgrade")"
	equal "$(instances '[.[] | [.instance, .role, .image]] | flatten | join(" ")')" "$(next) active $image" "what runs after $1"
	kept "$added" || fail "the upgrade that died at $1 lost what was written afterwards"
	kept 10.50.0.0/16 || fail "the upgrade that died at $1 lost configuration"
	wait_for 10 "traffic after the upgrade that died at $1" answers
	letters=${letters:1}${letters:0:1}
}
next() { echo "$vnf-0${letters:1:1}"; }
number=100 letters=ba
upgrade_dies_at "netns add sluice-$(next).plain" "active standby"
upgrade_dies_at "xdp off" "retired standby"
upgrade_dies_at "address replace" "retired standby"
upgrade_dies_at "netns delete sluice-$vnf-0${letters:0:1}" "active retired"

orch down "$vnf" >"$lab/down" 2>&1 || fail "down: $(cat "$lab/down")"
nothing_left "down"
orch down "$vnf" >"$lab/down" 2>&1 || fail "a second down: $(cat "$lab/down")"
