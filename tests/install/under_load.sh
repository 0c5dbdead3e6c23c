# shellcheck shell=bash
# shellcheck disable=SC2154 # variables are stages.sh's
# SPDX-License-Identifier: Apache-2.0
# What happens to wrk's connections from `client` to the server at 10.9.0.2 while something is done to the router. After
# lib.sh.
# shellcheck source=tests/lab/stages.sh
. "$root/tests/lab/stages.sh"

loaded() { [ "$(at server ss -Htn state established 'sport = :80' | wc -l)" -ge 8 ]; }
opened() { at server nstat -asz TcpPassiveOpens | awk '/^TcpPassiveOpens/ { print $2 }'; }

# under_load WHAT COMMAND...: meanwhile no request fails, and no connection ends.
under_load() {
	local what=$1 before
	shift
	load "wrk-$what" client 8 http://10.9.0.2/
	wait_for 10 "the load's connections" loaded
	before=$(opened)
	"$@"
	load_result "wrk-$what"
	equal "$(errors "$result")" 0 "failed requests ($what): $result"
	equal "$(($(opened) - before))" 0 "connections opened again ($what)"
	[ "$(jq .requests <<<"$result")" -gt 100 ] || fail "hardly any load ($what): $result"
	echo "$what: $(jq -r '"\(.requests) requests in \(.seconds) s, p99 \(.p99_us) us"' <<<"$result"), 0 failed, 8 connections kept"
}
