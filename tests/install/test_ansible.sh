#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The Ansible collection: it is built, installed and documented; the document's playbook changes a router once, as check
# mode and diff mode have said; a playbook goes through all states (ansible.yaml), and then come mistakes and accidents
# (ansible_cases.py).
#
#   client 10.1.0.2 --- lan0 10.1.0.1 sluice wan0 192.0.2.2 --- eth0 192.0.2.1 upstream
. "$(dirname "$0")/../lab/lib.sh"

collection=$root/orchestration/install/ansible
document=$root/docs/install-ansible.md
here=$root/tests/install
export ANSIBLE_HOME=$lab/ansible ANSIBLE_LOCAL_TEMP=$lab/ansible/tmp ANSIBLE_CONFIG=$lab/ansible.cfg
export ANSIBLE_COLLECTIONS_PATH=$lab/collections ANSIBLE_LOCALHOST_WARNING=0 ANSIBLE_NOCOLOR=1 ANSIBLE_PIPELINING=1
export LC_ALL=C.UTF-8 # Ansible wants it
export SLUICE_SERVER=unix:$lab/sluice.sock PATH=$build/vnf/ctl:$PATH

# blocks LANGUAGE: the lines of the document's blocks of that language.
blocks() { awk -v open="\`\`\`$1" '$0 == open { on = 1; next } /^```/ { on = 0 } on' "$document"; }

# document_runs PATTERN: the document's commands that match.
document_runs() {
	local line count=0
	while IFS= read -r line; do
		[[ $line == '$ '*$1* ]] || continue
		(cd "$lab/tree" && bash -c "${line#\$ }") >"$lab/command.out" 2>&1 </dev/null ||
			fail "${line#\$ }: $(tail -n 30 "$lab/command.out")"
		count=$((count + 1))
	done < <(blocks "console ansible")
	[ "$count" -gt 0 ] || fail "the document has no command with $1"
}

says() { grep -qE -- "$1" "$lab/command.out" || fail "there is no \"$1\" in: $(cat "$lab/command.out")"; }

# --- the collection ---
mkdir -p "$lab/tree"
: >"$ANSIBLE_CONFIG" # not this machine's
ln -s "$root/orchestration" "$lab/tree/orchestration"
version=$(sed -n 's/^project(.* VERSION \([0-9.]*\) .*/\1/p' "$root/CMakeLists.txt")
grep -q "^version: $version " "$collection/galaxy.yml" || fail "galaxy.yml does not have Sluice's version, $version"
mapfile -t modules < <(find "$collection/plugins" -name '*.py')
for module in "${modules[@]}"; do
	/usr/bin/python3 - "$module" <<-'END' || fail "$module cannot be compiled, or has a line that is too long"
		import sys
		text = open(sys.argv[1]).read()
		compile(text, sys.argv[1], "exec")
		sys.exit(any(len(line) > 120 or line != line.rstrip() for line in text.splitlines()))
	END
done
document_runs ansible-galaxy
document_runs ansible-doc
says '^> SLUICE.ROUTER.SLUICE_CONFIG '
mapfile -t options < <(sed -nE 's/^ +"([a-z_]*)": \{"type.*/\1/p' "${modules[@]}")
[ ${#options[@]} -gt 10 ] || fail "only ${#options[@]} options found: ${options[*]}"
for option in "${options[@]}"; do
	says "^- $option\$"
done

# --- the document's playbook ---
add_ns client sluice upstream
add_link client eth0 sluice lan0
add_link sluice wan0 upstream eth0
address client eth0 10.1.0.2/24
address sluice lan0 10.1.0.1/24
address sluice wan0 192.0.2.2/24
address upstream eth0 192.0.2.1/24
start_sluiced sluice --state "$lab/state"
blocks "yaml playbook" >"$lab/tree/edge.yaml"

document_runs --check
says 'changed=1 .*failed=0'
says '^\+route edge/0.0.0.0/0:$'
says '^\+  next_hop_group: upstream$'
equal "$(revision)" 0 "revision behind check mode"
document_runs "edge.yaml"
equal "$(show_json routes '.states[].key')" edge/0.0.0.0/0 "routes"
equal "$(ctl history -o json | jq -r '.revisions[0].state')" confirmed "state of the commit"
once=$(revision)
document_runs --diff
says 'changed=0 .*failed=0'
equal "$(revision)" "$once" "revision behind the same playbook"

# --- states, mistakes and accidents ---
echo 'vrf: {name: theirs}' | ctl --owner other apply -f - >/dev/null
ansible-playbook -i localhost, -c local "$here/ansible.yaml" >"$lab/command.out" 2>&1 </dev/null ||
	fail "$(tail -n 60 "$lab/command.out")"
says 'failed=0 .*skipped=0'
equal "$(show_json vrfs '[.states[] | .owner + " " + .key] | sort | join(",")')" "ansible ours,other theirs" "VRFs"
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$lab/collections /usr/bin/python3 "$here/ansible_cases.py" \
	>"$lab/command.out" 2>&1 </dev/null || fail "$(tail -n 60 "$lab/command.out")"

# --- without the daemon ---
stop_sluiced
status=0
ansible all -i localhost, -c local -m sluice.router.sluice_config -a '{"resources": {"vrf": {"name": "a"}}}' \
	>"$lab/command.out" 2>&1 </dev/null || status=$?
equal "$status" 2 "status of a task without a daemon"
says "\"msg\": \"sluiced does not answer on $SLUICE_SERVER: is it running\?\""
