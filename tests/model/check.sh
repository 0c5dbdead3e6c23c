#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Model-checks the protocol of a commit with spin: as it is it must hold in every interleaving, and each of the ways to
# break it that commit.pml lists must be found.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v spin >/dev/null; then
	echo "SKIP: spin is not installed (tests/setup.sh installs it)"
	exit 77
fi
model=$PWD/commit.pml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# check NAME [-D...]: prints the checker's count of errors and states.
check() {
	local name=$1
	shift
	spin "$@" -a "$model" >spin.log || { cat spin.log >&2 && exit 1; }
	gcc -O2 -w -DSAFETY -DCOLLAPSE -DNOCLAIM -DMEMLIM=2048 -o "$name" pan.c
	"./$name" -m200000 >"$name.log"
	! grep -q 'max search depth too small\|out of memory' "$name.log" || { cat "$name.log" >&2 && exit 1; }
	sed -nE 's/^State-vector.* errors: ([0-9]+)/\1/p' "$name.log"
}

errors=$(check protocol)
states=$(sed -nE 's/^ *([0-9.e+]+) states, stored.*/\1/p' protocol.log)
if [ "$errors" != 0 ]; then
	cat protocol.log
	echo "the protocol fails: spin -t shows the interleaving"
	exit 1
fi
echo "the protocol holds in all of $states states"
for mutation in NO_WAIT ASK_FIRST ONE_CPU PREEMPTION TWO_READS EARLY_ANSWER SPLIT; do
	errors=$(check "$mutation" "-D$mutation")
	if [ "$errors" = 0 ]; then
		echo "$mutation breaks the protocol, and the check did not find it"
		exit 1
	fi
	echo "$mutation: found"
done
