# shellcheck shell=bash
# shellcheck disable=SC2154 # variables are sbom.sh's
# SPDX-License-Identifier: Apache-2.0
# Packages: of a root's dpkg database, or Sluice's own as they are built, with their files.

# field FILE NAME: of a control file.
field() { sed -n "s/^$2: //p" "$1"; }

# A package's line out of its control file. Debian leaves Source out where it is the package itself, and the version
# where it is the package's.
control_line() {
	local control=$1 deb=$2 name version source source_version
	name=$(field "$control" Package) version=$(field "$control" Version) source=$(field "$control" Source)
	if [ -z "$name" ] || [ -z "$version" ]; then die "$control: no Package or no Version: run it after dh_gencontrol"; fi
	source_version=$version
	if [[ $source =~ ^(.*)\ \((.*)\)$ ]]; then source=${BASH_REMATCH[1]} source_version=${BASH_REMATCH[2]}; fi
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$name" "$version" "$(field "$control" Architecture)" "${source:-$name}" \
		"$source_version" "$(field "$control" Homepage)" "${deb##*/}" "${deb:+$(sha256sum "$deb" | cut -d ' ' -f 1)}"
}

# installed DATABASE PACKAGE...: the lines of installed packages, all of them if none is named.
installed() {
	local database=$1
	shift
	dpkg-query --admindir="$database" -W -f='${db:Status-Status} ${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\t${Homepage}\t\t\n' "$@" |
		sed -n 's/^installed //p'
}

# copyright_of ROOT PACKAGE: where the package's copyright file is. A folder in share/doc may be a link to another
# package's, and in a root links lead to places in that root.
copyright_of() {
	local root=$1 folder=/usr/share/doc/$2 link
	if [ -L "$root$folder" ]; then
		link=$(readlink "$root$folder")
		[[ $link == /* ]] || link=/usr/share/doc/$link
		folder=$link
	fi
	echo "$root$folder/copyright"
}

# licences_in ROOT PACKAGE...: the licences of a package's sources where Debian states them for programs to read; not
# those of the packaging alone (debian/*).
licences_in() {
	local root=$1 package
	shift
	for package in "$@"; do
		printf '%s\t%s\n' "$package" "$(copyright_of "$root" "$package")"
	done | awk -F '\t' '
		{
			for (first = 1; (getline line < $2) > 0; first = 0) {
				sub(/\r$/, "", line)
				if (first && line !~ /^Format:/) break
				if (line ~ /^[^ \t]/) in_files = line ~ /^Files:/
				if (line ~ /^Files:/) { in_stanza = 1; ours = 0; sub(/^Files:/, "", line) }
				if (line ~ /^[ \t]*$/) in_stanza = 0
				if (in_files) {
					count = split(line, names, " ")
					for (i = 1; i <= count; i++) if (names[i] !~ /^debian\//) ours = 1
				}
				if (in_stanza && ours && sub(/^License:[ \t]*/, "", line) && line != "") print $1 "\t" line
			}
			close($2)
			in_stanza = in_files = 0
		}' | sort -u >>"$work/licences"
}

read_root() {
	local root=$1 database=$1/var/lib/dpkg names
	[ -f "$database/status" ] || die "$root: no var/lib/dpkg/status: it is no root of Debian packages"
	root=$(realpath "$root")
	[ "$root" != / ] || root=
	installed "$database" | sort -u >"$work/packages"
	[ -s "$work/packages" ] || die "$1: no package is installed in it"
	mapfile -t names < <(cut -f 1 "$work/packages" | sort -u)
	licences_in "$root" "${names[@]}"
	add_also
	dependencies "$database"
	own_files "$root" "$database"
}

# Packages that are this machine's: each is installed here, or it is not known which version is in the root.
add_also() {
	local package line
	[ ${#also[@]} -gt 0 ] || return 0
	for package in "${also[@]}"; do
		line=$(installed /var/lib/dpkg "$package" 2>/dev/null) || :
		[ -n "$line" ] || die "--also $package: it is not installed on this machine"
		echo "$line" >>"$work/packages"
	done
	licences_in '' "${also[@]}"
}

# What packages depend on, by what is installed: of alternatives, and of virtual packages, all that are there.
dependencies() {
	dpkg-query --admindir="$1" -W -f='${db:Status-Status}\t${Package}\t${Provides}\t${Pre-Depends}, ${Depends}\n' |
		awk -F '\t' '
			$1 != "installed" { next }
			{ gsub(/\([^)]*\)/, ""); gsub(/:[a-z0-9]+/, "") }
			{ need[$2] = need[$2] "," $4; is[$2] = 1; have[$2] = have[$2] " " $2
			  count = split($3, names, /[, ]+/)
			  for (i = 1; i <= count; i++) if (names[i] != "") have[names[i]] = have[names[i]] " " $2 }
			END {
				for (package in need) {
					count = split(need[package], names, /[,| ]+/)
					for (i = 1; i <= count; i++) {
						some = split(have[names[i]], provider, " ")
						for (j = 1; j <= some; j++) if (provider[j] != package) print package "\t" provider[j]
					}
				}
			}' | sort -u >"$work/depends"
}

# The files of Sluice's own packages that are in the root; Debian's are named by their packages.
own_files() {
	local root=$1 database=$2 package
	awk -F '\t' '$4 == "sluice" { print $1 }' "$work/packages" | while IFS= read -r package; do
		dpkg-query --admindir="$database" -L "$package" | while IFS= read -r file; do
			[ ! -f "$root$file" ] || [ -L "$root$file" ] || echo ".$file"
		done | sort >"$work/list"
		describe_files "$package" "${root:-/}"
	done
}

# describe_files PACKAGE TREE: of the paths in $work/list. The document itself, which is in the package, cannot have its
# own checksum.
describe_files() {
	local package=$1 tree=$2 file kind sha1 sha256
	while IFS= read -r file; do
		if [[ $file == */doc/*.spdx.json ]]; then
			printf '%s\t%s\t\t\tSPDX\n' "$package" "$file"
			continue
		fi
		sha1=$(sha1sum <"$tree/$file") sha256=$(sha256sum <"$tree/$file")
		kind=TEXT
		if is_elf "$tree/$file"; then
			kind=BINARY
		elif [[ $file == */share/man/* || $file == */share/doc/* ]]; then
			kind=DOCUMENTATION
		fi
		printf '%s\t%s\t%s\t%s\t%s\n' "$package" "$file" "${sha1%% *}" "${sha256%% *}" "$kind"
	done <"$work/list" >>"$work/files"
	# SPDX's code for a package: the SHA-1 of its files' SHA-1s, sorted and joined.
	printf '%s\t%s\n' "$package" "$(awk -F '\t' -v package="$package" '$1 == package && $3 != "" { print $3 }' "$work/files" |
		sort | tr -d '\n' | sha1sum | cut -d ' ' -f 1)" >>"$work/codes"
}

# Sluice's packages as they are built: .deb files, unpacked for it, or trees that are to be packed.
read_built() {
	local place tree deb package each
	for place in "$@"; do
		tree=$place deb=
		if [ "$input" = deb ]; then
			[ -f "$place" ] || die "$place: there is no such file"
			deb=$place tree=$work/tree.$roots
			dpkg-deb -R "$place" "$tree" || die "$place: it is no Debian package"
		fi
		[ -f "$tree/DEBIAN/control" ] || die "$tree: no DEBIAN/control: run it after dh_gencontrol"
		roots=$((roots + 1))
		package=$(field "$tree/DEBIAN/control" Package)
		[ -n "$name" ] || name=$package
		control_line "$tree/DEBIAN/control" "$deb" >>"$work/packages"
		licences_in "$(realpath "$tree")" "$package"
		{
			(cd "$tree" && find . -path ./DEBIAN -prune -o -type f -print)
			each=$(realpath "$tree")/ # the document, where it is about to be written into the package
			[[ $output != "$each"*.spdx.json ]] || echo "./${output#"$each"}"
		} | sort -u >"$work/list"
		describe_files "$package" "$tree"
		awk -F '\t' -v package="$package" -v tree="$(realpath "$tree")" \
			'$1 == package && $5 == "BINARY" { print package "\t" tree "/" $2 }' "$work/files" >>"$work/programs"
	done
	add_libraries
}
