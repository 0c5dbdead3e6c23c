#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds the preset asan and runs the tests.
#   tests/run.sh                                           all parts but vm, which boots an image under emulation
#   tests/run.sh unit|bpf|api|heat|install|lab|vm [NAME]   one part, or its test NAME
#   tests/run.sh ... --long                                with the tests that take minutes
#   tests/run.sh ... --tsan                                with the preset tsan, which finds races instead of memory errors
# Each failure shows the end of its output and the command that runs it again; the last line counts.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

parts=() only='' preset=asan again=''
limit=900 # seconds for a program, a module or a script
unset SLUICE_LONG
export SLUICE_RUN=$$
for argument in "$@"; do
	case $argument in
	--long) export SLUICE_LONG=1 limit=3600 ;;
	--tsan) preset=tsan again=' --tsan' ;;
	unit | bpf | api | heat | install | lab | vm) parts+=("$argument") ;;
	-*) echo "usage: tests/run.sh [unit|bpf|api|heat|install|lab|vm [NAME]] [--long] [--tsan]" >&2 && exit 2 ;;
	*) only=$argument ;;
	esac
done
[ ${#parts[@]} -gt 0 ] || parts=(unit bpf api heat install lab)
export SLUICE_BUILD=$PWD/build/$preset TSAN_OPTIONS="suppressions=$PWD/tests/tsan.supp halt_on_error=1"
export LSAN_OPTIONS=print_suppressions=0 UBSAN_OPTIONS=print_stacktrace=1 LC_ALL=C PYTHONDONTWRITEBYTECODE=1

passed=0 failed=0 skipped=0 skips=() reruns=()
logs=$(mktemp -d)
log=$logs/log
declare -A running=() # the name of each process
trap 'rm -rf "$logs"' EXIT
trap 'kill "${!running[@]}" 2>/dev/null; exit 130' INT TERM

# result NAME SECONDS PASSED FAILED SKIPPED RERUN: adds one program's cases to the counts; its output is in $log.
result() {
	passed=$((passed + $3)) failed=$((failed + $4)) skipped=$((skipped + $5))
	if [ "$4" -gt 0 ]; then
		echo "FAIL  $1 (${2} s): $4 failed, $3 passed; the end of its output:"
		tail -n 40 "$log" | sed 's/^/      | /'
		echo "      run it again: $6$again"
		reruns+=("$6$again")
	elif [ "$5" -gt 0 ]; then
		echo "skip  $1 (${2} s): $3 passed, $5 skipped"
	else
		echo "ok    $1 (${2} s): $3 passed"
	fi
}

# cases NAME: counts a cmocka program's cases, "passed failed skipped"; a line for each skipped one has its output.
cases() {
	sed -E 's/^[0-9]+: //' "$log" | awk -v name="$1" '
		/^\[ RUN +\]/ { running = 1; said = ""; next }
		running && /^\[ +OK +\]/ { ok++; running = 0 }
		running && /^\[ +FAILED +\]/ { bad++; running = 0 }
		running && /^\[ +SKIPPED +\]/ { skips[++skip] = name ": " $NF (said == "" ? "" : ": " said); running = 0 }
		running { said = $0 }
		/^SKIP: / { why = substr($0, 7) }
		/\*\*\*Skipped/ { if (ok + bad + skip == 0) skips[++skip] = name ": " why }
		END { print ok + 0, bad + 0, skip + 0; for (i = 1; i <= skip; i++) print skips[i] }'
}

# side_by_side KIND PART MOST NAME...: begin_KIND PART NAME for each, so many at a time; as each ends, end_KIND PART NAME
# STATUS SECONDS with its output in $log.
side_by_side() {
	local kind=$1 part=$2 most=$3 name status process
	local -A began=()
	shift 3
	[ $# -eq 0 ] || matched=1
	while [ $# -gt 0 ] || [ ${#running[@]} -gt 0 ]; do
		if [ $# -gt 0 ] && [ ${#running[@]} -lt "$most" ]; then
			"begin_$kind" "$part" "$1" >"$logs/$1" 2>&1 &
			running[$!]=$1 began[$!]=$SECONDS
			shift
			continue
		fi
		wait -n -p process "${!running[@]}"
		status=$?
		name=${running[$process]}
		unset "running[$process]"
		log=$logs/$name "end_$kind" "$part" "$name" $status $((SECONDS - began[$process]))
	done
}

# chosen: of the names on standard input those that were asked for.
chosen() { if [ -n "$only" ]; then grep -Fx -- "$only"; else cat; fi; }

# run_programs PART MOST: its programs, which ctest knows.
run_programs() {
	local names
	mapfile -t names < <(ctest --test-dir "$SLUICE_BUILD" -N -L "^$1\$" | sed -n 's/^ *Test *#[0-9]*: //p' | sort | chosen)
	side_by_side program "$1" "$2" "${names[@]}"
}

begin_program() {
	exec ctest --test-dir "$SLUICE_BUILD" -R "^$2\$" -V --timeout "$limit"
}

end_program() {
	local ok bad skip line
	{
		read -r ok bad skip
		while IFS= read -r line; do skips+=("$line"); done
	} < <(cases "$1/$2")
	# A program that dies, or leaks, has failed whatever its cases say; one that counts nothing is one case.
	[ "$3" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
	[ $((ok + bad + skip)) -gt 0 ] || ok=1
	result "$1/$2" "$4" "$ok" "$bad" "$skip" "sudo tests/run.sh $1 $2"
}

# run_scripts PART MOST: its scripts. Status 0 means passed, 77 skipped, with the reason after SKIP:.
run_scripts() {
	local names
	mapfile -t names < <(find "tests/$1" -maxdepth 1 -name 'test_*.sh' | sed 's/.*\/test_//; s/\.sh$//' | sort | chosen)
	side_by_side script "$1" "$2" "${names[@]}"
}

begin_script() { exec timeout -k 30 $limit "tests/$1/test_$2.sh"; }

end_script() {
	case $3 in
	0) result "$1/$2" "$4" 1 0 0 '' ;;
	77)
		skips+=("$1/$2: $(sed -n 's/^SKIP: //p' "$log" | tail -n 1)")
		result "$1/$2" "$4" 0 0 1 ''
		;;
	*) result "$1/$2" "$4" 0 1 0 "sudo tests/run.sh $1 $2" ;;
	esac
}

# Runs the Python modules of a part one at a time; those of api start the daemon that they talk to.
run_python() {
	local label=$1 file name start status total bad skip
	for file in tests/"$label"/test_*.py; do
		[ -e "$file" ] || continue
		name=$(basename "$file" .py)
		name=${name#test_}
		[ -z "$only" ] || [ "$name" = "$only" ] || continue
		matched=1 start=$SECONDS
		timeout -k 10 $limit /usr/bin/python3 -m unittest discover -v -s "tests/$label" -p "test_$name.py" >"$log" 2>&1
		status=$?
		total=$(sed -n 's/^Ran \([0-9]*\) tests\{0,1\} in .*/\1/p' "$log" | tail -n 1)
		total=${total:-0}
		skip=$(sed -n 's/.*skipped=\([0-9]*\).*/\1/p' "$log" | tail -n 1)
		bad=$(sed -n 's/^FAILED (\(.*\))$/\1/p' "$log" | tail -n 1 | grep -oE '(failures|errors)=[0-9]+' |
			awk -F= '{ n += $2 } END { print n + 0 }')
		[ $status -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
		[ "$total" -gt 0 ] || bad=1
		while IFS= read -r line; do skips+=("$label/$name: $line"); done < <(grep -E '\.\.\. skipped ' "$log")
		total=$((total - bad - ${skip:-0}))
		[ $total -ge 0 ] || total=0
		result "$label/$name" $((SECONDS - start)) "$total" "$bad" "${skip:-0}" "sudo tests/run.sh $label $name"
	done
}

run_lint() {
	local start=$SECONDS
	[ -z "$only" ] || [ "$only" = lint ] || return 0
	matched=1
	if tests/lint.sh >"$log" 2>&1; then
		result lint $((SECONDS - start)) 1 0 0 ''
	else
		result lint $((SECONDS - start)) 0 1 0 "sudo tests/run.sh unit lint"
	fi
}

# Lists leftovers of this run's tests. They carry its number in their environment, and namespaces in their names.
leftovers() {
	local environ pid
	for environ in /proc/[0-9]*/environ; do
		pid=${environ//[^0-9]/}
		[ "$pid" != $$ ] || continue
		[ "$pid" != "$BASHPID" ] || continue
		grep -qzx "SLUICE_RUN=$$" "$environ" 2>/dev/null || continue
		[ "$(ps -o ppid= -p "$pid" 2>/dev/null | tr -d ' ')" != "$BASHPID" ] || continue
		[ -r "/proc/$pid/cmdline" ] && echo "process $pid: $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)"
	done
	ip netns list 2>/dev/null | awk -v mark="slu$$-" 'index($1, mark) == 1 { print "namespace " $1 }'
}

build() {
	echo "== building build/$preset"
	cmake --preset "$preset" >"$log" 2>&1 && cmake --build --preset "$preset" >"$log" 2>&1 && return
	tail -n 60 "$log"
	echo "the build failed: run it again with: cmake --preset $preset && cmake --build --preset $preset"
	exit 1
}

if [ "$(id -u)" != 0 ]; then
	echo "tests/run.sh makes network namespaces and loads XDP programs: run it as root" >&2
	exit 1
fi
tests/setup.sh || exit 1
build
for part in "${parts[@]}"; do
	matched=
	echo "== $part"
	case $part in
	unit) run_lint && run_programs unit "$(nproc)" ;;
	bpf) run_programs bpf 2 ;; # each keeps to one processor; the one that takes longest is the first
	api | heat) run_python "$part" ;;
	lab) run_scripts lab 2 ;; # they wait more than they work
	install | vm) run_scripts "$part" 1 ;;
	esac
	if [ -z "$matched" ] && [ -n "$only" ]; then
		echo "there is no test $part $only" >&2
		exit 2
	fi
done
leftovers >"$log"
if [ -s "$log" ]; then
	result "nothing left behind" 0 0 1 0 "sudo tests/run.sh ${parts[*]}"
else
	result "nothing left behind" 0 1 0 0 ''
fi
for line in "${skips[@]}"; do echo "skipped: $line"; done
for line in "${reruns[@]}"; do echo "failed: $line"; done
summary="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || summary="$summary, $skipped skipped"
echo "$summary"
[ "$failed" -eq 0 ]
