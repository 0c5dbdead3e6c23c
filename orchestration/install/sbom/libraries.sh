# shellcheck shell=bash
# shellcheck disable=SC2154 # variables are sbom.sh's
# SPDX-License-Identifier: Apache-2.0
# The libraries that programs are linked with: which there are by ldd(1), whose they are by dpkg, and who needs which by
# readelf(1), so that a library's own libraries are not taken for the program's.

is_elf() { [ "$(head -c 4 "$1" | tr -d '\0')" = $'\x7fELF' ]; }

needed() { readelf -d "$1" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p'; }

# resolve PROGRAM: "SONAME PATH" of each library that the loader takes for it; the loader itself has a path only.
resolve() {
	local lines
	# What is not linked with anything, as BPF objects are not, has nothing to resolve.
	readelf -d "$1" 2>/dev/null | grep -q NEEDED || return 0
	lines=$(ldd "$1" 2>&1) || die "ldd ${1##*/}: $lines"
	[[ $lines != *"not found"* ]] ||
		die "${1##*/}: a library is not on this machine:$(grep 'not found' <<<"$lines"): run it where the package is built"
	awk '$2 == "=>" && $3 ~ /^\// { print $1 "\t" $3 } $1 ~ /^\// { name = $1; sub(/.*\//, "", name); print name "\t" $1 }' \
		<<<"$lines"
}

# owners: "PATH PACKAGE" of each path of standard input. dpkg knows a path as the package has it, with /usr or without.
owners() {
	local path
	while IFS= read -r path; do
		for each in "$path" "/usr$path" "${path#/usr}" "$(realpath "$path")"; do
			printf '%s\t%s\n' "$path" "$each"
		done
	done >"$work/spellings"
	cut -f 2 "$work/spellings" | sort -u | xargs -r dpkg-query -S 2>/dev/null |
		sed -nE 's/^([^:, ]+)(:[a-z0-9]+)?: (.*)$/\3\t\1/p' >"$work/owned" || :
	awk -F '\t' 'NR == FNR { owner[$1] = $2; next } $2 in owner && !($1 in done) { print $1 "\t" owner[$2]; done[$1] }' \
		"$work/owned" "$work/spellings"
}

add_libraries() {
	local package program path soname
	: >"$work/resolved"
	[ -s "$work/programs" ] || return 0
	while IFS=$'\t' read -r package program; do
		resolve "$program" >"$work/lines"
		cat "$work/lines" >>"$work/resolved"
	done <"$work/programs"
	sort -u -o "$work/resolved" "$work/resolved"
	cut -f 2 "$work/resolved" | sort -u >"$work/paths"
	owners <"$work/paths" >"$work/owners"
	path=$(cut -f 1 "$work/owners" | sort | comm -13 - "$work/paths" | head -n 3 | xargs)
	[ -z "$path" ] || die "$path: of no Debian package: link with packaged libraries, or the list would lie"

	mapfile -t libraries < <(cut -f 2 "$work/owners" | sort -u)
	[ ${#libraries[@]} -gt 0 ] || return 0
	installed /var/lib/dpkg "${libraries[@]}" | sort -u >>"$work/packages"
	licences_in '' "${libraries[@]}"
	{
		cat "$work/programs"
		awk -F '\t' '{ print $2 "\t" $1 }' "$work/owners"
	} | while IFS=$'\t' read -r package path; do
		needed "$path" | while IFS= read -r soname; do printf '%s\t%s\n' "$package" "$soname"; done
	done | sort -u | awk -F '\t' '
		FILENAME == ARGV[1] { owner[$1] = $2; next }
		FILENAME == ARGV[2] { package[$1] = owner[$2]; next }
		$2 in package && package[$2] != $1 { print $1 "\t" package[$2] }' "$work/owners" "$work/resolved" - |
		sort -u >"$work/depends"
}
