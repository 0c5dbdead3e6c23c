#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The container's image, as a pod runs it: a read-only root, no root user, three capabilities. Its size, what is in it, how
# long it takes to be ready, a packet, probes, how it drains; and what it says where something is missing.
#
#   client 10.1.0.2 --- cl0 10.1.0.1 sluice up0 10.9.0.1 --- eth0 10.9.0.2 server
. "$(dirname "$0")/../lab/lib.sh"
. "$(dirname "$0")/container.sh"

most_mib=60 ready_ms=1000
have_image

# --- what is in it ---

bytes=$(find "$image/blobs" -type f -printf '%s\n' | awk '{ n += $1 } END { print n }')
echo "image: $((bytes / 1048576)) MiB compressed"
[ "$bytes" -le $((most_mib * 1048576)) ] || fail "the image has $bytes bytes, more than $most_mib MiB"
for name in apt-get dpkg perl bash mount su gcc; do
	[ -z "$(find "$rootfs" -name "$name" -type f)" ] || fail "$name is in the image"
done
equal "$(find "$rootfs" -xdev -perm /6000 -type f)" "" "setuid and setgid files"
equal "$(find "$rootfs/usr/share/man" "$rootfs/usr/share/locale" "$rootfs/etc/resolv.conf" -type f 2>/dev/null)" "" \
	"files that are not wanted"
equal "$(getcap -r "$rootfs" | sed "s|$rootfs||" | sort)" "/usr/sbin/sluice-health cap_net_raw=p
/usr/sbin/sluiced cap_net_admin,cap_net_raw,cap_sys_nice,cap_perfmon,cap_bpf=p" "file capabilities"
# Nothing that is needed went with the packages that went.
while IFS= read -r program; do
	chroot "$rootfs" /lib64/ld-linux-x86-64.so.2 --list "${program#"$rootfs"}" >"$lab/libraries" 2>&1 ||
		grep -q 'not a dynamic executable\|statically linked' "$lab/libraries" || fail "$program: $(cat "$lab/libraries")"
	! grep 'not found' "$lab/libraries" || fail "$program misses libraries"
done < <(find "$rootfs/usr/bin" "$rootfs/usr/sbin" -type f -exec sh -c 'head -c 4 "$1" | grep -q ELF' sh {} \; -print)
skopeo inspect --raw --config "oci:$image" >"$lab/config.json"
wanted='.config | .User, .StopSignal, .Entrypoint[0], (.Volumes | keys | join(" ")), .Labels."org.opencontainers.image.licenses"'
equal "$(jq -r "$wanted" "$lab/config.json")" \
	"10001:10001
SIGTERM
/usr/sbin/sluiced
/run/sluice /var/lib/sluice
Apache-2.0" "the image's configuration"

# The list of what is inside, beside it.
check=$root/tests/install/check_sbom.py
"$check" valid "$image.spdx.json" || fail "$image.spdx.json is not valid"
"$check" dpkg "$image.spdx.json" "$rootfs/var/lib/dpkg" || fail "$image.spdx.json has other packages than are in it"

# The document's commands: the first one is have_image's.
while IFS= read -r line; do
	[ "$line" != orchestration/install/container/build.sh ] || continue
	(cd "$root" && bash -c "${line//build\/container\/sluice/$image}") >"$lab/command.out" 2>&1 ||
		fail "$line: $(cat "$lab/command.out")"
done < <(commands container)
grep -q 'org.opencontainers.image.title' "$lab/command.out" || fail "skopeo inspect: $(cat "$lab/command.out")"

# --- it is ready, forwards and drains ---

add_ns client sluice server
add_client
add_server
serve server hello
cat >"$lab/etc/sluice.yaml" <<-YAML
	listen: [unix:/run/sluice/sluice.sock, 127.0.0.1:50051]
	state_directory: /var/lib/sluice
YAML
# What the kernel takes to verify the packet programs is the machine's, and counted apart.
begin=$(date +%s%N)
once "${granted[@]}" -- /usr/sbin/sluiced -n >"$lab/check.log" 2>&1 || fail "sluiced -n: $(cat "$lab/check.log")"
verified=$((($(date +%s%N) - begin) / 1000000))
spawn probe sluice "$root/tests/install/health_probe.py" 127.0.0.1:50051 60
wait_for 20 "the probe to run" grep -q grpc "/proc/$(cat "$lab/probe.pid")/maps"
begin=$(date +%s%3N)
container sluiced sluice "${granted[@]}"
wait_for 60 "the probe's end" ended probe
grep -qx '[0-9]*' "$lab/probe.log" || fail "not ready: $(cat "$lab/probe.log" "$lab/sluiced.log")"
took=$(($(cat "$lab/probe.log") - begin))
echo "image: SERVING $took ms after the start; sluiced -n, most of which is the kernel's verifier, takes $verified ms"
[ "$took" -le $((ready_ms + verified * 3 / 2)) ] || fail "it took $took ms until it was ready"
pid=$(inside sluiced)
equal "$(awk '/^Uid:/ { print $2 }' "/proc/$pid/status")" 10001 "the daemon's user"
equal "$(capsh --decode="$(awk '/^CapPrm:/ { print $2 }' "/proc/$pid/status")" | cut -d = -f 2)" cap_net_admin,cap_bpf \
	"what the daemon has once it serves"
equal "$(once -- /usr/bin/sluicectl health)" SERVING "sluicectl health, in another container of the pod"
status=0
once -- /usr/bin/sluicectl health nobody >"$lab/health.out" 2>&1 || status=$?
equal "$status" 2 "sluicectl health of a service that is not there"

{
	echo "vrf: [{name: x, kernel: true}]"
	echo "interface: [{name: cl0, vrf: x}, {name: up0, vrf: x}]"
	ends_yaml cl0 up0
} | apply
wait_for 20 "the next hops" programmed next_hops
equal "$(get client http://10.9.0.2/)" "hello 10.1.0.2" "the answer through the container"
[ "$(reason forwarded)" -gt 0 ] || fail "no packet went through Sluice"

spawn watch sluice "$root/tests/install/health_probe.py" --watch 127.0.0.1:50051
wait_for 10 "the watcher to hear" grep -q '^SERVING' "$lab/watch.log"
stop sluiced || fail "it ended with status $?: $(tail -n 20 "$lab/sluiced.log")"
wait_for 10 "the watcher to hear of the end" grep -q UNAVAILABLE "$lab/watch.log"
equal "$(tr '\n' ' ' <"$lab/watch.log")" "SERVING NOT_SERVING UNAVAILABLE " "what a watcher of its health heard"
grep -q 'finishing running calls' "$lab/sluiced.log" || fail "it did not drain: $(cat "$lab/sluiced.log")"
# no_programs: nothing of Sluice is on the devices.
no_programs() {
	! ip -n "$(ns sluice)" link show | grep -q 'prog/xdp' && ! at sluice tc filter show dev cl0 ingress | grep -q bpf
}
no_programs || fail "programs are left on the devices"
status=0
once -- /usr/bin/sluicectl --timeout 1 health >"$lab/health.out" 2>&1 || status=$?
equal "$status" 3 "sluicectl health of a daemon that has gone"

# --- a second one of the same volumes, of ambient capabilities and without new privileges, takes up the state ---

container again sluice "${granted[@]}" --ambient --no-new-privileges
probe 20 >/dev/null || fail "not ready: $(cat "$lab/again.log")"
wait_for 20 "the next hops" programmed next_hops
equal "$(get client http://10.9.0.2/)" "hello 10.1.0.2" "the answer through the next container"
stop again || fail "it ended with status $?"

# --- what is missing is said ---

refuses "no capabilities" 'CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON are missing.*securityContext.capabilities.add'
refuses "two capabilities" ': CAP_PERFMON is missing' --capability BPF --capability NET_ADMIN
refuses "no new privileges" 'allowPrivilegeEscalation: false' "${granted[@]}" --no-new-privileges
mkdir "$lab/locked" "$lab/foreign"
chmod 755 "$lab/foreign"
refuses "a read-only state folder" '/var/lib/sluice.*[Rr]ead-only' "${granted[@]}" --volume "$lab/locked:/var/lib/sluice:ro"
refuses "another user's state folder" '/var/lib/sluice.*[Pp]ermission' "${granted[@]}" --volume "$lab/foreign:/var/lib/sluice"
refuses "another user's runtime folder" '/run/sluice.*Permission' "${granted[@]}" --volume "$lab/foreign:/run/sluice"
# A runtime that hides the kernel's BTF is no hindrance.
once "${granted[@]}" --volume "$lab/locked:/sys/kernel/btf:ro" -- /usr/sbin/sluiced -n >"$lab/check.log" 2>&1 ||
	fail "without the kernel's BTF: $(cat "$lab/check.log")"
no_programs || fail "programs are left on the devices"

# --- once more, the same bytes ---

if [ -n "${SLUICE_LONG:-}" ] && [ -z "${SLUICE_IMAGE:-}" ]; then
	"$root/orchestration/install/container/build.sh" -o "$lab/again" >"$lab/build.log" 2>&1 || fail "build.sh: $(tail -n 40 "$lab/build.log")"
	equal "$(sha256sum <"$lab/again/index.json")" "$(sha256sum <"$image/index.json")" "the digest of another build"
fi
