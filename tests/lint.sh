#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Checks the house rules that a machine can check. A finding is a line that begins with the file.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

findings=0
report() {
	local line
	while IFS= read -r line; do
		echo "$line"
		findings=$((findings + 1))
	done
}

# files PATTERN...: the tree's files, new ones too, without those that git ignores.
files() {
	git -c safe.directory="$PWD" ls-files --cached --others --exclude-standard -- "$@" | while IFS= read -r file; do
		[ ! -f "$file" ] || echo "$file"
	done
}

# fence PATTERN WHAT ALLOWED...: only files under ALLOWED may match.
fence() {
	local pattern=$1 what=$2 file allowed
	shift 2
	while IFS= read -r file; do
		for allowed in "$@"; do
			[[ $file != "$allowed"/* ]] || continue 2
		done
		echo "$file: $what belongs in $* only"
	done < <(grep -lE "$pattern" "${c_files[@]}") | report
}

# report runs in a subshell at the end of a pipe; this keeps the count.
shopt -s lastpipe

mapfile -t c_files < <(files '*.c' '*.h')
mapfile -t shell_files < <(files '*.sh' .ci/run vnf/image/rootfs/usr/lib/sluice orchestration/install/pod/pod-ports)
mapfile -t python_files < <(files '*.py')
mapfile -t proto_files < <(files '*.proto')

fence '#include <grpc' 'gRPC core' vnf/rpc vnf/client
fence '#include <bpf/(bpf|libbpf|btf)\.h>' 'libbpf' vnf/dataplane tests
fence '#include <libmnl' 'libmnl' vnf/dataplane vnf/sources tests
fence '#include <(libvirt|libxml)/' 'libvirt' orchestration
fence 'pthread_cond_(init|timedwait)' 'a condition (condition.h)' vnf/core tests
fence '#include <(yaml|json-c)' 'YAML and JSON' vnf/json vnf/ctl vnf/core tests

# folder_includes: "FROM TO FILE HEADER" for each include of another folder's header; generated headers of the protos
# are api/proto's. Tests may include everything.
folder_includes() {
	awk '
		function folder(path) { sub(/\/[^\/]*$/, "", path); return path }
		match($0, /^#include "[^"]*\/[^"]*"/) {
			header = substr($0, RSTART + 10, RLENGTH - 11)
			to = header ~ /\.pb-c\.h$/ ? "api/proto" : folder(header)
			if (to != folder(FILENAME)) print folder(FILENAME), to, FILENAME, header
		}' "${c_files[@]}" | grep -v '^tests'
}

folder_includes | awk '
	FNR == NR {
		sub(/#.*/, "")
		for (i = 3; i <= NF; i++) row[$1 " " $i] = FNR
		next
	}
	!(($1 " " $2) in row) { print $3 ": includes " $4 ": tests/folder_edges has no " $1 " -> " $2 }
	{ used[$1 " " $2] }
	END {
		for (edge in row)
			if (!(edge in used)) {
				split(edge, end, " ")
				print "tests/folder_edges:" row[edge] ": no file needs " end[1] " -> " end[2] ": take it out"
			}
	}' tests/folder_edges - | report

# tsort writes the members of each circle to stderr, one a line, "tsort: FOLDER".
# Includes that the table marks with ~> are left out.
folder_includes | awk '
	FNR == NR { for (i = 3; $2 == "~>" && i <= NF; i++) known[$1 " " $i]; next }
	!(($1 " " $2) in known) { print $1, $2 }' tests/folder_edges - | sort -u | tsort 2>&1 >/dev/null | awk '
	/input contains a loop/ { if (circle) print circle; circle = ""; next }
	{ circle = circle (circle ? ", " : "") $2 }
	END { if (circle) print circle }' | sed 's/$/: these folders include each other in a circle/' | report

wc -l "${c_files[@]}" "${shell_files[@]}" "${python_files[@]}" "${proto_files[@]}" |
	awk '$1 > 400 && $2 != "total" { print $2 ": " $1 " lines, more than 400: split it" }' | report

# Code that is compiled into a BPF program may be called by GPL-only helpers of the kernel; all else is Apache-2.0.
awk '
	function licence(file) {
		return file ~ /^(bpf|api\/dp)\/.*\.[ch]$|\.bpf\.[ch]$/ ? "GPL-2.0-only OR BSD-2-Clause" : "Apache-2.0"
	}
	FNR == 1 { seen[FILENAME] = "" }
	FNR <= 4 && match($0, /SPDX-License-Identifier: /) {
		seen[FILENAME] = substr($0, RSTART + RLENGTH)
		sub(/ *\*\/.*/, "", seen[FILENAME])
	}
	END {
		for (file in seen)
			if (seen[file] != licence(file))
				print file ": begins with SPDX-License-Identifier: " licence(file) ", not with \"" seen[file] "\""
	}' "${c_files[@]}" "${shell_files[@]}" "${python_files[@]}" | report
for file in $(files '*.bpf.c'); do
	grep -qE '"Dual BSD/GPL"' "$file" || echo "$file: loads as \"Dual BSD/GPL\""
done | report

# api/ and tunnels/*.bpf.h are compiled by both compilers: no header of user space in them.
files 'api/dp/*.h' | xargs -r grep -nHE '#include <' | grep -v '<linux/types.h>' |
	sed 's/$/: the contract includes only <linux\/types.h>/' | report

# Words that must not be in the tree are put together here so that this file does not hold them.
words="TO""DO|FIX""ME|\\bX""XX\\b|/wo""rk/|/tm""p/w/|deb\.deb""ian\.org|security\.deb""ian\.org|registry\.npm""js|docker\.i""o|gh""cr\.io|pypi\.o""rg"
files | grep -v '^LICENSE' | xargs -r grep -nHIE "$words" | sed 's/$/: must not be in the tree/' | report

# retired WORDS FOLDER...: names that the field's terms have replaced must not come back.
retired() {
	local words=$1
	shift
	git -c safe.directory="$PWD" grep -nIE "\\b($words)\\b" -- "$@" | sed "s/$/: retired words: $words/"
}
{
	retired 'fates?|witness(es)?|forsaken' api bpf tunnels vnf orchestration
	retired 'patients?|WELL|survey' orchestration
	retired 'struct (write|program|name)' vnf
	retired 'drafts?' vnf/control
} | report

files | grep -E '(^|/)(utils?|helpers?|misc)\.[a-z]+$' | sed 's/$/: name it after what it holds/' | report

if command -v clang-format >/dev/null; then
	printf '%s\n' "${c_files[@]}" | xargs -P 2 -n 40 clang-format --dry-run -Werror 2>&1 |
		sed -n 's/^\([^:]*\):[0-9]*:[0-9]*: error: .*/\1/p' | sort -u |
		sed 's/.*/&: not in the house format: clang-format -i &/' | report
fi
if command -v shellcheck >/dev/null; then
	printf '%s\n' "${shell_files[@]}" | xargs -P 2 -n 8 shellcheck -x -f gcc | report
fi

echo "$findings findings"
[ "$findings" -eq 0 ]
