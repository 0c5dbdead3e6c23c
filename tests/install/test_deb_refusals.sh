#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Where the packages' programs cannot work they say why, with the remedy, and leave nothing half done: on a kernel without
# BTF, without a capability, beside a sluiced of another version.
. "$(dirname "$0")/lib.sh"

need_packages
unpack "$lab/tree" sluice sluicectl
sluiced=$lab/tree/usr/sbin/sluiced sluicectl=$lab/tree/usr/bin/sluicectl
add_ns client sluice server
add_client
add_server

# --- no BTF: preflight has it as an error; sluiced needs none itself, and works ---
spawn sluiced sluice unshare --mount sh -c 'mount -t tmpfs tmpfs /sys/kernel/btf && exec "$@"' sh \
	"$sluiced" --config /dev/null --listen "unix:$lab/sluice.sock" --log-format text --state "$lab/state" --pins none
wait_for 60 "sluiced to answer" sluiced_answers
status=0
ctl preflight >"$lab/preflight" || status=$?
equal "$status" 1 "preflight's status without BTF"
grep -q 'no BTF in /sys/kernel/btf/vmlinux' "$lab/preflight" || fail "preflight: $(cat "$lab/preflight")"
grep -q 'run a kernel built with CONFIG_DEBUG_INFO_BTF' "$lab/preflight" || fail "preflight: $(cat "$lab/preflight")"


# --- another version beside it is refused, and the one that runs goes on; it can take over, which is said ---
apply <<YAML
vrf: {name: x}
interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}]
$(ends_yaml cl0 up0)
YAML
wait_for 60 "a packet" at client ping -c 1 -W 1 10.9.0.2
other_version "$lab/other" sluice
dpkg-deb -x "$lab/other"/sluice_*.deb "$lab/other"
other=$lab/other/usr/sbin/sluiced
equal "$("$other" --version)" "sluiced $next_version" "the other version"
status=0
at sluice "$other" --config /dev/null --listen "unix:$lab/other.sock" --log-format text --state "$lab/state" --pins none \
	>"$lab/other.log" 2>&1 || status=$?
equal "$status" 1 "the other version's status"
grep -q 'another sluiced owns this network namespace: take over from it (--takeover), stop it first' "$lab/other.log" || fail "it says: $(cat "$lab/other.log")"
equal "$(ctl status -o json | jq -r .version)" "$version" "the version that runs"
at client ping -c 1 -W 1 10.9.0.2 >/dev/null || fail "packets stop"
stop_sluiced

# --- without a capability it says which it takes, and touches no device ---
all=bpf,net_admin,net_raw,perfmon
for missing in bpf net_admin perfmon; do
	given=-all,+$(tr , '\n' <<<"$all" | grep -vx "$missing" | paste -sd , | sed 's/,/,+/g')
	status=0
	at sluice setpriv --bounding-set "$given" --inh-caps "$given" "$sluiced" --config /dev/null --listen "unix:$lab/sluice.sock" \
		--log-format text --state "$lab/state" --pins none >"$lab/$missing.log" 2>&1 || status=$?
	equal "$status" 1 "the status without $missing"
	tail -n 1 "$lab/$missing.log" | grep -q 'root, or CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON are needed' ||
		fail "without $missing: $(tail -n 5 "$lab/$missing.log")"
	equal "$(at sluice tc filter show dev cl0 ingress)" "" "filters on cl0 without $missing"
done
