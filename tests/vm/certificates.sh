# shellcheck shell=bash
# shellcheck disable=SC2154 # variables are of who sources this
# SPDX-License-Identifier: Apache-2.0

# make_certificates ADDRESS...: in $lab/tls one authority, and what it signed: server.crt for the router's management
# addresses, controller.crt for its clients.
make_certificates() {
	local name names
	printf -v names 'IP:%s,' "$@"
	mkdir "$lab/tls"
	(
		cd "$lab/tls"
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority \
			-keyout authority.key -out authority.crt
		for name in server controller; do
			openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" \
				-keyout "$name.key" -out "$name.csr"
			openssl x509 -req -in "$name.csr" -CA authority.crt -CAkey authority.key -CAcreateserial -days 2 \
				-extfile <(echo "subjectAltName=${names%,}") -out "$name.crt"
		done
	) >"$lab/openssl.log" 2>&1 || fail "openssl: $(cat "$lab/openssl.log")"
}
