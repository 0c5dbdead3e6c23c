#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the router's instructions cost a packet, in turns with the build of another commit: JSON rows on stdout.
#   tests/bench/cost.sh [--quick] [--against BUILD_DIR]
# Of each case the time over the bare redirect of the same turn counts, and of the turns the median. A ratio below 1
# says that this build is the faster one. BUILD_DIR is a release build, for example of a worktree at that commit.
set -uo pipefail
export SLUICE_BUILD=${SLUICE_BUILD:-$(cd "$(dirname "$0")/../.." && pwd)/build/release}

turns=9 against=''
while [ $# -gt 0 ]; do
	case $1 in
	--quick) turns=1 ;;
	--against)
		shift
		against=${1:?--against needs a build directory}
		;;
	*) echo "usage: $0 [--quick] [--against BUILD_DIR]" >&2 && exit 2 ;;
	esac
	shift
done
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT

# turn SUBJECT BUILD_DIR: a line "SUBJECT TAB case TAB nanoseconds over the bare redirect" for each case.
turn() {
	"$2/tests/bpf/test_bpf_router_cost" --turn | awk -v subject="$1" -v OFS='\t' '
		{ ns = $(NF - 1); name = $0; sub(/ +[0-9.]+ +[0-9.]+$/, "", name) }
		NR > 1 && name == "bare redirect" { bare = ns; next }
		NR > 1 { print subject, name, ns - bare }' >>"$lines" || exit 1
}

for ((i = 1; i <= turns; i++)); do
	[ -z "$against" ] || turn old "$against"
	turn new "$SLUICE_BUILD"
	echo "turn $i of $turns" >&2
done
awk -F '\t' -v against="$against" '
	function median(subject, name, count, i, j, v) {
		count = n[subject, name]
		for (i = 1; i <= count; i++) {
			for (j = i; j > 1 && v[j - 1] > ns[subject, name, i]; j--) v[j] = v[j - 1]
			v[j] = ns[subject, name, i]
		}
		return count % 2 ? v[(count + 1) / 2] : (v[count / 2] + v[count / 2 + 1]) / 2
	}
	function row(name, subject, value) {
		printf "{\"bench\":\"cost\",\"case\":\"%s\",\"subject\":\"%s\",\"value\":%.3g,\"unit\":\"ns over bare\"}\n",
			name, subject, value
	}
	!($2 in seen) { seen[$2] = 1; names[++cases] = $2 }
	{ ns[$1, $2, ++n[$1, $2]] = $3 }
	END {
		for (c = 1; c <= cases; c++) {
			new = median("new", names[c])
			old = median("old", names[c]) # 0: the other build has no such case
			if (old) row(names[c], "old", old)
			row(names[c], "new", new)
			if (old) row(names[c], "new / old", new / old)
		}
	}' "$lines"
