#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs what building and testing Sluice needs on Debian 12: Debian packages only, nothing that is there already, and
# no service is started. Quiet when there is nothing to do. Called by run.sh and demo.sh.
set -euo pipefail
cd "$(dirname "$0")/.."

build=(gcc libc6-dev cmake ninja-build pkg-config clang-14 llvm-14 libclang-rt-14-dev bpftool linux-libc-dev
	protobuf-compiler protobuf-c-compiler libprotobuf-dev libprotobuf-c-dev libgrpc-dev libbpf-dev libelf-dev zlib1g-dev
	liburcu-dev libevent-dev libcurl4-openssl-dev libmnl-dev libyaml-dev libjson-c-dev libssl-dev libseccomp-dev libvirt-dev
	libxml2-dev libcmocka-dev)
check=(clang-format shellcheck git systemd spin qemu-system-x86 busybox-static cpio)
lab=(python3 python3-grpcio python3-protobuf python3-yaml python3-scapy iproute2 ethtool nftables conntrack nginx-light
	openvswitch-switch keepalived wrk curl jq tcpdump procps iputils-ping iputils-arping libcap2-bin openssl ca-certificates
	frr frr-rpki-rtrlib bird2 stayrtr)
vm=(mmdebstrap fdisk dosfstools mtools syslinux syslinux-common systemd-boot-efi e2fsprogs qemu-utils ovmf genisoimage
	cloud-init libvirt-daemon-system libvirt-clients)
heat=(python3-heat python3-heatclient python3-openstackclient python3-tackerclient zip) # and cloud-init, openssl
supply=(jq binutils python3-jsonschema faketime diffoscope-minimal) # lists of what is inside, and the same bytes twice
package=(debhelper lintian zsh fish) # builds and checks the .deb files; shells for completion
see=(prometheus prometheus-node-exporter chromium nfdump nfdump-sflow pmacct tshark) # who scrapes, looks and collects
playbook=(ansible-core)
container=(buildah umoci skopeo containernetworking-plugins yamllint python3-kubernetes python3-jsonschema) # and mmdebstrap, libcap2-bin, jq
bench=(gnuplot-nox libdpdk-dev dpdk-dev iperf3 haproxy) # with --bench: plots, a FIB, a classifier and a balancer to compare with, traffic of end hosts

playwright_version=1.65.1
suricata_sources=/etc/apt/sources.list.d/sluice-backports.sources
suricata_pin=/etc/apt/preferences.d/sluice-backports
suricata_absent=build/suricata-absent # its age is that of the last attempt
log=$(mktemp)
guard=

finish() {
	rm -f "$log"
	[ -z "$guard" ] || rm -f "$guard"
}
trap finish EXIT
trap 'exit 130' INT TERM

say() { echo "setup: $*"; }

missing() {
	local package
	for package in "$@"; do
		[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
	done
}

apt_get() {
	DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold "$@" >>"$log" 2>&1
}

has_candidate() { [[ $(apt-cache policy "$1") == *"Candidate: "[0-9]* ]]; }

# Packages such as nginx start their daemon when installed; Debian asks this program first (policy-rc.d(8)).
guard_services() {
	[ ! -e /usr/sbin/policy-rc.d ] || return 0
	guard=/usr/sbin/policy-rc.d
	printf '#!/bin/sh\nexit 101\n' >"$guard"
	chmod 755 "$guard"
}

# cloud-init is here to check texts, not to take over this machine when it boots next.
keep_cloud_init_off() {
	[ -n "$(missing cloud-init)" ] || return 0
	mkdir -p /etc/cloud
	touch /etc/cloud/cloud-init.disabled
}

# "URI keyring" of the archive that this machine's own apt sources take $1 from.
archive() {
	local uri entry file keyring=
	# shellcheck disable=SC2016 # $(...) is apt's syntax
	IFS='|' read -r uri entry < <(apt-get indextargets --format '$(REPO_URI)|$(SOURCESENTRY)' \
		'Created-By: Packages' "Release: $1" 'Component: main' 2>/dev/null) || return 1
	file=${entry%:*}
	case $file in
	*.sources) keyring=$(sed -n 's/^Signed-By:[[:space:]]*\(\/[^[:space:]]*\).*/\1/p' "$file" | head -n 1) ;;
	*) keyring=$(sed -n 's/^deb.*[[ ]signed-by=\([^] ]*\).*/\1/p' "$file" | head -n 1) ;;
	esac
	echo "$uri $keyring"
}

# Debian 12 itself has no Suricata; its backports suite has. Only suricata and what is named here comes from there.
add_backports() {
	local codename=$1 uri keyring
	read -r uri keyring < <(archive "$codename") || return 1
	{
		printf 'Types: deb\nURIs: %s\nSuites: %s-backports\nComponents: main\n' "$uri" "$codename"
		[ -z "$keyring" ] || printf 'Signed-By: %s\n' "$keyring"
	} >"$suricata_sources"
	printf 'Package: *\nPin: release n=%s-backports\nPin-Priority: -1\n\n' "$codename" >"$suricata_pin"
	printf 'Package: suricata libhtp2\nPin: release n=%s-backports\nPin-Priority: 500\n' "$codename" >>"$suricata_pin"
	apt_get update -o Dir::Etc::sourcelist="$suricata_sources" -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0 &&
		has_candidate suricata
}

# Drives Debian's Chromium in the lab of the page. Its only file is JavaScript, from npm as this machine has it set up.
playwright() {
	local place=build/playwright
	[ ! -d "$place/node_modules/playwright-core" ] || return 0
	if [ -n "$(find "$place-absent" -mmin -1440 2>/dev/null)" ]; then
		say "no playwright-core (tried within a day; remove $place-absent to try again): the page is not tested in a browser"
		return 0
	fi
	if ! command -v npm >/dev/null; then
		say "installing nodejs and npm"
		apt_get install -y --no-install-recommends nodejs npm || :
	fi
	say "installing playwright-core $playwright_version"
	if npm install --silent --no-audit --no-fund --prefix "$place" "playwright-core@$playwright_version" >>"$log" 2>&1; then
		return 0
	fi
	mkdir -p build && touch "$place-absent"
	say "playwright-core cannot be had: the page is not tested in a browser"
	tail -n 3 "$log" | sed 's/^/setup:   /'
}

suricata() {
	local codename
	[ -n "$(missing suricata)" ] || return 0
	if [ -n "$(find "$suricata_absent" -mmin -1440 2>/dev/null)" ]; then
		say "no Suricata (tried within a day; remove $suricata_absent to try again): the lab's IDS only forwards and counts"
		return 0
	fi
	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	say "installing suricata from Debian's $codename-backports"
	if { has_candidate suricata || add_backports "$codename"; } &&
		guard_services && apt_get install -y --no-install-recommends suricata; then
		rm -f "$suricata_absent"
		return 0
	fi
	rm -f "$suricata_sources" "$suricata_pin"
	mkdir -p build && touch "$suricata_absent"
	say "Suricata cannot be had from this machine's apt sources: the lab's IDS only forwards and counts"
	tail -n 3 "$log" | sed 's/^/setup:   /'
}

main() {
	local wanted
	[ "${1:-}" = --bench ] || bench=()
	mapfile -t wanted < <(missing "${build[@]}" "${check[@]}" "${lab[@]}" "${vm[@]}" "${heat[@]}" "${see[@]}" "${package[@]}" "${playbook[@]}" "${container[@]}" "${supply[@]}" "${bench[@]}")
	if [ ${#wanted[@]} -gt 0 ] || [ -n "$(missing suricata)" ]; then
		if [ "$(id -u)" != 0 ]; then
			say "needs root to install: ${wanted[*]:-suricata}" >&2
			exit 1
		fi
	fi
	if [ ${#wanted[@]} -gt 0 ]; then
		say "reading the package lists"
		apt_get update || say "the package lists could not be read anew: going on with those that are here"
		say "installing ${#wanted[@]} packages: ${wanted[*]}"
		guard_services
		keep_cloud_init_off
		if ! apt_get install -y --no-install-recommends "${wanted[@]}"; then
			tail -n 15 "$log" >&2
			say "the packages could not be installed: Sluice is built on Debian 12" >&2
			exit 1
		fi
	fi
	suricata
	playwright
}

main "$@"
