# shellcheck shell=bash
# shellcheck disable=SC2154 # variables are lib.sh's
# SPDX-License-Identifier: Apache-2.0
# A minimal Debian 12 in a folder: essential packages and apt, no service manager, no compiler. After lib.sh.
# shellcheck source=vnf/image/steps/rootfs.sh
. "$root/vnf/image/steps/rootfs.sh" # debian_sources

# minimal_debian DIR: from this machine's own apt sources. The archive that it is unpacked from is made once a week.
minimal_debian() {
	local archive=$root/build/install/debian.tar proxy='' each
	eval "$(apt-config shell proxy Acquire::http::Proxy)"
	if [ -z "$(find "$archive" -mmin -10080 2>/dev/null)" ]; then
		mkdir -p "${archive%/*}"
		debian_sources >"$lab/sources"
		[ -s "$lab/sources" ] || { apt-get -q update && debian_sources >"$lab/sources"; }
		[ -s "$lab/sources" ] || fail "this machine's apt sources have no Debian"
		mmdebstrap --mode=root --variant=apt --format=tar ${proxy:+--aptopt="Acquire::http::Proxy \"$proxy\""} \
			--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
			"$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" "$lab/debian.tar" - \
			<"$lab/sources" >"$lab/mmdebstrap.log" 2>&1 || fail "mmdebstrap: $(tail -n 20 "$lab/mmdebstrap.log")"
		mv "$lab/debian.tar" "$archive"
	fi
	mkdir -p "$1"
	tar --numeric-owner -xpf "$archive" -C "$1" --exclude './dev/*'
	for each in resolv.conf hosts; do
		[ ! -e "/etc/$each" ] || cp -L --remove-destination "/etc/$each" "$1/etc/$each"
	done
}

# inside DIR COMMAND...: in there, with devices, processes and the kernel's folders, whose mounts end with the command. It
# takes the place of the shell, so that its process is who is started.
# shellcheck disable=SC2016 # it is sh that expands them
enter=(unshare --mount sh -c '
	mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" && mount --rbind /sys "$1/sys" || exit
	root=$1
	shift
	exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive \
		SLUICE_RUN="${SLUICE_RUN:-}" "$@"' sh)
inside() { "${enter[@]}" "$@"; }
