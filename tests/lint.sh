#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The house rules that a machine can check; each finding is one line "file: what is wrong".
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

# files PATTERN...: the tree's files, new ones too, without what git ignores.
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
	done < <(files '*.c' '*.h' | xargs -r grep -lE "$pattern") | report
}

# report runs in a subshell at the end of a pipe; this keeps the count.
shopt -s lastpipe

mapfile -t c_files < <(files '*.c' '*.h')
mapfile -t shell_files < <(files '*.sh' .ci/run vnf/image/rootfs/usr/lib/sluice)

fence '#include <grpc' 'gRPC core' vnf/rpc vnf/client
fence '#include <bpf/(bpf|libbpf|btf)\.h>' 'libbpf' vnf/dataplane tests
fence '#include <libmnl' 'libmnl' vnf/dataplane tests
fence '#include <(libvirt|libxml)/' 'libvirt' orchestration
fence '#include <(yaml|json-c)' 'YAML and JSON' vnf/ctl vnf/core tests

for file in $(files '*.c' '*.h' '*.sh' '*.py' '*.proto'); do
	lines=$(wc -l <"$file")
	[ "$lines" -le 400 ] || echo "$file: $lines lines, more than 400: split it"
done | report

for file in "${c_files[@]}" "${shell_files[@]}" $(files '*.py'); do
	head -n 4 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' || echo "$file: no SPDX line at the top"
done | report

# api/ and tunnels/*.bpf.h are compiled by both compilers: no header of user space in them.
files 'api/dp/*.h' | xargs -r grep -nHE '#include <' | grep -v '<linux/types.h>' |
	sed 's/$/: the contract includes only <linux\/types.h>/' | report

# Words that must not be in the tree are put together here so that this file does not hold them.
words="TO""DO|FIX""ME|\\bX""XX\\b|/wo""rk/|/tm""p/w/|deb\.deb""ian\.org|security\.deb""ian\.org|registry\.npm""js|docker\.i""o|gh""cr\.io|pypi\.o""rg"
files | grep -v '^LICENSE$' | xargs -r grep -nHIE "$words" | sed 's/$/: must not be in the tree/' | report

files | grep -E '(^|/)(utils?|helpers?|misc)\.[a-z]+$' | sed 's/$/: name it after what it holds/' | report

if command -v clang-format >/dev/null; then
	for file in "${c_files[@]}"; do
		clang-format --dry-run -Werror "$file" >/dev/null 2>&1 || echo "$file: not in the house format: clang-format -i $file"
	done | report
fi
if command -v shellcheck >/dev/null; then
	shellcheck -x -f gcc "${shell_files[@]}" | report
fi

echo "$findings findings"
[ "$findings" -eq 0 ]
