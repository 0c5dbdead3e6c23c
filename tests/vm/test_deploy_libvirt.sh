#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# docs/deploy-libvirt.md as an operator reads it: its files are written, its commands run, in its order, on a host with
# nothing but a libvirtd. The two exceptions are what setup.sh and the build have done: packages, and the programs' own
# installation, which goes to a folder of the test.
[ -n "${SLUICE_OWN_MOUNTS:-}" ] || SLUICE_OWN_MOUNTS=1 exec unshare --mount --propagation private "$0" "$@"
. "$(dirname "$0")/../lab/lib.sh"
. "$(dirname "$0")/libvirtd.sh"
[ -n "${SLUICE_LONG:-}" ] || skip "a page is followed with two guests, which takes minutes: tests/run.sh vm deploy_libvirt --long"
if [ -n "${SLUICE_IMAGE:-}" ]; then
	image=$SLUICE_IMAGE
else
	. "$(dirname "$0")/image.sh"
	need_image
fi
page=$root/docs/deploy-libvirt.md

# The namespaces that the page names are this test's: /run/netns is its own.
mount -t tmpfs netns /run/netns
add_ns host
start_libvirtd host
undo+=("at_host sluice-orch down edge" "at_host sluice-orch down small")
at_host() { nsenter --net="/run/netns/$(ns host)" "$@"; }

mkdir "$lab/bin" "$lab/work"
ln -s "$sluiced" "$sluicectl" "$build/orchestration/sluice-orch" "$lab/bin/"
export PATH=$lab/bin:$PATH
cd "$lab/work"

# block NUMBER: the block with that number, its first line its opening fence.
blocks=$(grep -c '^```[a-z]' "$page")
block() { awk -v wanted="$1" '/^```[a-z]/ { number++; on = 1 } on && number == wanted && !/^```$/ { print } /^```$/ { on = 0 }' "$page"; }

# What stands in for installing: nothing of it may be unknown to setup.sh or to the tree.
install_step() {
	local word
	case $1 in
	"apt-get install -y "*)
		for word in ${1#apt-get install -y }; do
			grep -qw -- "$word" "$root/tests/setup.sh" || fail "setup.sh does not install $word"
		done
		;;
	"cmake --preset release" | "cmake --build --preset release" | "cmake --install build/release") ;;
	"vnf/image/build.sh -o sluice.qcow2") ln -s "$image" sluice.qcow2 ;;
	*) return 1 ;;
	esac
}

for ((number = 1; number <= blocks; number++)); do
	read -r fence file < <(block "$number")
	body=$(block "$number" | tail -n +2)
	case $fence in
	'```bash')
		rest=
		while IFS= read -r line; do
			install_step "$line" || rest+=$line$'\n'
		done <<<"$body"
		echo "== $rest"
		at_host bash -euo pipefail -c "$rest" || fail "the page's commands: $rest"
		;;
	'```yaml' | '```text')
		printf '%s\n' "$body" >"$file"
		# The machine of the tests has a /dev/kvm that runs no guest; the page says what to do then.
		[ "$file" != edge.yaml ] || echo "accelerator: tcg" >>"$file"
		;;
	*) fail "a block of ${fence#\`\`\`}: nothing runs it" ;;
	esac
done
[ -z "$(virsh -c qemu:///system list --all --name)" ] || fail "a domain is left"
