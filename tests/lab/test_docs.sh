#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every command in README.md and docs/: what is in ```console blocks runs here, in the demo's lab with its configuration
# applied; what is in ```sh blocks must be one of the commands that the other tests are.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stages.sh"
. "$(dirname "$0")/demo_lab.sh"

# blocks LANGUAGE FILE: the lines of its blocks of that language.
blocks() { awk -v open="\`\`\`$1" '$0 == open { on = 1; next } /^```/ { on = 0 } on' "$2"; }

cd "$root"
documents=(README.md docs/*.md docs/adr/*.md)

# The two main commands and their parts run all the time; the others are run by them: setup.sh and cmake by both, lint.sh
# by the unit part, build.sh by the vm part.
covered='^(sudo )?(tests/(setup|demo|run|lint)\.sh( --keep| --tsan)?|tests/bench/(run|plot)\.sh( [a-z. -]+)?|vnf/image/build\.sh( -o sluice\.qcow2)?|cmake --(preset|build --preset) release|cmake --preset fuzz && cmake --build --preset fuzz|mkdir corpus && build/asan/tests/fuzz/test_fuzz_wire --corpus corpus|build/fuzz/tests/fuzz/fuzz_wire -max_total_time=60 corpus)$'
covered_part='^sudo tests/run\.sh (unit|bpf|api|heat|install|lab|vm)( [a-z0-9_]+)?$'
for document in "${documents[@]}"; do
	while IFS= read -r line; do
		line=$(sed 's/[[:space:]]*#.*//; s/^\$ //' <<<"$line")
		[[ -z $line || $line =~ $covered || $line =~ $covered_part ]] || fail "$document: no test runs: $line"
		for word in $line; do
			[[ $word != tests/* || -e $word ]] || fail "$document: there is no $word"
		done
	done < <(blocks sh "$document")
	# Files that it names are there.
	# shellcheck disable=SC2016 # backquotes of Markdown
	while IFS= read -r file; do
		[ -e "$file" ] || fail "$document: there is no $file"
	done < <(grep -oE '`(api|bpf|tunnels|vnf|heat-templates|tests|docs)/[a-z0-9_./]*`' "$document" | tr -d '`')
	# Links within the tree lead somewhere.
	while IFS= read -r link; do
		[ -e "$(dirname "$document")/$link" ] || fail "$document: there is no $link"
	done < <(grep -oE '\]\([^)#:]+\)' "$document" | sed 's/^](//; s/)$//')
done

# The daemon's file in operations.md: nothing is wrong with it but that this machine has not got its certificates.
blocks yaml docs/operations.md >"$lab/sluice.yaml"
status=0
"$sluiced" -n -c "$lab/sluice.yaml" >"$lab/check.out" 2>&1 || status=$?
equal "$status" 1 "sluiced -n of the file in operations.md: $(cat "$lab/check.out")"
! grep -v '/etc/sluice/tls/' "$lab/check.out" | grep error || fail "operations.md: $(cat "$lab/check.out")"

demo_lab
start_sluiced sluice
ctl apply -y -f tests/lab/demo.yaml >"$lab/apply.out" 2>&1 || fail "apply: $(cat "$lab/apply.out")"
wait_for 20 "the next hops" programmed next_hops

export SLUICE_SERVER=unix:$lab/sluice.sock PATH=$build/vnf:$build/vnf/ctl:$PATH
count=0
for document in "${documents[@]}"; do
	while IFS= read -r line; do
		[[ $line == '$ '* ]] || continue
		bash -c "${line#\$ }" >"$lab/command.out" 2>&1 </dev/null ||
			fail "$document: ${line#\$ }: $(tail -n 20 "$lab/command.out")"
		count=$((count + 1))
	done < <(blocks console "$document")
done
echo "$count commands of the documents ran"
[ "$count" -gt 5 ] || fail "only $count commands found in the documents"
stop_sluiced
