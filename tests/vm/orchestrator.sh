# shellcheck shell=bash
# shellcheck disable=SC2154 # variables of lib.sh and lab/orchestrator.sh
# SPDX-License-Identifier: Apache-2.0
# What the tests of sluice-orch with driver libvirt share: a libvirtd, certificates, and the spec of a VNF with a chain of
# two stages.
#
# The network of lab/orchestrator.sh: port1 is NIC 2, on br-cl with the client; stages: fw and plain, NICs 4 to 7.
# The orchestrator is in `host`: br-mgmt 10.98.0.1 --- NIC 1 10.98.0.2 (gRPC)
#
# The script runs in a mount namespace of its own, where libvirtd and the namespaces that are made are nobody else's.
[ -n "${SLUICE_OWN_MOUNTS:-}" ] || SLUICE_OWN_MOUNTS=1 exec unshare --mount --propagation private "$0" "$@"
. "$(dirname "${BASH_SOURCE[0]}")/../lab/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../lab/orchestrator.sh"
. "$(dirname "${BASH_SOURCE[0]}")/libvirtd.sh"
. "$(dirname "${BASH_SOURCE[0]}")/certificates.sh"
if [ -n "${SLUICE_IMAGE:-}" ]; then
	image=$SLUICE_IMAGE
else
	. "$(dirname "${BASH_SOURCE[0]}")/image.sh"
	need_image
fi

vnf=m$$
tls=(--tls-ca "$lab/tls/authority.crt" --tls-cert "$lab/tls/controller.crt" --tls-key "$lab/tls/controller.key")
vnf_ctl() { in_host "$sluicectl" --server "$(instances '.[0].server')" "${tls[@]}" "$@"; }
agent() { virsh -c qemu:///system qemu-agent-command "$1" "$2"; }

left() {
	virsh -c qemu:///system list --all --name | grep "^$vnf-"
	ip netns list 2>/dev/null | grep -o "^sluice-$vnf-[^ ]*"
	ip -n "$(ns host)" -o link show type tun | cut -d ' ' -f 2
	find "$lab/disks" /run/sluice-orch -name "$vnf-*" 2>/dev/null
	pgrep -f "^[^ ]*qemu-system-x86_64 -name guest=$vnf-"
}
nothing_left() { [ -z "$(left)" ] || fail "$1 left behind: $(left)"; }
# ends INSTANCE REASON: how many of its runs did so far.
ends() { { grep "reason=$2" "/var/log/libvirt/qemu/$1.log" || :; } | wc -l; }

# Taps, bridges and the stages' ends are in `host`.
add_ns host client server
for bridge in br-mgmt br-cl br-up; do add_bridge $bridge; done
address host br-mgmt 10.98.0.1/24
join br-cl client 10.1.0.2/24 10.1.0.1
join br-up server 10.9.0.2/24 10.9.0.1
serve server hello
make_certificates 10.98.0.2 10.98.0.3
mkdir "$lab/disks"
cat >"$spec" <<YAML
name: $vnf
driver: libvirt
image: $image
vcpus: 2
memory: 1024MiB
accelerator: tcg
storage: $lab/disks
day0: day0.yaml
management: {bridge: br-mgmt, addresses: [10.98.0.2/24, 10.98.0.3/24]}
tls:
  ca: tls/authority.crt
  certificate: tls/controller.crt
  key: tls/controller.key
  server: {certificate: tls/server.crt, key: tls/server.key}
dataplane:
  - {name: cl, bridge: br-cl, addresses: [10.1.0.1/24, 10.1.0.11/24]}
  - {name: up, bridge: br-up, addresses: [10.9.0.1/24, 10.9.0.11/24]}
chain:
  - {name: fw, setup: [nft, -f, fw.nft]}
  - {name: plain}
YAML
write_day0 fw plain
start_libvirtd host
undo+=("orch down $vnf")
