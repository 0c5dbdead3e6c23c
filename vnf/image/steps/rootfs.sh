# shellcheck shell=bash
# shellcheck disable=SC2154 # variables are build.sh's
# SPDX-License-Identifier: Apache-2.0
# The root filesystem as a tar: packages by mmdebstrap, Debian's and Sluice's, the overlay (vnf/image/rootfs), and what is
# switched on and off. A tar, since that is what mmdebstrap makes in the same bytes every time.

# apt's one-line sources of this Debian's own suites (release, updates, security), from this machine's apt sources.
debian_sources() {
	local codename
	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	# shellcheck disable=SC2016 # $(...) is apt's syntax
	apt-get indextargets --format 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(REPO_URI) $(RELEASE) main' \
		'Created-By: Packages' 'Origin: Debian' 'Component: main' |
		awk -v name="$codename" '$4 == name || $4 == name "-updates" || $4 == name "-security"' | sort -u
}

build_rootfs() {
	local packages own=() file proxy=
	packages=$(sed 's/#.*//' "$here/packages" | xargs | tr ' ' ',')
	eval "$(apt-config shell proxy Acquire::http::Proxy)"
	# apt knows what a source is only once it has read its index.
	debian_sources >"$work/sources"
	[ -s "$work/sources" ] || { apt-get -q update && debian_sources >"$work/sources"; }
	[ -s "$work/sources" ] || die "this machine's apt sources have no Debian"

	for file in "$work"/packages/*.deb; do own+=(--include="$file"); done

	# keepalived is linked with libperl, by way of SNMP, and runs none: the modules stay out.
	# The overlay comes before the packages: what they find there shapes the initial RAM disk.
	mmdebstrap --mode=root --variant=essential --format=tar --include="$packages" "${own[@]}" \
		--hook-dir=/usr/share/mmdebstrap/hooks/file-mirror-automount \
		--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
		${proxy:+--aptopt="Acquire::http::Proxy \"$proxy\""} \
		--aptopt='Apt::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/info/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/i18n/*' \
		--dpkgopt='path-exclude=/usr/share/lintian/*' \
		--dpkgopt='path-exclude=/usr/share/bash-completion/*' \
		--dpkgopt='path-exclude=/usr/share/zsh/*' \
		--dpkgopt='path-exclude=/usr/share/fish/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/perl/*' \
		--dpkgopt='path-exclude=/usr/lib/*/perl/*' \
		--dpkgopt='path-include=/usr/share/doc/*/copyright' \
		--essential-hook="'$here/steps/overlay.sh' \"\$1\"" \
		--customize-hook="'$here/steps/customize.sh' \"\$1\"" \
		"$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" "$work/rootfs.tar" - <"$work/sources"
}
