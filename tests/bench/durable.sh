#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Durable commits of one route, by one client and by sixteen, next to what the disk's own fdatasync takes, and to sixteen
# clients that wait for no disk, which is what the processors can do: in turns, so that all meet the same machine. The state directory is in SLUICE_DISK (/var/tmp), which must not
# be memory.
. "$(dirname "$0")/lib.sh"

seconds=3 probe=1
[ -z "$quick" ] || seconds=0.3 probe=0.1
disk=${SLUICE_DISK:-/var/tmp}
kind=$(stat -f -c %T "$disk") || fail "SLUICE_DISK: $disk is not there"
[ "$kind" != tmpfs ] || [ -n "$quick" ] || fail "$disk is memory: set SLUICE_DISK to a directory on a disk"
state=$(mktemp -d "$disk/sluice-durable.XXXXXX") || fail "$disk cannot be written"
undo+=("rm -rf $state")
add_ns router
start_sluiced router --state "$state/state"
say "the state directory is on $kind"
apply <<-END
	vrf: [{name: internet}]
	next_hop: [{name: bench-a, discard: {}}, {name: bench-b, discard: {}}]
	next_hop_group:
	  - {name: bench-a, members: [{next_hop: bench-a}]}
	  - {name: bench-b, members: [{next_hop: bench-b}]}
END

# once NAME CLIENTS [volatile]: one measurement into $lab/NAME.
once() {
	"$build/tests/bench/bench_commit" "unix:$lab/sluice.sock" route "$2" "$seconds" ${3:+"$3"} >>"$lab/$1" ||
		fail "bench_commit route $2"
	say "$1: $(tail -n 1 "$lab/$1")"
}

# the_disk: one sample of its own.
the_disk() {
	"$build/tests/bench/bench_sync" "$state" "$probe" >>"$lab/disk" || fail "bench_sync $state"
	say "disk: $(tail -n 1 "$lab/disk")"
}

for ((round = 1; round <= rounds; round++)); do
	the_disk
	once one 1
	once sixteen 16
	once volatile 16 volatile
done

# ratio FIELD NAME OTHER: the median of the turns' own ratios.
ratio() { paste <(jq ".$1" "$lab/$2") <(jq ".$1" "$lab/$3") | awk '{ print $1 / $2 }' | median; }

row durable "the disk's fdatasync of 256 appended bytes, median" sluice "$(jq .p50 "$lab/disk" | median)" us
row durable 'one client, median' sluice "$(jq .p50 "$lab/one" | median)" us
row durable 'one client, p99' sluice "$(jq .p99 "$lab/one" | median)" us
row durable 'one client, median, of the fdatasync' sluice "$(ratio p50 one disk)" x
row durable 'one client, rate' sluice "$(jq .rate "$lab/one" | median)" commits/s
row durable 'sixteen clients, median' sluice "$(jq .p50 "$lab/sixteen" | median)" us
row durable 'sixteen clients, p99' sluice "$(jq .p99 "$lab/sixteen" | median)" us
row durable 'sixteen clients, rate' sluice "$(jq .rate "$lab/sixteen" | median)" commits/s
row durable 'sixteen clients, rate, of one client' sluice "$(ratio rate sixteen one)" x
row durable 'sixteen clients that wait for no disk, rate' sluice "$(jq .rate "$lab/volatile" | median)" commits/s
row durable 'sixteen clients, rate, of those that wait for no disk' sluice "$(ratio rate sixteen volatile)" x
