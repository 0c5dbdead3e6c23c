#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A limiter's rate, by all CPUs at once for a second, many times the rate offered: how far what passed is from what is due.
. "$(dirname "$0")/lib.sh"

result=$("$build/tests/bpf/bench_limiter") || fail bench_limiter
say "$result"
while read -r rate _ _ _ _ error; do
	row limiter "error at $((rate / 1000000)) Mbit/s" sluice "${error%\%}" %
done < <(awk '$1 ~ /^[0-9]+$/ && $6 ~ /%$/' <<<"$result")
