#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Draws the rows of tests/bench/run.sh --json FILE as docs/performance-BENCH-UNIT.svg; counts and ratios have no plot.
#   tests/bench/plot.sh FILE [FOLDER]
set -euo pipefail
cd "$(dirname "$0")/../.."
file=${1:?usage: tests/bench/plot.sh FILE [FOLDER]} folder=${2:-docs}
command -v gnuplot >/dev/null || { echo "gnuplot is missing: tests/setup.sh --bench" >&2 && exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A matrix: a line a case, a column a subject; ? where a subject has no value.
matrix() {
	jq -r --arg bench "$1" --arg unit "$2" '
		map(select(.bench == $bench and .unit == $unit)) as $rows
		| (reduce $rows[].subject as $s ([]; if index($s) then . else . + [$s] end)) as $subjects
		| (reduce $rows[].case as $c ([]; if index($c) then . else . + [$c] end)) as $cases
		| (["case"] + $subjects | map("\"" + . + "\"") | join("\t")),
		  ($cases[] as $c | ["\"" + $c + "\""] + [$subjects[] as $s
			| ([$rows[] | select(.case == $c and .subject == $s) | .value] | if length > 0 then last | tostring else "?" end)]
			| join("\t"))' "$file"
}

while IFS=$'\t' read -r bench unit; do
	name=performance-$bench-$(tr -cs 'a-zA-Z0-9\n' '-' <<<"$unit" | sed 's/-$//' | tr '[:upper:]' '[:lower:]')
	matrix "$bench" "$unit" >"$work/data"
	columns=$(head -n 1 "$work/data" | awk -F '\t' '{ print NF }')
	cases=$(($(wc -l <"$work/data") - 1))
	gnuplot <<-END
		set terminal svg size 900,$((140 + cases * (columns * 14 + 16))) font "sans-serif,13" background "white"
		set output "$folder/$name.svg"
		set title "$bench ($unit)"
		set datafile separator "\t"
		set datafile missing "?"
		set style fill solid 0.85 noborder
		set key outside bottom center horizontal
		set grid xtics
		set xrange [0:*]
		set xtics rotate by 0
		set yrange [$cases:-1]
		set offsets 0, 0, 0, 0
		set lmargin 44
		set rmargin 12
		width = 0.8 / ($columns - 1)
		plot "$work/data" every ::1 using (0):0:ytic(1) with dots notitle, \
			for [i=2:$columns] "$work/data" every ::1 using \
			(column(i) * 0.5):(\$0 - 0.4 + width * (i - 1.5)):(column(i) * 0.5):(width / 2.2) \
			with boxxyerror linecolor i - 1 title system("head -n 1 '$work/data' | cut -f " . i . " | tr -d '\"'"), \
			for [i=2:$columns] "$work/data" every ::1 using \
			(column(i)):(\$0 - 0.4 + width * (i - 1.5)):(sprintf(" %g", column(i))) with labels left font ",10" notitle
	END
	echo "$folder/$name.svg"
done < <(jq -r '[.[] | select(.unit != "x" and .unit != "packets") | [.bench, .unit]] | unique[] | @tsv' "$file")
